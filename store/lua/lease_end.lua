-- Gives a lease back.
-- KEYS[1] the lease; ARGV[1] owner
-- Returns 1 when it was the owner's, else 0.
-- Invariant: nobody ends another's lease.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
