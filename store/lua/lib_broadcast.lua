-- Library: a broadcast's state.
-- IN id; keep: seconds for which the audience is kept after the end
-- Invariant: cursor recipients of audience:ID were taken; each of them is in leases:ID, or counted once in sent, unreachable or
-- failed. The broadcast is in "sending" exactly while its state is that.
local STATE = P .. 'broadcast:' .. IN.id
local AUDIENCE, LEASES = P .. 'audience:' .. IN.id, P .. 'leases:' .. IN.id
local COPIES, UNREACHED = P .. 'copies:' .. IN.id, P .. 'unreached:' .. IN.id

local function field(name) return redis.call('HGET', STATE, name) end
local function number(name) return tonumber(field(name) or '0') end

local function snapshot()
  local flat, s = redis.call('HGETALL', STATE), {}
  for i = 1, #flat, 2 do s[flat[i]] = flat[i + 1] end
  return s
end

local function expire()
  for _, key in ipairs({ AUDIENCE, LEASES, COPIES, UNREACHED }) do redis.call('EXPIRE', key, IN.keep) end
end

local function enter(state)
  redis.call('HSET', STATE, 'state', state)
  if state == 'sending' then
    redis.call('SADD', P .. 'sending', IN.id)
  else
    redis.call('SREM', P .. 'sending', IN.id)
  end
  if state == 'sent' or state == 'cancelled' then
    redis.call('HSET', STATE, 'ended_at', NOW_TEXT)
    expire()
  end
end

-- finish ends it when nobody is left.
local function finish()
  local state = field('state')
  if (state == 'sending' or state == 'paused') and number('cursor') >= number('total') and redis.call('ZCARD', LEASES) == 0 then
    enter('sent')
  end
end
