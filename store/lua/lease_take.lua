-- Takes or prolongs a lease.
-- KEYS[1] the lease; ARGV[1] owner, ARGV[2] ms
-- Returns 1 when the owner has it now, 0 when another has.
-- Invariant: one owner at a time.
local has = redis.call('GET', KEYS[1])
if has and has ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
