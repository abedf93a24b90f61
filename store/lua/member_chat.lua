-- IN: from (chat); to (its new id) or unreachable
-- Invariant: chats and members name each other.
local m = get('members', redis.call('HGET', P .. 'chats', IN.from))
if not m then return fail('not_found') end
if IN.unreachable then
  m.unreachable = true
else
  if redis.call('HEXISTS', P .. 'chats', IN.to) == 1 then return fail('in_use') end
  redis.call('HDEL', P .. 'chats', IN.from)
  redis.call('HSET', P .. 'chats', IN.to, m.id)
  m.chat = IN.to
end
put('members', m.id, m)
return ok(true)
