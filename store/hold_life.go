package store

import (
	"context"
	"fmt"
	"maps"
	"time"
)

var (
	placeHold   = newScript("hold_place", "member", "hold")
	changeHold  = newScript("hold_event", "member", "hold")
	collectHold = newScript("hold_collect", "member", "hold")
	expireHolds = newScript("hold_expire", "member", "hold")
)

// Holds keeps holds and loans, and the queue of each title.
type Holds struct{ *db }

// Place reserves a title: allocated at once when a copy is free, else placed at the end of the queue.
// ErrNotMember, ErrNoCopies (none, or all missing), ErrAlreadyHeld (also for a title on loan to the member),
// ErrTooManyHolds, ErrNotFound (title, member or pickup place).
func (h *Holds) Place(ctx context.Context, op Op, title TitleID, member MemberID, pickup Place) (Hold, error) {
	rules, err := (&Rules{h.db}).Get(ctx)
	if err != nil {
		return Hold{}, err
	}
	in := map[string]any{
		"table": HoldTable(), "title": title, "member": member, "pickup": pickup, "limit": rules.HoldsPerMember,
	}
	var hold Hold
	if err := h.decide(ctx, placeHold, op, string(title)+":"+string(member), in, &hold); err != nil {
		return Hold{}, fmt.Errorf("place a hold on %s: %w", title, err)
	}
	return hold, nil
}

// Cancel ends an open hold of this member (staff pass the hold's own member); the copy goes to the next, who is told.
// ErrNotFound, ErrForbidden, ErrStale when it is closed.
func (h *Holds) Cancel(ctx context.Context, op Op, id HoldID, member MemberID) (Hold, error) {
	return h.happen(ctx, op, id, HoldCancel, map[string]any{"member": member})
}

// Undo takes a cancellation back within the rulebook's UndoFor, as it was and in the old place, if its copy is still
// free or it was waiting. ErrStale otherwise.
func (h *Holds) Undo(ctx context.Context, op Op, id HoldID, member MemberID) (Hold, error) {
	rules, err := (&Rules{h.db}).Get(ctx)
	if err != nil {
		return Hold{}, err
	}
	hold, err := h.Get(ctx, id)
	if err != nil {
		return Hold{}, err
	}
	return h.happen(ctx, op, id, HoldUndo, map[string]any{
		"member": member, "revision": hold.Revision, "late": h.now().Sub(hold.ChangedAt) > rules.UndoFor,
	})
}

// Send puts an allocated hold on its way. ErrStale.
func (h *Holds) Send(ctx context.Context, op Op, id HoldID) (Hold, error) {
	return h.happen(ctx, op, id, HoldSend, nil)
}

// Ready marks the copy as waiting at the pickup place, from allocated or in transit, until deadline; owes the notice
// "hold_ready". ErrStale.
func (h *Holds) Ready(ctx context.Context, op Op, id HoldID, deadline time.Time) (Hold, error) {
	return h.happen(ctx, op, id, HoldArrive, map[string]any{"deadline": stamp(deadline), "deadline_ms": deadline.UnixMilli()})
}

// Missing says that the promised copy was not there: the copy is missing, and the hold goes to another copy, or back to
// its place in the queue, or is unfilled when no copy is left (as are all who wait for the title). ErrStale.
func (h *Holds) Missing(ctx context.Context, op Op, id HoldID) (Hold, error) {
	return h.happen(ctx, op, id, HoldMissing, nil)
}

// happen lets an event happen to a hold.
func (h *Holds) happen(ctx context.Context, op Op, id HoldID, event HoldEvent, more map[string]any) (Hold, error) {
	in := map[string]any{"table": HoldTable(), "id": id, "event": event, "member": ""}
	maps.Copy(in, more)
	var hold Hold
	if err := h.decide(ctx, changeHold, op, string(id)+":"+string(event), in, &hold); err != nil {
		return Hold{}, fmt.Errorf("%s hold %s: %w", event, id, err)
	}
	return hold, nil
}

// Collect hands the copy over: the hold, which has a copy promised, is collected and a loan issued until the end of
// due's day. ErrStale.
func (h *Holds) Collect(ctx context.Context, op Op, id HoldID, due time.Time) (Loan, error) {
	due = h.endOfDay(due)
	in := map[string]any{"table": HoldTable(), "id": id, "due": stamp(due), "due_ms": due.UnixMilli()}
	var loan Loan
	if err := h.decide(ctx, collectHold, op, string(id), in, &loan); err != nil {
		return Loan{}, fmt.Errorf("collect hold %s: %w", id, err)
	}
	return loan, nil
}

// expireBatch bounds how long one script that expires holds runs.
const expireBatch = 50

// ExpireDue expires ready holds whose deadline has come, in bounded batches, and tells how many; owes "hold_expired" and, to the
// next in the queue, what an allocation owes.
func (h *Holds) ExpireDue(ctx context.Context, now time.Time) (int, error) {
	in := map[string]any{"table": HoldTable(), "now": now.UnixMilli(), "limit": expireBatch}
	for total := 0; ; {
		var n int
		if err := h.decide(ctx, expireHolds, Op{}, "", in, &n); err != nil {
			return total, fmt.Errorf("expire holds: %w", err)
		}
		total += n
		if n < expireBatch {
			return total, nil
		}
	}
}

// endOfDay is the last second of t's civil day in the library's zone.
func (d *db) endOfDay(t time.Time) time.Time {
	year, month, day := t.In(d.zone).Date()
	return time.Date(year, month, day+1, 0, 0, -1, 0, d.zone)
}
