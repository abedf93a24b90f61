-- IN: rulebook (JSON text, stored as it is)
redis.call('SET', P .. 'rulebook', IN.rulebook)
return ok(true)
