-- Library: the moves of a registration (after lib_settings).
-- IN activity (id), text (the activity's JSON that IN was prepared from, "" for a new one), seats (0 is without limit), start in ms,
--    moves (the table: "from event guard" -> {to, notice}), take_back (list of {kind, rev}: the reminders that may be owed),
--    plans (member -> {mark, notices}, notices a list of {kind, rev, due, due_text}: the reminders to owe when confirmed)
-- Invariant: a confirmed registration is in seats:ACTIVITY, a waitlisted one in waitlist:ACTIVITY, each by its order; any of both
-- has the activity in registered:MEMBER; none other is in any of these. There are no more confirmed than seats, unless
-- seats were taken away afterwards; nobody waits while a seat is free and the activity has not begun.
local A = IN.activity
local SEATS, WAITLIST, REGISTRATIONS = P .. 'seats:' .. A, P .. 'waitlist:' .. A, P .. 'registrations:' .. A

local function again() return cjson.encode({ err = 'again' }) end

local function activity_holds() return (redis.call('HGET', P .. 'activities', A) or '') == IN.text end

local function seat_free()
  return IN.seats == 0 or redis.call('ZCARD', SEATS) < IN.seats
end

-- plan_known tells whether Go made a plan for the member from the settings in force.
local function plan_known(member)
  local plan, m = IN.plans[member], get('members', member)
  return plan and (not m or training_mark(m.settings) == plan.mark)
end

-- heads_known tells whether there is a plan for all whom freed more seats would promote.
local function heads_known(freed)
  if NOW >= IN.start then return true end
  local n = redis.call('ZCARD', WAITLIST)
  if IN.seats > 0 then n = math.min(n, IN.seats - redis.call('ZCARD', SEATS) + freed) end
  if n <= 0 then return true end
  for _, m in ipairs(redis.call('ZRANGE', WAITLIST, 0, n - 1)) do
    if not plan_known(m) then return false end
  end
  return true
end

local function take_reminders_back(member)
  for _, r in ipairs(IN.take_back) do
    unowe(r.kind .. ':' .. A .. ':' .. member .. ':' .. tostring(r.rev))
  end
end

local function owe_reminders(member)
  local plan = IN.plans[member]
  for _, n in ipairs(plan and plan.notices or {}) do owe(n.kind, A, member, n.rev, n.due, n.due_text) end
end

local function registration(member)
  local text = redis.call('HGET', REGISTRATIONS, member)
  return text and cjson.decode(text) or { activity = A, member = member, state = '', revision = 0 }
end

-- move lets an event happen to a registration; nil when the table has no such line.
local function move(r, event, guard)
  local to = IN.moves[r.state .. ' ' .. event .. ' ' .. guard]
  if not to then return nil end
  if r.state == 'confirmed' then
    redis.call('ZREM', SEATS, r.member)
    take_reminders_back(r.member)
  elseif r.state == 'waitlisted' then
    redis.call('ZREM', WAITLIST, r.member)
  end
  r.state, r.revision = to.to, r.revision + 1
  if event == 'register' then r.at = NOW_TEXT end
  local order = redis.call('HINCRBY', P .. 'ids', 'registrations', 1)
  if r.state == 'confirmed' then
    redis.call('ZADD', SEATS, order, r.member)
    owe_reminders(r.member)
  elseif r.state == 'waitlisted' then
    redis.call('ZADD', WAITLIST, order, r.member)
  end
  if r.state == 'confirmed' or r.state == 'waitlisted' then
    redis.call('SADD', P .. 'registered:' .. r.member, A)
  else
    redis.call('SREM', P .. 'registered:' .. r.member, A)
  end
  redis.call('HSET', REGISTRATIONS, r.member, cjson.encode(r))
  if to.notice ~= '' then owe(to.notice, A, r.member, r.revision, NOW, NOW_TEXT) end
  return r
end

-- promote gives free seats to the waitlist in its order: the one way up, however the seats were freed. heads_known came before.
local function promote()
  while NOW < IN.start and seat_free() do
    local head = redis.call('ZRANGE', WAITLIST, 0, 0)[1]
    if not head then return end
    move(registration(head), 'promote', '')
  end
end
