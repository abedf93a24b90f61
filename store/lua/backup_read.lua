-- KEYS[1] prefix of the library's keys; ARGV[1] the same as a pattern of SCAN
-- Returns a list of {key without the prefix, type, milliseconds to live or -1, content}, content as the type's own
-- command returns it. Invariant: all keys are read at one instant, so that what is kept in several agrees.
local read = {
  string = function(key) return { redis.call('GET', key) } end,
  hash = function(key) return redis.call('HGETALL', key) end,
  set = function(key) return redis.call('SMEMBERS', key) end,
  list = function(key) return redis.call('LRANGE', key, 0, -1) end,
  zset = function(key) return redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end,
  stream = function(key) return redis.call('XRANGE', key, '-', '+') end,
}
local all, seen, cursor = {}, {}, '0'
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    if not seen[key] then
      seen[key] = true
      local kind = redis.call('TYPE', key)
      if type(kind) == 'table' then kind = kind.ok end
      if read[kind] then
        all[#all + 1] = { string.sub(key, #KEYS[1] + 1), kind, redis.call('PTTL', key), read[kind](key) }
      end
    end
  end
until cursor == '0'
return all
