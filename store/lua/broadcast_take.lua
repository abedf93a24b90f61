-- Leases the next recipients: those first whose lease ended unsettled, then from the cursor on.
-- IN as lib_broadcast; limit; lease_end in ms
-- Returns the member ids in one text, divided by blanks.
-- Invariant: that of lib_broadcast; nobody is leased twice at a time.
if field('state') ~= 'sending' then return ok('') end
local taken = redis.call('ZRANGEBYSCORE', LEASES, '-inf', NOW, 'LIMIT', 0, IN.limit)
local cursor = number('cursor')
if #taken < IN.limit then
  local fresh = redis.call('LRANGE', AUDIENCE, cursor, cursor + IN.limit - #taken - 1)
  redis.call('HINCRBY', STATE, 'cursor', #fresh)
  for _, m in ipairs(fresh) do taken[#taken + 1] = m end
end
for _, m in ipairs(taken) do redis.call('ZADD', LEASES, IN.lease_end, m) end
return ok(table.concat(taken, ' '))
