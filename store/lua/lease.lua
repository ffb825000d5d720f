-- now, ttl
-- Returns the job, or how long until one may be due (nil when there is none).
local live, busy = {}, 0
for _, key in ipairs(redis.call('ZRANGEBYSCORE', name('leases'), '(' .. now, '+inf')) do
  local p = redis.call('HGET', name('job:' .. key), 'project') or ''
  if not live[p] then
    live[p] = 0
    busy = busy + 1
  end
  live[p] = live[p] + 1
end

-- One more than the projects in work: among these is one that is not in work,
-- or there is none.
local best
for _, p in ipairs(redis.call('ZRANGEBYSCORE', name('heads'), '-inf', now, 'LIMIT', 0, busy + 1)) do
  if not best or (live[p] or 0) < (live[best] or 0) then best = p end
end
if not best then
  local first = redis.call('ZRANGE', name('heads'), 0, 0, 'WITHSCORES')
  if not first[1] then return nil end
  return tonumber(first[2]) - now
end

local key = redis.call('ZRANGE', name('project:' .. best), 0, 0)[1]
local s = key and load(key)
if not s then
  -- A part of the data is lost; the sweep finds the work again.
  drop({ key = key or '', project = best })
  return 0
end
-- At least the time, so that a store that was wiped does not give out a fence
-- for the second time.
s.fence = math.max(tonumber(redis.call('GET', name('fence')) or 0) + 1, now)
redis.call('SET', name('fence'), s.fence)
s.deadline, s.hinted = now + tonumber(ARGV[2]), 0
s.asked, s.fresh = math.max(s.asked, s.fresh), 0
s.attempt = s.attempt + 1
if s.first == 0 then s.first = now end
save(s)
return { key, s.generation, s.asked, s.patch_set, s.attempt, s.first, s.fence, s.deadline }
