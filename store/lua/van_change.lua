-- Delays, cancels or restores one visit, and tells its followers.
-- IN stops_rev, visits_rev; stop, day (20060102), ref (VisitID); doc: the change's JSON; forget_at: seconds since 1970 when it may be forgotten;
--    plans: list of {choice, was, text, due} of all choices at the stop; tell; notice: {kind, ref, rev, due, due_text, take_back};
--    limit: how many are told in this step; the rest by PlanDue;
--    waited_ms: deadline of the ready holds that this visit brings; waits, waits_ms: the deadline they have now
-- Returns how many are told.
-- Invariant: a change stands exactly when each follower is told or the telling is planned; what is planned for the stop
-- follows from its visits as they are; no hold expires by a visit that does not take place. A choice of the form "cDAY.REV" is a telling under way.
if redis.call('HEXISTS', P .. 'stops', IN.stop) == 0 then return fail('not_found') end
if not revisions_hold() or not plans_hold(IN.stop, IN.plans) then return again() end
local visits = P .. 'visits:' .. IN.day
redis.call('HSET', visits, IN.stop, IN.doc)
redis.call('EXPIREAT', visits, IN.forget_at)
redis.call('HINCRBY', P .. 'timetable', 'visits', 1)
plan_all(IN.stop, IN.plans)
for _, id in ipairs(IN.waits_ms ~= IN.waited_ms and redis.call('ZRANGE', P .. 'pickups:' .. IN.stop, 0, -1) or {}) do
  local hold = get('holds', id)
  if hold.state == 'ready' and hold.deadline_ms == IN.waited_ms then
    hold.deadline, hold.deadline_ms = IN.waits, IN.waits_ms
    put('holds', id, hold)
    redis.call('ZADD', P .. 'deadlines', hold.deadline_ms, id)
  end
end
if not IN.tell then return ok(0) end
plan_nothing(IN.stop, 'c' .. IN.day .. '.' .. tostring(IN.notice.rev - 1)) -- told anew from the beginning
local cursor = tell_change(IN.stop, '', IN.limit, IN.notice)
if cursor ~= '' then
  plan_next(IN.stop, 'c' .. IN.day .. '.' .. tostring(IN.notice.rev), {
    text = IN.day .. ' ' .. string.format('%.0f', NOW) .. ' ' .. cursor, due = NOW,
  })
end
return ok(redis.call('ZCARD', P .. 'followers:' .. IN.stop))
