package scheduler

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests' zone, also on a machine without zone files

	"versli/store"
)

func TestWhen(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	day := func(clock string) time.Time { // on 3 December 2026 unless the date is told
		t.Helper()
		if len(clock) == 5 {
			clock = "2026-12-03 " + clock
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", clock, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	night := store.Settings{QuietFrom: 22 * 60, QuietTo: 7 * 60}
	noon := store.Settings{QuietFrom: 12 * 60, QuietTo: 13 * 60}
	off := store.Settings{QuietFrom: 300, QuietTo: 300}
	paused := func(until string) store.Settings {
		return store.Settings{QuietFrom: 300, QuietTo: 300, PausedUntil: day(until)}
	}

	for _, c := range []struct {
		name     string
		now      string
		kind     store.NoticeKind
		settings store.Settings
		want     string // "" drops it
	}{
		{"day", "15:00", store.NoticeHoldReady, night, "15:00"},
		{"before midnight", "23:10", store.NoticeHoldReady, night, "2026-12-04 07:00"},
		{"after midnight", "03:10", store.NoticeHoldExpired, night, "07:00"},
		{"the first minute", "22:00", store.NoticeQuestion, night, "2026-12-04 07:00"},
		{"the last minute", "07:00", store.NoticeQuestion, night, "07:00"},
		{"last day of a year", "2026-12-31 22:30", store.NoticeWelcome, night, "2027-01-01 07:00"},
		{"a van on its way", "06:30", store.NoticeVisitSoon, night, "06:30"},
		{"a training this morning", "06:30", store.NoticeTrainingSoon, night, "06:30"},
		{"a delay", "06:30", store.NoticeVisitChanged, night, "06:30"},
		{"a cancellation", "23:30", store.NoticeActivityCancelled, night, "23:30"},
		{"an evening reminder at its chosen hour", "22:30", store.NoticeVisitEvening, night, "22:30"},
		{"quiet at noon", "12:30", store.NoticeAnswer, noon, "13:00"},
		{"not quiet at night", "23:30", store.NoticeAnswer, noon, "23:30"},
		{"off", "03:00", store.NoticeAnswer, off, "03:00"},
		{"the night that clocks go forward", "2027-03-28 02:30", store.NoticeAnswer, night, "2027-03-28 07:00"},
		{"the night that clocks go back", "2026-10-25 02:30", store.NoticeAnswer, night, "2026-10-25 07:00"},
		{"a short pause", "15:00", store.NoticeHoldReady, paused("16:00"), "16:00"},
		{"a long pause is looked at again", "15:00", store.NoticeHoldReady, paused("2026-12-10 16:00"), "18:00"},
		{"a pause over", "15:00", store.NoticeHoldReady, paused("14:00"), "15:00"},
		{"a van that has left by then", "15:00", store.NoticeVisitSoon, paused("16:00"), ""},
		{"a van that has not", "15:00", store.NoticeVisitSoon, paused("15:10"), "15:10"},
		{"tomorrow's visit in a week", "18:00", store.NoticeVisitEvening, paused("2026-12-10 16:00"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, ok := when(day(c.now), c.kind, c.settings, zone)
			if ok != (c.want != "") || (ok && !at.Equal(day(c.want))) {
				t.Errorf("got %v %v, want %q", at, ok, c.want)
			}
		})
	}
}
