-- IN: table, title, member, pickup, limit (open holds a member may have)
-- Returns the hold. Invariant: one open hold per member and title; the end of the queue is for who comes last.
local m = get('members', IN.member)
if not m or redis.call('HEXISTS', P .. 'titles', IN.title) == 0 then return fail('not_found') end
if not at_least(m, 'member') then return fail('not_member') end
local place = get('locations', IN.pickup)
if (not place or place.van) and redis.call('HEXISTS', P .. 'stops', IN.pickup) == 0 then return fail('not_found') end
local mine = P .. 'member:' .. IN.member .. ':open'
if redis.call('HEXISTS', mine, IN.title) == 1 or has_on_loan(IN.member, IN.title) then return fail('already_held') end
if redis.call('HLEN', mine) >= IN.limit then return fail('too_many_holds') end
local copies = copies_of(IN.title)
local draft = { title = IN.title, member = IN.member, pickup = IN.pickup, placed_at = NOW_TEXT }
if not transition(draft, 'place', copies) then return fail('no_copies') end
draft.id = nextid('h')
step(draft, 'place', copies)
save_copies(IN.title, copies)
return ok(shown(draft))
