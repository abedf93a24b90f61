-- Deletes a stop, and its route when it was the last one there.
-- IN stops_rev, visits_rev; stop, route (to delete as well, else ""); force
-- Returns true, or in_use (followed and not forced, or the pickup place of an open hold), not_found.
-- Invariant: nobody follows a stop that is not there, nothing is planned for it, no open hold waits for it.
if redis.call('HEXISTS', P .. 'stops', IN.stop) == 0 then return fail('not_found') end
if not revisions_hold() then return again() end
if redis.call('ZCARD', P .. 'pickups:' .. IN.stop) > 0 then return fail('in_use') end
local followers = P .. 'followers:' .. IN.stop
if not IN.force and redis.call('ZCARD', followers) > 0 then return fail('in_use') end
for _, m in ipairs(redis.call('ZRANGE', followers, 0, -1)) do
  redis.call('HDEL', P .. 'follows:' .. m, IN.stop)
end
for _, choice in ipairs(redis.call('HKEYS', P .. 'choices:' .. IN.stop)) do
  redis.call('ZREM', P .. 'visitdue', IN.stop .. ' ' .. choice)
  redis.call('DEL', followers .. ':' .. choice)
end
redis.call('DEL', followers, P .. 'choices:' .. IN.stop)
redis.call('HDEL', P .. 'stops', IN.stop)
if IN.route ~= '' then redis.call('HDEL', P .. 'routes', IN.route) end
redis.call('HINCRBY', P .. 'timetable', 'stops', 1)
return ok(true)
