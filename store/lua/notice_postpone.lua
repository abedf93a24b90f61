-- Moves a notice's due time; one under way is owed again.
-- IN id; due in ms, due_text the same as RFC 3339
-- Returns whether it waits now; false when it has ended.
-- Invariant: a notice is in the outbox or under way or ended, never in two of them.
local n = get('notices', IN.id)
if not n then return ok(false) end
n.due = IN.due_text
put('notices', IN.id, n)
redis.call('ZREM', P .. 'underway', IN.id)
redis.call('ZADD', P .. 'outbox', IN.due, IN.id)
return ok(true)
