-- Takes a member out of a broadcast's audience: the place stays, and names nobody.
-- IN as lib_broadcast; member; before, doc: what is written of the broadcast, without the member
-- Returns whether they were in it; again when it is not as before.
-- Invariant: that of lib_broadcast; nobody else's index changes.
if changed() then return again() end
if IN.doc ~= IN.before then write() end
local index = redis.call('LPOS', AUDIENCE, IN.member)
if not index then return ok(false) end
redis.call('LSET', AUDIENCE, index, '')
redis.call('HDEL', UNREACHED, index)
return ok(true)
