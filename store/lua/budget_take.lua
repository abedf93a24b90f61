-- Asks for one call out of the send budget.
-- KEYS[1] budget "all": list, us of the newest calls, newest first; KEYS[2] "pace": string, us at which the pace is free again;
-- KEYS[3] "hold": string, us until which all but answers wait; KEYS[4], KEYS[5] "waiting:0", "waiting:1": string, that somebody of
-- that rank waits; KEYS[6] the chat's: a string as "pace", a group's a list as "all"
-- ARGV[1] rank: 0 answer, 1 notice, 2 bulk; ARGV[2] most calls within ARGV[3] us; ARGV[4] us between two paced calls, ARGV[5] how
-- many of them at once; ARGV[6] most calls in the chat within ARGV[7] us: at once and then one by one, of a group (ARGV[8] = 1) in all
-- Returns 0 when it may go, and counts it; else us until it is worth asking again, and counts nothing.
-- Invariant: within any ARGV[3] us no more than ARGV[2] calls go. A less urgent call never takes what a more urgent one waits for.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local rank = tonumber(ARGV[1])
local function at(key) return tonumber(redis.call('GET', key) or '0') end

-- within is how long until fewer than most calls of a list lie within the period.
local function within(key, most, period)
  local oldest = tonumber(redis.call('LINDEX', key, most - 1) or '0')
  return oldest + period - now
end
local function note(key, most, period)
  redis.call('LPUSH', key, string.format('%.0f', now))
  redis.call('LTRIM', key, 0, most - 1)
  redis.call('PEXPIRE', key, math.ceil(period / 1000) + 1)
end
-- bucket is how long until a bucket, kept as the time at which it is full again, has a token.
local function bucket(key, interval, burst) return math.max(at(key), now) - now - interval * (burst - 1) end
local function draw(key, interval)
  local full = math.max(at(key), now) + interval
  redis.call('SET', key, string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
end

local most, period = tonumber(ARGV[2]), tonumber(ARGV[3])
local interval, burst = tonumber(ARGV[4]), tonumber(ARGV[5])
local chat_most, chat_period, group = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8] == '1'

local chat = group and within(KEYS[6], chat_most, chat_period) or bucket(KEYS[6], chat_period, chat_most)
local all = within(KEYS[1], most, period)
if rank > 0 then
  all = math.max(all, at(KEYS[3]) - now, bucket(KEYS[2], interval, burst))
  for above = 0, rank - 1 do
    if redis.call('EXISTS', KEYS[4 + above]) == 1 then all = math.max(all, interval) end
  end
end
if all > 0 and chat <= 0 and rank < 2 then
  redis.call('SET', KEYS[4 + rank], 1, 'PX', math.min(1000, math.ceil(all / 1000) + 20))
end
local wait = math.max(all, chat)
if wait > 0 then return math.ceil(wait) end
note(KEYS[1], most, period)
draw(KEYS[2], interval)
if group then note(KEYS[6], chat_most, chat_period) else draw(KEYS[6], chat_period) end
if rank < 2 then redis.call('DEL', KEYS[4 + rank]) end
return 0
