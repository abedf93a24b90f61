-- Gives a place up; the first in the waitlist gets the seat.
-- IN as lib_registration; member; finish in ms
-- Returns the registration; not_found (none), stale (given up before), closed (the activity has ended).
-- Invariant: that of lib_registration.
if redis.call('HEXISTS', P .. 'activities', A) == 0 then return fail('not_found') end
if not activity_holds() then return again() end
local r = registration(IN.member)
if r.state == '' then return fail('not_found') end
if not IN.moves[r.state .. ' unregister '] then return fail('stale') end
if NOW >= IN.finish and not IN.forget then return fail('closed') end
if r.state == 'confirmed' and not heads_known(1) then return again() end
r = move(r, 'unregister', '')
if not IN.cancelled then promote() end
if IN.forget then redis.call('HDEL', REGISTRATIONS, IN.member) end
return ok({ activity = A, member = r.member, state = r.state, at = r.at, revision = r.revision })
