-- now, key, how many words to keep, words
-- The newest words stand last; a word that comes again is new again.
local old = redis.call('HGET', name('settings'), ARGV[2]) or ''
local list, fresh, keep = {}, {}, tonumber(ARGV[3])
for w in string.gmatch(ARGV[4], '%S+') do fresh[w] = true end
for w in string.gmatch(old, '%S+') do
  if not fresh[w] then list[#list + 1] = w end
end
for w in string.gmatch(ARGV[4], '%S+') do
  if fresh[w] then list[#list + 1] = w end
  fresh[w] = nil
end
redis.call('HSET', name('settings'), ARGV[2], table.concat(list, ' ', math.max(1, #list - keep + 1)))
return 1
