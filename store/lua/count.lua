-- now, key, delta, ttl
-- Returns the sum. Sums are strings on the way: a Lua number has 53 bits.
local key = name('count:' .. ARGV[2])
local ends = tonumber(redis.call('HGET', key, 'ends') or 0)
if ends > 0 and ends <= now then
  redis.call('DEL', key)
  ends = 0
end
if ARGV[3] == '0' then return redis.call('HGET', key, 'sum') or '0' end
redis.call('HINCRBY', key, 'sum', ARGV[3])
if ends == 0 then
  redis.call('HSET', key, 'ends', now + tonumber(ARGV[4]))
  redis.call('PEXPIRE', key, ARGV[4])
end
return redis.call('HGET', key, 'sum')
