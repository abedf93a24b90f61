-- IN: import (JSON text without an id)
-- Returns its id. Invariant: an import that has not ended is in the queue.
local x = cjson.decode(IN.import)
x.id = nextid('i')
put('imports', x.id, x)
redis.call('ZADD', P .. 'import_queue', NOW, x.id)
return ok(x.id)
