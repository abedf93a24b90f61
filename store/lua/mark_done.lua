-- Notes that a slot of time is done.
-- KEYS[1] the last slot done, KEYS[2] the lease; ARGV[1] slot, ARGV[2] owner
-- Returns 1.
-- Invariant: the last slot done never goes back.
local done = redis.call('GET', KEYS[1])
if not done or tonumber(done) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'EX', 86400) end
if redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
return 1
