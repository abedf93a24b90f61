-- IN: id
-- Invariant: an application is decided once.
local m = get('members', IN.id)
if not m then return fail('not_found') end
if redis.call('HDEL', P .. 'applications', m.id) == 0 then return fail('stale') end
set_role(m, 'guest')
put('members', m.id, m)
owe('declined', m.id, m.id, decision_number(), NOW, NOW_TEXT)
return ok(true)
