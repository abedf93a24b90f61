-- Takes a member out of a broadcast's audience: the place stays, and names nobody.
-- IN as lib_broadcast; member
-- Returns whether they were in it.
-- Invariant: that of lib_broadcast; nobody else's index changes.
local index = redis.call('LPOS', AUDIENCE, IN.member)
if not index then return ok(false) end
redis.call('LSET', AUDIENCE, index, '')
redis.call('HDEL', UNREACHED, index)
return ok(true)
