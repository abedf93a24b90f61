package scheduler

import (
	"context"
	"sync"
	"time"

	"versli/store"
)

const (
	broadcastAtOnce   = 16 // sends in flight; the shared budget sets the rate
	broadcastBatch    = 32
	broadcastLease    = 90 * time.Second
	broadcastDeadline = 60 * time.Second // of one send; under the lease, so that no other process takes the same recipient
	broadcastTries    = 40               // of one recipient in one process, about an hour, then it counts as failed
	progressEvery     = 3 * time.Second
	reportsRepeated   = 5 // of the newest broadcasts, at start
)

// startBroadcasts sees to it that each broadcast that is being sent is worked on in this process.
func (s *Scheduler) startBroadcasts(ctx context.Context) error {
	sending, err := s.Store.Broadcasts.Sending(ctx)
	if err != nil {
		return err
	}
	for _, id := range sending {
		s.jobs.start(ctx, "broadcast "+string(id), func(ctx context.Context) {
			p := &pump{Scheduler: s, id: id, shown: time.Now()}
			p.run(ctx)
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

// pump sends one broadcast to recipients that nobody has settled, several at once.
type pump struct {
	*Scheduler
	id store.BroadcastID

	mu    sync.Mutex
	shown time.Time // when progress was shown last, real time
}

// run goes on until nothing is left to take, the broadcast is paused or cancelled, or ctx is done.
func (p *pump) run(ctx context.Context) {
	recipients := make(chan recipient)
	var senders sync.WaitGroup
	for range broadcastAtOnce {
		senders.Go(func() {
			for r := range recipients {
				p.send(ctx, r)
			}
		})
	}
	if err := p.feed(ctx, recipients); err != nil && ctx.Err() == nil {
		p.Log.ErrorContext(ctx, "broadcast stops for a moment", "broadcast", p.id, "error", err)
	}
	close(recipients)
	senders.Wait()
}

type recipient struct {
	broadcast store.Broadcast
	member    store.MemberID
}

func (p *pump) feed(ctx context.Context, to chan<- recipient) error {
	for {
		b, err := p.Store.Broadcasts.Get(ctx, p.id)
		if err != nil || b.State != store.BroadcastSending {
			return err
		}
		members, err := p.Store.Broadcasts.Take(ctx, p.id, broadcastBatch, broadcastLease)
		if err != nil || len(members) == 0 {
			return err
		}
		for _, m := range members {
			select {
			case to <- recipient{b, m}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// send serves one recipient. What fails for now is left: its lease ends, and it is taken again.
func (p *pump) send(ctx context.Context, r recipient) {
	var (
		delivery store.Delivery
		message  int
		reason   string
	)
	err := protect(func() (err error) {
		sending, cancel := outlive(ctx, broadcastDeadline)
		defer cancel()
		delivery, message, reason, err = p.Broadcast(sending, r.broadcast, r.member)
		return err
	})
	if err != nil {
		if p.sends.failed(r) < broadcastTries {
			p.Log.WarnContext(ctx, "a broadcast's send is tried again", "broadcast", p.id, "member", r.member, "error", err)
			pause(ctx, tickEvery)
			return
		}
		delivery, reason = store.DeliveryFailed, ReasonGivenUp
	}
	p.sends.forget(r)
	b, err := p.Store.Broadcasts.Settle(context.WithoutCancel(ctx), p.id, r.member, delivery, message, reason)
	if err != nil {
		p.Log.ErrorContext(ctx, "note a broadcast's send", "broadcast", p.id, "member", r.member, "error", err)
		return
	}
	if p.showNow(ctx, b) {
		showing, cancel := outlive(ctx, broadcastDeadline)
		defer cancel()
		p.show(showing, b)
	}
}

// outlive makes a context that lasts for a duration, but in an orderly stop only a little longer than ctx: what is on its
// way to Telegram arrives and is noted, so that nobody gets it twice, and what still waits for its turn is left.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithTimeout(context.WithoutCancel(ctx), d)
	unwatch := context.AfterFunc(ctx, func() {
		pause(longer, stopSends)
		cancel()
	})
	return longer, func() {
		unwatch()
		cancel()
	}
}

// attempts counts the failed sends of recipients that are still to be served. Pumps come and go; it stays.
type attempts struct {
	mu sync.Mutex
	of map[string]int
}

func (r recipient) key() string { return string(r.broadcast.ID) + " " + string(r.member) }

func (a *attempts) failed(r recipient) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = map[string]int{}
	}
	a.of[r.key()]++
	return a.of[r.key()]
}

func (a *attempts) forget(r recipient) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.of, r.key())
}

// showNow tells whether it is time to show progress: at the end, and else every few seconds, by one process.
func (p *pump) showNow(ctx context.Context, b store.Broadcast) bool {
	if b.State == store.BroadcastSent {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.State != store.BroadcastSending || time.Since(p.shown) < progressEvery {
		return false
	}
	p.shown = time.Now()
	mine, err := p.Store.Marks.Once(ctx, "progress:"+string(b.ID), progressEvery)
	return err == nil && mine
}
