-- Moves the ends of leases.
-- IN as lib_broadcast; list of { i: index, p: pass }; until in ms
-- Returns how many there were.
-- Invariant: that of lib_broadcast; what is settled is not leased again.
local pass, moved = field('pass'), 0
for _, r in ipairs(IN.list) do
  local set = r.p == 'send' and LEASES or r.p == pass and PASSING
  if set and redis.call('ZSCORE', set, r.i) then
    redis.call('ZADD', set, IN['until'], r.i)
    moved = moved + 1
  end
end
return ok(moved)
