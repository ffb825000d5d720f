-- now, change, field, outcome, patch set, summary or ""
local outcomes = name('outcomes:' .. ARGV[2])
local old = redis.call('HGET', outcomes, ARGV[3])
if not (old and cjson.decode(old).verdict == 'posted') then
  redis.call('HSET', outcomes, ARGV[3], ARGV[4])
end
if ARGV[6] ~= '' then
  redis.call('HSET', name('summaries:' .. ARGV[2]), ARGV[5], ARGV[6])
  redis.call('HDEL', name('summaries:' .. ARGV[2]), 'hidden')
end
return 1
