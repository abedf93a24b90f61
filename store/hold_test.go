package store

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

const desk = Place(MainLibrary)

// place reserves, and expects a state.
func place(tb testing.TB, s *Store, title TitleID, m Member, want HoldState) Hold {
	tb.Helper()
	h, err := s.Holds.Place(tb.Context(), Op{}, title, m.ID, desk)
	if err != nil || h.State != want {
		tb.Fatalf("%s places a hold: %s, %v; want %s", m.Name, h.State, err, want)
	}
	return h
}

// owedTo lists the kinds of notice owed to a member.
func owedTo(tb testing.TB, s *Store, c *clock, id MemberID) []NoticeKind {
	tb.Helper()
	due, err := s.Outbox.Due(tb.Context(), c.now(), 1000)
	if err != nil {
		tb.Fatal(err)
	}
	var kinds []NoticeKind
	for _, n := range due {
		if n.Member == id {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

func TestHoldEvents(t *testing.T) {
	all := map[HoldEvent]func(*Store, *clock, Hold) error{
		HoldSend:    func(s *Store, _ *clock, h Hold) error { _, err := s.Holds.Send(t.Context(), Op{}, h.ID); return err },
		HoldMissing: func(s *Store, _ *clock, h Hold) error { _, err := s.Holds.Missing(t.Context(), Op{}, h.ID); return err },
		HoldCancel: func(s *Store, _ *clock, h Hold) error {
			_, err := s.Holds.Cancel(t.Context(), Op{}, h.ID, h.Member)
			return err
		},
		HoldUndo: func(s *Store, _ *clock, h Hold) error {
			_, err := s.Holds.Undo(t.Context(), Op{}, h.ID, h.Member)
			return err
		},
		HoldArrive: func(s *Store, c *clock, h Hold) error {
			_, err := s.Holds.Ready(t.Context(), Op{}, h.ID, c.now().Add(time.Hour))
			return err
		},
		HoldCollect: func(s *Store, c *clock, h Hold) error {
			_, err := s.Holds.Collect(t.Context(), Op{}, h.ID, c.now().Add(24*time.Hour))
			return err
		},
		HoldExpire: func(s *Store, c *clock, _ Hold) error {
			c.advance(2 * time.Hour)
			n, err := s.Holds.ExpireDue(t.Context(), c.now())
			if err == nil && n == 0 {
				return ErrStale
			}
			return err
		},
	}
	for _, tc := range []struct {
		path []HoldEvent // from allocated, or placed where waiting
		wait bool
		want map[HoldEvent]HoldState // what is not named is refused
	}{
		{nil, false, map[HoldEvent]HoldState{
			HoldSend: HoldInTransit, HoldArrive: HoldReady, HoldCollect: HoldCollected, HoldCancel: HoldCancelled, HoldMissing: HoldUnfilled,
		}},
		{nil, true, map[HoldEvent]HoldState{HoldCancel: HoldCancelled}},
		{[]HoldEvent{HoldSend}, false, map[HoldEvent]HoldState{
			HoldArrive: HoldReady, HoldCollect: HoldCollected, HoldCancel: HoldCancelled, HoldMissing: HoldUnfilled,
		}},
		{[]HoldEvent{HoldArrive}, false, map[HoldEvent]HoldState{
			HoldCollect: HoldCollected, HoldCancel: HoldCancelled, HoldExpire: HoldExpired, HoldMissing: HoldUnfilled,
		}},
		{[]HoldEvent{HoldCollect}, false, nil},
		{[]HoldEvent{HoldCancel}, false, map[HoldEvent]HoldState{HoldUndo: HoldAllocated}},
		{[]HoldEvent{HoldCancel}, true, map[HoldEvent]HoldState{HoldUndo: HoldPlaced}},
		{[]HoldEvent{HoldSend, HoldCancel}, false, map[HoldEvent]HoldState{HoldUndo: HoldInTransit}},
		{[]HoldEvent{HoldArrive, HoldCancel}, false, map[HoldEvent]HoldState{HoldUndo: HoldReady}},
		{[]HoldEvent{HoldArrive, HoldExpire}, false, nil},
		{[]HoldEvent{HoldMissing}, false, nil},
	} {
		for event, do := range all {
			t.Run(fmt.Sprint(tc.path, tc.wait, event), func(t *testing.T) {
				s, c := openTest(t)
				title := shelve(t, s, "Verslas", 1)
				want := HoldAllocated
				if tc.wait {
					place(t, s, title, join(t, s, "Pirmoji"), HoldAllocated)
					want = HoldPlaced
				}
				h := place(t, s, title, join(t, s, "Rūta"), want)
				for _, e := range tc.path {
					if err := all[e](s, c, h); err != nil {
						t.Fatal(e, err)
					}
				}
				before, _ := s.Holds.Get(t.Context(), h.ID)
				err := do(s, c, h)
				after, _ := s.Holds.Get(t.Context(), h.ID)
				if next, possible := tc.want[event]; possible && (err != nil || after.State != next || after.Revision != before.Revision+1) {
					t.Errorf("%s -> %s, %v; want %s", before.State, after.State, err, next)
				} else if !possible && (!errors.Is(err, ErrStale) || after != before) {
					t.Errorf("%s -> %s, %v; want it refused", before.State, after.State, err)
				}
				clean(t, s)
			})
		}
	}
}

func TestPlaceRefused(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	rules := DefaultRulebook()
	rules.HoldsPerMember = 2
	if err := s.Rules.Set(ctx, Op{}, rules); err != nil {
		t.Fatal(err)
	}
	busy, guest := join(t, s, "Rūta"), meet(t, s, 9, "Svečias")
	held, lent := shelve(t, s, "Rezervuota", 1), shelve(t, s, "Paskolinta", 1)
	free, none := shelve(t, s, "Laisva", 2), shelve(t, s, "Be egzempliorių", 0)
	place(t, s, held, busy, HoldAllocated)
	h := place(t, s, lent, busy, HoldAllocated)
	for _, tc := range []struct {
		title  TitleID
		member MemberID
		at     Place
		want   error
	}{
		{"t999", busy.ID, desk, ErrNotFound},
		{free, "m999", desk, ErrNotFound},
		{free, busy.ID, "l999", ErrNotFound},
		{free, busy.ID, Place(VanLocation), ErrNotFound},
		{free, guest.ID, desk, ErrNotMember},
		{held, busy.ID, desk, ErrAlreadyHeld},
		{free, busy.ID, desk, ErrTooManyHolds},
		{none, join(t, s, "Ona").ID, desk, ErrNoCopies},
	} {
		if _, err := s.Holds.Place(ctx, Op{}, tc.title, tc.member, tc.at); !errors.Is(err, tc.want) {
			t.Errorf("%s for %s at %s: %v, want %v", tc.title, tc.member, tc.at, err, tc.want)
		}
	}
	if _, err := s.Holds.Collect(ctx, Op{}, h.ID, c.now()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Holds.Place(ctx, Op{}, lent, busy.ID, desk); !errors.Is(err, ErrAlreadyHeld) {
		t.Errorf("a title on loan: %v", err)
	}
	other := place(t, s, held, join(t, s, "Kita"), HoldPlaced)
	if _, err := s.Holds.Cancel(ctx, Op{}, other.ID, busy.ID); !errors.Is(err, ErrForbidden) {
		t.Errorf("cancels another's hold: %v", err)
	}
	clean(t, s)
}

func TestQueue(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	title := shelve(t, s, "Verslas", 1)
	a, b, d, e := join(t, s, "A"), join(t, s, "B"), join(t, s, "D"), join(t, s, "E")
	ha := place(t, s, title, a, HoldAllocated)
	hb, hd, he := place(t, s, title, b, HoldPlaced), place(t, s, title, d, HoldPlaced), place(t, s, title, e, HoldPlaced)
	if hb.Position != 1 || he.Position != 3 || len(owedTo(t, s, c, a.ID)) != 0 {
		t.Errorf("positions %d and %d, owed %v", hb.Position, he.Position, owedTo(t, s, c, a.ID))
	}
	if _, err := s.Holds.Cancel(ctx, Op{}, hb.ID, b.ID); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Holds.Get(ctx, he.ID); got.Position != 2 {
		t.Errorf("position %d after one in front left", got.Position)
	}
	c.advance(9 * time.Minute)
	if got, err := s.Holds.Undo(ctx, Op{}, hb.ID, b.ID); err != nil || got.Position != 1 {
		t.Errorf("undone at %d, %v", got.Position, err)
	}
	loan, err := s.Holds.Collect(ctx, Op{Key: "u1"}, ha.ID, time.Date(2026, 12, 20, 15, 0, 0, 0, s.db.zone))
	if err != nil || !loan.DueAt.Equal(time.Date(2026, 12, 20, 23, 59, 59, 0, s.db.zone)) {
		t.Fatalf("collected: %+v, %v", loan, err)
	}
	if _, err := s.Holds.Renew(ctx, Op{}, loan.ID, c.now()); !errors.Is(err, ErrInUse) {
		t.Errorf("renewed while others wait: %v", err)
	}
	for range 2 {
		if _, err := s.Holds.Return(ctx, Op{Key: "u2"}, loan.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Holds.Return(ctx, Op{Key: "u3"}, loan.ID); !errors.Is(err, ErrStale) {
		t.Errorf("returned twice: %v", err)
	}
	if got := owedTo(t, s, c, b.ID); !slices.Equal(got, []NoticeKind{NoticeHoldAllocated}) {
		t.Errorf("the next is owed %v", got)
	}
	if _, err := s.Holds.Ready(ctx, Op{}, hb.ID, c.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if next, err := s.Holds.NextDeadline(ctx); err != nil || !next.Equal(c.now().Add(time.Hour)) {
		t.Errorf("next deadline %v, %v", next, err)
	}
	c.advance(time.Hour)
	if n, err := s.Holds.ExpireDue(ctx, c.now()); err != nil || n != 1 {
		t.Fatalf("%d expired, %v", n, err)
	}
	if got := owedTo(t, s, c, b.ID); !slices.Contains(got, NoticeHoldExpired) {
		t.Errorf("who did not come is owed %v", got)
	}
	if got, _ := s.Holds.Get(ctx, hd.ID); got.State != HoldAllocated {
		t.Errorf("the third is %s", got.State)
	}
	if _, err := s.Holds.Missing(ctx, Op{}, hd.ID); err != nil {
		t.Fatal(err)
	}
	for _, id := range []HoldID{hd.ID, he.ID} {
		if got, _ := s.Holds.Get(ctx, id); got.State != HoldUnfilled {
			t.Errorf("without a copy left %s is %s", id, got.State)
		}
	}
	if got := owedTo(t, s, c, e.ID); !slices.Equal(got, []NoticeKind{NoticeHoldUnfilled}) {
		t.Errorf("who waited in vain is owed %v", got)
	}
	clean(t, s)
}

func TestUndoTooLate(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	title := shelve(t, s, "Verslas", 1)
	a, b := join(t, s, "A"), join(t, s, "B")
	h := place(t, s, title, a, HoldAllocated)
	if _, err := s.Holds.Cancel(ctx, Op{}, h.ID, a.ID); err != nil {
		t.Fatal(err)
	}
	c.advance(11 * time.Minute)
	if _, err := s.Holds.Undo(ctx, Op{}, h.ID, a.ID); !errors.Is(err, ErrStale) {
		t.Errorf("after eleven minutes: %v", err)
	}
	h = place(t, s, title, a, HoldAllocated)
	place(t, s, title, b, HoldPlaced)
	if _, err := s.Holds.Cancel(ctx, Op{}, h.ID, a.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Holds.Undo(ctx, Op{}, h.ID, a.ID); !errors.Is(err, ErrStale) {
		t.Errorf("when the next has the copy: %v", err)
	}
	clean(t, s)
}

func TestMissingCopy(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	title := shelve(t, s, "Verslas", 2)
	h := place(t, s, title, join(t, s, "A"), HoldAllocated)
	first := h.Copy
	h, err := s.Holds.Missing(ctx, Op{}, h.ID)
	if err != nil || h.State != HoldAllocated || h.Copy == first {
		t.Errorf("another copy: %+v, %v", h, err)
	}
	second := place(t, s, title, join(t, s, "B"), HoldPlaced)
	if err := s.Holds.Found(ctx, Op{}, first); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Holds.Get(ctx, second.ID); got.State != HoldAllocated || got.Copy != first {
		t.Errorf("found again, for who waits: %+v", got)
	}
	third := place(t, s, title, join(t, s, "C"), HoldPlaced)
	if h, err = s.Holds.Missing(ctx, Op{}, h.ID); err != nil || h.State != HoldPlaced || h.Position != 1 {
		t.Errorf("back to its place: %+v, %v", h, err)
	}
	if err := s.Titles.AddCopies(ctx, Op{}, title, VanLocation, 1); err != nil {
		t.Fatal(err)
	}
	got, _ := s.Holds.Get(ctx, h.ID)
	if other, _ := s.Holds.Get(ctx, third.ID); got.State != HoldAllocated || other.Position != 1 {
		t.Errorf("a new copy: %+v and %+v", got, other)
	}
	clean(t, s)
}

func TestNearestCopy(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	branch := RecordCopy{Location: "Obelių filialas"}
	_, ids, err := s.Titles.Put(ctx, Op{}, "", []Record{
		{Title: Title{Name: "Verslas"}, Copies: []RecordCopy{branch, {Location: "Bibliobusas"}, {}, branch}},
	})
	if err != nil {
		t.Fatal(err)
	}
	copies, _ := s.Titles.Copies(ctx, ids[0])
	stop, err := s.Van.SaveStop(ctx, Op{}, Stop{
		Community: "Juodupė", Name: "Prie mokyklos", Arrival: 600, Departure: 630, Rule: "FREQ=WEEKLY", Start: "2026-11-24",
	}, "Šiaurė")
	if err != nil {
		t.Fatal(err)
	}
	for i, tc := range []struct {
		at   Place
		want LocationID
	}{{Place(copies[0].Location), copies[0].Location}, {Place(stop.ID), VanLocation}, {desk, MainLibrary}, {desk, copies[0].Location}} {
		h, err := s.Holds.Place(ctx, Op{}, ids[0], join(t, s, fmt.Sprint("M", i)).ID, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Titles.Copy(ctx, h.Copy); got.Location != tc.want {
			t.Errorf("for %s from %s, want %s", tc.at, got.Location, tc.want)
		}
	}
	if list, err := s.Holds.ForPickup(ctx, Place(stop.ID)); err != nil || len(list) != 1 {
		t.Errorf("for the stop: %v, %v", list, err)
	}
	clean(t, s)
}

func TestLend(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	title := shelve(t, s, "Verslas", 2)
	copies, _ := s.Titles.Copies(ctx, title)
	a, b := join(t, s, "A"), join(t, s, "B")
	h := place(t, s, title, a, HoldAllocated)
	other := copies[0].ID
	if h.Copy == other {
		other = copies[1].ID
	}
	if _, err := s.Holds.Lend(ctx, Op{}, h.Copy, b.ID, c.now()); !errors.Is(err, ErrStale) {
		t.Errorf("lends what is promised to another: %v", err)
	}
	loan, err := s.Holds.Lend(ctx, Op{}, other, a.ID, c.now())
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Holds.Get(ctx, h.ID); got.State != HoldCollected || got.Copy != other {
		t.Errorf("their own hold, with the other copy: %+v", got)
	}
	if _, err := s.Holds.Lend(ctx, Op{}, h.Copy, b.ID, c.now().Add(48*time.Hour)); err != nil {
		t.Errorf("the copy promised before is free: %v", err)
	}
	if got, err := s.Holds.LoanOf(ctx, other); err != nil || got.ID != loan.ID {
		t.Errorf("by its copy: %+v, %v", got, err)
	}
	all, total, err := s.Holds.AllLoans(ctx, 0, 10)
	if err != nil || total != 2 || all[0].ID != loan.ID {
		t.Errorf("all loans: %v of %d, %v", all, total, err)
	}
	renewed, err := s.Holds.Renew(ctx, Op{}, loan.ID, c.now().Add(240*time.Hour))
	if err != nil || !renewed.DueAt.After(loan.DueAt) {
		t.Errorf("renewed: %+v, %v", renewed, err)
	}
	if mine, _ := s.Holds.Loans(ctx, a.ID); len(mine) != 1 || !mine[0].DueAt.Equal(renewed.DueAt) {
		t.Errorf("a member's loans: %v", mine)
	}
	if _, err := s.Holds.Lend(ctx, Op{}, other, meet(t, s, 1, "Svečias").ID, c.now()); !errors.Is(err, ErrNotMember) {
		t.Errorf("lends to a guest: %v", err)
	}
	clean(t, s)
}

func TestRaceForOneCopy(t *testing.T) {
	s, _ := openTest(t)
	title := shelve(t, s, "Verslas", 1)
	const people = 500
	members := make([]Member, people)
	for i := range members {
		members[i] = join(t, s, fmt.Sprint("Narys ", i))
	}
	got := make([]Hold, people)
	var wg sync.WaitGroup
	for i, m := range members {
		wg.Go(func() {
			for range 2 { // each asks twice, as a redelivered update does
				h, err := s.Holds.Place(t.Context(), Op{Key: fmt.Sprint("u", i)}, title, m.ID, desk)
				if err != nil {
					t.Error(err)
				}
				if got[i].ID != "" && got[i] != h {
					t.Errorf("the same update gave %+v, then %+v", got[i], h)
				}
				got[i] = h
			}
		})
	}
	wg.Wait()
	positions := make([]int, 0, people)
	for _, h := range got {
		positions = append(positions, h.Position)
	}
	slices.Sort(positions)
	for i, p := range positions { // 0 has the copy, the others wait at 1, 2, …
		if p != i {
			t.Fatalf("places are %v", positions)
		}
	}
	clean(t, s)
}
