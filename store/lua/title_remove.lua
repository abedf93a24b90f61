-- IN: items: list of {id, source, drop (identities)}
-- Returns {removed, kept}. Invariant: a title goes only when nobody has, was promised or waits for a copy of it.
local removed, kept = 0, 0
local function in_use(id, copies)
  if redis.call('ZCARD', P .. 'queue:' .. id) > 0 then return true end
  for _, c in ipairs(copies) do
    if c.status == 'held' or c.status == 'loaned' then return true end
  end
  return false
end
for _, item in ipairs(IN.items) do
  if redis.call('HEXISTS', P .. 'titles', item.id) == 1 then
    local copies = copies_of(item.id)
    if in_use(item.id, copies) then
      kept = kept + 1
    else
      for _, c in ipairs(copies) do
        redis.call('HDEL', P .. 'copytitle', c.id)
        if c.barcode then redis.call('HDEL', P .. 'barcodes', c.barcode) end
      end
      redis.call('HDEL', P .. 'shelves', item.id)
      redis.call('HDEL', P .. 'titles', item.id)
      redis.call('SREM', P .. 'source:' .. item.source, item.id)
      identify(item.id, item.drop, {})
      announce(item.id)
      removed = removed + 1
    end
  end
end
return ok({ removed = removed, kept = kept })
