-- Notes that the durable queue has a notice.
-- IN id
-- Returns whether it is under way now; false when the worker was quicker and it has ended or waits for a later hour.
-- Invariant: a notice is in the outbox or under way or ended, never in two of them.
if redis.call('HEXISTS', P .. 'notices', IN.id) == 0 then
  redis.call('ZREM', P .. 'outbox', IN.id)
  return ok(false)
end
local due = redis.call('ZSCORE', P .. 'outbox', IN.id)
if due and tonumber(due) > NOW then return ok(false) end
redis.call('ZREM', P .. 'outbox', IN.id)
redis.call('ZADD', P .. 'underway', NOW, IN.id)
return ok(true)
