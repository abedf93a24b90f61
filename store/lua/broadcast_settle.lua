-- Notes how a send, a correction or a removal ended; the last one ends the pass.
-- IN as lib_broadcast; index; pass; outcome (sent, unreachable, failed, left); first, second: Telegram's message ids (0 is none); reason
-- Returns the state; not_found.
-- Invariant: that of lib_broadcast; a recipient is counted once. Too many failures pause the broadcast, and its author is told.
local pass = field('pass')
if not field('state') then return fail('not_found') end
local set = IN.pass == 'send' and LEASES or IN.pass == pass and PASSING
if not set or redis.call('ZREM', set, IN.index) == 0 then return ok(snapshot()) end

local function be(id)
  return string.char(math.floor(id / 16777216) % 256, math.floor(id / 65536) % 256, math.floor(id / 256) % 256, id % 256)
end
local bytes = { sent = 's', unreachable = 'u', failed = 'f', left = 'l' }

if IN.pass == 'send' or IN.pass == 'retry' then
  mark(IN.index, bytes[IN.outcome])
  add(IN.outcome, 1)
  if IN.outcome == 'sent' then
    redis.call('SETRANGE', COPIES, IN.index * 8, be(IN.first) .. be(IN.second))
  elseif IN.outcome ~= 'left' then
    redis.call('HSET', UNREACHED, IN.index, IN.reason)
  end
  local done, failed = add('window_done', 1), add('window_failed', IN.outcome == 'failed' and 1 or 0)
  if field('state') == 'sending' and IN.pass == pass and failed >= 20 and failed * 4 >= done then
    enter('paused')
    redis.call('HSET', STATE, 'paused', 'failing')
    tell('broadcast_paused', add('pauses', 1))
  end
elseif IN.pass == 'recall' and IN.outcome == 'sent' then
  mark(IN.index, 'r')
  add('recalled', 1)
end

if IN.pass == pass then
  add('pass_done', 1)
  if IN.outcome ~= 'sent' then add('pass_failed', 1) end
elseif pass == 'recall' and IN.outcome == 'sent' then -- it arrived while the copies were being removed
  add('pass_total', 1)
  if IN.index < number('pass_cursor') then redis.call('ZADD', PASSING, NOW, IN.index) end
  if field('state') ~= 'sending' then
    redis.call('HSET', STATE, 'from', field('state'))
    enter('sending')
  end
end
finish()
local state = field('state')
if state == 'sent' or state == 'cancelled' then each_key('EXPIRE', IN.keep) end
return ok(snapshot())
