-- IN: name, folded
-- Returns the id of the location of this name, a new one if need be.
local id = redis.call('HGET', P .. 'location_names', IN.folded)
if not id then
  id = nextid('l')
  put('locations', id, { id = id, name = IN.name })
  redis.call('HSET', P .. 'location_names', IN.folded, id)
end
return ok(id)
