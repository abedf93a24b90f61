package scheduler

import (
	"time"

	"versli/store"
)

// pauseStep is the longest that a notice waits for a pause to end before it looks again: people end a pause early.
const pauseStep = 3 * time.Hour

// when tells from which instant a notice of this kind may go to a member with these settings: now, or later. ok is
// false when it would be of no use by then. Quiet hours are on the wall clock of zone.
func when(now time.Time, kind store.NoticeKind, s store.Settings, zone *time.Location) (at time.Time, ok bool) {
	if s.PausedUntil.After(now) {
		if use, limited := usefulFor(kind); limited && s.PausedUntil.Sub(now) > use {
			return time.Time{}, false
		}
		return earlier(s.PausedUntil, now.Add(pauseStep)), true
	}
	if wakes(kind) {
		return now, true
	}
	return s.QuietUntil(now, zone), true
}

// usefulFor is how long a notice can wait and still be of use. What is not limited stays true until it is read.
func usefulFor(kind store.NoticeKind) (d time.Duration, limited bool) {
	switch kind {
	case store.NoticeVisitSoon, store.NoticeTrainingSoon:
		return 20 * time.Minute, true
	case store.NoticeVisitEvening, store.NoticeTrainingDay, store.NoticeVisitChanged:
		return 6 * time.Hour, true
	case store.NoticeApplication, store.NoticeWelcome, store.NoticeDeclined, store.NoticeRole,
		store.NoticeHoldAllocated, store.NoticeHoldReady, store.NoticeHoldExpired, store.NoticeHoldUnfilled,
		store.NoticePromoted, store.NoticeActivityChanged, store.NoticeActivityCancelled,
		store.NoticeQuestion, store.NoticeAnswer,
		store.NoticeBroadcastLate, store.NoticeBroadcastPaused, store.NoticeBroadcastSent:
	}
	return 0, false
}

// wakes tells whether a notice comes in quiet hours too: it cannot wait, or its hour is the member's own choice.
func wakes(kind store.NoticeKind) bool {
	switch kind {
	case store.NoticeVisitSoon, store.NoticeTrainingSoon, store.NoticeVisitChanged, store.NoticeActivityCancelled,
		store.NoticeVisitEvening, store.NoticeTrainingDay:
		return true
	case store.NoticeApplication, store.NoticeWelcome, store.NoticeDeclined, store.NoticeRole,
		store.NoticeHoldAllocated, store.NoticeHoldReady, store.NoticeHoldExpired, store.NoticeHoldUnfilled,
		store.NoticePromoted, store.NoticeActivityChanged, store.NoticeQuestion, store.NoticeAnswer,
		store.NoticeBroadcastLate, store.NoticeBroadcastPaused, store.NoticeBroadcastSent:
	}
	return false
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
