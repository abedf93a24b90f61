-- Needs lib_hold. Titles, their identities, copies and the stream of changes.
-- Invariants: an identity names one title, the first that had it; a barcode names one copy; every change is in the
-- stream, numbered without gaps.
local function announce(title)
  local n = redis.call('HINCRBY', P .. 'ids', 'change', 1)
  redis.call('XADD', P .. 'changes', 'MAXLEN', '~', 50000, string.format('%d-0', n), 'title', title)
end

local function identify(title, drop, add)
  for _, key in ipairs(drop) do
    if redis.call('HGET', P .. 'identity', key) == title then redis.call('HDEL', P .. 'identity', key) end
  end
  for _, key in ipairs(add) do redis.call('HSETNX', P .. 'identity', key, title) end
end

local function new_copy(copies, title, location, barcode, call_number)
  local c = { id = nextid('c'), title = title, location = location, status = 'available' }
  if call_number ~= '' then c.call_number = call_number end
  redis.call('HSET', P .. 'copytitle', c.id, title)
  if barcode ~= '' then
    c.barcode = barcode
    redis.call('HSET', P .. 'barcodes', barcode, c.id)
  end
  copies[#copies + 1] = c
end

-- stock makes sure that a title has the copies a record lists, and tells whether that changed anything. One with a
-- barcode is that copy, else one at its location that has none yet, else a new one; those without are matched by count.
local function stock(title, copies, wanted)
  local taken, changed = {}, false
  local function spare(location)
    for _, c in ipairs(copies) do
      if not taken[c.id] and not c.barcode and c.location == location then return c end
    end
  end
  for _, w in ipairs(wanted) do
    if w.barcode ~= '' then
      local id = redis.call('HGET', P .. 'barcodes', w.barcode)
      local c = not id and spare(w.location)
      if id then
        taken[id] = true
      elseif c then
        c.barcode, taken[c.id], changed = w.barcode, true, true
        redis.call('HSET', P .. 'barcodes', w.barcode, c.id)
      else
        new_copy(copies, title, w.location, w.barcode, w.call_number)
        taken[copies[#copies].id], changed = true, true
      end
    end
  end
  for _, w in ipairs(wanted) do
    if w.barcode == '' then
      local have
      for _, c in ipairs(copies) do
        if not taken[c.id] and c.location == w.location then have = c break end
      end
      if not have then
        new_copy(copies, title, w.location, '', w.call_number)
        have, changed = copies[#copies], true
      end
      taken[have.id] = true
    end
  end
  return changed
end
