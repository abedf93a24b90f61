-- IN: version
-- Returns the version in force. Invariant: the version never goes back.
local have = tonumber(redis.call('GET', P .. 'schema') or 0)
if IN.version > have then
  redis.call('SET', P .. 'schema', IN.version)
  have = IN.version
end
return ok(have)
