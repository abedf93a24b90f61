-- Adds an activity, changes it, or calls it off.
-- IN as lib_registration (text and take_back: as it was; seats, start and plans: as it will be); doc, finish in ms; revision;
--    notice (to all registered and waiting; "" is none), superseded (revision of an unsent notice of a change that this
--    one replaces), moved (reminders are planned anew), cancelled
-- Returns {doc, told}.
-- Invariant: that of lib_registration; nobody is reminded of a time that does not hold, or of what is called off.
if not activity_holds() then return again() end
local confirmed, waiting = redis.call('ZRANGE', SEATS, 0, -1), redis.call('ZRANGE', WAITLIST, 0, -1)
if IN.moved and not IN.cancelled then
  for _, m in ipairs(confirmed) do
    if not plan_known(m) then return again() end
  end
end
if not IN.cancelled and not heads_known(0) then return again() end

redis.call('HSET', P .. 'activities', A, IN.doc)
redis.call('ZADD', P .. 'activityends', IN.finish, A)
if IN.moved or IN.cancelled then
  for _, m in ipairs(confirmed) do
    take_reminders_back(m)
    if not IN.cancelled then owe_reminders(m) end
  end
end
local told = 0
if IN.notice ~= '' then
  for _, list in ipairs({ confirmed, waiting }) do
    for _, m in ipairs(list) do
      unowe('activity_changed:' .. A .. ':' .. m .. ':' .. tostring(IN.superseded))
      owe(IN.notice, A, m, IN.revision, NOW, NOW_TEXT)
      told = told + 1
    end
  end
end
if not IN.cancelled then promote() end
return ok({ doc = IN.doc, told = told })
