-- now, log, key
-- Returns the entry of the stream, or nil.
local seq = redis.call('HGET', name('log:' .. ARGV[2] .. ':keys'), ARGV[3])
if not seq then return nil end
local id = string.format('%.0f-0', tonumber(seq))
return redis.call('XRANGE', name('log:' .. ARGV[2] .. ':rows'), id, id)[1]
