-- IN: id, role
-- Invariant: an owner names anybody anything; a librarian makes members drivers, and drivers members; the last owner stays.
local m, by = get('members', IN.id), get('members', BY)
if not m then return fail('not_found') end
local small = (m.role == 'member' or m.role == 'driver') and (IN.role == 'member' or IN.role == 'driver')
if not by or not (by.role == 'owner' or (by.role == 'librarian' and small)) then return fail('forbidden') end
if m.role == IN.role then return ok(true) end
if m.role == 'owner' and redis.call('SCARD', P .. 'role:owner') == 1 then return fail('last_owner') end
set_role(m, IN.role)
redis.call('HDEL', P .. 'applications', m.id)
put('members', m.id, m)
owe('role', IN.role, m.id, decision_number(), NOW, NOW_TEXT)
return ok(true)
