-- Stores the answer, owes it to who asked, and takes the question back from the librarians who were not told yet.
-- IN id, doc, from
-- Returns doc; stale when somebody answered before.
-- Invariant: a question is answered once.
if redis.call('ZREM', P .. 'openquestions', IN.id) == 0 then return fail('stale') end
redis.call('HSET', P .. 'questions', IN.id, IN.doc)
owe('answer', IN.id, IN.from, 0, NOW, NOW_TEXT)
for _, role in ipairs({ 'librarian', 'owner' }) do
  for _, m in ipairs(redis.call('SMEMBERS', P .. 'role:' .. role)) do unowe('question:' .. IN.id .. ':' .. m .. ':0') end
end
return ok(IN.doc)
