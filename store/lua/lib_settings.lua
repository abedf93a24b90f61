-- Library: what of a member's settings a plan of reminders was made from, as text. Go spells it alike (settings_mark.go).
local function visit_mark(s)
  return table.concat({ tostring(s.visit_reminders), s.visit_evening, s.visit_lead, s.quiet_from, s.quiet_to }, ' ')
end
local function training_mark(s)
  return table.concat({ tostring(s.training_reminders), s.training_lead, s.visit_evening, s.quiet_from, s.quiet_to }, ' ')
end
