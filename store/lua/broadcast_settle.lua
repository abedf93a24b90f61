-- Notes how a send, a correction or a removal ended; the last one ends the pass.
-- IN as lib_broadcast; index; pass; outcome (sent, unreachable, failed, left); waiting_from; first, second: Telegram's message ids (0 is none); reason
-- Returns { doc: what is written of the broadcast; state; waiting: how many wait beyond waiting_from (ms) }; not_found.
-- Invariant: that of lib_broadcast; a recipient is counted once. Too many failures pause the broadcast, and its author is told.
local pass = field('pass')
if not field('state') then return fail('not_found') end
local set = IN.pass == 'send' and LEASES or IN.pass == pass and PASSING
local leased = set and redis.call('ZREM', set, IN.index) == 1
-- A retry that was given up may arrive all the same.
local late = not leased and IN.pass == 'retry' and IN.outcome == 'sent'
  and redis.call('GETRANGE', RESULTS, IN.index, IN.index) == 'f'

local function stands()
  return ok({
    doc = redis.call('HGET', P .. 'broadcasts', IN.id), state = snapshot(), waiting = redis.call('ZCOUNT', LEASES, IN.waiting_from, '+inf'),
  })
end
if not leased and not late then return stands() end

local function be(id)
  return string.char(math.floor(id / 16777216) % 256, math.floor(id / 65536) % 256, math.floor(id / 256) % 256, id % 256)
end
local bytes = { sent = 's', unreachable = 'u', failed = 'f', left = 'l' }
local sends = IN.pass == 'send' or IN.pass == 'retry'

if sends then
  mark(IN.index, bytes[IN.outcome])
  add(IN.outcome, 1)
  if late then add('failed', -1) end
  if IN.outcome == 'sent' then redis.call('SETRANGE', COPIES, IN.index * 8, be(IN.first) .. be(IN.second)) end
  if IN.outcome == 'sent' or IN.outcome == 'left' then
    redis.call('HDEL', UNREACHED, IN.index)
  elseif redis.call('LINDEX', AUDIENCE, IN.index) ~= '' then -- not forgotten meanwhile
    redis.call('HSET', UNREACHED, IN.index, IN.reason)
  end
elseif IN.pass == 'recall' and IN.outcome == 'sent' then
  mark(IN.index, 'r')
  add('recalled', 1)
end

if leased and IN.pass == pass then
  add(IN.outcome == 'sent' and 'pass_done' or 'pass_failed', 1)
  local done, failed = add('window_done', 1), add('window_failed', IN.outcome == 'failed' and 1 or 0)
  if sends and field('state') == 'sending' and failed >= 20 and failed * 4 >= done then
    enter('paused')
    redis.call('HSET', STATE, 'paused', 'failing')
    tell('broadcast_paused', add('pauses', 1))
  end
elseif sends and IN.outcome == 'sent' and (pass == 'recall' or pass == 'correct' and field('state') ~= 'sent' and field('state') ~= 'cancelled') then
  -- It arrived while the copies were being changed: it is one of them.
  add('pass_total', 1)
  if IN.index < number('pass_cursor') then redis.call('ZADD', PASSING, NOW, IN.index) end
  local state = field('state')
  if state == 'sent' or state == 'cancelled' then
    redis.call('HSET', STATE, 'from', state)
    enter('sending')
  end
end
finish()
local state = field('state')
if state == 'sent' or state == 'cancelled' then each_key('EXPIRE', IN.keep) end
return stands()
