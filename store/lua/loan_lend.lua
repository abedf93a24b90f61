-- IN: table, copy, member, due, due_ms
-- Returns the loan. Invariant: only a copy that is free, or promised to this member, is lent. The member's own hold of
-- the title is collected by it, and the copy promised to that hold goes to the next.
local m = get('members', IN.member)
local title = redis.call('HGET', P .. 'copytitle', IN.copy)
if not m or not title then return fail('not_found') end
if not at_least(m, 'member') then return fail('not_member') end
local copies = copies_of(title)
local copy = find_copy(copies, IN.copy)
local hold = get('holds', redis.call('HGET', P .. 'member:' .. IN.member .. ':open', title))
local own = hold and hold.copy == IN.copy
if copy.status ~= 'available' and not own then return fail('stale') end
if hold and PROMISED[hold.state] then
  step(hold, 'collect', copies, { copy = IN.copy })
else
  copy.status = 'loaned'
end
local loan = lend(copy, IN.member, IN.due, IN.due_ms)
serve(title, copies)
save_copies(title, copies)
return ok(loan)
