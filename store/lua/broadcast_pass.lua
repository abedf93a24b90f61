-- Begins a pass over a part of the audience. A recall stops what else is done.
-- IN as lib_broadcast; before, doc; pass (retry, correct, recall); from: list of the states in which this is possible;
-- in_flight: ms until which a lease is somebody's who is being served
-- Returns the state; not_found; stale when there is nobody, another pass is under way or the audience is forgotten; again when it is not
-- as before.
-- Invariant: that of lib_broadcast; one pass at a time.
local state, pass = field('state'), field('pass')
if not state then return fail('not_found') end
local possible = false
for _, from in ipairs(IN.from) do possible = possible or state == from end
local under_way = (state == 'sending' or state == 'paused') and pass ~= 'send'
local people = IN.pass == 'retry' and number('failed') or number('sent') - number('recalled')
if not possible or people <= 0 or redis.call('EXISTS', RESULTS) == 0 then return fail('stale') end
if under_way and (IN.pass ~= 'recall' or pass == 'recall') then return fail('stale') end
-- What was removed again is not sent to the rest.
if IN.pass == 'retry' and number('recalled') > 0 then return fail('stale') end
-- Whoever is being served has the old text; nobody would correct it.
if IN.pass == 'correct' and redis.call('ZCOUNT', LEASES, '(' .. NOW, IN.in_flight) > 0 then return fail('stale') end
if changed() then return again() end
write()
if under_way then
  leave_pass()
  state = field('state')
end
local from = (state == 'sent' or state == 'cancelled') and state or IN.pass == 'recall' and 'cancelled' or 'paused'
redis.call('HSET', STATE, 'pass', IN.pass, 'from', from, 'pass_total', people, 'pass_done', 0, 'pass_failed', 0, 'pass_cursor', 0)
if IN.pass == 'correct' then add('edition', 1) end
if IN.pass == 'retry' then each_key('PERSIST') end
redis.call('DEL', PASSING)
enter('sending')
finish()
return ok(snapshot())
