package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"versli/store"
)

const (
	// settleFor is how long the queue may take to run empty at one instant, in real time.
	settleFor = 20 * time.Second
	// stuckStep is how far the clock goes on when something stays due although all was done for it.
	stuckStep = time.Minute
	holdsPage = 200
)

// Advance moves the library's clock forward by a duration, for the playground. It stops at every instant at which
// something is due on the way, does what is due and lets the queue run empty, so nothing is skipped and nothing comes
// out of order. set is called with how far the clock is to stand ahead of where it would stand without Advance: it
// grows from call to call up to by.
func (s *Scheduler) Advance(ctx context.Context, by time.Duration, set func(shift time.Duration) error) error {
	if by < 0 {
		return errors.New("the clock does not go back")
	}
	end := s.Now().Add(by)
	shift := time.Duration(0)
	for {
		next, err := s.settleAt(ctx)
		if err != nil {
			return err
		}
		if shift >= by {
			return nil
		}
		now := s.Now()
		switch {
		case next.IsZero() || !next.Before(end):
			shift = by
		case next.After(now):
			shift = min(by, shift+next.Sub(now))
		default:
			shift = min(by, shift+stuckStep)
		}
		if err := set(shift); err != nil {
			return fmt.Errorf("set the clock: %w", err)
		}
	}
}

// settleAt does all that is due at this instant, also what that makes due, and tells what is due next.
func (s *Scheduler) settleAt(ctx context.Context) (next time.Time, err error) {
	for range 10 {
		now := s.Now()
		reminder, err := s.do(ctx, now)
		if err != nil {
			return time.Time{}, err
		}
		if err := s.drain(ctx); err != nil {
			return time.Time{}, err
		}
		notice, err := s.Store.Outbox.Next(ctx)
		if err != nil {
			return time.Time{}, err
		}
		hold, err := s.nextDeadline(ctx)
		if err != nil {
			return time.Time{}, err
		}
		broadcast, err := s.Store.Broadcasts.NextScheduled(ctx)
		if err != nil {
			return time.Time{}, err
		}
		next = first(reminder, notice, hold, broadcast)
		if next.IsZero() || next.After(s.Now()) {
			return next, nil
		}
	}
	return next, nil
}

// drain waits until the queue has nothing more to do at once, and no import or broadcast runs. Running out of time is no error: what hangs,
// hangs for another reason, and is tried again.
func (s *Scheduler) drain(ctx context.Context) error {
	patience := time.Now().Add(settleFor)
	for {
		empty, err := s.queueEmpty()
		if err != nil {
			return err
		}
		if (empty && s.jobs.idle()) || time.Now().After(patience) {
			return nil
		}
		if !pause(ctx, 10*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// nextDeadline is when the next ready hold expires; zero when none does.
func (s *Scheduler) nextDeadline(ctx context.Context) (next time.Time, err error) {
	for offset := 0; ; offset += holdsPage {
		holds, total, err := s.Store.Holds.InState(ctx, store.HoldReady, offset, holdsPage)
		if err != nil {
			return time.Time{}, fmt.Errorf("look for the next deadline: %w", err)
		}
		for _, h := range holds {
			next = first(next, h.Deadline)
		}
		if len(holds) == 0 || offset+holdsPage >= total {
			return next, nil
		}
	}
}

// first is the earliest of the instants that are not zero.
func first(times ...time.Time) (earliest time.Time) {
	for _, t := range times {
		if !t.IsZero() && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	return earliest
}
