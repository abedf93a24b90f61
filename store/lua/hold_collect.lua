-- IN: table, id, due, due_ms
-- Returns the loan. Invariant: a hold that is collected is one loan of its copy.
local hold = get('holds', IN.id)
if not hold then return fail('not_found') end
local copies = copies_of(hold.title)
if not step(hold, 'collect', copies) then return fail('stale') end
local loan = lend(find_copy(copies, hold.copy), hold.member, IN.due, IN.due_ms)
save_copies(hold.title, copies)
return ok(loan)
