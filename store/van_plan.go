package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var vanOwe = newScript("van_owe", "van", "owing")

const (
	oweChunk  = 500 // followers per script, so that Redis is never busy for long
	dueChunk  = 100 // plans per look
	maxRounds = 1 << 16
)

// PlanDue turns the visit reminders that are due at now into notices in the outbox: kind "visit_evening" and "visit_soon",
// reference the VisitID; and goes on telling the followers of a changed visit where the deciding script left off. Its cost grows
// with what is due only. It is safe to repeat: a follower is reminded of a visit once in each kind, whatever
// happens to the visit afterwards. Reminders of visits that are cancelled, or have left, are not owed. next is the
// instant of the next reminder (zero when none), for a clock that steps from due to due.
func (v *Van) PlanDue(ctx context.Context, now time.Time) (owed int, next time.Time, err error) {
	for range maxRounds {
		due, err := v.rdb.ZRangeByScoreWithScores(ctx, v.keys.visitDue(), &redis.ZRangeBy{
			Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: dueChunk,
		}).Result()
		if err != nil {
			return owed, next, fmt.Errorf("read what is due: %w", err)
		}
		if len(due) == 0 {
			break
		}
		for _, z := range due {
			name, _ := z.Member.(string)
			n, err := v.planOne(ctx, name, now)
			owed += n
			if err != nil {
				return owed, next, fmt.Errorf("plan %q: %w", name, err)
			}
		}
	}
	first, err := v.rdb.ZRangeWithScores(ctx, v.keys.visitDue(), 0, 0).Result()
	if err != nil {
		return owed, next, fmt.Errorf("read what is due next: %w", err)
	}
	if len(first) > 0 {
		next = time.UnixMilli(int64(first[0].Score)).In(v.zone)
	}
	return owed, next, nil
}

// planOne works off one plan that is due, "stop choice", to its last follower.
func (v *Van) planOne(ctx context.Context, name string, now time.Time) (owed int, err error) {
	stop, choice, _ := strings.Cut(name, " ")
	for range maxRounds {
		got, err := again(func() (owing, error) { return v.planSome(ctx, StopID(stop), choice, now) })
		owed += got.Owed
		if err != nil || got.Done {
			return owed, err
		}
	}
	return owed, nil
}

// owing is how far a plan was worked off.
type owing struct {
	Owed int  `json:"owed"`
	Done bool `json:"done"`
}

// planSome owes one chunk.
func (v *Van) planSome(ctx context.Context, stop StopID, choice string, now time.Time) (owing, error) {
	done := owing{Done: true}
	w, err := v.look(ctx)
	if err != nil {
		return done, err
	}
	was, err := v.rdb.HGet(ctx, v.keys.choices(stop), choice).Result()
	s, known := w.stop[stop]
	p, ok := parsePlanned(was)
	switch {
	case err != nil && !errors.Is(err, redis.Nil):
		return done, fmt.Errorf("read plan: %w", err)
	case !ok || !known:
		// A plan that is gone, or whose stop is.
		if err := v.rdb.ZRem(ctx, v.keys.visitDue(), dueName(stop, choice)).Err(); err != nil {
			return done, fmt.Errorf("drop plan: %w", err)
		}
		return done, nil
	case p.due > now.UnixMilli():
		return done, nil // moved meanwhile
	}
	in, err := w.oweIn(ctx, s, choice, p, now)
	if err != nil {
		return done, err
	}
	in["was"], in["cursor"], in["limit"] = was, p.cursor, oweChunk
	in["stop"], in["choice"] = stop, choice
	in["stem"] = planned{day: p.day, due: p.due}.String()
	var got owing
	err = v.decide(ctx, vanOwe, Op{}, dueName(stop, choice), w.revisions(in), &got)
	return got, err
}

func dueName(stop StopID, choice string) string { return string(stop) + " " + choice }

// oweIn says what a plan owes, and what comes after it.
func (w *view) oweIn(ctx context.Context, s *timedStop, choice string, p planned, now time.Time) (map[string]any, error) {
	visit, err := w.visitOn(ctx, s, p.day, nil)
	if err != nil {
		return nil, err
	}
	left := !s.runsOn(p.day) || !visit.Departure.After(now)
	if strings.HasPrefix(choice, "c") {
		c := visitChange{Delay: int(visit.Delay / time.Minute), Cancelled: visit.Cancelled, Revision: visit.Revision}
		plans, err := w.replan(ctx, s, nil, now)
		if err != nil {
			return nil, err
		}
		return map[string]any{
			"change": true, "skip": left || choice != fmt.Sprintf("c%s.%d", p.day.compact(), c.Revision),
			"notice": changeNotice(visit.ID, c, time.UnixMilli(p.due), takenBack(p.day, c, unchangedPlans(plans))), "next": plan{},
		}, nil
	}
	r, err := parseReminder(choice)
	if err != nil {
		return nil, err
	}
	due := time.UnixMilli(p.due)
	// What comes next is counted from this visit on, so that a program that was away for long skips none that still matters.
	text, nextDue, err := w.planFrom(ctx, s, r, p.day+1, due, nil)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"change": false, "skip": left || visit.Cancelled || !visit.Arrival.After(now) && !r.evening,
		"notice": visitNotice{Kind: r.kind(), Ref: visit.ID, Due: p.due, DueText: stamp(due), TakeBack: []takeBack{}},
		"next":   plan{Text: text, Due: nextDue},
	}, nil
}
