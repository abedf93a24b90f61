package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// shelf is the oracle: one title as a careful librarian would keep it with
// paper slips. It shares no code with the store, and knows nothing of its table.
type shelf struct {
	copies map[CopyID]string // "free", "held", "lent", "missing"
	slips  []*slip           // in the order of placing
	lent   map[LoanID]*slip  // open loans
	now    time.Time
}

type slip struct {
	id       HoldID
	member   MemberID
	state    string // "waiting", "promised", "sent", "ready", "closed", "cancelled"
	copy     CopyID // "" while it is not yet known which one
	before   string // the state before the cancellation
	left     time.Time
	deadline time.Time
}

func (x *shelf) free() int {
	n := 0
	for _, c := range x.copies {
		if c == "free" {
			n++
		}
	}
	for _, y := range x.slips {
		if y.hasCopy() && y.copy == "" {
			n--
		}
	}
	return n
}

func (x *shelf) anyLeft() bool {
	for _, c := range x.copies {
		if c != "missing" {
			return true
		}
	}
	return false
}

func (y *slip) hasCopy() bool {
	return y.state == "promised" || y.state == "sent" || y.state == "ready"
}

func (x *shelf) busy(m MemberID) bool {
	for _, y := range x.lent {
		if y.member == m {
			return true
		}
	}
	return slices.ContainsFunc(x.slips, func(y *slip) bool { return y.member == m && (y.state == "waiting" || y.hasCopy()) })
}

// settle gives what is free to who waited longest, or sends all away when nothing is left.
func (x *shelf) settle() {
	for _, y := range x.slips {
		if y.state != "waiting" {
			continue
		}
		if x.free() > 0 {
			y.state = "promised"
		} else if !x.anyLeft() {
			y.state = "closed"
		}
	}
}

func (x *shelf) release(y *slip, to string) {
	if y.hasCopy() {
		x.copies[y.copy] = "free"
	}
	y.state, y.copy = to, ""
}

// holdMachine drives the store and the oracle side by side.
type holdMachine struct {
	s       *Store
	c       *clock
	title   TitleID
	members []Member
	x       *shelf
}

// slip draws a hold, mostly an open one.
func (h *holdMachine) slip(t *rapid.T) *slip {
	if len(h.x.slips) == 0 {
		t.Skip("no holds yet")
	}
	slips := slices.DeleteFunc(slices.Clone(h.x.slips), func(y *slip) bool { return y.state != "waiting" && !y.hasCopy() })
	if len(slips) == 0 || rapid.IntRange(0, 4).Draw(t, "any") == 0 {
		slips = h.x.slips
	}
	return rapid.SampledFrom(slips).Draw(t, "hold")
}

// expect compares whether something was possible with whether it should be.
func expect(t *rapid.T, what string, err error, want error) bool {
	if !errors.Is(err, want) || (want == nil) != (err == nil) {
		t.Fatalf("%s: %v, want %v", what, err, want)
	}
	return err == nil
}

// refused is ErrStale where something should not be possible.
func refused(possible bool) error {
	if possible {
		return nil
	}
	return ErrStale
}

func (h *holdMachine) place(t *rapid.T) {
	m := rapid.SampledFrom(h.members).Draw(t, "member")
	got, err := h.s.Holds.Place(t.Context(), Op{}, h.title, m.ID, desk)
	var want error
	switch {
	case h.x.busy(m.ID):
		want = ErrAlreadyHeld
	case !h.x.anyLeft():
		want = ErrNoCopies
	}
	if !expect(t, "place", err, want) {
		return
	}
	h.x.slips = append(h.x.slips, &slip{id: got.ID, member: m.ID, state: "waiting"})
	h.x.settle()
}

func (h *holdMachine) cancel(t *rapid.T) {
	y := h.slip(t)
	_, err := h.s.Holds.Cancel(t.Context(), Op{}, y.id, y.member)
	if !expect(t, "cancel", err, refused(y.state == "waiting" || y.hasCopy())) {
		return
	}
	copyID := y.copy
	y.before, y.left = y.state, h.x.now
	h.x.release(y, "cancelled")
	y.copy = copyID
	h.x.settle()
}

func (h *holdMachine) undo(t *rapid.T) {
	y := h.slip(t)
	_, err := h.s.Holds.Undo(t.Context(), Op{}, y.id, y.member)
	intime := y.state == "cancelled" && h.x.now.Sub(y.left) <= 10*time.Minute && !h.x.busy(y.member)
	if !expect(t, "undo", err, refused(intime && (y.before == "waiting" || h.x.copies[y.copy] == "free"))) {
		return
	}
	y.state = y.before
	if y.hasCopy() {
		h.x.copies[y.copy] = "held"
	}
	h.x.settle()
}

func (h *holdMachine) send(t *rapid.T) {
	y := h.slip(t)
	_, err := h.s.Holds.Send(t.Context(), Op{}, y.id)
	if expect(t, "send", err, refused(y.state == "promised")) {
		y.state = "sent"
	}
}

func (h *holdMachine) ready(t *rapid.T) {
	y := h.slip(t)
	deadline := h.x.now.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "minutes")) * time.Minute)
	_, err := h.s.Holds.Ready(t.Context(), Op{}, y.id, deadline)
	if expect(t, "ready", err, refused(y.state == "promised" || y.state == "sent")) {
		y.state, y.deadline = "ready", deadline
	}
}

func (h *holdMachine) missing(t *rapid.T) {
	y := h.slip(t)
	_, err := h.s.Holds.Missing(t.Context(), Op{}, y.id)
	if !expect(t, "missing", err, refused(y.hasCopy())) {
		return
	}
	h.x.copies[y.copy] = "missing"
	y.state, y.copy = "waiting", ""
	h.x.settle()
}

