package store

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ledger is what happened to a broadcast's recipients, kept apart from the store.
type ledger struct {
	leased map[int]Recipient // by index, of the present pass; a process serves them
	result map[int]Delivery
}

// Whatever happens in whatever order (sends that fail, pauses, processes that die or come back, retries, corrections, recalls),
// nobody is served by two at a time, only those whom a pass is about are, and what is counted is what happened.
func TestBroadcastLife(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, c := openTest(t)
		people := rapid.IntRange(1, 12).Draw(rt, "people")
		putMembers(t, s, people)
		id := s.start(t).ID
		l := &ledger{leased: map[int]Recipient{}, result: map[int]Delivery{}}
		get := func() Broadcast {
			x, err := s.Broadcasts.Get(t.Context(), id)
			if err != nil {
				rt.Fatal(err)
			}
			return x
		}
		take := func(limit int) []Recipient {
			pass := get().Pass
			list, err := s.Broadcasts.Take(t.Context(), id, limit, time.Minute)
			if err != nil {
				rt.Fatal(err)
			}
			for _, r := range list {
				l.take(rt, r, pass)
			}
			return list
		}
		settle := func(r Recipient, d Delivery) {
			before := get().Pass
			if _, err := s.Broadcasts.Settle(t.Context(), id, r, d, []int{r.Index + 1}, "why"); err != nil {
				rt.Fatal(err)
			}
			l.settle(r, d, before)
		}
		begin := func(do func() error) {
			if err := do(); err != nil && !errors.Is(err, ErrStale) {
				rt.Fatal(err)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) {
				l.check(rt, get())
				if problems, err := s.checkBroadcasts(t.Context(), nil); err != nil || len(problems) > 0 {
					rt.Fatalf("check: %v, %v", problems, err)
				}
			},
			"take": func(rt *rapid.T) { take(rapid.IntRange(1, 5).Draw(rt, "limit")) },
			"settle": func(rt *rapid.T) {
				if len(l.leased) == 0 {
					rt.Skip("nobody is served")
				}
				i := rapid.SampledFrom(slices.Sorted(maps.Keys(l.leased))).Draw(rt, "who")
				how := []Delivery{DeliverySent, DeliverySent, DeliveryFailed, DeliveryUnreachable, DeliveryLeft}
				settle(l.leased[i], rapid.SampledFrom(how).Draw(rt, "how"))
			},
			"everything dies": func(*rapid.T) {
				c.advance(2 * time.Minute)
				clear(l.leased)
			},
			"pause": func(*rapid.T) {
				begin(func() error { _, err := s.Broadcasts.Pause(t.Context(), Op{}, id); return err })
			},
			"resume": func(*rapid.T) {
				begin(func() error { _, err := s.Broadcasts.Resume(t.Context(), Op{}, id); return err })
			},
			"retry": func(*rapid.T) {
				begin(func() error { _, err := s.Broadcasts.Retry(t.Context(), Op{}, id); return err })
			},
			"correct": func(*rapid.T) {
				begin(func() error {
					_, err := s.Broadcasts.Correct(t.Context(), Op{}, id, map[string]string{"lt": "x"})
					return err
				})
			},
		})
		// In the end everybody was served, whatever stood in the way.
		c.advance(2 * time.Minute)
		clear(l.leased)
		for range 3 { // a pass may go back to a pause
			if get().State == BroadcastPaused {
				if _, err := s.Broadcasts.Resume(t.Context(), Op{}, id); err != nil {
					rt.Fatal(err)
				}
			}
			for list := take(5); len(list) > 0; list = take(5) {
				for _, r := range list {
					settle(r, DeliverySent)
				}
			}
		}
		if x := get(); x.State != BroadcastSent || len(l.result) != people {
			rt.Fatalf("%d of %d were served; %+v", len(l.result), people, x)
		}
		l.check(rt, get())
	})
}

// take notes who is served, and asserts that they may be.
func (l *ledger) take(rt *rapid.T, r Recipient, pass Pass) {
	if other, twice := l.leased[r.Index]; twice && other.Pass == r.Pass {
		rt.Fatalf("%+v is served twice at a time", r)
	}
	d, settled := l.result[r.Index]
	fits := map[Pass]bool{
		PassSend: !settled, PassRetry: !settled || d == DeliveryFailed, PassCorrect: d == DeliverySent,
	}
	if r.Pass != pass || !fits[pass] {
		rt.Fatalf("the pass %q serves %+v, who has %q", pass, r, d)
	}
	if pass == PassRetry {
		delete(l.result, r.Index)
	}
	l.leased[r.Index] = r
}

// settle notes how it ended.
func (l *ledger) settle(r Recipient, d Delivery, pass Pass) {
	delete(l.leased, r.Index)
	if r.Pass == PassSend || r.Pass == PassRetry && pass == PassRetry {
		l.result[r.Index] = d
	}
}

func (l *ledger) check(rt *rapid.T, x Broadcast) {
	count := map[Delivery]int{}
	for _, d := range l.result {
		count[d]++
	}
	p := x.Progress
	if p.Sent != count[DeliverySent] || p.Failed != count[DeliveryFailed] || p.Unreachable != count[DeliveryUnreachable] ||
		p.Left != count[DeliveryLeft] {
		rt.Fatalf("counts %+v in %s %s, want %v", p, x.State, x.Pass, count)
	}
}
