package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	broadcastStart    = newScript("broadcast_start", "broadcast")
	broadcastSchedule = newScript("broadcast_schedule", "broadcast")
	broadcastMove     = newScript("broadcast_move", "broadcast")
	broadcastPass     = newScript("broadcast_pass", "broadcast")
)

// Start fixes the audience and begins sending; chat and message are where progress is shown. ErrStale when it is neither a draft
// nor scheduled.
func (b *Broadcasts) Start(ctx context.Context, op Op, id BroadcastID, chat int64, message int) (Broadcast, error) {
	return b.start(ctx, op, id, func(x *Broadcast) { x.Chat, x.Message = chat, message }, false)
}

// start begins sending; due tells that nobody asked but the clock.
func (b *Broadcasts) start(ctx context.Context, op Op, id BroadcastID, change func(*Broadcast), due bool) (Broadcast, error) {
	x, err := b.Get(ctx, id)
	if err != nil {
		return x, err
	}
	staged := rand.Text()
	if x.State == BroadcastDraft || x.State == BroadcastScheduled {
		if err := b.stage(ctx, b.keys.staged(staged), x.Audience); err != nil {
			return Broadcast{}, fmt.Errorf("start broadcast %q: %w", id, err)
		}
	}
	return b.rewrite(ctx, broadcastStart, op, id, map[string]any{"staged": staged, "due": due}, change)
}

// Schedule lets one be sent at a later time, or at another than before, and until a time at the latest: after that its author is asked.
// ErrInvalid for a time that has passed or an end before it, ErrStale when it is neither a draft nor scheduled.
func (b *Broadcasts) Schedule(
	ctx context.Context, op Op, id BroadcastID, sendAt, sendBy time.Time, chat int64, message int,
) (Broadcast, error) {
	if !sendAt.After(b.now()) || sendBy.Before(sendAt) {
		return Broadcast{}, fmt.Errorf("schedule %q for %v until %v: %w", id, sendAt, sendBy, ErrInvalid)
	}
	in := map[string]any{"at": sendAt.UnixMilli(), "to": BroadcastScheduled}
	return b.rewrite(ctx, broadcastSchedule, op, id, in, func(x *Broadcast) {
		x.SendAt, x.SendBy, x.Chat, x.Message = sendAt, sendBy, chat, message
	})
}

// Unschedule makes a scheduled one a draft again. ErrStale.
func (b *Broadcasts) Unschedule(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.unschedule(ctx, op, id, false)
}

// unschedule takes one out of the calendar; late owes its author the question what to do.
func (b *Broadcasts) unschedule(ctx context.Context, op Op, id BroadcastID, late bool) (Broadcast, error) {
	in := map[string]any{"at": 0, "to": BroadcastDraft, "late": late}
	return b.rewrite(ctx, broadcastSchedule, op, id, in, func(x *Broadcast) {
		x.SendBy = time.Time{}
		if !late { // the question says which hour was missed
			x.SendAt = time.Time{}
		}
	})
}

// StartDue starts those whose time has come. Those whose time has passed become drafts again, and their authors are asked.
func (b *Broadcasts) StartDue(ctx context.Context, now time.Time) (started, late []BroadcastID, err error) {
	ids, err := b.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: b.keys.scheduled(), Start: "-inf", Stop: now.UnixMilli(), ByScore: true,
	}).Result()
	if err != nil {
		return nil, nil, fmt.Errorf("look for broadcasts that are due: %w", err)
	}
	for _, text := range ids {
		id := BroadcastID(text)
		x, err := b.Get(ctx, id)
		if err != nil {
			return started, late, err
		}
		op := Op{By: x.By}
		if now.After(x.SendBy) {
			_, err = b.unschedule(ctx, op, id, true)
			late = append(late, id)
		} else {
			_, err = b.start(ctx, op, id, func(*Broadcast) {}, true)
			started = append(started, id)
		}
		if err != nil && !errors.Is(err, ErrStale) { // somebody was quicker
			return started, late, err
		}
	}
	return started, late, nil
}