func (h *holdMachine) collect(t *rapid.T) {
	y := h.slip(t)
	loan, err := h.s.Holds.Collect(t.Context(), Op{}, y.id, h.x.now.Add(24*time.Hour))
	if !expect(t, "collect", err, refused(y.hasCopy())) {
		return
	}
	if loan.Copy != y.copy {
		t.Fatalf("promised %s, handed over %s", y.copy, loan.Copy)
	}
	h.x.copies[y.copy] = "lent"
	y.state = "closed"
	h.x.lent[loan.ID] = &slip{member: y.member, copy: y.copy}
}

func (h *holdMachine) giveBack(t *rapid.T) {
	if len(h.x.lent) == 0 {
		t.Skip("nothing on loan")
	}
	var ids []LoanID
	for id := range h.x.lent {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	id := rapid.SampledFrom(ids).Draw(t, "loan")
	_, err := h.s.Holds.Return(t.Context(), Op{}, id)
	expect(t, "return", err, nil)
	h.x.copies[h.x.lent[id].copy] = "free"
	delete(h.x.lent, id)
	h.x.settle()
}

func (h *holdMachine) buy(t *rapid.T) {
	if len(h.x.copies) > 2 {
		t.Skip("enough copies")
	}
	expect(t, "add a copy", h.s.Titles.AddCopies(t.Context(), Op{}, h.title, MainLibrary, 1), nil)
	h.learnCopies(t)
	h.x.settle()
}

// learnCopies takes up copies that are new.
func (h *holdMachine) learnCopies(t *rapid.T) {
	copies, err := h.s.Titles.Copies(t.Context(), h.title)
	expect(t, "read copies", err, nil)
	for _, c := range copies {
		if h.x.copies[c.ID] == "" {
			h.x.copies[c.ID] = "free"
		}
	}
}

func (h *holdMachine) wait(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 20).Draw(t, "minutes")) * time.Minute
	h.c.advance(d)
	h.x.now = h.x.now.Add(d)
	n, err := h.s.Holds.ExpireDue(t.Context(), h.x.now)
	expect(t, "expire", err, nil)
	for _, y := range h.x.slips {
		if y.state == "ready" && !y.deadline.After(h.x.now) {
			h.x.release(y, "closed")
			n--
		}
	}
	if n != 0 {
		t.Fatalf("%d more expired than were due", n)
	}
	h.x.settle()
}

// agree compares the store with the oracle, and learns which copies the promises got.
func (h *holdMachine) agree(t *rapid.T) {
	names := map[HoldState]string{
		HoldPlaced: "waiting", HoldAllocated: "promised", HoldInTransit: "sent", HoldReady: "ready", HoldCancelled: "cancelled",
		HoldCollected: "closed", HoldExpired: "closed", HoldUnfilled: "closed",
	}
	position := 0
	for _, y := range h.x.slips {
		got, err := h.s.Holds.Get(t.Context(), y.id)
		expect(t, "read a hold", err, nil)
		if names[got.State] != y.state {
			t.Fatalf("hold %s is %s, the oracle says %s", y.id, got.State, y.state)
		}
		want := 0
		if y.state == "waiting" {
			position++
			want = position
		}
		if got.Position != want {
			t.Fatalf("hold %s is at %d, the oracle says %d", y.id, got.Position, want)
		}
		if y.hasCopy() && y.copy == "" {
			if h.x.copies[got.Copy] != "free" {
				t.Fatalf("hold %s got copy %q, which is %q", y.id, got.Copy, h.x.copies[got.Copy])
			}
			y.copy = got.Copy
			h.x.copies[got.Copy] = "held"
		}
		if y.hasCopy() && got.Copy != y.copy {
			t.Fatalf("hold %s has copy %q, the oracle says %q", y.id, got.Copy, y.copy)
		}
	}
	shelves, err := h.s.Titles.Shelves(t.Context(), h.title)
	expect(t, "read shelves", err, nil)
	free := 0
	for _, x := range shelves {
		free += x.Free
	}
	if free != h.x.free() {
		t.Fatalf("%d copies are free, the oracle says %d", free, h.x.free())
	}
}

// TestHoldsAgreeWithOracle: whatever happens in whatever order, a copy is in one pair of hands, the queue is in order
// of placing, nobody in it is passed over, and a hold that is ready has its copy.
func TestHoldsAgreeWithOracle(t *testing.T) {
	first, _ := openTest(t)
	rapid.Check(t, func(rt *rapid.T) {
		s, c := openOn(t, first.db.rdb, fmt.Sprintf("oracle%d", libraries.Add(1)))
		h := &holdMachine{s: s, c: c, x: &shelf{copies: map[CopyID]string{}, lent: map[LoanID]*slip{}, now: c.now()}}
		h.title = shelve(t, s, "Verslas", rapid.IntRange(1, 2).Draw(rt, "copies"))
		for i := range 5 {
			h.members = append(h.members, join(t, s, fmt.Sprint("Narys ", i)))
		}
		h.learnCopies(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"place": h.place, "place too": h.place, "cancel": h.cancel, "undo": h.undo, "send": h.send, "ready": h.ready, "missing": h.missing,
			"collect": h.collect, "return": h.giveBack, "buy": h.buy, "wait": h.wait, "": h.agree,
		})
		problems, err := s.Check(rt.Context())
		if err != nil || len(problems) > 0 {
			rt.Fatalf("%v, %v", problems, err)
		}
	})
}
