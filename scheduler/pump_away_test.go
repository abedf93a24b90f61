package scheduler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"versli/store"
)

// TestBroadcastWhileTelegramIsAway: nobody counts as failed, few are tried, and less and less often; then all get it.
func TestBroadcastWhileTelegramIsAway(t *testing.T) {
	const people = 3 * broadcastAtOnce
	var (
		away  atomic.Bool
		calls atomic.Int64
		tried sync.Map
	)
	b := newBench(t, func(c *Config) {
		c.Broadcast = func(_ context.Context, _ store.Broadcast, r store.Recipient) (SendResult, error) {
			calls.Add(1)
			if away.Load() {
				tried.Store(r.Member, true)
				return SendResult{}, errors.New("telegram is away")
			}
			return SendResult{Delivery: store.DeliverySent, Messages: []int{1}}, nil
		}
	})
	away.Store(true)
	id := b.announce(people)
	begun := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- newPump(b.Scheduler, id).run(t.Context()) }()
	until(t, "everybody who can be is tried twice", func() bool { return calls.Load() >= 2*broadcastAtOnce })
	if d := time.Since(begun); d < broadcastRest/2 {
		t.Errorf("%d calls in %s", calls.Load(), d)
	}
	n := 0
	tried.Range(func(any, any) bool { n++; return true })
	if n > broadcastAtOnce {
		t.Errorf("%d were tried in vain", n)
	}
	away.Store(false)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if x := b.progress(id); x.State != store.BroadcastSent || x.Progress.Sent != people || x.Progress.Failed != 0 {
		t.Errorf("in the end: %+v", x)
	}
	b.sound()
}

// TestGivesUpOnOneWhileOthersAreServed: what fails for nobody else is a failure in the end.
func TestGivesUpOnOneWhileOthersAreServed(t *testing.T) {
	const people = 6 * broadcastTries
	tried := make(chan bool)
	var tries atomic.Int64
	b := newBench(t, func(c *Config) {
		c.Broadcast = func(ctx context.Context, _ store.Broadcast, r store.Recipient) (SendResult, error) {
			if r.Index != 0 {
				select {
				case <-tried:
				case <-ctx.Done():
				}
				return SendResult{Delivery: store.DeliverySent, Messages: []int{1}}, nil
			}
			if tries.Add(1) > 1 {
				select {
				case tried <- true:
				case <-ctx.Done():
				}
			}
			return SendResult{}, errors.New("cannot be done")
		}
	})
	id := b.announce(people)
	p := newPump(b.Scheduler, id)
	p.rest = func(int) time.Duration { return time.Millisecond }
	ended := make(chan error, 1)
	go func() { ended <- p.run(t.Context()) }()
	until(t, "one is given up", func() bool { return b.progress(id).Progress.Failed == 1 })
	close(tried)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	list, _, err := b.Store.Broadcasts.Failures(t.Context(), id, 0, 10)
	if err != nil || len(list) != 1 || list[0].Reason != ReasonGivenUp {
		t.Errorf("failures: %v, %v", list, err)
	}
	if n := tries.Load(); n < broadcastTries {
		t.Errorf("given up after %d tries", n)
	}
	b.sound()
}

// TestRestGrowsToABound: from a second to a minute, and not at the same instant for all.
func TestRestGrowsToABound(t *testing.T) {
	for vain, bound := range map[int]time.Duration{0: broadcastRest, 3: 8 * broadcastRest, 5: 32 * broadcastRest, 100: broadcastLongest} {
		different := map[string]bool{}
		for range 100 {
			d := restAfter(vain)
			if d < bound/2 || d > bound+bound/2 {
				t.Errorf("after %d: %v, want about %v", vain, d, bound)
			}
			different[fmt.Sprint(d)] = true
		}
		if len(different) < 50 {
			t.Errorf("after %d: %d different rests", vain, len(different))
		}
	}
}
