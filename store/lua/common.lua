-- What every script begins with. KEYS[1] is the hash-tagged prefix, so that
-- all keys live in one slot; ARGV[1] is the time in ms, or "" for the server's.
-- The fields and their meaning are those of job.go.
local function name(suffix) return KEYS[1] .. ':' .. suffix end

local now = tonumber(ARGV[1])
if not now then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local fields = { 'generation', 'due', 'hinted', 'deadline', 'fence', 'asked', 'fresh', 'patch_set', 'attempt', 'first' }

local function load(key)
  local v = redis.call('HMGET', name('job:' .. key), 'project', unpack(fields))
  if not v[1] then return nil end
  local s = { key = key, project = v[1] }
  for i, f in ipairs(fields) do s[f] = tonumber(v[i + 1] or 0) end
  return s
end

-- head keeps the first job of each project, so that a fair lease costs the
-- same for one job and for many.
local function head(project)
  local first = redis.call('ZRANGE', name('project:' .. project), 0, 0, 'WITHSCORES')
  if first[1] then
    redis.call('ZADD', name('heads'), first[2], project)
  else
    redis.call('ZREM', name('heads'), project)
  end
end

local function at(s)
  if s.deadline > 0 then return s.deadline end
  return s.due
end

local function save(s)
  local flat = { 'project', s.project }
  for _, f in ipairs(fields) do
    flat[#flat + 1] = f
    flat[#flat + 1] = s[f]
  end
  redis.call('HSET', name('job:' .. s.key), unpack(flat))
  redis.call('ZADD', name('jobs'), at(s), s.key)
  redis.call('ZADD', name('project:' .. s.project), at(s), s.key)
  if s.deadline > 0 then
    redis.call('ZADD', name('leases'), s.deadline, s.key)
  else
    redis.call('ZREM', name('leases'), s.key)
  end
  head(s.project)
end

local function drop(s)
  redis.call('DEL', name('job:' .. s.key))
  redis.call('ZREM', name('jobs'), s.key)
  redis.call('ZREM', name('project:' .. s.project), s.key)
  redis.call('ZREM', name('leases'), s.key)
  head(s.project)
end
