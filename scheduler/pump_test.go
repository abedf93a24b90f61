package scheduler

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"versli/store"
)

// announce starts a broadcast to a number of people, whose chats are 1 and on.
func (b *bench) announce(people int) store.BroadcastID {
	b.t.Helper()
	for chat := range int64(people) {
		b.meet(chat + 1)
	}
	x, err := b.Store.Broadcasts.Draft(b.t.Context(), store.Op{}, store.Broadcast{
		By: "m1", Content: store.Content{Texts: map[string]string{"lt": "Labas"}, Default: "lt"},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Store.Broadcasts.Start(b.t.Context(), store.Op{}, x.ID, 1, 5); err != nil {
		b.t.Fatal(err)
	}
	return x.ID
}

// progress is where a broadcast stands.
func (b *bench) progress(id store.BroadcastID) store.Broadcast {
	b.t.Helper()
	x, err := b.Store.Broadcasts.Get(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

func (b *bench) sound() {
	b.t.Helper()
	problems, err := b.Store.Check(b.t.Context())
	if err != nil || len(problems) > 0 {
		b.t.Errorf("check: %v, %v", problems, err)
	}
}

// TestBroadcastReachesEveryoneOnce goes on after a stop in the middle, and tries again what failed for now.
func TestBroadcastReachesEveryoneOnce(t *testing.T) {
	const people = 60
	var (
		mu       sync.Mutex
		got      = map[store.MemberID]int{}
		reports  []store.Broadcast
		halfway  = make(chan struct{})
		announce = sync.OnceFunc(func() { close(halfway) })
	)
	b := newBench(t, func(c *Config) {
		c.Broadcast = func(_ context.Context, _ store.Broadcast, r store.Recipient) (SendResult, error) {
			mu.Lock()
			defer mu.Unlock()
			got[r.Member]++
			if len(got) == people/2 {
				announce()
			}
			return SendResult{Delivery: store.DeliverySent, Messages: []int{100}}, nil
		}
		c.Progress = func(_ context.Context, x store.Broadcast) error {
			mu.Lock()
			defer mu.Unlock()
			reports = append(reports, x)
			return nil
		}
	})
	var by store.MemberID
	for chat := range int64(people) {
		by = b.meet(chat + 1)
	}
	x, err := b.Store.Broadcasts.Draft(t.Context(), store.Op{By: by}, store.Broadcast{
		By: by, Content: store.Content{Texts: map[string]string{"lt": "Labas"}, Default: "lt"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.Broadcasts.Start(t.Context(), store.Op{By: by}, x.ID, 1, 5); err != nil {
		t.Fatal(err)
	}
	stop := b.run()
	<-halfway
	stop()
	b.set(b.now().Add(2 * broadcastLease)) // what was taken and not begun is free again
	again, err := New(b.Config)
	if err != nil {
		t.Fatal(err)
	}
	b.Scheduler = again
	b.run()
	until(t, "the end is shown", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(reports) > 0 && reports[len(reports)-1].State == store.BroadcastSent
	})
	mu.Lock()
	defer mu.Unlock()
	for m, n := range got {
		if n != 1 {
			t.Errorf("%s got it %d times", m, n)
		}
	}
	if last := reports[len(reports)-1]; len(got) != people || last.Progress.Sent != people {
		t.Errorf("%d got it; the report says %+v", len(got), last.Progress)
	}
}

// TestStopDoesNotWaitForASendThatHangs: an orderly stop lets go of a send that waits for its turn; its recipient is left
// for the next start.
func TestStopDoesNotWaitForASendThatHangs(t *testing.T) {
	begun := make(chan struct{}, 1)
	b := newBench(t, func(c *Config) {
		c.Broadcast = func(ctx context.Context, _ store.Broadcast, _ store.Recipient) (SendResult, error) {
			begun <- struct{}{}
			<-ctx.Done()
			return SendResult{}, ctx.Err()
		}
	})
	by := b.meet(1)
	x, err := b.Store.Broadcasts.Draft(t.Context(), store.Op{By: by}, store.Broadcast{
		By: by, Content: store.Content{Texts: map[string]string{"lt": "Labas"}, Default: "lt"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.Broadcasts.Start(t.Context(), store.Op{By: by}, x.ID, 1, 5); err != nil {
		t.Fatal(err)
	}
	stop := b.run()
	<-begun
	stop() // an error of Run fails the test
	x, err = b.Store.Broadcasts.Get(t.Context(), x.ID)
	if err != nil || x.State != store.BroadcastSending || x.Progress.Remaining() != 1 {
		t.Errorf("after the stop: %+v, %v", x, err)
	}
}

// TestBroadcastWaitsForQuietHours: whoever sleeps gets it when they wake; what fails for now is tried again, and a process that was
// killed leaves its recipients to others soon.
func TestBroadcastWaitsForQuietHours(t *testing.T) {
	var (
		mu    sync.Mutex
		b     *bench
		tries int
		at    = map[int64]time.Time{}
	)
	b = newBench(t, func(c *Config) {
		c.Broadcast = func(ctx context.Context, _ store.Broadcast, r store.Recipient) (SendResult, error) {
			m, err := b.Store.Members.Get(ctx, r.Member)
			if err != nil {
				return SendResult{}, err
			}
			mu.Lock()
			defer mu.Unlock()
			if until := m.Settings.QuietUntil(b.now(), b.Zone); until.After(b.now()) {
				return SendResult{Until: until}, nil
			}
			if tries++; m.Chat == 1 && tries == 1 {
				return SendResult{}, errors.New("telegram is away")
			}
			at[m.Chat] = b.now()
			return SendResult{Delivery: store.DeliverySent, Messages: []int{1}}, nil
		}
	})
	for chat := range int64(2) {
		id := b.meet(chat + 1)
		m, err := b.Store.Members.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		m.Settings.QuietFrom, m.Settings.QuietTo = 0, 0
		if chat == 1 {
			local := b.now().In(b.Zone)
			m.Settings.QuietFrom, m.Settings.QuietTo = local.Hour()*60, (local.Hour()*60+8*60)%(24*60)
		}
		if err := b.Store.Members.SetSettings(t.Context(), store.Op{}, id, m.Settings); err != nil {
			t.Fatal(err)
		}
	}
	begun := b.now()
	x, err := b.Store.Broadcasts.Draft(t.Context(), store.Op{}, store.Broadcast{
		Content: store.Content{Texts: map[string]string{"lt": "Labas"}, Default: "lt"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.Broadcasts.Schedule(t.Context(), store.Op{}, x.ID, begun.Add(time.Hour), begun.Add(2*time.Hour), 1, 1); err != nil {
		t.Fatal(err)
	}
	b.run()
	if err := b.Advance(t.Context(), 10*time.Hour, func(shift time.Duration) error { b.set(begun.Add(shift)); return nil }); err != nil {
		t.Fatal(err)
	}
	if x, err = b.Store.Broadcasts.Get(t.Context(), x.ID); err != nil || x.State != store.BroadcastSent || x.Progress.Sent != 2 {
		t.Fatalf("after ten hours: %+v, %v", x, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if early := at[1].Sub(begun); early < time.Hour || early > time.Hour+2*time.Minute {
		t.Errorf("who is awake got it after %v", early)
	}
	if woken := at[2].Sub(begun); woken < 7*time.Hour || woken > 8*time.Hour+time.Minute {
		t.Errorf("who slept got it after %v", woken)
	}
}

// TestTwoProcessesShareABroadcast: each serves whom the other does not.
func TestTwoProcessesShareABroadcast(t *testing.T) {
	const people = 300
	var (
		mu  sync.Mutex
		got = map[store.MemberID]int{}
		by  [2]atomic.Int64
	)
	serve := func(process int) func(context.Context, store.Broadcast, store.Recipient) (SendResult, error) {
		return func(_ context.Context, _ store.Broadcast, r store.Recipient) (SendResult, error) {
			mu.Lock()
			defer mu.Unlock()
			got[r.Member]++
			by[process].Add(1)
			return SendResult{Delivery: store.DeliverySent, Messages: []int{100}}, nil
		}
	}
	b := newBench(t, func(c *Config) { c.Broadcast = serve(0) })
	second := b.Config
	second.Broadcast = serve(1)
	other, err := New(second)
	if err != nil {
		t.Fatal(err)
	}
	id := b.announce(people)
	var pumps sync.WaitGroup
	for _, s := range []*Scheduler{b.Scheduler, other} {
		pumps.Go(func() {
			for b.progress(id).State == store.BroadcastSending { // one may find all others leased
				if err := newPump(s, id).run(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	pumps.Wait()
	for m, n := range got {
		if n != 1 {
			t.Errorf("%s got it %d times", m, n)
		}
	}
	if x := b.progress(id); len(got) != people || x.Progress.Sent != people {
		t.Errorf("%d got it; %+v", len(got), x.Progress)
	}
	if by[0].Load() == 0 || by[1].Load() == 0 {
		t.Errorf("one did all: %d and %d", by[0].Load(), by[1].Load())
	}
	b.sound()
}

// TestKilledProcessLeavesItsRecipientsSoon: whom it was serving is served by others when the leases end, and no earlier.
func TestKilledProcessLeavesItsRecipientsSoon(t *testing.T) {
	b := newBench(t, nil)
	id := b.announce(100)
	held, err := b.Store.Broadcasts.Take(t.Context(), id, 40, broadcastLease) // and that was the last of it
	if err != nil || len(held) != 40 {
		t.Fatalf("%d, %v", len(held), err)
	}
	work := func(want int) {
		t.Helper()
		if err := newPump(b.Scheduler, id).run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if x := b.progress(id); x.Progress.Sent != want {
			t.Errorf("%d are sent, want %d", x.Progress.Sent, want)
		}
	}
	work(60)
	b.set(b.now().Add(broadcastLease - time.Second))
	work(60)
	b.set(b.now().Add(time.Second))
	work(100)
	b.sound()
}

// TestLeasesLastWhileTheProcessLives: who takes long to be served is not served by others meanwhile.
func TestLeasesLastWhileTheProcessLives(t *testing.T) {
	b := newBench(t, nil)
	id := b.announce(3)
	p := newPump(b.Scheduler, id)
	if list, err := p.take(t.Context()); err != nil || len(list) != 3 {
		t.Fatalf("%v, %v", list, err)
	}
	for range 5 {
		b.set(b.now().Add(broadcastLease - time.Second))
		p.extendAll(t.Context())
		if list, err := b.Store.Broadcasts.Take(t.Context(), id, 10, broadcastLease); err != nil || len(list) != 0 {
			t.Fatalf("taken by another: %v, %v", list, err)
		}
	}
}
