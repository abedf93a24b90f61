-- Notes how a send ended; the last one ends the broadcast.
-- IN as lib_broadcast; member; outcome (sent, unreachable, failed); message (Telegram's id, 0 is none); reason
-- Returns the state; not_found.
-- Invariant: that of lib_broadcast; a recipient is counted once.
if not field('state') then return fail('not_found') end
if redis.call('ZREM', LEASES, IN.member) == 1 then
  redis.call('HINCRBY', STATE, IN.outcome, 1)
  if IN.outcome ~= 'sent' then
    redis.call('HSET', UNREACHED, IN.member, IN.reason)
  elseif IN.message > 0 then
    redis.call('HSET', COPIES, IN.member, IN.message)
  end
  finish()
  local state = field('state')
  if state == 'sent' or state == 'cancelled' then expire() end
end
return ok(snapshot())
