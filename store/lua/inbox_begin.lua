-- Gives an update its turn.
-- KEYS[1] the chat's lease, KEYS[2] that the update is done, KEYS[3] how much its sender has sent
-- ARGV[1] owner, ARGV[2] ms of the lease, ARGV[3] microseconds between two updates of one person over time (0: no limit),
-- ARGV[4] how many may come at once
-- Returns mine, taken, done, warn or drop.
-- Invariant: one owner at a time; what is done is not given out again; a person is warned once until half of the burst is free again.
local has = redis.call('GET', KEYS[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return 'done' end
if has and has ~= ARGV[1] then return 'taken' end

-- The bucket is kept as the time at which it is full again (GCRA).
local interval, burst = tonumber(ARGV[3]), tonumber(ARGV[4])
if interval > 0 then
  local t = redis.call('TIME')
  local now = t[1] * 1000000 + t[2]
  local full = math.max(tonumber(redis.call('HGET', KEYS[3], 'full') or '0'), now)
  if full - now > interval * (burst - 1) then
    return redis.call('HSETNX', KEYS[3], 'warned', 1) == 1 and 'warn' or 'drop'
  end
  if full - now < interval * burst / 2 then redis.call('HDEL', KEYS[3], 'warned') end
  redis.call('HSET', KEYS[3], 'full', string.format('%.0f', full + interval))
  redis.call('PEXPIRE', KEYS[3], math.ceil(interval * burst / 1000) + 1000)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'mine'
