-- Fixes the audience and begins sending.
-- IN as lib_broadcast; before, doc; staged: names the list with the audience (no such key: nobody); due: its time has come
-- Returns the state; not_found, stale when it is neither a draft nor scheduled, again when it is not as before.
-- Invariant: that of lib_broadcast; the audience does not change from here on, but for members who are forgotten.
local state = field('state')
if not state then return fail('not_found') end
if state ~= 'draft' and state ~= 'scheduled' or IN.due and state ~= 'scheduled' then return fail('stale') end
if changed() then return again() end
if redis.call('EXISTS', P .. 'staged:' .. IN.staged) == 1 then
  redis.call('RENAME', P .. 'staged:' .. IN.staged, AUDIENCE)
  redis.call('PERSIST', AUDIENCE)
end
write()
local total = redis.call('LLEN', AUDIENCE)
if total > 0 then redis.call('SET', RESULTS, string.rep('0', total)) end
redis.call('HSET', STATE, 'total', total, 'cursor', 0, 'pass', 'send', 'started_at', NOW_TEXT)
if IN.due then redis.call('HSET', STATE, 'due', 1) end
enter('sending')
finish()
return ok(snapshot())
