-- Adds and changes stops and their routes.
-- IN stops_rev, visits_rev: the timetable that IN was prepared from
--    routes: list of {id, doc}; stops: list of {id, doc, plans}, plans a list of {choice, was, text, due}: what to
--    plan next for each choice of the stop's followers (lib_van); result: what to answer
-- Returns result.
-- Invariant: a stop and what is planned for its followers change together, and the timetable's revision with them.
if not revisions_hold() then return again() end
for _, s in ipairs(IN.stops) do
  if not plans_hold(s.id, s.plans) then return again() end
end
for _, r in ipairs(IN.routes) do redis.call('HSET', P .. 'routes', r.id, r.doc) end
for _, s in ipairs(IN.stops) do
  redis.call('HSET', P .. 'stops', s.id, s.doc)
  plan_all(s.id, s.plans)
end
if #IN.stops > 0 or #IN.routes > 0 then redis.call('HINCRBY', P .. 'timetable', 'stops', 1) end
return ok(IN.result)
