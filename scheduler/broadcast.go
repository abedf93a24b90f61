package scheduler

import (
	"context"
	"fmt"
	"time"

	"versli/store"
)

const (
	broadcastAtOnce   = 64 // sends in flight; the shared budget sets the rate
	broadcastBatch    = 32
	broadcastLease    = 20 * time.Second // of a recipient being served; prolonged while the process lives
	broadcastExtend   = broadcastLease / 5
	broadcastDeadline = 3 * time.Minute // of one send
	broadcastRest     = time.Second     // after a send in vain; it doubles
	broadcastLongest  = time.Minute
	broadcastTries    = 20             // in vain, while others are served: then it counts as failed
	broadcastPatience = 24 * time.Hour // and so it does after this, whatever happens to others
	progressEvery     = 3 * time.Second
	reportsRepeated   = 5 // of the newest broadcasts, at start
)

// SendResult says how a broadcast's send to one recipient ended. When Until is set, it did not: the recipient is served then.
type SendResult struct {
	Delivery store.Delivery
	Messages []int  // Telegram's ids of the copy
	Reason   string // of a failure
	Until    time.Time
}

// startBroadcasts sees to it that each broadcast that is being sent is worked on in this process.
func (s *Scheduler) startBroadcasts(ctx context.Context, now time.Time) error {
	started, late, err := s.Store.Broadcasts.StartDue(ctx, now)
	for _, id := range started {
		s.Log.InfoContext(ctx, "a scheduled broadcast begins", "broadcast", id)
	}
	for _, id := range late {
		s.Log.WarnContext(ctx, "a scheduled broadcast comes too late, its author is asked", "broadcast", id)
	}
	if err != nil {
		return err
	}
	sending, err := s.Store.Broadcasts.Sending(ctx)
	if err != nil {
		return err
	}
	for _, id := range sending {
		s.jobs.start(ctx, "broadcast "+string(id), func(ctx context.Context) {
			if err := newPump(s, id).run(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "broadcast stops for a moment", "broadcast", id, "error", err)
			}
		})
	}
	return nil
}

// repeatReports shows the end of the newest broadcasts again: the process may have been killed before it could.
func (s *Scheduler) repeatReports(ctx context.Context) {
	recent, err := s.Store.Broadcasts.Recent(ctx, reportsRepeated)
	if err != nil {
		s.Log.WarnContext(ctx, "look for reports to repeat", "error", err)
		return
	}
	for _, b := range recent {
		if b.State == store.BroadcastSent && s.Now().Sub(b.EndedAt) < time.Hour {
			s.show(ctx, b)
		}
	}
}

func (s *Scheduler) show(ctx context.Context, b store.Broadcast) {
	if err := protect(func() error { return s.Progress(ctx, b) }); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "show a broadcast's progress", "broadcast", b.ID, "error", err)
	}
}

// showNow tells whether it is time to show progress: at the end, and else every few seconds, by one process.
func (p *pump) showNow(ctx context.Context, b store.Broadcast) bool {
	name := "progress:" + string(b.ID)
	if b.State != store.BroadcastSending {
		// Each end is shown once: of the delivery, and of every correction, retry and recall after it.
		name += fmt.Sprint(" ", b.State, " ", b.Pass, " ", b.Edition, " ", b.Progress.Recalled, " ", b.EndedAt.UnixMilli())
	} else if !p.timeToShow() {
		return false
	}
	mine, err := p.Store.Marks.Once(ctx, name, progressEvery)
	return err == nil && mine
}

// showRest shows where it stands when the pump ends and others are waited for.
func (p *pump) showRest(ctx context.Context) {
	p.mu.Lock()
	behind := p.unshown
	p.mu.Unlock()
	b, err := p.Store.Broadcasts.Get(ctx, p.id)
	if behind && err == nil && b.State == store.BroadcastSending {
		p.show(ctx, b)
	}
}

func (p *pump) timeToShow() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.shown) < progressEvery {
		p.unshown = true
		return false
	}
	p.shown, p.unshown = time.Now(), false
	return true
}
