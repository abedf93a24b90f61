-- Stores a question and owes it to every librarian and owner.
-- IN id, doc, from
-- Returns doc.
-- Invariant: a question is in openquestions until it is answered.
redis.call('HSET', P .. 'questions', IN.id, IN.doc)
redis.call('ZADD', P .. 'openquestions', NOW, IN.id)
redis.call('SADD', P .. 'asked:' .. IN.from, IN.id)
for _, role in ipairs({ 'librarian', 'owner' }) do
  for _, m in ipairs(redis.call('SMEMBERS', P .. 'role:' .. role)) do owe('question', IN.id, m, 0, NOW, NOW_TEXT) end
end
return ok(IN.doc)
