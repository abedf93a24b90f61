-- IN: chat, name, username, sort, words (folded, of name and username), settings (of somebody new)
-- Returns the member's id. Invariant: one member per chat; an awaited owner is one from the first message on.
-- A member's name, given when joining, stays: err stale when IN has another. A guest's follows Telegram.
local m = get('members', redis.call('HGET', P .. 'chats', IN.chat))
if m and at_least(m, 'member') and m.name ~= IN.name then return fail('stale') end
local username = IN.username ~= '' and IN.username or nil
local spelled = not m or m.name ~= IN.name or m.username ~= username
if not m then
  m = { id = nextid('m'), chat = IN.chat, settings = IN.settings }
  redis.call('HSET', P .. 'chats', IN.chat, m.id)
  set_role(m, 'guest')
end
if redis.call('SREM', P .. 'awaited', IN.chat) == 1 then set_role(m, 'owner') end
m.name, m.username = IN.name, username
if spelled then reindex(m, IN.sort, IN.words) end
m.unreachable = nil
m.seen_at = NOW_TEXT
put('members', m.id, m)
return ok(m.id)
