-- Puts a broadcast into the calendar, to another time of it, or takes it out.
-- IN as lib_broadcast; before, doc; to (scheduled, draft), at in ms; late: its time has passed, and its author is to be asked
-- Returns the state; not_found, stale, again when it is not as before.
-- Invariant: that of lib_broadcast.
local state = field('state')
if not state then return fail('not_found') end
if state ~= 'scheduled' and (IN.to == 'draft' or state ~= 'draft') then return fail('stale') end
if changed() then return again() end
write()
enter(IN.to)
if IN.to == 'scheduled' then
  redis.call('ZADD', P .. 'scheduled', IN.at, IN.id)
elseif IN.late then
  tell('broadcast_late', add('lates', 1))
end
return ok(snapshot())