// NextScheduled is when something of a broadcast is due next: its time, or the end of somebody's quiet hours. Zero when nothing is.
func (b *Broadcasts) NextScheduled(ctx context.Context) (next time.Time, err error) {
	sending, err := b.Sending(ctx)
	if err != nil {
		return time.Time{}, err
	}
	sets := []string{b.keys.scheduled()}
	for _, id := range sending {
		sets = append(sets, b.keys.leases(id), b.keys.passing(id))
	}
	for _, set := range sets {
		first, err := b.rdb.ZRangeWithScores(ctx, set, 0, 0).Result()
		if err != nil {
			return time.Time{}, fmt.Errorf("look for the next broadcast: %w", err)
		}
		for _, z := range first {
			if at := time.UnixMilli(int64(z.Score)).In(b.zone); next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return next, nil
}

// moved lets a script change the state, and returns the broadcast in it.
func (b *Broadcasts) moved(ctx context.Context, s *script, op Op, x Broadcast, in map[string]any) (Broadcast, error) {
	var state map[string]string
	if err := b.decide(ctx, s, op, string(x.ID), in, &state); err != nil {
		return Broadcast{}, fmt.Errorf("broadcast %q: %w", x.ID, err)
	}
	return x.in(state)
}

func (b *Broadcasts) move(ctx context.Context, op Op, id BroadcastID, to BroadcastState, from ...BroadcastState) (Broadcast, error) {
	x, err := b.Get(ctx, id)
	if err != nil {
		return x, err
	}
	in := broadcastIn(id)
	in["from"], in["to"] = from, to
	// One update may both pause and resume only as two decisions.
	op.Key = nonEmpty(op.Key, " "+string(to))
	return b.moved(ctx, broadcastMove, op, x, in)
}

// nonEmpty appends to a text unless it is empty.
func nonEmpty(s, end string) string {
	if s == "" {
		return ""
	}
	return s + end
}

// Pause stops what is being done; sends in flight may still be settled. ErrStale when nothing is.
func (b *Broadcasts) Pause(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.move(ctx, op, id, BroadcastPaused, BroadcastSending)
}

// Resume goes on with a paused one. ErrStale.
func (b *Broadcasts) Resume(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.move(ctx, op, id, BroadcastSending, BroadcastPaused)
}

// Cancel ends one that is not sent; a correction or a recall under way ends where it is. ErrStale.
func (b *Broadcasts) Cancel(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.move(ctx, op, id, BroadcastCancelled, BroadcastDraft, BroadcastScheduled, BroadcastSending, BroadcastPaused)
}

// Retry sends again to those only whom it failed to reach. ErrStale when there are none, when it is being sent, when copies were
// recalled, or when its audience is forgotten.
func (b *Broadcasts) Retry(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.pass(ctx, op, id, PassRetry, func(*Broadcast) {}, BroadcastSent, BroadcastCancelled, BroadcastPaused)
}

// Correct replaces texts by language, and changes every copy that was delivered. ErrStale while it is being sent, and when the copies
// are forgotten; ErrInvalid for a text that is empty. Who is being served at a kill holds it up until their lease ends.
func (b *Broadcasts) Correct(ctx context.Context, op Op, id BroadcastID, texts map[string]string) (Broadcast, error) {
	return b.pass(ctx, op, id, PassCorrect, func(x *Broadcast) {
		merged := map[string]string{}
		maps.Copy(merged, x.Texts)
		maps.Copy(merged, texts)
		x.Texts = merged
	}, BroadcastSent, BroadcastCancelled, BroadcastPaused)
}

// Recall removes every copy that was delivered; what is being sent, retried or corrected stops. ErrStale when the copies are
// forgotten, or a recall is under way.
func (b *Broadcasts) Recall(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.pass(ctx, op, id, PassRecall, func(*Broadcast) {}, BroadcastSent, BroadcastCancelled, BroadcastPaused, BroadcastSending)
}

func (b *Broadcasts) pass(
	ctx context.Context, op Op, id BroadcastID, p Pass, change func(*Broadcast), from ...BroadcastState,
) (Broadcast, error) {
	op.Key = nonEmpty(op.Key, " "+string(p))
	in := map[string]any{"pass": p, "from": from, "in_flight": strconv.FormatInt(b.now().Add(waitingFrom).UnixMilli(), 10)}
	return b.rewrite(ctx, broadcastPass, op, id, in, change)
}
