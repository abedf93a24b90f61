package scheduler

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"versli/store"
)

// pump serves one broadcast's recipients whom nobody has settled, several at once.
type pump struct {
	*Scheduler
	id     store.BroadcastID
	served atomic.Int64 // how many were, since it began
	rest   func(vain int) time.Duration

	mu      sync.Mutex
	shown   time.Time               // when progress was shown last, real time
	unshown bool                    // something happened since
	serving map[int]store.Recipient // by index: their leases are prolonged
}

func newPump(s *Scheduler, id store.BroadcastID) *pump {
	return &pump{Scheduler: s, id: id, rest: restAfter, shown: time.Now(), serving: map[int]store.Recipient{}}
}

// run goes on until nothing is left to take, the broadcast is paused or cancelled, or ctx is done.
func (p *pump) run(ctx context.Context) error {
	first, err := p.take(ctx)
	if err != nil || len(first) == 0 {
		return err
	}
	work := make(chan errand)
	var senders, extender sync.WaitGroup
	for range broadcastAtOnce {
		senders.Go(func() {
			for e := range work {
				p.serve(ctx, e)
			}
		})
	}
	extending, stop := context.WithCancel(ctx)
	extender.Go(func() { p.extend(extending) })
	err = p.feed(ctx, first, work)
	close(work)
	senders.Wait()
	stop()
	extender.Wait()
	if ctx.Err() == nil {
		p.showRest(ctx)
	}
	return err
}

// errand is one recipient of a broadcast as it stood when they were taken.
type errand struct {
	broadcast store.Broadcast
	recipient store.Recipient
}

// take leases the next recipients; none when there are none for now, or it is not being sent.
func (p *pump) take(ctx context.Context) ([]errand, error) {
	b, err := p.Store.Broadcasts.Get(ctx, p.id)
	if err != nil || b.State != store.BroadcastSending {
		return nil, err
	}
	list, err := p.Store.Broadcasts.Take(ctx, p.id, broadcastBatch, broadcastLease)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	errands := make([]errand, 0, len(list))
	for _, r := range list {
		if _, mine := p.serving[r.Index]; mine { // this process was too busy to prolong the lease; it is prolonged now
			continue
		}
		p.serving[r.Index] = r
		errands = append(errands, errand{b, r})
	}
	return errands, nil
}

func (p *pump) feed(ctx context.Context, list []errand, to chan<- errand) (err error) {
	for len(list) > 0 {
		for i, e := range list {
			select {
			case to <- e:
			case <-ctx.Done():
				p.release(list[i:]...)
				return ctx.Err()
			}
		}
		if list, err = p.take(ctx); err != nil {
			return err
		}
	}
	return nil
}

// extend prolongs the leases of those who are served or wait for it in this process, so that they can be short: when it is killed,
// others go on soon.
func (p *pump) extend(ctx context.Context) {
	for pause(ctx, broadcastExtend) {
		p.extendAll(ctx)
	}
}

func (p *pump) extendAll(ctx context.Context) {
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

// release stops prolonging leases: they end by themselves.
func (p *pump) release(list ...errand) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range list {
		delete(p.serving, e.recipient.Index)
	}
}

// serve serves one recipient. While it is in vain it holds on to them and rests for longer and longer: so an outage of Telegram
// occupies as many recipients as are served at once, and no more calls are made than those now and then.
func (p *pump) serve(ctx context.Context, e errand) {
	defer p.release(e)
	begun, others, tries := time.Now(), p.served.Load(), 0
	for vain := 0; ctx.Err() == nil; vain++ {
		result, err := p.send(ctx, e)
		if n := p.served.Load(); err != nil && n != others { // it is not that nobody can be served
			others = n
			tries++
		}
		switch {
		case err == nil:
			p.served.Add(1)
			p.end(ctx, e.recipient, result)
			return
		case tries >= broadcastTries || time.Since(begun) >= broadcastPatience:
			p.Log.ErrorContext(ctx, "a broadcast's send is given up", "broadcast", p.id, "member", e.recipient.Member, "error", err)
			p.end(ctx, e.recipient, SendResult{Delivery: store.DeliveryFailed, Reason: ReasonGivenUp})
			return
		}
		rest := p.rest(vain)
		p.Log.WarnContext(ctx, "a broadcast's send is tried again", "broadcast", p.id, "member", e.recipient.Member, "in", rest, "error", err)
		if !pause(ctx, rest) {
			return
		}
		// With the state away too, the errand stays what it was.
		if b, err := p.Store.Broadcasts.Get(ctx, p.id); err == nil {
			if b.State != store.BroadcastSending || b.Pass != e.recipient.Pass {
				return // the lease ends by itself
			}
			e.broadcast = b
		}
	}
}

// restAfter is how long to rest after so many sends in vain before, with jitter, so that what failed together is not tried together.
func restAfter(vain int) time.Duration {
	rest := min(broadcastRest<<min(vain, 10), broadcastLongest)
	return rest/2 + rand.N(rest) //nolint:gosec // jitter is no secret
}

func (p *pump) send(ctx context.Context, e errand) (result SendResult, err error) {
	err = protect(func() (err error) {
		sending, cancel := outlive(ctx, broadcastDeadline)
		defer cancel()
		result, err = p.Broadcast(sending, e.broadcast, e.recipient)
		return err
	})
	return result, err
}

// end notes how a send ended, or that it waits.
func (p *pump) end(ctx context.Context, r store.Recipient, result SendResult) {
	b, err := p.note(ctx, r, result)
	if err != nil || !result.Until.IsZero() {
		return
	}
	if p.showNow(ctx, b) {
		showing, cancel := outlive(ctx, broadcastDeadline)
		defer cancel()
		p.show(showing, b)
	}
}

// note settles what Telegram has taken. While Redis is away it insists for as long as an orderly stop lets it: what is not noted is
// sent again.
func (p *pump) note(ctx context.Context, r store.Recipient, result SendResult) (store.Broadcast, error) {
	noting, cancel := outlive(ctx, broadcastDeadline)
	defer cancel()
	for {
		b, err := p.noteOnce(noting, r, result)
		if err == nil {
			return b, nil
		}
		p.Log.ErrorContext(ctx, "note a broadcast's send", "broadcast", p.id, "member", r.Member, "error", err)
		if !pause(noting, broadcastRest) {
			return b, fmt.Errorf("note a send: %w", err)
		}
	}
}

func (p *pump) noteOnce(ctx context.Context, r store.Recipient, result SendResult) (b store.Broadcast, err error) {
	if !result.Until.IsZero() {
		return b, p.Store.Broadcasts.Postpone(ctx, p.id, r, result.Until)
	}
	return p.Store.Broadcasts.Settle(ctx, p.id, r, result.Delivery, result.Messages, result.Reason)
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
