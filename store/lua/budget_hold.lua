-- Holds all but answers back for a while.
-- KEYS[1] the hold: us until which they wait; ARGV[1] us from now
-- Returns 1. Invariant: a hold is never made shorter.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local free_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', free_at), 'PX', math.ceil((free_at - now) / 1000) + 1)
return 1
