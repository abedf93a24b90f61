-- IN: table, copy
-- Returns the copy's id. Invariant: a copy that turned up goes to the next in the queue.
local title = redis.call('HGET', P .. 'copytitle', IN.copy)
if not title then return fail('not_found') end
local copies = copies_of(title)
local copy = find_copy(copies, IN.copy)
if copy.status ~= 'missing' then return fail('stale') end
copy.status = 'available'
audit(copy.id, 'found', 'missing', 'available')
serve(title, copies)
save_copies(title, copies)
return ok(copy.id)
