-- Notes that an update is done, and gives its chat's lease back.
-- KEYS[1] the lease, KEYS[2] that the update is done; ARGV[1] owner, ARGV[2] seconds to remember
-- Returns 1.
-- Invariant: nobody ends another's lease.
redis.call('SET', KEYS[2], 1, 'EX', ARGV[2])
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
