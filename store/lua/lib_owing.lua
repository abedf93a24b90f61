-- Library: owing one notice to many followers, some at a time (after lib_van).
-- The followers stand in a sorted set by name; cursor is the last one done, so that a kill costs nothing and a
-- follower who comes or goes meanwhile moves nobody else.

-- owe_some owes to up to limit followers after cursor; it returns the new cursor, "" when all are done.
-- each(member) tells whether the member is owed it, and may take other notices back.
local function owe_some(set, cursor, limit, each, notice)
  local from = cursor == '' and '-' or '(' .. cursor
  local members = redis.call('ZRANGEBYLEX', set, from, '+', 'LIMIT', 0, limit)
  for _, m in ipairs(members) do
    if each(m) then owe(notice.kind, notice.ref, m, notice.rev, notice.due, notice.due_text) end
  end
  return #members == limit and members[#members] or ''
end

-- tell_change owes "visit_changed" to some followers of a stop, and takes back what it makes untrue: the unsent notice of
-- the change before, and reminders not handed over yet that take_back ({kind, choice}, "" is all choices) lists.
local function tell_change(stop, cursor, limit, notice)
  return owe_some(P .. 'followers:' .. stop, cursor, limit, function(m)
    unowe('visit_changed:' .. notice.ref .. ':' .. m .. ':' .. tostring(notice.rev - 1))
    for _, b in ipairs(notice.take_back) do
      if b.choice == '' or chosen_since(redis.call('HGET', P .. 'follows:' .. m, stop) or '', b.choice) then
        unowe(b.kind .. ':' .. notice.ref .. ':' .. m .. ':0')
      end
    end
    return true
  end, notice)
end
