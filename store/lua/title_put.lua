-- IN: table, items: list of
--   seen: list of {identity, title id or ''} that the caller decided on
--   id ('' for a new title), was (SHA-1 of the text it read), text (the new JSON; '' when it stays as it is; a new title's without its id)
--   drop, add: identities; from, source: the set of titles by source it leaves ('' for none) and joins
--   copies: list of {barcode, call_number, location}
-- Returns per item {id, outcome}: added, changed, unchanged, or retry when the state is not what the caller saw.
-- Invariant: a record is matched and written in one step, so that two imports at once make no title twice.
local function as_seen(item)
  for _, pair in ipairs(item.seen) do
    if (redis.call('HGET', P .. 'identity', pair[1]) or '') ~= pair[2] then return false end
  end
  if item.id == '' then return true end
  local text = redis.call('HGET', P .. 'titles', item.id)
  return text and redis.sha1hex(text) == item.was
end

local function write(item)
  if not as_seen(item) then return { id = item.id, outcome = 'retry' } end
  local id, text, outcome = item.id, item.text, 'unchanged'
  if id == '' then
    id = nextid('t')
    text = '{"id":"' .. id .. '",' .. string.sub(text, 2)
    outcome = 'added'
  elseif text ~= '' then
    outcome = 'changed'
  end
  if text ~= '' then
    redis.call('HSET', P .. 'titles', id, text)
    identify(id, item.drop, item.add)
    if item.from ~= '' then redis.call('SREM', P .. 'source:' .. item.from, id) end
    redis.call('SADD', P .. 'source:' .. item.source, id)
  end
  if #item.copies > 0 then
    local copies = copies_of(id)
    if stock(id, copies, item.copies) then
      if outcome == 'unchanged' then outcome = 'changed' end
      serve(id, copies)
      save_copies(id, copies)
    end
  end
  if outcome ~= 'unchanged' then announce(id) end
  return { id = id, outcome = outcome }
end

local results = {}
for i, item in ipairs(IN.items) do results[i] = write(item) end
return ok(results)
