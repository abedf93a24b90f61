package store

import (
	"fmt"
	"time"
)

// civil is a date of the calendar without a clock or a zone: days since
// 1 January 1970. Visits are reckoned in civil dates first and get their instant
// last, so that a change of the clock never moves them.
type civil int32

const civilForm = "2006-01-02"

// civilOf is the date that a wall clock in zone shows at t.
func civilOf(t time.Time, zone *time.Location) civil {
	y, m, d := t.In(zone).Date()
	return civilDate(y, m, d)
}

func civilDate(y int, m time.Month, d int) civil {
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
	return civil(days) //nolint:gosec // no date that time.Parse reads is millions of years away
}

// parseCivil reads 2006-01-02. ErrInvalid.
func parseCivil(s string) (civil, error) {
	t, err := time.Parse(civilForm, s)
	if err != nil {
		return 0, fmt.Errorf("date %q: %w", s, ErrInvalid)
	}
	return civilOf(t, time.UTC), nil
}

// utc is midnight of the date in UTC, for calendar arithmetic.
func (c civil) utc() time.Time { return time.Unix(int64(c)*24*60*60, 0).UTC() }

// at is the instant at which a wall clock in zone shows this date and minute
// after midnight. In the hour that a clock change leaves out, it is an hour
// later or earlier, as time.Date has it.
func (c civil) at(minute int, zone *time.Location) time.Time {
	y, m, d := c.utc().Date()
	return time.Date(y, m, d, minute/60, minute%60, 0, 0, zone)
}

func (c civil) String() string { return c.utc().Format(civilForm) }

// compact is the date as a visit's identifier has it: 20060102.
func (c civil) compact() string { return c.utc().Format("20060102") }

func parseCompact(s string) (civil, error) {
	t, err := time.Parse("20060102", s)
	if err != nil {
		return 0, fmt.Errorf("date %q: %w", s, ErrNotFound)
	}
	return civilOf(t, time.UTC), nil
}

// clockMinute is the minute after midnight that a wall clock in zone shows.
func clockMinute(t time.Time, zone *time.Location) int {
	t = t.In(zone)
	return t.Hour()*60 + t.Minute()
}
