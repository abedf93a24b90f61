-- IN: id
-- Invariant: what is stored under a member goes as a whole; a copy on loan and the last owner stay.
-- err stale while a hold is open: it must be cancelled first, so that the next in its queue is served.
local m = get('members', IN.id)
if not m then return fail('not_found') end
local own = P .. 'member:' .. m.id
if redis.call('HLEN', own .. ':lent') > 0 then return fail('has_loans') end
if m.role == 'owner' and redis.call('SCARD', P .. 'role:owner') == 1 then return fail('last_owner') end
if redis.call('HLEN', own .. ':open') > 0 then return fail('stale') end
for _, id in ipairs(redis.call('ZRANGE', own .. ':holds', 0, -1)) do redis.call('HDEL', P .. 'holds', id) end
for _, id in ipairs(redis.call('ZRANGE', own .. ':loans', 0, -1)) do redis.call('HDEL', P .. 'loans', id) end
redis.call('DEL', own .. ':holds', own .. ':loans')
unindex(m.id)
redis.call('SREM', P .. 'role:' .. m.role, m.id)
redis.call('HDEL', P .. 'applications', m.id)
if m.chat then redis.call('HDEL', P .. 'chats', m.chat) end
local organisation = get('organisations', m.organisation)
if organisation then
  local affiliates = P .. 'affiliates:' .. organisation.id
  redis.call('SREM', affiliates, m.id)
  if redis.call('SCARD', affiliates) == 0 then
    local words = redis.call('HGET', P .. 'organisation_words', organisation.id) or ''
    redis.call('HDEL', P .. 'organisation_names', organisation.kind .. ':' .. words)
    redis.call('HDEL', P .. 'organisation_words', organisation.id)
    redis.call('HDEL', P .. 'organisations', organisation.id)
  end
end
redis.call('HDEL', P .. 'members', m.id)
return ok(true)
