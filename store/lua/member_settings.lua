-- IN: id, settings
local m = get('members', IN.id)
if not m then return fail('not_found') end
m.settings = IN.settings
put('members', m.id, m)
return ok(true)
