package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// A timetable reaches no further than this behind and ahead of what is asked;
// a rule that gives no date in the time ahead counts as ended.
const (
	windowBehind = 62      // days
	windowAhead  = 400     // days
	ruleHorizon  = 8 * 366 // days
)

// stopRule is a stop's rule, read: dates from first to last without the
// exceptions. It is immutable.
type stopRule struct {
	rule        *rrule.RRule
	first, last civil // last is the largest civil date when the rule has no end
	except      map[civil]struct{}
}

// ofDays tells whether a part of an RRULE speaks of days. Those that speak of hours have no meaning here, where the
// stop itself has its arrival and departure.
func ofDays(part string) bool {
	switch part {
	case "FREQ", "INTERVAL", "WKST", "COUNT", "UNTIL", "BYSETPOS", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY":
		return true
	}
	return false
}

// readRule reads what a stop says about its days (RFC 5545, section 3.3.10). ErrInvalid.
func readRule(s Stop, zone *time.Location) (*stopRule, error) {
	first, err := parseCivil(s.Start)
	if err != nil {
		return nil, err
	}
	r := &stopRule{first: first, last: 1<<31 - 1}
	if s.End != "" {
		if r.last, err = parseCivil(s.End); err != nil {
			return nil, err
		}
		if r.last < first {
			return nil, fmt.Errorf("end %s before start %s: %w", s.End, s.Start, ErrInvalid)
		}
	}
	if len(s.Exceptions) > 0 {
		r.except = make(map[civil]struct{}, len(s.Exceptions))
	}
	for _, text := range s.Exceptions {
		c, err := parseCivil(text)
		if err != nil {
			return nil, err
		}
		r.except[c] = struct{}{}
	}
	if r.rule, err = parseRRule(s.Rule, first, zone); err != nil {
		return nil, err
	}
	return r, nil
}

// barren tells whether the rule gives no date in its first years. Only a new rule is asked: the walk is long then.
func (r *stopRule) barren() bool {
	return len(r.rule.Between(r.first.utc(), (r.first+ruleHorizon).utc(), true)) == 0
}

// parseRRule builds the rule over midnights in UTC: each is one civil date.
func parseRRule(text string, first civil, zone *time.Location) (*rrule.RRule, error) {
	text = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "RRULE:")
	for part := range strings.SplitSeq(text, ";") {
		name, _, _ := strings.Cut(part, "=")
		if !ofDays(name) {
			return nil, fmt.Errorf("rule part %q: %w", part, ErrInvalid)
		}
	}
	opt, err := rrule.StrToROptionInLocation(text, zone)
	if err != nil {
		return nil, fmt.Errorf("rule %q: %w: %w", text, ErrInvalid, err)
	}
	if opt.Freq > rrule.DAILY || opt.Interval > 1000 {
		return nil, fmt.Errorf("rule %q: %w", text, ErrInvalid)
	}
	opt.Dtstart = first.utc()
	if !opt.Until.IsZero() {
		opt.Until = civilOf(opt.Until, zone).utc()
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, fmt.Errorf("rule %q: %w: %w", text, ErrInvalid, err)
	}
	return r, nil
}

// between lists the dates in [from, to], in order.
func (r *stopRule) between(from, to civil) []civil {
	from, to = max(from, r.first), min(to, r.last)
	if from > to {
		return nil
	}
	days := r.rule.Between(from.utc(), to.utc(), true)
	dates := make([]civil, 0, len(days))
	for _, day := range days {
		c := civilOf(day, time.UTC)
		if _, skip := r.except[c]; !skip {
			dates = append(dates, c)
		}
	}
	return dates
}
