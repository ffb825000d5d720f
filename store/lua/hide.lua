-- now, change
-- Without text there is nothing to hide, and nothing to keep.
local summaries = name('summaries:' .. ARGV[2])
if redis.call('EXISTS', summaries) == 1 then redis.call('HSET', summaries, 'hidden', 1) end
return 1
