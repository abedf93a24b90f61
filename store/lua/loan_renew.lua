-- IN: id, due, due_ms
-- Returns the loan. Invariant: nobody who waits is passed over by a renewal.
local loan = get('loans', IN.id)
if not loan then return fail('not_found') end
if loan.returned_at then return fail('stale') end
if redis.call('ZCARD', P .. 'queue:' .. loan.title) > 0 then return fail('in_use') end
loan.due_at = IN.due
put('loans', loan.id, loan)
redis.call('ZADD', P .. 'loansdue', IN.due_ms, loan.id)
audit(loan.id, 'renew', 'issued', 'issued')
return ok(loan)
