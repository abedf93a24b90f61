-- IN: ms
-- Invariant: the shift never goes back.
if IN.ms < tonumber(redis.call('GET', P .. 'clockshift') or 0) then return fail('invalid') end
redis.call('SET', P .. 'clockshift', IN.ms)
return ok(true)
