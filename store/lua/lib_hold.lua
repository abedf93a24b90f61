-- Needs lib_member.
-- The life of holds, copies and loans. IN.table is HoldTable() of Go: which event leads from which state to which.
-- Invariants: a copy is promised to one hold or lent by one loan, never both; no hold waits while a copy of its title
-- is free; the queue is in order of placing; the indexes below say what the holds, copies and loans say.
local PROMISED = { allocated = true, in_transit = true, ready = true }
local OPEN = { placed = true, allocated = true, in_transit = true, ready = true }

local function order_of(id) return tonumber(string.sub(id, 2), 36) end

-- copies_of returns a title's copies; save_copies writes them back (never none: titles lose copies only as a whole).
local function copies_of(title)
  local text = redis.call('HGET', P .. 'shelves', title)
  return text and cjson.decode(text) or {}
end
local function save_copies(title, copies)
  if #copies > 0 then redis.call('HSET', P .. 'shelves', title, cjson.encode(copies)) end
end
local function find_copy(copies, id)
  for _, c in ipairs(copies) do
    if c.id == id then return c end
  end
end

-- nearest_free picks the available copy to give: at the pickup library first; for a stop the van's first;
-- then the main library's, then any.
local function nearest_free(copies, pickup)
  local best, best_rank
  for _, c in ipairs(copies) do
    if c.status == 'available' then
      local rank = 3
      if c.location == pickup then rank = 1
      elseif c.location == 'l2' and string.sub(pickup, 1, 1) == 's' then rank = 1
      elseif c.location == 'l1' then rank = 2 end
      if not best or rank < best_rank then best, best_rank = c, rank end
    end
  end
  return best
end

local function audit(subject, event, from, to)
  redis.call('XADD', P .. 'audit', 'MAXLEN', '~', 100000, '*',
    'at', NOW_TEXT, 'by', BY, 'subject', subject, 'event', event, 'from', from or '', 'to', to or '')
end

local GUARDS = {
  [''] = function() return true end,
  copy_free = function(hold, copies) return nearest_free(copies, hold.pickup) ~= nil end,
  copies_left = function(hold, copies)
    for _, c in ipairs(copies) do
      if c.status ~= 'missing' then return true end
    end
    return false
  end,
  was_waiting = function(hold) return hold.was ~= nil and hold.was.state == 'placed' end,
}
GUARDS.no_copies = function(hold, copies) return not GUARDS.copies_left(hold, copies) end
for _, state in ipairs({ 'allocated', 'in_transit', 'ready' }) do
  GUARDS['was_' .. state] = function(hold, copies)
    local was = hold.was or {}
    local c = was.copy and find_copy(copies, was.copy)
    return was.state == state and c ~= nil and c.status == 'available'
  end
end

local function transition(hold, event, copies)
  for _, row in ipairs(IN.table) do
    if row.from == (hold.state or '') and row.event == event and GUARDS[row.guard](hold, copies) then return row end
  end
end

-- leave and enter keep every index of a hold's state; they are each other's reverse.
local function leave(hold)
  local state = hold.state
  if not state or not OPEN[state] then return end
  redis.call('ZREM', P .. 'holdsin:' .. state, hold.id)
  redis.call('ZREM', P .. 'pickups:' .. hold.pickup, hold.id)
  redis.call('HDEL', P .. 'member:' .. hold.member .. ':open', hold.title)
  if state == 'placed' then redis.call('ZREM', P .. 'queue:' .. hold.title, hold.id) end
  if state == 'ready' then redis.call('ZREM', P .. 'deadlines', hold.id) end
  if PROMISED[state] then redis.call('HDEL', P .. 'promised', hold.copy) end
