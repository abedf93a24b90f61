-- Prolongs a lease, or gives it back.
-- KEYS[1] the lease; ARGV[1] owner, ARGV[2] ms, 0 to give it back
-- Returns 1 when it was the owner's, else 0.
-- Invariant: nobody prolongs or ends another's lease.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
