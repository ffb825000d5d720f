-- now
-- Returns due, leased, all, dead, and how long the oldest due job waits.
local due = redis.call('ZCOUNT', name('jobs'), '-inf', now)
local first = redis.call('ZRANGE', name('jobs'), 0, 0, 'WITHSCORES')
local age = 0
if first[1] then age = math.max(0, now - tonumber(first[2])) end
return {
  due, redis.call('ZCOUNT', name('leases'), '(' .. now, '+inf'), redis.call('ZCARD', name('jobs')),
  redis.call('ZCARD', name('parked')), age,
}
