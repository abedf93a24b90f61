package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// plan is what to plan next for one choice of a stop's followers (lib_van.lua).
type plan struct {
	Choice string `json:"choice"`
	Was    string `json:"was"`
	Text   string `json:"text"` // "date due cursor"; "" is nothing to come
	Due    int64  `json:"due"`  // ms
}

// planned is a plan's text, read. Cursor is the last follower whose notice is written.
type planned struct {
	day    civil
	due    int64 // ms
	cursor string
}

func (p planned) String() string { return fmt.Sprintf("%s %d %s", p.day.compact(), p.due, p.cursor) }

func parsePlanned(text string) (planned, bool) {
	fields := strings.SplitN(text, " ", 3)
	if len(fields) != 3 {
		return planned{}, false
	}
	day, err := parseCompact(fields[0])
	if err != nil {
		return planned{}, false
	}
	due, err := strconv.ParseInt(fields[1], 10, 64)
	return planned{day: day, due: due, cursor: fields[2]}, err == nil
}

// patch is a change of one visit that is about to be told: plans are computed as if it were.
type patch struct {
	day    civil
	change visitChange
}

func (w *view) visitOn(ctx context.Context, s *timedStop, day civil, p *patch) (Visit, error) {
	if p != nil && p.day == day {
		return w.visit(s, day, p.change), nil
	}
	changes, err := w.changesOf(ctx, day)
	if err != nil {
		return Visit{}, err
	}
	return w.visit(s, day, changes[s.ID]), nil
}

// replan computes what to plan next for every choice in use at a stop, whose rule or visits change.
func (w *view) replan(ctx context.Context, s *timedStop, p *patch, now time.Time) ([]plan, error) {
	in, err := w.v.rdb.HGetAll(ctx, w.v.keys.choices(s.ID)).Result()
	if err != nil {
		return nil, fmt.Errorf("read plans of %s: %w", s.ID, err)
	}
	plans := []plan{}
	for choice, was := range in {
		next := plan{Choice: choice, Was: was}
		before, _ := parsePlanned(was)
		if r, err := parseReminder(choice); err != nil {
			next.Text, next.Due = was, before.due // a change being told: not a matter of the rule
		} else if next.Text, next.Due, err = w.replanOne(ctx, s, r, was, p, now); err != nil {
			return nil, err
		}
		plans = append(plans, next)
	}
	return plans, nil
}

// replanOne computes it for one choice. A visit whose reminder was planned and not written yet is not
// passed over: when its time has passed, or now does by the change, it is due at once.
func (w *view) replanOne(
	ctx context.Context, s *timedStop, r reminder, was string, p *patch, now time.Time,
) (text string, due int64, err error) {
	before, ok := parsePlanned(was)
	if !ok || !s.runsOn(before.day) {
		return w.planAfter(ctx, s, r, now, p)
	}
	visit, err := w.visitOn(ctx, s, before.day, p)
	if err != nil {
		return "", 0, err
	}
	switch at := r.due(before.day, visit.Arrival, w.zone); {
	case visit.Cancelled || !visit.Arrival.After(now) || at.After(now):
		return w.planAfter(ctx, s, r, now, p)
	case before.due <= now.UnixMilli():
		return was, before.due, nil
	default:
		return planned{day: before.day, due: now.UnixMilli()}.String(), now.UnixMilli(), nil
	}
}

// planAfter finds the first visit whose reminder is due after an instant; "" when there is none.
func (w *view) planAfter(ctx context.Context, s *timedStop, r reminder, after time.Time, p *patch) (text string, due int64, err error) {
	// A visit delayed over midnight belongs to the day before.
	return w.planFrom(ctx, s, r, civilOf(after, w.zone)-1, after, p)
}

// planFrom is the same, from a day on.
func (w *view) planFrom(
	ctx context.Context, s *timedStop, r reminder, day civil, after time.Time, p *patch,
) (text string, due int64, err error) {
	for {
		dates := s.next(day, 8)
		for _, d := range dates {
			visit, err := w.visitOn(ctx, s, d, p)
			if err != nil {
				return "", 0, err
			}
			at := r.due(d, visit.Arrival, w.zone)
			if !visit.Cancelled && at.After(after) {
				return planned{day: d, due: at.UnixMilli()}.String(), at.UnixMilli(), nil
			}
		}
		if len(dates) == 0 {
			return "", 0, nil
		}
		day = dates[len(dates)-1] + 1
	}
}
