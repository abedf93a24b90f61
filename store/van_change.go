package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

var vanChange = newScript("van_change", "van", "owing")

const (
	// tellAtOnce is how many followers the deciding script tells; PlanDue goes on from there.
	tellAtOnce = 1000
	// keepChange is how long a visit's change is kept after its day.
	keepChange = 60 * 24 * time.Hour
	// maxDelay is the longest delay of a visit.
	maxDelay = 12 * time.Hour
)

// visitNotice is what followers are owed, for a script.
type visitNotice struct {
	Kind     NoticeKind `json:"kind"`
	Ref      VisitID    `json:"ref"`
	Rev      int        `json:"rev"`
	Due      int64      `json:"due"`
	DueText  string     `json:"due_text"`
	TakeBack []takeBack `json:"take_back"`
}

// takeBack names reminders not handed over yet that a change makes untrue: of those who chose so ("" is of all).
type takeBack struct {
	Kind   NoticeKind `json:"kind"`
	Choice string     `json:"choice"`
}

// Delay tells that a visit comes later by d than planned (whole minutes; 0 takes it back), and owes every follower the
// notice "visit_changed" once per change; reminders not yet sent move with it. It tells how many are told: nobody when
// nothing changes, or the van has left. ErrNotFound, ErrInvalid for less than nothing or more than twelve hours.
func (v *Van) Delay(ctx context.Context, op Op, id VisitID, d time.Duration) (told int, err error) {
	if d < 0 || d > maxDelay {
		return 0, fmt.Errorf("delay of %q by %s: %w", id, d, ErrInvalid)
	}
	return v.change(ctx, op, "delay", id, func(c *visitChange) { c.Delay = int(d / time.Minute) })
}

// CancelVisit cancels (or restores) a visit and owes its followers "visit_changed". It tells how many are told: nobody
// when nothing changes, or the van has left. ErrNotFound.
func (v *Van) CancelVisit(ctx context.Context, op Op, id VisitID, cancelled bool) (told int, err error) {
	return v.change(ctx, op, "cancel", id, func(c *visitChange) { c.Cancelled = cancelled })
}

func (v *Van) change(ctx context.Context, op Op, what string, id VisitID, set func(*visitChange)) (int, error) {
	told, err := again(func() (int, error) { return v.changeOnce(ctx, op, what, id, set) })
	if err != nil {
		return 0, fmt.Errorf("%s visit %q: %w", what, id, err)
	}
	return told, nil
}

func (v *Van) changeOnce(ctx context.Context, op Op, what string, id VisitID, set func(*visitChange)) (told int, err error) {
	w, visit, err := v.lookVisit(ctx, id)
	if err != nil {
		return 0, err
	}
	stop, day, err := id.split()
	if err != nil {
		return 0, err
	}
	before := visitChange{Delay: int(visit.Delay / time.Minute), Cancelled: visit.Cancelled, Revision: visit.Revision}
	after := before
	set(&after)
	changed := after != before
	if changed {
		after.Revision++
	}
	now, s := v.now(), w.stop[stop]
	plans, err := w.replan(ctx, s, &patch{day, after}, now)
	if err != nil {
		return 0, err
	}
	waited := v.endOfDay(visit.Departure)
	until, err := w.readyUntil(ctx, s, &patch{day, after}, now, waited)
	if err != nil {
		return 0, err
	}
	doc, err := json.Marshal(after)
	if err != nil {
		return 0, fmt.Errorf("encode change: %w", err)
	}
	// A visit that has left in either form concerns nobody any more.
	left := !w.visit(s, day, after).Departure.After(now) && !visit.Departure.After(now)
	in := w.revisions(map[string]any{
		"stop": stop, "day": day.compact(), "ref": id, "doc": string(doc), "forget_at": day.at(0, v.zone).Add(keepChange).Unix(),
		"plans": plans, "tell": changed && !left, "limit": tellAtOnce,
		"waited_ms": waited.UnixMilli(), "waits": stamp(until), "waits_ms": until.UnixMilli(),
		"notice": changeNotice(id, after, now, takenBack(day, after, plans)),
	})
	if !changed {
		in["plans"] = unchangedPlans(plans)
	}
	err = v.decide(ctx, vanChange, op, what+" "+string(id), in, &told)
	return told, err
}

// readyUntil is until when a hold that waited for a changed visit waits now: the end of the day of the stop's next visit
// that takes place; as before, when none is planned.
func (w *view) readyUntil(ctx context.Context, s *timedStop, p *patch, now, before time.Time) (time.Time, error) {
	const look = 16
	for _, day := range s.next(p.day, look) {
		visit, err := w.visitOn(ctx, s, day, p)
		if err != nil {
			return time.Time{}, err
		}
		if !visit.Cancelled && visit.Departure.After(now) {
			return w.v.endOfDay(visit.Departure), nil
		}
	}
	return before, nil
}

// unchangedPlans leaves all plans as they were.
func unchangedPlans(plans []plan) []plan {
	same := make([]plan, 0, len(plans))
	for _, p := range plans {
		before, _ := parsePlanned(p.Was)
		same = append(same, plan{Choice: p.Choice, Was: p.Was, Text: p.Was, Due: before.due})
	}
	return same
}

func changeNotice(id VisitID, c visitChange, now time.Time, back []takeBack) visitNotice {
	return visitNotice{Kind: NoticeVisitChanged, Ref: id, Rev: c.Revision, Due: now.UnixMilli(), DueText: stamp(now), TakeBack: back}
}

// takenBack lists all reminders of a cancelled visit; of one that is delayed, those that are planned again.
func takenBack(day civil, c visitChange, plans []plan) []takeBack {
	if c.Cancelled {
		return []takeBack{{Kind: NoticeVisitEvening}, {Kind: NoticeVisitSoon}}
	}
	list := []takeBack{}
	for _, p := range plans {
		r, err := parseReminder(p.Choice)
		if next, ok := parsePlanned(p.Text); err == nil && ok && next.day == day {
			list = append(list, takeBack{r.kind(), p.Choice})
		}
	}
	return list
}
