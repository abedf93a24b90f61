-- IN: lease (ms)
-- Returns the id of the import taken. Invariant: one worker at a time has it, until its lease ends.
local id = redis.call('ZRANGEBYSCORE', P .. 'import_queue', '-inf', NOW, 'LIMIT', 0, 1)[1]
if not id then return fail('not_found') end
local x = get('imports', id)
x.state = 'running'
put('imports', id, x)
redis.call('ZADD', P .. 'import_queue', NOW + IN.lease, id)
return ok(id)
