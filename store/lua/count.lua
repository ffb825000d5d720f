-- now, then key, delta, ttl of each counter
-- Returns the sums. Sums are strings on the way: a Lua number has 53 bits.
local sums = {}
for i = 2, #ARGV, 3 do
  local key, delta, ttl = name('count:' .. ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  local ends = tonumber(redis.call('HGET', key, 'ends') or 0)
  if ends > 0 and ends <= now then
    redis.call('DEL', key)
    ends = 0
  end
  if delta ~= '0' then
    redis.call('HINCRBY', key, 'sum', delta)
    if ends == 0 then
      redis.call('HSET', key, 'ends', now + tonumber(ttl))
      redis.call('PEXPIRE', key, ttl)
    end
  end
  sums[#sums + 1] = redis.call('HGET', key, 'sum') or '0'
end
return sums
