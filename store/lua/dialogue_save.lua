-- Saves the state that an update led to.
-- KEYS[1] the chat's dialogue; ARGV[1] update, ARGV[2] state ("" ends it), ARGV[3] seconds to live
-- Returns 1.
-- Invariant: "before" is the state before the update saved last, however often that update is saved.
if redis.call('HGET', KEYS[1], 'update') ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'update', ARGV[1], 'before', redis.call('HGET', KEYS[1], 'after') or '')
end
redis.call('HSET', KEYS[1], 'after', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
