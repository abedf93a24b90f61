-- Members and the indexes derived from them: chats, roles, affiliates, names and words.
-- Every script that changes a member's role, organisation or name does it through these.
local US = '\31'
local RANK = { guest = 1, applicant = 2, member = 3, driver = 4, librarian = 5, owner = 6 }
local function at_least(m, role) return (RANK[m.role] or 0) >= RANK[role] end

local function unindex(id)
  local spelled = redis.call('HGET', P .. 'indexed', id)
  if not spelled then return nil, nil end
  local sort, own, organisation = string.match(spelled, '^([^\31]*)\31([^\31]*)\31([^\31]*)$')
  redis.call('ZREM', P .. 'names', sort .. US .. id)
  for word in string.gmatch(own .. ' ' .. organisation, '[^ ]+') do
    redis.call('ZREM', P .. 'words', word .. US .. sort .. US .. id)
  end
  redis.call('HDEL', P .. 'indexed', id)
  return sort, own
end

-- reindex writes a member's name and words; sort and own are nil when the name is as before.
local function reindex(m, sort, own)
  local old_sort, old_own = unindex(m.id)
  sort, own = sort or old_sort or '', own or old_own or ''
  local organisation = m.organisation and redis.call('HGET', P .. 'organisation_words', m.organisation) or ''
  redis.call('ZADD', P .. 'names', 0, sort .. US .. m.id)
  for word in string.gmatch(own .. ' ' .. organisation, '[^ ]+') do
    redis.call('ZADD', P .. 'words', 0, word .. US .. sort .. US .. m.id)
  end
  redis.call('HSET', P .. 'indexed', m.id, sort .. US .. own .. US .. organisation)
end

local function set_role(m, role)
  if m.role then redis.call('SREM', P .. 'role:' .. m.role, m.id) end
  m.role = role
  redis.call('SADD', P .. 'role:' .. role, m.id)
  if RANK[role] >= RANK.member and not m.joined_at then m.joined_at = NOW_TEXT end
end

local function set_organisation(m, organisation)
  if m.organisation then redis.call('SREM', P .. 'affiliates:' .. m.organisation, m.id) end
  m.organisation = organisation
  redis.call('SADD', P .. 'affiliates:' .. organisation, m.id)
end

-- organisation_for returns the id of the organisation of this kind and name (folded), a new one if need be.
local function organisation_for(o)
  local id = redis.call('HGET', P .. 'organisation_names', o.kind .. ':' .. o.folded)
  if id then return id end
  id = nextid('o')
  put('organisations', id, { id = id, name = o.name, kind = o.kind, listed = false, created_at = NOW_TEXT })
  redis.call('HSET', P .. 'organisation_names', o.kind .. ':' .. o.folded, id)
  redis.call('HSET', P .. 'organisation_words', id, o.folded)
  return id
end

-- tell owes every librarian and owner a notice.
local function tell_staff(kind, ref, rev)
  for _, role in ipairs({ 'librarian', 'owner' }) do
    for _, id in ipairs(redis.call('SMEMBERS', P .. 'role:' .. role)) do
      owe(kind, ref, id, rev, NOW, NOW_TEXT)
    end
  end
end
-- decision_number tells one decision on a person from another, so that each is told once.
local function decision_number() return redis.call('HINCRBY', P .. 'ids', 'decision', 1) end
