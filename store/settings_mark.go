package store

import "fmt"

// visitMark spells the settings that visit reminders are planned by, as
// lua/lib_settings.lua does: a script refuses a plan made from other settings than those in force.
func visitMark(s Settings) string {
	return fmt.Sprintf("%t %d %d %d %d", s.VisitReminders, s.VisitEvening, s.VisitLead, s.QuietFrom, s.QuietTo)
}

// trainingMark is the same for reminders of trainings.
func trainingMark(s Settings) string {
	return fmt.Sprintf("%t %d %d %d %d", s.TrainingReminder, s.TrainingLead, s.VisitEvening, s.QuietFrom, s.QuietTo)
}
