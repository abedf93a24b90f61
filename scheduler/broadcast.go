package scheduler

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"versli/store"
)

const (
	broadcastAtOnce   = 64 // sends in flight; the shared budget sets the rate
	broadcastBatch    = 32
	broadcastLease    = 15 * time.Second // of a recipient being served; prolonged while the process lives
	broadcastExtend   = broadcastLease / 3
	broadcastDeadline = 3 * time.Minute // of one send
	broadcastTries    = 40              // of one recipient in one process, about an hour, then it counts as failed
	broadcastRest     = time.Second     // after a send in vain; it grows with the tries
	broadcastLongest  = time.Minute
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
			p := &pump{Scheduler: s, id: id, shown: time.Now(), serving: map[int]store.Recipient{}}
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

// pump serves one broadcast's recipients whom nobody has settled, several at once.
type pump struct {
	*Scheduler
	id store.BroadcastID

	mu      sync.Mutex
	shown   time.Time               // when progress was shown last, real time
	serving map[int]store.Recipient // by index: their leases are prolonged
}

// run goes on until nothing is left to take, the broadcast is paused or cancelled, or ctx is done.
func (p *pump) run(ctx context.Context) {
	work := make(chan errand)
	var senders sync.WaitGroup
	for range broadcastAtOnce {
		senders.Go(func() {
			for e := range work {
				p.serve(ctx, e)
			}
		})
	}
	extending, stop := context.WithCancel(ctx)
	var extender sync.WaitGroup
	extender.Go(func() { p.extend(extending) })
	if err := p.feed(ctx, work); err != nil && ctx.Err() == nil {
		p.Log.ErrorContext(ctx, "broadcast stops for a moment", "broadcast", p.id, "error", err)
	}
	close(work)
	senders.Wait()
	stop()
	extender.Wait()
}

// errand is one recipient of a broadcast as it stood when they were taken.
type errand struct {
	broadcast store.Broadcast
	recipient store.Recipient
}

func (p *pump) feed(ctx context.Context, to chan<- errand) error {
	for {
		b, err := p.Store.Broadcasts.Get(ctx, p.id)
		if err != nil || b.State != store.BroadcastSending {
			return err
		}
		list, err := p.Store.Broadcasts.Take(ctx, p.id, broadcastBatch, broadcastLease)
		if err != nil || len(list) == 0 {
			return err
		}
		p.mu.Lock()
		for _, r := range list {
			p.serving[r.Index] = r
		}
		p.mu.Unlock()
		for i, r := range list {
			select {
			case to <- errand{b, r}:
			case <-ctx.Done():
				p.release(list[i:]...)
				return ctx.Err()
			}
		}
	}
}

// extend prolongs the leases of those who are served or wait for it in this process, so that they can be short: when it is killed,
// others go on soon.
func (p *pump) extend(ctx context.Context) {
	for pause(ctx, broadcastExtend) {
		p.mu.Lock()
		list := make([]store.Recipient, 0, len(p.serving))
		for _, r := range p.serving {
			list = append(list, r)
		}
		p.mu.Unlock()
		for batch := range slices.Chunk(list, broadcastBatch) {
			if err := p.Store.Broadcasts.Extend(ctx, p.id, batch, broadcastLease); err != nil && ctx.Err() == nil {
				p.Log.WarnContext(ctx, "prolong a broadcast's leases", "broadcast", p.id, "error", err)
			}
		}
	}
}

// release stops prolonging leases: they end by themselves.
func (p *pump) release(list ...store.Recipient) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range list {
		delete(p.serving, r.Index)
	}
}

// serve serves one recipient. What fails for now is tried again later, by whoever takes it then.
func (p *pump) serve(ctx context.Context, e errand) {
	defer p.release(e.recipient)
	if ctx.Err() != nil {
		return
	}
	var result SendResult
	err := protect(func() (err error) {
		sending, cancel := outlive(ctx, broadcastDeadline)
		defer cancel()
		result, err = p.Broadcast(sending, e.broadcast, e.recipient)
		return err
	})
	noting := context.WithoutCancel(ctx)
	if err != nil {
		tries := p.sends.failed(e)
		if tries < broadcastTries {
			p.again(ctx, e, tries, err)
			return
		}
		result = SendResult{Delivery: store.DeliveryFailed, Reason: ReasonGivenUp}
	}
	p.sends.forget(e)
	if !result.Until.IsZero() {
		if err := p.Store.Broadcasts.Postpone(noting, p.id, e.recipient, result.Until); err != nil {
			p.Log.ErrorContext(ctx, "postpone a broadcast's send", "broadcast", p.id, "member", e.recipient.Member, "error", err)
		}
		return
	}
	b, err := p.note(ctx, e.recipient, result)
	if err == nil && p.showNow(ctx, b) {
		showing, cancel := outlive(ctx, broadcastDeadline)
		defer cancel()
		p.show(showing, b)
	}
}

// again leaves a recipient for later.
func (p *pump) again(ctx context.Context, e errand, tries int, err error) {
	rest := min(broadcastRest<<min(tries-1, 10), broadcastLongest)
	rest = rest/2 + rand.N(rest) //nolint:gosec // jitter is no secret
	p.Log.WarnContext(ctx, "a broadcast's send is tried again", "broadcast", p.id, "member", e.recipient.Member, "in", rest, "error", err)
	if err := p.Store.Broadcasts.Postpone(context.WithoutCancel(ctx), p.id, e.recipient, p.Now().Add(rest)); err != nil {
		pause(ctx, broadcastRest) // its lease ends by itself
	}
}

// note settles what Telegram has taken. While Redis is away it insists for as long as an orderly stop lets it: what is not noted is
// sent again.
func (p *pump) note(ctx context.Context, r store.Recipient, result SendResult) (store.Broadcast, error) {
	noting, cancel := outlive(ctx, broadcastDeadline)
	defer cancel()
	for {
		b, err := p.Store.Broadcasts.Settle(noting, p.id, r, result.Delivery, result.Messages, result.Reason)
		if err == nil {
			return b, nil
		}
		p.Log.ErrorContext(ctx, "note a broadcast's send", "broadcast", p.id, "member", r.Member, "error", err)
		if !pause(noting, broadcastRest) {
			return b, fmt.Errorf("note a send: %w", err)
		}
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

func (e errand) key() string { return fmt.Sprint(e.broadcast.ID, " ", e.recipient.Pass, " ", e.recipient.Index) }

func (a *attempts) failed(e errand) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = map[string]int{}
	}
	a.of[e.key()]++
	return a.of[e.key()]
}

func (a *attempts) forget(e errand) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.of, e.key())
}

// showNow tells whether it is time to show progress: at the end, and else every few seconds, by one process.
func (p *pump) showNow(ctx context.Context, b store.Broadcast) bool {
	name := "progress:" + string(b.ID)
	if b.State != store.BroadcastSending {
		name += " " + string(b.State)
	} else if !p.timeToShow() {
		return false
	}
	mine, err := p.Store.Marks.Once(ctx, name, progressEvery)
	return err == nil && mine
}

func (p *pump) timeToShow() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.shown) < progressEvery {
		return false
	}
	p.shown = time.Now()
	return true
}
