-- Registers a member: a seat, or the end of the waitlist.
-- IN as lib_registration; member; cancelled
-- Returns the registration; not_found, not_member, closed, already_in.
-- Invariant: that of lib_registration.
if redis.call('HEXISTS', P .. 'activities', A) == 0 then return fail('not_found') end
if not activity_holds() then return again() end
local member = get('members', IN.member)
if not member then return fail('not_found') end
if member.role == 'guest' or member.role == 'applicant' then return fail('not_member') end
local r = registration(IN.member)
if r.state ~= '' and r.state ~= 'cancelled' then return fail('already_in') end
if IN.cancelled or NOW >= IN.start then return fail('closed') end
if not plan_known(IN.member) then return again() end
local free = seat_free() and redis.call('ZCARD', WAITLIST) == 0
r = move(r, 'register', free and 'seat' or 'full')
if not r then return fail('stale') end
local place = redis.call('ZRANK', WAITLIST, IN.member)
return ok({ activity = A, member = r.member, state = r.state, at = r.at, revision = r.revision, position = place and place + 1 or nil })
