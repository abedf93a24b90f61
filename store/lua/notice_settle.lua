-- Ends a notice: sent, dropped or failed.
-- IN id, kind, how, until in ms (remembered so long); of a failed one also failure (its JSON, kept as it is) and keep (how many)
-- Returns whether this was its end; false when it had ended before.
-- Invariant: a notice ends once and is counted once.
if redis.call('ZSCORE', P .. 'settled', IN.id) then return ok(false) end
redis.call('ZREM', P .. 'outbox', IN.id)
redis.call('ZREM', P .. 'underway', IN.id)
redis.call('HDEL', P .. 'notices', IN.id)
redis.call('ZREMRANGEBYSCORE', P .. 'settled', '-inf', NOW)
redis.call('ZADD', P .. 'settled', IN['until'], IN.id)
redis.call('HINCRBY', P .. 'notice_counts', IN.how .. ':' .. IN.kind, 1)
if IN.failure then
  redis.call('LPUSH', P .. 'failed_notices', IN.failure)
  redis.call('LTRIM', P .. 'failed_notices', 0, IN.keep - 1)
end
return ok(true)
