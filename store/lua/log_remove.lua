-- now, log, then keys
-- Returns how many rows were removed.
local log, removed = 'log:' .. ARGV[2], 0
for i = 3, #ARGV do
  local seq = redis.call('HGET', name(log .. ':keys'), ARGV[i])
  if seq then
    redis.call('XDEL', name(log .. ':rows'), string.format('%.0f-0', tonumber(seq)))
    redis.call('ZREM', name(log .. ':at'), seq)
    redis.call('HDEL', name(log .. ':keys'), ARGV[i])
    removed = removed + 1
  end
end
return removed
