-- IN: table, id
-- Returns the loan. Invariant: a loan ends once; its copy goes to the next in the queue.
local loan = get('loans', IN.id)
if not loan then return fail('not_found') end
if loan.returned_at then return fail('stale') end
loan.returned_at = NOW_TEXT
put('loans', loan.id, loan)
redis.call('HDEL', P .. 'lent', loan.copy)
redis.call('ZREM', P .. 'loansdue', loan.id)
redis.call('HDEL', P .. 'member:' .. loan.member .. ':lent', loan.id)
audit(loan.id, 'return', 'issued', 'returned')
local copies = copies_of(loan.title)
find_copy(copies, loan.copy).status = 'available'
serve(loan.title, copies)
save_copies(loan.title, copies)
return ok(loan)
