-- now, key, project, delay, max wait, asked, patch set, only a dead letter
-- Returns how long the job waits, or nil when there is no dead letter.
local key, delay = ARGV[2], tonumber(ARGV[4])
local dead = redis.call('HGET', name('dead'), key)
if ARGV[8] == '1' and not dead then return nil end

local s = load(key)
if not s then
  s = { key = key, project = ARGV[3] }
  for _, f in ipairs(fields) do s[f] = 0 end
end
if dead then
  -- A dead letter comes back with what was known of it.
  local d = cjson.decode(dead)
  s.fresh, s.patch_set = d.asked, d.patch_set
  redis.call('HDEL', name('dead'), key)
  redis.call('ZREM', name('parked'), key)
end

s.generation = s.generation + 1
if s.hinted == 0 then s.hinted = now end
s.due = math.min(now + delay, s.hinted + math.max(delay, tonumber(ARGV[5])))
s.fresh = math.max(s.fresh, tonumber(ARGV[6]))
s.patch_set = math.max(s.patch_set, tonumber(ARGV[7]))
s.attempt, s.first = 0, 0
save(s)
return at(s) - now
