-- IN: table, id, event; member (only this one's hold) or ''; deadline, deadline_ms (arrive); revision, late (undo: of the
-- hold when it was looked at, and whether its cancellation was too long ago then)
-- Returns the hold. Invariant: HoldTable decides; a copy set free goes to the next in the queue in the same step.
local hold = get('holds', IN.id)
if not hold then return fail('not_found') end
if IN.member ~= '' and hold.member ~= IN.member then return fail('forbidden') end
local copies = copies_of(hold.title)
if IN.event == 'undo' then
  local again = redis.call('HEXISTS', P .. 'member:' .. hold.member .. ':open', hold.title) == 1
    or has_on_loan(hold.member, hold.title)
  if IN.late or hold.revision ~= IN.revision or again or #copies == 0 then return fail('stale') end
end
if IN.event == 'missing' and PROMISED[hold.state] then find_copy(copies, hold.copy).status = 'missing' end
if not step(hold, IN.event, copies, IN) then return fail('stale') end
serve(hold.title, copies)
save_copies(hold.title, copies)
return ok(shown(get('holds', hold.id)))
