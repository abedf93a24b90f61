package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"versli/store"
)

// TestNoticeReachesItsMember goes the whole way: owed, due, handed over, delivered, noted.
func TestNoticeReachesItsMember(t *testing.T) {
	b := newBench(t, nil)
	ona := b.meet(7)
	b.owe(store.NoticeHoldReady, "h1", ona, b.now().Add(time.Hour))
	b.run()
	if err := b.Tick(t.Context(), b.now()); err != nil {
		t.Fatal(err)
	}
	if c := b.counts(); c.Owed != 1 {
		t.Fatalf("before its time: %+v", c)
	}
	b.set(b.now().Add(time.Hour))
	for range 3 { // a tick may be repeated
		if err := b.Tick(t.Context(), b.now()); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "it is sent", func() bool { return b.counts().Sent[store.NoticeHoldReady] == 1 })
	if got := b.heard(); !slices.Equal(got, []string{"10:00 hold_ready:h1:" + string(ona) + ":0"}) {
		t.Errorf("delivered %q", got)
	}
}

// TestOutcomes shows where each outcome of a delivery leaves the notice.
func TestOutcomes(t *testing.T) {
	b := newBench(t, nil)
	nine := b.now()
	ona, vyras := b.meet(7), b.meet(8)
	petras, err := b.Store.Members.Add(t.Context(), store.Op{}, "Petras", "+37060000000", "", store.KindBusiness)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Store.Members.Unreachable(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	tries := map[store.NoticeID]int{}
	b.outcome = func(n store.Notice) (Outcome, error) {
		mu.Lock()
		defer mu.Unlock()
		tries[n.ID]++
		switch n.Ref {
		case "late":
			return Dropped("too_late"), nil
		case "blocked":
			return Unreachable(), nil
		case "wrong":
			return Refused("bad markup"), nil
		case "later":
			return Postponed(nine.Add(time.Hour)), nil
		case "flaky":
			if tries[n.ID] == 1 {
				return Outcome{}, errors.New("telegram is away")
			}
		case "bug":
			if tries[n.ID] == 1 {
				panic("a bug")
			}
		}
		return Sent(), nil
	}
	for _, ref := range []string{"late", "blocked", "wrong", "later", "flaky", "bug"} {
		b.owe(store.NoticeAnswer, ref, ona, nine)
	}
	b.owe(store.NoticeAnswer, "unreachable", vyras, nine)
	b.owe(store.NoticeAnswer, "no telegram", petras.ID, nine)
	b.owe(store.NoticeAnswer, "forgotten", "m999", nine)
	b.run()
	until(t, "all end but the one that waits", func() bool {
		c := b.counts()
		return c.UnderWay == 0 && c.Owed == 1 && c.Sent[store.NoticeAnswer] == 2
	})
	c := b.counts()
	if c.Dropped[store.NoticeAnswer] != 2 || c.Failed[store.NoticeAnswer] != 4 {
		t.Errorf("counts %+v", c)
	}
	failures, err := b.Store.Outbox.Failures(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var why []string
	for _, f := range failures {
		why = append(why, f.Ref+": "+f.Reason)
	}
	slices.Sort(why)
	if got := strings.Join(why, ", "); got != "blocked: unreachable, no telegram: no_telegram, unreachable: unreachable, wrong: bad markup" {
		t.Errorf("failures: %s", got)
	}
	next, err := b.Store.Outbox.Next(t.Context())
	if err != nil || !next.Equal(nine.Add(time.Hour)) {
		t.Errorf("the postponed one waits until %v, %v", next, err)
	}
}

func TestQuietHoursPostpone(t *testing.T) {
	b := newBench(t, nil)
	ona := b.meet(7)
	night := b.now().Add(14 * time.Hour) // 23.00
	b.set(night)
	b.owe(store.NoticeHoldReady, "h1", ona, night)
	b.owe(store.NoticeVisitSoon, "s1_20261204", ona, night)
	b.run()
	until(t, "one is sent and one waits", func() bool {
		c := b.counts()
		return c.Owed == 1 && c.Sent[store.NoticeVisitSoon] == 1
	})
	next, err := b.Store.Outbox.Next(t.Context())
	if err != nil || next.Format("02 15:04") != "04 07:00" {
		t.Errorf("waits until %v, %v", next, err)
	}
}

// TestLostNoticeIsHandedOverAgain: the queue has lost a task (or its Redis), the store knows better.
func TestLostNoticeIsHandedOverAgain(t *testing.T) {
	b := newBench(t, nil)
	ona := b.meet(7)
	id := b.owe(store.NoticeAnswer, "q1", ona, b.now())
	if err := b.Tick(t.Context(), b.now()); err != nil {
		t.Fatal(err)
	}
	if err := b.tasks.DeleteTask("bench", string(id)); err != nil {
		t.Fatal(err)
	}
	b.set(b.now().Add(3 * time.Minute))
	b.run()
	until(t, "it is sent", func() bool { return b.counts().Sent[store.NoticeAnswer] == 1 })
}

// TestArchivedTaskStandsInNobodysWay: a task that the queue has given up is handed over anew.
func TestArchivedTaskStandsInNobodysWay(t *testing.T) {
	b := newBench(t, nil)
	ona := b.meet(7)
	id := b.owe(store.NoticeAnswer, "q1", ona, b.now())
	if err := b.Tick(t.Context(), b.now()); err != nil {
		t.Fatal(err)
	}
	if err := b.tasks.ArchiveTask("bench", string(id)); err != nil {
		t.Fatal(err)
	}
	b.set(b.now().Add(3 * time.Minute))
	b.run()
	until(t, "it is sent", func() bool { return b.counts().Sent[store.NoticeAnswer] == 1 })
}

// TestSentIsNotSentAgain: the process died after Telegram's OK was noted and before the queue was told.
func TestSentIsNotSentAgain(t *testing.T) {
	b := newBench(t, nil)
	ona := b.meet(7)
	n := store.Notice{Kind: store.NoticeAnswer, Ref: "q1", Member: ona, Due: b.now()}
	n.ID = b.owe(n.Kind, n.Ref, ona, n.Due)
	if err := b.Tick(t.Context(), b.now()); err != nil {
		t.Fatal(err)
	}
	if err := b.Store.Outbox.Sent(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	b.run()
	until(t, "the queue is empty", func() bool {
		empty, err := b.queueEmpty()
		return err == nil && empty
	})
	if got := b.heard(); len(got) != 0 {
		t.Errorf("delivered %q", got)
	}
}

// TestAdvanceStopsAtEveryDueInstant: each notice is delivered by a clock that shows its own time, also those that become
// due on the way.
func TestAdvanceStopsAtEveryDueInstant(t *testing.T) {
	b := newBench(t, nil)
	nine := b.now()
	ona := b.meet(7)
	b.owe(store.NoticeAnswer, "a", ona, nine.Add(10*time.Minute))
	b.owe(store.NoticeAnswer, "b", ona, nine.Add(90*time.Minute))
	b.owe(store.NoticeAnswer, "night", ona, nine.Add(14*time.Hour)) // 23.00, quiet until 7.00
	b.owe(store.NoticeAnswer, "beyond", ona, nine.Add(30*time.Hour))
	b.outcome = func(n store.Notice) (Outcome, error) {
		if n.Ref == "a" { // what is due makes something else due
			_, err := b.Store.Outbox.Owe(context.Background(), store.Op{}, store.Notice{
				Kind: n.Kind, Ref: "c", Member: ona, Due: nine.Add(20 * time.Minute),
			})
			return Sent(), err
		}
		return Sent(), nil
	}
	b.run()
	var shifts []time.Duration
	err := b.Advance(t.Context(), 24*time.Hour, func(shift time.Duration) error {
		shifts = append(shifts, shift)
		b.set(nine.Add(shift))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range b.heard() {
		got = append(got, d[:strings.LastIndex(d, ":"+string(ona))])
	}
	if want := []string{"09:10 answer:a", "09:20 answer:c", "10:30 answer:b", "07:00 answer:night"}; !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
	if !slices.IsSorted(shifts) || shifts[len(shifts)-1] != 24*time.Hour {
		t.Errorf("the clock went %v", shifts)
	}
}

func TestImportRunsUntilFinished(t *testing.T) {
	tries := 0
	var b *bench
	b = newBench(t, func(c *Config) {
		c.Import = func(ctx context.Context, x store.Import) error {
			tries++
			return b.Store.Imports.Finish(ctx, x.ID, store.ImportDone, []byte(`{}`))
		}
	})
	x, err := b.Store.Imports.Queue(t.Context(), store.Op{}, store.Import{By: "m1", File: "F1", Name: "knygos.csv"})
	if err != nil {
		t.Fatal(err)
	}
	b.run()
	until(t, "it is done", func() bool {
		x, err = b.Store.Imports.Get(t.Context(), x.ID)
		return err == nil && x.State == store.ImportDone
	})
	if tries != 1 {
		t.Errorf("ran %d times", tries)
	}
}

// TestTwoProcessesTickOnce: each second's tick is one process's.
func TestTwoProcessesTickOnce(t *testing.T) {
	b := newBench(t, nil)
	other, err := New(b.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	ona := b.meet(7)
	b.owe(store.NoticeAnswer, "q1", ona, b.now())
	if err := other.turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := b.counts(); c.Owed != 1 {
		t.Errorf("the same second was ticked twice: %+v", c)
	}
	b.set(b.now().Add(tickEvery))
	if err := other.turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := b.counts(); c.Owed != 0 || c.UnderWay != 1 {
		t.Errorf("the next second was not: %+v", c)
	}
}

func TestRetryDelayGrowsToABound(t *testing.T) {
	for n, bound := range map[int]time.Duration{0: retryFirst, 3: 8 * retryFirst, 100: retryLongest} {
		for range 100 {
			if d := retryDelay(n, errors.New("x"), nil); d < bound/2 || d > bound+bound/2 {
				t.Errorf("after %d tries: %v, want about %v", n, d, bound)
			}
		}
	}
	if d := retryDelay(50, fmt.Errorf("task: %w", asynq.ErrLeaseExpired), nil); d != retryFirst {
		t.Errorf("after a kill: %v", d)
	}
}
