-- Library: the timetable's revisions and the reminders to plan next.
-- Between runs, for each stop: the fields of choices:STOP are the choices in use; a field's value is
-- "date due cursor" of the next visit to plan for those who chose it ("" when there is none), and visitdue holds
-- "STOP CHOICE" by due exactly when there is one.

-- again ends a decision that was prepared for an older timetable. It is not remembered.
local function again() return cjson.encode({ err = 'again' }) end

-- revisions_hold tells whether the timetable is still the one that Go looked at.
local function revisions_hold()
  local revs = redis.call('HMGET', P .. 'timetable', 'stops', 'visits')
  return (revs[1] or '0') == IN.stops_rev and (revs[2] or '0') == IN.visits_rev
end

-- plan_next notes what to plan next for a choice.
local function plan_next(stop, choice, entry)
  redis.call('HSET', P .. 'choices:' .. stop, choice, entry.text)
  if entry.text == '' then
    redis.call('ZREM', P .. 'visitdue', stop .. ' ' .. choice)
  else
    redis.call('ZADD', P .. 'visitdue', entry.due, stop .. ' ' .. choice)
  end
end

local function plan_nothing(stop, choice)
  redis.call('HDEL', P .. 'choices:' .. stop, choice)
  redis.call('ZREM', P .. 'visitdue', stop .. ' ' .. choice)
end

-- plans_hold tells whether a stop's plans are those that Go computed the new ones from.
local function plans_hold(stop, plans)
  if redis.call('HLEN', P .. 'choices:' .. stop) ~= #plans then return false end
  for _, p in ipairs(plans) do
    if redis.call('HGET', P .. 'choices:' .. stop, p.choice) ~= p.was then return false end
  end
  return true
end

local function plan_all(stop, plans)
  for _, p in ipairs(plans) do plan_next(stop, p.choice, p) end
end

-- chosen_since reads from "choice@ms choice@ms" since when a choice is a follower's; nil when it is not.
local function chosen_since(text, choice)
  local _, last = string.find(' ' .. text, ' ' .. choice .. '@', 1, true)
  return last and tonumber(string.match(text, '^%d+', last))
end
