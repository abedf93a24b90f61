-- IN: id; lease (ms), message, state with report, or disown (what is there is changed)
-- Invariant: an import ends once, and leaves the queue with its end.
local x = get('imports', IN.id)
if not x then return fail('not_found') end
local over = x.state == 'done' or x.state == 'failed'
if over and (IN.lease or IN.state) then return fail('stale') end
if IN.lease then redis.call('ZADD', P .. 'import_queue', NOW + IN.lease, x.id) end
if IN.disown then x.by, x.chat, x.name, x.file = '', '0', '', '' end
if IN.message then x.message = IN.message end
if IN.state then
  x.state = IN.state
  if IN.report ~= cjson.null then x.report = IN.report end
  redis.call('ZREM', P .. 'import_queue', x.id)
end
put('imports', x.id, x)
return ok(true)
