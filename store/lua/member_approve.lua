-- IN: id, sort, words (of the name applied with), was (application's JSON text), organisation {name, kind, folded}
-- Invariant: an application is decided once. err stale when it was decided, or changed meanwhile.
local m = get('members', IN.id)
if not m then return fail('not_found') end
if redis.call('HGET', P .. 'applications', m.id) ~= IN.was then return fail('stale') end
local a = cjson.decode(IN.was)
redis.call('HDEL', P .. 'applications', m.id)
m.name, m.agreed_at, m.agreement = a.name, a.at, a.agreement
set_role(m, 'member')
set_organisation(m, organisation_for(IN.organisation))
reindex(m, IN.sort, IN.words)
put('members', m.id, m)
owe('welcome', m.organisation, m.id, decision_number(), NOW, NOW_TEXT)
return ok(m.id)
