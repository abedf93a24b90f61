-- Asks for the work of one slot of time.
-- KEYS[1] the last slot done, KEYS[2] the lease; ARGV[1] slot, ARGV[2] owner, ARGV[3] ms
-- Returns 1 when the owner may do it now, else 0.
-- Invariant: one owner at a time, and none for a slot that is done.
local done = redis.call('GET', KEYS[1])
if done and tonumber(done) >= tonumber(ARGV[1]) then return 0 end
local has = redis.call('GET', KEYS[2])
if has and has ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
