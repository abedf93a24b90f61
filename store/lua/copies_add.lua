-- IN: table, title, location, n
-- Invariant: new copies go to the first in the title's queue.
if redis.call('HEXISTS', P .. 'titles', IN.title) == 0 then return fail('not_found') end
if redis.call('HEXISTS', P .. 'locations', IN.location) == 0 then return fail('not_found') end
local copies = copies_of(IN.title)
for _ = 1, IN.n do new_copy(copies, IN.title, IN.location, '', '') end
serve(IN.title, copies)
save_copies(IN.title, copies)
announce(IN.title)
return ok(#copies)