end
local function enter(hold)
  local state, order = hold.state, order_of(hold.id)
  redis.call('ZADD', P .. 'member:' .. hold.member .. ':holds', order, hold.id)
  if not OPEN[state] then return end
  redis.call('ZADD', P .. 'holdsin:' .. state, order, hold.id)
  redis.call('ZADD', P .. 'pickups:' .. hold.pickup, order, hold.id)
  redis.call('HSET', P .. 'member:' .. hold.member .. ':open', hold.title, hold.id)
  if state == 'placed' then redis.call('ZADD', P .. 'queue:' .. hold.title, order, hold.id) end
  if state == 'ready' then redis.call('ZADD', P .. 'deadlines', hold.deadline_ms, hold.id) end
  if PROMISED[state] then redis.call('HSET', P .. 'promised', hold.copy, hold.id) end
end

-- next_copy says which copy a hold has in its next state: the one brought along, the one it had, or the nearest free one.
local function next_copy(hold, event, to, copies, change)
  if not (PROMISED[to] or to == 'collected') then return nil end
  if event == 'undo' then return hold.was.copy end
  if event ~= 'missing' and (change.copy or hold.copy) then return change.copy or hold.copy end
  return nearest_free(copies, hold.pickup).id
end

-- step lets an event happen to a hold: the row's next state, its copy, its indexes, its notices. It changes copies in
-- place and does not save them. false when the table refuses. change {copy, deadline, deadline_ms} says what the event
-- brings along. What a cancelled hold was is kept in hold.was, to be undone.
local function step(hold, event, copies, change)
  local row = transition(hold, event, copies)
  if not row then return false end
  change = change or {}
  local from, had, was = hold.state, hold.copy, hold.was or {}
  leave(hold)
  local copy = next_copy(hold, event, row.to, copies, change)
  local freed = had ~= copy and had and find_copy(copies, had)
  if freed and freed.status == 'held' then freed.status = 'available' end
  if copy then find_copy(copies, copy).status = PROMISED[row.to] and 'held' or 'loaned' end
  hold.was = row.to == 'cancelled'
    and { state = from, copy = had, deadline = hold.deadline, deadline_ms = hold.deadline_ms } or nil
  hold.copy, hold.deadline, hold.deadline_ms = copy, nil, nil
  if row.to == 'ready' then
    hold.deadline, hold.deadline_ms = change.deadline or was.deadline, change.deadline_ms or was.deadline_ms
  end
  hold.state, hold.changed_at, hold.revision = row.to, NOW_TEXT, (hold.revision or 0) + 1
  enter(hold)
  put('holds', hold.id, hold)
  audit(hold.id, event, from, row.to)
  for _, kind in ipairs(row.notify) do owe(kind, hold.id, hold.member, hold.revision, NOW, NOW_TEXT) end
  return true
end

-- serve gives free copies to the queue, first come first served; when no copy is left at all, it ends the queue.
local function serve(title, copies)
  while true do
    local head = redis.call('ZRANGE', P .. 'queue:' .. title, 0, 0)[1]
    if not head then return end
    local hold = get('holds', head)
    if not step(hold, 'allocate', copies) and not step(hold, 'missing', copies) then return end
  end
end

-- shown is a hold as Go reads it, with its place in the queue.
local function shown(hold)
  if hold.state == 'placed' then
    hold.position = redis.call('ZRANK', P .. 'queue:' .. hold.title, hold.id) + 1
  end
  return hold
end

-- lend makes the loan of a copy that is marked loaned already.
local function lend(copy, member, due, due_ms)
  local loan = { id = nextid('n'), title = copy.title, copy = copy.id, member = member, issued_at = NOW_TEXT, due_at = due }
  put('loans', loan.id, loan)
  redis.call('HSET', P .. 'lent', copy.id, loan.id)
  redis.call('ZADD', P .. 'loansdue', due_ms, loan.id)
  redis.call('ZADD', P .. 'member:' .. member .. ':loans', order_of(loan.id), loan.id)
  redis.call('HSET', P .. 'member:' .. member .. ':lent', loan.id, copy.title)
  audit(loan.id, 'issue', '', 'issued')
  return loan
end

local function has_on_loan(member, title)
  for _, lent in ipairs(redis.call('HVALS', P .. 'member:' .. member .. ':lent')) do
    if lent == title then return true end
  end
  return false
end
