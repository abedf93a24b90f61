-- Stores a new broadcast.
-- IN as lib_broadcast; doc
-- Returns doc.
-- Invariant: that of lib_broadcast.
write()
redis.call('ZADD', P .. 'broadcastat', NOW, IN.id)
enter('draft')
return ok(IN.doc)
