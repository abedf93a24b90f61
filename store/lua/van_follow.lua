-- Follows a stop, ends that, or adapts a follower's reminders to their settings.
-- IN stops_rev, visits_rev; stop, member; on; only_follower (change nothing for who does not follow); mark (lib_settings) that plans were
--    made from; plans: list of {choice, text, due}: the reminders chosen, and what to plan next for each if nobody chose it so far;
--    take_back: list of notice ids that an end of following takes back
-- Returns true; not_found (the stop, or the member).
-- Invariant: a member is in followers:STOP and has STOP in follows:MEMBER, or neither; and is in followers:STOP:CHOICE for just the
-- choices named there. A choice that nobody has is not planned.
local followers, follows = P .. 'followers:' .. IN.stop, P .. 'follows:' .. IN.member
local before = redis.call('HGET', follows, IN.stop)
if IN.only_follower and not before then return ok(true) end
if IN.on then
  if redis.call('HEXISTS', P .. 'stops', IN.stop) == 0 then return fail('not_found') end
  local member = get('members', IN.member)
  if not member then return fail('not_found') end
  if not revisions_hold() or visit_mark(member.settings) ~= IN.mark then return again() end
end

local chosen = {}
for _, p in ipairs(IN.on and IN.plans or {}) do chosen[p.choice] = p end
for choice in string.gmatch(before or '', '(%S+)@%d+') do
  if not chosen[choice] then
    redis.call('ZREM', followers .. ':' .. choice, IN.member)
    if redis.call('EXISTS', followers .. ':' .. choice) == 0 then plan_nothing(IN.stop, choice) end
  end
end
if not IN.on then
  redis.call('ZREM', followers, IN.member)
  redis.call('HDEL', follows, IN.stop)
  for _, id in ipairs(IN.take_back) do unowe(id) end
  return ok(true)
end
local since = {}
for _, p in ipairs(IN.plans) do
  redis.call('ZADD', followers .. ':' .. p.choice, 0, IN.member)
  if redis.call('HEXISTS', P .. 'choices:' .. IN.stop, p.choice) == 0 then plan_next(IN.stop, p.choice, p) end
  since[#since + 1] = p.choice .. '@' .. string.format('%.0f', chosen_since(before or '', p.choice) or NOW)
end
redis.call('ZADD', followers, 0, IN.member)
redis.call('HSET', follows, IN.stop, table.concat(since, ' '))
return ok(true)
