package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// reminderOff, in VisitEvening, VisitLead or TrainingLead, means no such reminder.
const reminderOff = -1

// beforeQuiet is when a reminder due at t goes out: at t, or, when t falls into
// the quiet hours [from, to) (minutes after midnight on the zone's wall clock; they may run
// over midnight; equal is none), in the last minute before they begin.
func beforeQuiet(t time.Time, from, to int, zone *time.Location) time.Time {
	if from == to {
		return t
	}
	minute, day := clockMinute(t, zone), civilOf(t, zone)
	switch {
	case from < to && minute >= from && minute < to, from > to && minute >= from:
		return day.at(from-1, zone)
	case from > to && minute < to:
		return (day - 1).at(from-1, zone)
	}
	return t
}

// reminder is one way to be reminded of the van: all followers of a stop who
// chose the same are planned together. Its text form is a Redis key's end.
type reminder struct {
	evening            bool // else so long before the arrival
	minutes            int  // of the evening before, after midnight; or before the arrival
	quietFrom, quietTo int
}

// visitReminders are the reminders that a member's settings ask for.
func visitReminders(s Settings) []reminder {
	if !s.VisitReminders {
		return nil
	}
	from, to := s.QuietFrom, s.QuietTo
	if from == to {
		from, to = 0, 0
	}
	var list []reminder
	if s.VisitEvening != reminderOff {
		list = append(list, reminder{evening: true, minutes: s.VisitEvening, quietFrom: from, quietTo: to})
	}
	if s.VisitLead != reminderOff {
		list = append(list, reminder{minutes: s.VisitLead, quietFrom: from, quietTo: to})
	}
	return list
}

// String is the choice's code: "e1080q1320-420" is at 18:00 on the evening
// before, "l30q1320-420" half an hour before the arrival, both quiet from 22:00 to 7:00.
func (r reminder) String() string {
	kind := "l"
	if r.evening {
		kind = "e"
	}
	return fmt.Sprintf("%s%dq%d-%d", kind, r.minutes, r.quietFrom, r.quietTo)
}

func parseReminder(code string) (reminder, error) {
	var r reminder
	bad := fmt.Errorf("reminder %q: %w", code, ErrInvalid)
	if code == "" || code[0] != 'e' && code[0] != 'l' {
		return r, bad
	}
	r.evening = code[0] == 'e'
	minutes, quiet, _ := strings.Cut(code[1:], "q")
	from, to, _ := strings.Cut(quiet, "-")
	for _, field := range []struct {
		text string
		to   *int
	}{{minutes, &r.minutes}, {from, &r.quietFrom}, {to, &r.quietTo}} {
		n, err := strconv.Atoi(field.text)
		if err != nil {
			return r, bad
		}
		*field.to = n
	}
	return r, nil
}

// kind is the notice that the reminder becomes.
func (r reminder) kind() NoticeKind {
	if r.evening {
		return NoticeVisitEvening
	}
	return NoticeVisitSoon
}

// due is when followers are reminded of a visit on a day with this arrival (delay included).
func (r reminder) due(day civil, arrival time.Time, zone *time.Location) time.Time {
	t := arrival.Add(-time.Duration(r.minutes) * time.Minute)
	if r.evening {
		t = (day - 1).at(r.minutes, zone)
	}
	return beforeQuiet(t, r.quietFrom, r.quietTo, zone)
}
