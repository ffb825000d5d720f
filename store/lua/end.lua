-- now, how, key, fence, generation, ttl or delay or reason
-- Returns 1, or 0 when the lease is lost.
local how, s = ARGV[2], load(ARGV[3])
if not s or s.deadline == 0 or s.fence ~= tonumber(ARGV[4]) then return 0 end
if how == 'extend' then
  s.deadline = now + tonumber(ARGV[6])
  save(s)
  return 1
end

s.deadline, s.fence = 0, 0
local moved = s.generation ~= tonumber(ARGV[5])
if how == 'finish' and not moved then
  drop(s)
elseif how == 'park' and not moved then
  local letter = { reason = ARGV[6], attempts = s.attempt, first = s.first, parked = now, asked = s.asked, patch_set = s.patch_set }
  redis.call('HSET', name('dead'), s.key, cjson.encode(letter))
  redis.call('ZADD', name('parked'), now, s.key)
  drop(s)
else
  if how == 'finish' then s.asked = 0 end
  if how == 'retry' and not moved then s.due = now + tonumber(ARGV[6]) end
  save(s)
end
return 1
