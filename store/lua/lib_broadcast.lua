-- Library: a broadcast's state.
-- IN id; keep: seconds for which the audience is kept after the end
-- Recipients are named by their index in audience:ID. results:ID has a byte for each: 0 open, 1 taken, s sent, u unreachable, f failed,
-- l left, r recalled. copies:ID has 8 bytes for each: two message ids of 4 bytes, big-endian, 0 is none.
-- Invariant: of the pass "send" the recipients before "cursor" were taken; each of them is in leases:ID with the byte 1, or counted once in
-- the field of its byte. Every other pass has pass_cursor and passing:ID likewise. The broadcast is in "sending" exactly
-- while its state is that, in "scheduled" exactly while it is that.
local STATE = P .. 'broadcast:' .. IN.id
local AUDIENCE, RESULTS, COPIES = P .. 'audience:' .. IN.id, P .. 'results:' .. IN.id, P .. 'copies:' .. IN.id
local LEASES, PASSING = P .. 'leases:' .. IN.id, P .. 'passing:' .. IN.id
local UNREACHED = P .. 'unreached:' .. IN.id

local function field(name) return redis.call('HGET', STATE, name) end
local function number(name) return tonumber(field(name) or '0') end
local function add(name, n) return redis.call('HINCRBY', STATE, name, n) end

local function snapshot()
  local flat, s = redis.call('HGETALL', STATE), {}
  for i = 1, #flat, 2 do s[flat[i]] = flat[i + 1] end
  return s
end

local function each_key(command, ...)
  for _, key in ipairs({ AUDIENCE, RESULTS, COPIES, LEASES, PASSING, UNREACHED }) do redis.call(command, key, ...) end
end

-- again ends a decision that was prepared for an older broadcast. It is not remembered.
local function again() return cjson.encode({ err = 'again' }) end
-- changed tells that what is written of the broadcast is not what the decision was prepared for.
local function changed() return redis.call('HGET', P .. 'broadcasts', IN.id) ~= IN.before end
local function write() redis.call('HSET', P .. 'broadcasts', IN.id, IN.doc) end

-- tell owes a notice to the author.
local function tell(kind, rev)
  local x = get('broadcasts', IN.id)
  if x and x.by and x.by ~= '' then owe(kind, IN.id, x.by, rev, NOW, NOW_TEXT) end
end

local function enter(state)
  redis.call('HSET', STATE, 'state', state)
  redis.call(state == 'sending' and 'SADD' or 'SREM', P .. 'sending', IN.id)
  if state ~= 'scheduled' then redis.call('ZREM', P .. 'scheduled', IN.id) end
  if state ~= 'paused' then redis.call('HDEL', STATE, 'paused') end
  if state == 'sending' then redis.call('HDEL', STATE, 'window_done', 'window_failed') end
  if state == 'sent' or state == 'cancelled' then
    redis.call('HSET', STATE, 'ended_at', NOW_TEXT)
    each_key('EXPIRE', IN.keep)
  end
end

local function mark(index, byte) redis.call('SETRANGE', RESULTS, index, byte) end

-- leave_pass goes back to where a pass began; what it did not come to is left as it is. One that went over copies makes nothing kept for longer.
local function leave_pass()
  local from, pass = field('from'), field('pass')
  for _, i in ipairs(redis.call('ZRANGE', PASSING, 0, -1)) do -- given up: they have failed, as before
    if pass == 'retry' then
      mark(i, 'f')
      add('failed', 1)
    end
  end
  redis.call('DEL', PASSING)
  redis.call('HSET', STATE, 'pass_cursor', number('total'))
  if from == 'paused' then
    redis.call('HSET', STATE, 'pass', 'send')
    enter('paused')
  elseif pass == 'retry' or not field('ended_at') then
    enter(from)
  else
    redis.call('HSET', STATE, 'state', from)
    redis.call('SREM', P .. 'sending', IN.id)
    redis.call('HDEL', STATE, 'paused')
  end
end

-- finish ends the pass when nobody is left.
local function finish()
  local state = field('state')
  if state ~= 'sending' and state ~= 'paused' then return end
  if field('pass') ~= 'send' then
    if number('pass_cursor') >= number('total') and redis.call('ZCARD', PASSING) == 0 then leave_pass() end
  elseif number('cursor') >= number('total') and redis.call('ZCARD', LEASES) == 0 then
    enter('sent')
    if field('due') then tell('broadcast_sent', 0) end
  end
end
