package scheduler

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Depths are how many notices the durable queue has, by what becomes of them.
type Depths struct {
	Pending  int           // to be done at once
	Active   int           // being done
	Retry    int           // to be tried again
	Archived int           // given up
	Oldest   time.Duration // how long the oldest pending one has waited
}

// Depths looks into the durable queue. It takes as long as Redis lets it: the queue's library knows no context.
func (s *Scheduler) Depths() (Depths, error) {
	known, err := s.tasks.Queues()
	if err != nil {
		return Depths{}, fmt.Errorf("look for the queue: %w", err)
	}
	if !slices.Contains(known, s.Queue) { // nothing was ever in it
		return Depths{}, nil
	}
	q, err := s.tasks.GetQueueInfo(s.Queue)
	if err != nil {
		return Depths{}, fmt.Errorf("look into the queue: %w", err)
	}
	return Depths{Pending: q.Pending, Active: q.Active, Retry: q.Retry, Archived: q.Archived, Oldest: q.Latency}, nil
}

// Lag is how far the clock's work is behind, in whatever process it is done: about a second while all is well. ok is
// false before the first tick.
func (s *Scheduler) Lag(ctx context.Context) (lag time.Duration, ok bool, err error) {
	slot, err := s.Store.Marks.Last(ctx, "tick")
	if err != nil || slot == 0 {
		return 0, false, err
	}
	return max(0, s.Now().Sub(time.Unix(slot, 0))), true, nil
}
