-- Deletes an activity that nobody is registered for.
-- IN activity
-- Returns true; in_use, not_found.
-- Invariant: nobody is registered for, or waits for, what is not there.
local a = IN.activity
if redis.call('HEXISTS', P .. 'activities', a) == 0 then return fail('not_found') end
if redis.call('ZCARD', P .. 'seats:' .. a) + redis.call('ZCARD', P .. 'waitlist:' .. a) > 0 then return fail('in_use') end
redis.call('HDEL', P .. 'activities', a)
redis.call('ZREM', P .. 'activityends', a)
redis.call('DEL', P .. 'registrations:' .. a)
return ok(true)
