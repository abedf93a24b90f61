-- Fixes the audience and begins sending.
-- IN as lib_broadcast; doc; staged: the key's end of the list with the audience (no such key: nobody)
-- Returns the state; not_found, stale when it is no draft.
-- Invariant: that of lib_broadcast; the audience does not change from here on.
if not field('state') then return fail('not_found') end
if field('state') ~= 'draft' then return fail('stale') end
if redis.call('EXISTS', P .. IN.staged) == 1 then
  redis.call('RENAME', P .. IN.staged, AUDIENCE)
  redis.call('PERSIST', AUDIENCE)
end
redis.call('HSET', P .. 'broadcasts', IN.id, IN.doc)
redis.call('HSET', STATE, 'total', redis.call('LLEN', AUDIENCE), 'cursor', 0)
enter('sending')
finish()
return ok(snapshot())
