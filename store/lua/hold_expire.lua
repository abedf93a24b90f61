-- IN: table, now (ms), limit
-- Returns how many expired. Invariant: a ready hold past its deadline expires once, and the next in the queue is served.
local due = redis.call('ZRANGEBYSCORE', P .. 'deadlines', '-inf', IN.now, 'LIMIT', 0, IN.limit)
for _, id in ipairs(due) do
  local hold = get('holds', id)
  local copies = copies_of(hold.title)
  step(hold, 'expire', copies)
  serve(hold.title, copies)
  save_copies(hold.title, copies)
end
return ok(#due)
