-- Adapts a confirmed member's reminders to their settings.
-- IN as lib_registration; member
-- Returns true.
-- Invariant: a reminder not yet sent is owed at the time that the settings in force give.
if not activity_holds() then return again() end
if not redis.call('ZSCORE', SEATS, IN.member) then return ok(true) end
if not plan_known(IN.member) then return again() end
take_reminders_back(IN.member)
owe_reminders(IN.member)
return ok(true)
