-- Changes what is written of a broadcast.
-- IN as lib_broadcast; before, doc; from: list of the states in which this is possible
-- Returns the state; not_found, stale, again when it is not as before.
-- Invariant: that of lib_broadcast.
local state = field('state')
if not state then return fail('not_found') end
for _, from in ipairs(IN.from) do
  if state == from then
    if changed() then return again() end
    write()
    return ok(snapshot())
  end
end
return fail('stale')
