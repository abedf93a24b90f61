-- IN: chats
-- Invariant: each of these accounts is an owner, or becomes one when it first writes.
for _, chat in ipairs(IN.chats) do
  local m = get('members', redis.call('HGET', P .. 'chats', chat))
  if not m then
    redis.call('SADD', P .. 'awaited', chat)
  elseif m.role ~= 'owner' then
    set_role(m, 'owner')
    redis.call('HDEL', P .. 'applications', m.id)
    put('members', m.id, m)
  end
end
return ok(true)
