-- Pauses, resumes or cancels. To cancel a pass that is no send ends that pass.
-- IN as lib_broadcast; from: list of the states in which this is possible; to
-- Returns the state; not_found, stale.
-- Invariant: that of lib_broadcast.
local state = field('state')
if not state then return fail('not_found') end
for _, from in ipairs(IN.from) do
  if state == from then
    local pass = field('pass')
    if IN.to == 'cancelled' and pass and pass ~= 'send' and (state == 'sending' or state == 'paused') then
      leave_pass()
    else
      enter(IN.to)
      finish()
    end
    return ok(snapshot())
  end
end
return fail('stale')
