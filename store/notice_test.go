package store

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func owed(tb testing.TB, s *Store, n Notice) Notice {
	tb.Helper()
	id, err := s.Outbox.Owe(tb.Context(), Op{}, n)
	if err != nil {
		tb.Fatal(err)
	}
	n.ID = id
	return n
}

func ids(list []Notice) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = string(n.ID)
	}
	return strings.Join(out, " ")
}

func TestNoticeGoesItsWay(t *testing.T) {
	s, clock := openTest(t)
	ctx, o := t.Context(), s.Outbox
	ready := owed(t, s, Notice{Kind: NoticeHoldReady, Ref: "h1", Member: "m1", Revision: 1, Due: clock.now().Add(time.Hour)})
	soon := owed(t, s, Notice{Kind: NoticeVisitSoon, Ref: "s1_20261203", Member: "m2", Due: clock.now().Add(10 * time.Minute)})

	due := func() string {
		t.Helper()
		list, err := o.Due(ctx, clock.now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		return ids(list)
	}
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	check("due at once", due(), "")
	next, err := o.Next(ctx)
	must(err)
	check("next", next.Format("15:04"), "09:10")
	clock.advance(2 * time.Hour)
	check("due, the earliest first", due(), "visit_soon:s1_20261203:m2:0 hold_ready:h1:m1:1")

	must(o.HandedOver(ctx, soon.ID))
	check("handed over", due(), "hold_ready:h1:m1:1")
	owed(t, s, soon)
	check("under way is not owed again", due(), "hold_ready:h1:m1:1")
	lost, err := o.Lost(ctx, clock.now().Add(-time.Second), 10)
	must(err)
	check("lost too early", ids(lost), "")
	clock.advance(3 * time.Minute)
	lost, err = o.Lost(ctx, clock.now().Add(-2*time.Minute), 10)
	must(err)
	check("lost", ids(lost), string(soon.ID))

	must(o.Sent(ctx, soon))
	must(o.HandedOver(ctx, soon.ID)) // the relay comes after a quick worker
	must(o.Failed(ctx, soon, "a second end counts nothing"))
	owed(t, s, soon)
	check("sent is not owed again", due(), "hold_ready:h1:m1:1")
	done, err := o.Done(ctx, soon.ID)
	must(err)
	check("done", strconv.FormatBool(done), "true")

	must(o.HandedOver(ctx, ready.ID))
	must(o.Postpone(ctx, ready.ID, clock.now().Add(time.Hour)))
	must(o.HandedOver(ctx, ready.ID)) // the relay comes after a quick worker
	check("postponed", due(), "")
	clock.advance(time.Hour)
	check("due after the postponement", due(), string(ready.ID))
	must(o.Failed(ctx, ready, "refused"))

	counts, err := o.Counts(ctx)
	must(err)
	check("counts", fmt.Sprint(counts), "{0 0 map[visit_soon:1] map[] map[hold_ready:1]}")
	failures, err := o.Failures(ctx, 10)
	must(err)
	if len(failures) != 1 || failures[0].ID != ready.ID || failures[0].Reason != "refused" || !failures[0].At.Equal(clock.now()) {
		t.Errorf("failures: %+v", failures)
	}
}

// TestNoticeIsInOnePlace holds the outbox's invariant under any order of steps: a notice is owed, under way or ended,
// in one of them only, and ends once.
func TestNoticeIsInOnePlace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, clock := openTest(t)
		ctx, o := t.Context(), s.Outbox
		n := owed(t, s, Notice{Kind: NoticeAnswer, Ref: "q1", Member: "m1", Due: clock.now()})
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			var err error
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0:
				owed(t, s, n)
			case 1:
				err = o.HandedOver(ctx, n.ID)
			case 2:
				err = o.Postpone(ctx, n.ID, clock.now().Add(time.Minute))
			case 3:
				clock.advance(time.Minute)
			case 4:
				err = o.Sent(ctx, n)
			case 5:
				err = o.Dropped(ctx, n, "late")
			}
			if err != nil {
				rt.Fatal(err)
			}
			c, err := o.Counts(ctx)
			if err != nil {
				rt.Fatal(err)
			}
			if places := c.Owed + c.UnderWay + c.Sent[n.Kind] + c.Dropped[n.Kind]; places != 1 {
				rt.Fatalf("the notice is in %d places: %+v", places, c)
			}
		}
	})
}
