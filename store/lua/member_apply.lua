-- IN: id, application (JSON text, stored as it is)
-- Invariant: an applicant has an application; every librarian and owner is owed the notice of it.
local m = get('members', IN.id)
if not m then return fail('not_found') end
if at_least(m, 'member') then return fail('already_in') end
set_role(m, 'applicant')
put('members', m.id, m)
redis.call('HSET', P .. 'applications', m.id, IN.application)
tell_staff('application', m.id, decision_number())
return ok(true)
