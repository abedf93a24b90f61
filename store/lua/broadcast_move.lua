-- Pauses, resumes or cancels.
-- IN as lib_broadcast; from: list of the states in which this is possible; to
-- Returns the state; not_found, stale.
-- Invariant: that of lib_broadcast.
local state = field('state')
if not state then return fail('not_found') end
for _, from in ipairs(IN.from) do
  if state == from then
    enter(IN.to)
    finish()
    return ok(snapshot())
  end
end
return fail('stale')
