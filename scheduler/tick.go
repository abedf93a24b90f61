package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// tickEvery is how often the clock is looked at, in real time.
	tickEvery = time.Second
	// turnLease is how long one process is at a tick before another may take it over.
	turnLease = 15 * time.Second
)

// newCron makes the clock, which asks each second. Several processes share it: each second's work is done by one.
func (s *Scheduler) newCron(ctx context.Context) (*cron.Cron, error) {
	log := cronLog{s.Log}
	c := cron.New(cron.WithLocation(s.Zone), cron.WithLogger(log),
		cron.WithChain(cron.Recover(log), cron.SkipIfStillRunning(log)))
	well := true
	_, err := c.AddFunc("@every "+tickEvery.String(), func() {
		err := s.turn(ctx)
		if err != nil && ctx.Err() == nil && well { // an outage is told once, not each second
			s.Log.ErrorContext(ctx, "tick failed", "error", err)
		}
		well = err == nil
	})
	if err != nil {
		return nil, fmt.Errorf("plan the clock's tick: %w", err)
	}
	return c, nil
}

// turn ticks, if no other process does or did for this second.
func (s *Scheduler) turn(ctx context.Context) error {
	now := s.Now()
	slot := now.Truncate(tickEvery).Unix()
	mine, err := s.Store.Marks.Take(ctx, "tick", slot, s.owner, turnLease)
	if err != nil || !mine {
		return err
	}
	begun := time.Now()
	err = s.Tick(ctx, now)
	if s.Ticked != nil {
		s.Ticked(time.Since(begun), err)
	}
	if err != nil {
		return err
	}
	return s.Store.Marks.Done(ctx, "tick", slot, s.owner)
}

// Tick does everything that is due at now: visit reminders become notices, holds expire, notices that are due or lost
// go to the queue; imports and broadcasts are worked on while Run runs. It may be repeated, and catches up
// after a pause. One step's failure does not stop the others.
func (s *Scheduler) Tick(ctx context.Context, now time.Time) error {
	_, err := s.do(ctx, now)
	return err
}

// do is Tick; it also tells when the next visit reminder is due, zero when none is.
func (s *Scheduler) do(ctx context.Context, now time.Time) (nextReminder time.Time, err error) {
	s.tick.Lock()
	defer s.tick.Unlock()
	_, nextReminder, planErr := s.Store.Van.PlanDue(ctx, now)
	_, holdErr := s.Store.Holds.ExpireDue(ctx, now)
	s.startImports(ctx)
	return nextReminder, errors.Join(
		wrap("plan visit reminders", planErr),
		wrap("expire holds", holdErr),
		wrap("hand notices over", s.relay(ctx, now)),
		wrap("hand lost notices over again", s.relayLost(ctx, now)),
		wrap("look for broadcasts", s.startBroadcasts(ctx, now)),
	)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
