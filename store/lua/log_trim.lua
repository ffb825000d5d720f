-- now, log, before, how many rows to keep, how many to remove at most
-- Returns how many rows were removed.
local log, before = 'log:' .. ARGV[2], tonumber(ARGV[3])
local rows, keys, times = name(log .. ':rows'), name(log .. ':keys'), name(log .. ':at')
-- A clock that is ahead must not close the log for what comes.
local newest = redis.call('ZRANGE', times, -1, -1, 'WITHSCORES')
before = math.min(before, tonumber(newest[2] or 0) + 1)
local floor = math.max(tonumber(redis.call('GET', name(log .. ':floor')) or 0), before)
local many = redis.call('ZCARD', times) - tonumber(ARGV[4])
if many > 0 then
  local last = redis.call('ZRANGE', times, many - 1, many - 1, 'WITHSCORES')
  floor = math.max(floor, tonumber(last[2]) + 1)
end
if floor > 0 then redis.call('SET', name(log .. ':floor'), string.format('%.0f', floor)) end

local go = math.min(math.max(many, redis.call('ZCOUNT', times, '-inf', '(' .. string.format('%.0f', before))), tonumber(ARGV[5]))
if go <= 0 then return 0 end
for _, seq in ipairs(redis.call('ZRANGE', times, 0, go - 1)) do
  local id = string.format('%.0f-0', tonumber(seq))
  local entry = redis.call('XRANGE', rows, id, id)[1]
  if entry then redis.call('HDEL', keys, entry[2][2]) end
  redis.call('XDEL', rows, id)
end
redis.call('ZREMRANGEBYRANK', times, 0, go - 1)
return go
