-- IN: id, organisation (JSON text, stored as it is), kind, folded
-- Invariant: an organisation is found by its kind and name; its members are found by its name's words.
local before = get('organisations', IN.id)
if not before then return fail('not_found') end
local key = IN.kind .. ':' .. IN.folded
local other = redis.call('HGET', P .. 'organisation_names', key)
if other and other ~= IN.id then return fail('in_use') end
local words = redis.call('HGET', P .. 'organisation_words', IN.id)
redis.call('HDEL', P .. 'organisation_names', before.kind .. ':' .. (words or ''))
redis.call('HSET', P .. 'organisation_names', key, IN.id)
redis.call('HSET', P .. 'organisations', IN.id, IN.organisation)
redis.call('HSET', P .. 'organisation_words', IN.id, IN.folded)
if words ~= IN.folded then
  for _, id in ipairs(redis.call('SMEMBERS', P .. 'affiliates:' .. IN.id)) do reindex({ id = id, organisation = IN.id }) end
end
return ok(true)
