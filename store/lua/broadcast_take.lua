-- Leases the next recipients of the pass: those first whose lease ended unsettled, then from its cursor on.
-- IN as lib_broadcast; limit; lease_end in ms
-- Returns the pass and the recipients in one text, divided by blanks: index:member:first:second message id.
-- Invariant: that of lib_broadcast; nobody is leased twice at a time. A member who was forgotten is counted as left.
if field('state') ~= 'sending' then return ok('') end
local pass, total = field('pass'), number('total')
local send = pass == 'send'
local set = send and LEASES or PASSING
local over_copies = pass == 'correct' or pass == 'recall'
local taken, served = { pass }, 0

local function copy(index)
  if not over_copies then return ':0:0' end
  local b = { string.byte(redis.call('GETRANGE', COPIES, index * 8, index * 8 + 7), 1, 8) }
  local ids = ''
  for word = 0, 1 do
    local id = 0
    for n = 1, 4 do id = id * 256 + (b[word * 4 + n] or 0) end
    ids = ids .. string.format(':%.0f', id)
  end
  return ids
end

local function take(index, member)
  redis.call('ZREM', set, index)
  if not member or member == '' then
    if not over_copies then
      mark(index, 'l')
      add('left', 1)
    end
    add('pass_failed', 1)
    return
  end
  redis.call('ZADD', set, IN.lease_end, index)
  taken[#taken + 1] = string.format('%.0f', index) .. ':' .. member .. copy(index)
  served = served + 1
end

repeat
  local ended = redis.call('ZRANGEBYSCORE', set, '-inf', NOW, 'LIMIT', 0, IN.limit - served)
  for _, index in ipairs(ended) do take(tonumber(index), redis.call('LINDEX', AUDIENCE, index)) end
until #ended == 0 or served >= IN.limit

local name = send and 'cursor' or 'pass_cursor'
local want = send and '0' or pass == 'retry' and 'f' or 's'
local cursor = number(name)
while served < IN.limit and cursor < total do
  local last = math.min(cursor + 512, total) - 1
  local bytes = redis.call('GETRANGE', RESULTS, cursor, last)
  -- In a pass over a few, most of the audience need not be read.
  local members = string.find(bytes, want, 1, true) and redis.call('LRANGE', AUDIENCE, cursor, last)
  for i = 1, last - cursor + 1 do
    if served >= IN.limit then break end
    if string.sub(bytes, i, i) == want then
      if not over_copies then mark(cursor, '1') end
      if pass == 'retry' then add('failed', -1) end
      take(cursor, members[i])
    end
    cursor = cursor + 1
  end
end
redis.call('HSET', STATE, name, cursor)
if served == 0 then finish() end
return ok(served > 0 and table.concat(taken, ' ') or '')
