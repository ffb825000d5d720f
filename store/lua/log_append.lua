-- now, log, then key, at, data of each row
-- A log is a stream of rows, a hash from key to sequence number, and the
-- sequence numbers ordered by time. Returns how many rows are new.
local log = 'log:' .. ARGV[2]
local floor = tonumber(redis.call('GET', name(log .. ':floor')) or 0)
local last, added = tonumber(redis.call('GET', name(log .. ':last')) or 0), 0
for i = 3, #ARGV, 3 do
  local key, at, data = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if tonumber(at) >= floor and redis.call('HEXISTS', name(log .. ':keys'), key) == 0 then
    -- At least the time, so that readers of a store that was wiped go on. With
    -- zeros in front, rows of one time are ordered by their numbers.
    last = math.max(last + 1, now)
    local seq = string.format('%016.0f', last)
    redis.call('XADD', name(log .. ':rows'), string.format('%.0f-0', last), 'key', key, 'at', at, 'data', data)
    redis.call('HSET', name(log .. ':keys'), key, seq)
    redis.call('ZADD', name(log .. ':at'), at, seq)
    added = added + 1
  end
end
if added > 0 then redis.call('SET', name(log .. ':last'), string.format('%.0f', last)) end
return added
