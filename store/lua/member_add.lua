-- IN: name, phone, sort, words, settings, organisation {name, kind, folded} (none: no organisation)
-- Returns the id of a new member without Telegram.
local m = { id = nextid('m'), name = IN.name, settings = IN.settings }
if IN.phone ~= '' then m.phone = IN.phone end
set_role(m, 'member')
if IN.organisation then set_organisation(m, organisation_for(IN.organisation)) end
reindex(m, IN.sort, IN.words)
put('members', m.id, m)
return ok(m.id)
