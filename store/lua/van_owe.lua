-- Turns one plan that is due into notices for the next of its followers; after the last, plans the choice's next visit.
-- IN stops_rev, visits_rev; stop, choice; was: the plan that IN was prepared from; cursor; change (a telling of a change: all followers);
--    skip (nothing is owed any more: go on to the next); limit; notice: {kind, ref, rev, due, due_text, take_back};
--    stem: the plan's text up to its cursor; next: {text, due}: what comes after it
-- Returns {owed, done}.
-- Invariant: each follower who had the choice when it was due is owed the notice before the plan moves on.
if redis.call('HGET', P .. 'choices:' .. IN.stop, IN.choice) ~= IN.was then return again() end
if not revisions_hold() then return again() end
local before = redis.call('ZCARD', P .. 'outbox')
local cursor = ''
if IN.change and not IN.skip then
  cursor = tell_change(IN.stop, IN.cursor, IN.limit, IN.notice)
elseif not IN.skip then
  cursor = owe_some(P .. 'followers:' .. IN.stop .. ':' .. IN.choice, IN.cursor, IN.limit, function(m)
    local since = chosen_since(redis.call('HGET', P .. 'follows:' .. m, IN.stop) or '', IN.choice)
    return since and since <= IN.notice.due
  end, IN.notice)
end
local owed = redis.call('ZCARD', P .. 'outbox') - before
if cursor ~= '' then
  redis.call('HSET', P .. 'choices:' .. IN.stop, IN.choice, IN.stem .. cursor)
elseif IN.change then
  plan_nothing(IN.stop, IN.choice)
else
  plan_next(IN.stop, IN.choice, IN.next)
end
return ok({ owed = owed, done = cursor == '' })
