package store

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// broadcastMachine drives the store and the oracle side by side.
type broadcastMachine struct {
	s       *Store
	c       *clock
	id      BroadcastID
	members []MemberID  // by index
	given   []Recipient // all that were ever taken, also by processes that were killed
	mood    []Delivery  // of Telegram
	x       *ledger
}

func (h *broadcastMachine) take(t *rapid.T) {
	limit := rapid.IntRange(1, 12).Draw(t, "limit")
	lease := time.Duration(rapid.IntRange(5, 15).Draw(t, "seconds")) * time.Second
	var gone []int
	for i, a := range h.x.people {
		if a.forgotten && h.x.wanted(i) {
			gone = append(gone, i)
		}
	}
	list, err := h.s.Broadcasts.Take(t.Context(), h.id, limit, lease)
	expect(t, "take", err, nil)
	if h.x.state != BroadcastSending {
		if len(list) > 0 {
			t.Fatalf("taken while %s: %v", h.x.state, list)
		}
		return
	}
	for _, r := range list {
		h.taken(t, r, h.x.now.Add(lease))
	}
	h.learn(t, gone)
	for i, a := range h.x.people {
		if len(list) < limit && h.x.wanted(i) {
			t.Fatalf("%d were taken of at most %d, and %d, who is %s, was not", len(list), limit, i, a.mark)
		}
	}
	if len(list) == 0 {
		h.x.finish()
	}
	h.given = append(h.given, list...)
}

// taken notes who was taken, if they were to be.
func (h *broadcastMachine) taken(t *rapid.T, r Recipient, free time.Time) {
	a := h.x.people[r.Index]
	if !h.x.wanted(r.Index) || r.Pass != h.x.pass || r.Member != h.members[r.Index] || a.forgotten {
		t.Fatalf("%v is taken, who is %+v in the pass %s", r, a, h.x.pass)
	}
	if h.x.pass.overCopies() && !slices.Equal(r.Messages, []int{1000 + r.Index, 2000 + r.Index}) {
		t.Fatalf("the copy of %d is %v", r.Index, r.Messages)
	}
	switch h.x.pass {
	case PassSend:
		a.mark, a.free = "taken", free
	case PassRetry:
		a.mark, a.inPass, a.passFree = "taken", true, free
	case PassCorrect, PassRecall:
		a.inPass, a.passFree = true, free
	}
}

// learn takes from the store how far a pass has come, and so which of those who were forgotten it found gone.
func (h *broadcastMachine) learn(t *rapid.T, gone []int) {
	a, err := h.s.db.audit(t.Context(), h.id)
	expect(t, "read", err, nil)
	if h.x.pass != PassSend {
		h.x.line, err = strconv.Atoi(a.state["pass_cursor"])
		expect(t, "read how far the pass is", err, nil)
	}
	for _, i := range gone {
		y := h.x.people[i]
		over := h.x.pass.overCopies() && !slices.Contains(a.passing, strconv.Itoa(i)) && i < h.x.line
		if over || !h.x.pass.overCopies() && a.results[i] == 'l' {
			if h.x.pass != PassSend {
				h.x.failed++
			}
			if !h.x.pass.overCopies() {
				y.mark = "left"
			}
			y.free, y.inPass = time.Time{}, false
		}
	}
}

// token draws somebody who was taken; perhaps long ago, by a process that hung.
func (h *broadcastMachine) token(t *rapid.T) Recipient {
	if len(h.given) == 0 {
		t.Skip("nobody was taken")
	}
	last := h.given[max(0, len(h.given)-12):]
	if rapid.IntRange(0, 9).Draw(t, "old") == 0 {
		last = h.given
	}
	return rapid.SampledFrom(last).Draw(t, "recipient")
}

func (h *broadcastMachine) leased(r Recipient) bool {
	a := h.x.people[r.Index]
	return r.Pass == PassSend && !a.free.IsZero() || r.Pass != PassSend && r.Pass == h.x.pass && a.inPass
}

func (h *broadcastMachine) settle(t *rapid.T) { h.settleOne(t, h.token(t)) }

// work takes some and settles all of them.
func (h *broadcastMachine) work(t *rapid.T) {
	before := len(h.given)
	h.take(t)
	for _, r := range h.given[before:] {
		h.settleOne(t, r)
	}
}

func (h *broadcastMachine) settleOne(t *rapid.T, r Recipient) {
	d := rapid.SampledFrom(h.mood).Draw(t, "outcome")
	_, err := h.s.Broadcasts.Settle(t.Context(), h.id, r, d, []int{1000 + r.Index, 2000 + r.Index}, "why")
	expect(t, "settle", err, nil)
	a := h.x.people[r.Index]
	late := r.Pass == PassRetry && d == DeliverySent && a.mark == "failed"
	leased := h.leased(r)
	if !leased && !late {
		return
	}
	if r.Pass == PassSend {
		a.free = time.Time{}
	} else if leased {
		a.inPass = false
	}
	switch {
	case !r.Pass.overCopies():
		a.mark = string(d)
	case r.Pass == PassRecall && d == DeliverySent:
		a.mark = "recalled"
	}
	if leased && r.Pass == h.x.pass {
		h.x.note(r.Pass, d)
	} else if !r.Pass.overCopies() && d == DeliverySent {
		h.x.arrived(r.Index)
	}
	h.x.finish()
}

func (h *broadcastMachine) extend(t *rapid.T) {
	r := h.token(t)
	d := time.Duration(rapid.SampledFrom([]int{15, 15, 7200}).Draw(t, "seconds")) * time.Second
	if d > time.Minute {
		expect(t, "postpone", h.s.Broadcasts.Postpone(t.Context(), h.id, r, h.x.now.Add(d)), nil)
	} else {
		expect(t, "extend", h.s.Broadcasts.Extend(t.Context(), h.id, []Recipient{r}, d), nil)
	}
	switch a := h.x.people[r.Index]; {
	case h.leased(r) && r.Pass == PassSend:
		a.free = h.x.now.Add(d)
	case h.leased(r):
		a.passFree = h.x.now.Add(d)
	}
}

// wait lets leases end: to be killed is to settle nothing until then.
func (h *broadcastMachine) wait(t *rapid.T) {
	d := time.Duration(rapid.SampledFrom([]int{3, 15, 15, 3600}).Draw(t, "seconds")) * time.Second
	h.c.advance(d)
	h.x.now = h.x.now.Add(d)
}

func (h *broadcastMachine) pause(t *rapid.T) {
	_, err := h.s.Broadcasts.Pause(t.Context(), Op{}, h.id)
	if expect(t, "pause", err, refused(h.x.state == BroadcastSending)) {
		h.x.enter(BroadcastPaused)
		h.x.finish()
	}
}

func (h *broadcastMachine) resume(t *rapid.T) {
	_, err := h.s.Broadcasts.Resume(t.Context(), Op{}, h.id)
	if expect(t, "resume", err, refused(h.x.state == BroadcastPaused)) {
		h.x.enter(BroadcastSending)
		h.x.finish()
	}
}

func (h *broadcastMachine) cancel(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "sure") > 0 {
		t.Skip("not sure")
	}
	_, err := h.s.Broadcasts.Cancel(t.Context(), Op{}, h.id)
	if !expect(t, "cancel", err, refused(h.x.busy())) {
		return
	}
	if h.x.pass == PassSend {
		h.x.enter(BroadcastCancelled)
	} else {
		h.x.leave()
	}
}

func (h *broadcastMachine) retry(t *rapid.T) {
	_, err := h.s.Broadcasts.Retry(t.Context(), Op{}, h.id)
	failed := h.x.count("failed")
	idle := !h.x.busy() || h.x.state == BroadcastPaused && h.x.pass == PassSend
	if expect(t, "retry", err, refused(idle && failed > 0 && h.x.count("recalled") == 0)) {
		h.x.begin(PassRetry, failed)
	}
}

func (h *broadcastMachine) correct(t *rapid.T) {
	x, err := h.s.Broadcasts.Correct(t.Context(), Op{}, h.id, map[string]string{"lt": "Taisyta"})
	idle := !h.x.busy() || h.x.state == BroadcastPaused && h.x.pass == PassSend
	served := slices.ContainsFunc(h.x.people, func(a *addressee) bool {
		return a.free.After(h.x.now) && !a.free.After(h.x.now.Add(time.Minute))
	})
	if expect(t, "correct", err, refused(idle && !served && h.x.count("sent") > 0)) {
		h.x.begin(PassCorrect, h.x.count("sent"))
		if x.Text("lt") != "Taisyta" {
			t.Fatalf("the text is %q", x.Text("lt"))
		}
	}
}

func (h *broadcastMachine) recall(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "sure") > 0 {
		t.Skip("not sure")
	}
	_, err := h.s.Broadcasts.Recall(t.Context(), Op{}, h.id)
	recalling := h.x.busy() && h.x.pass == PassRecall
	if !expect(t, "recall", err, refused(!recalling && h.x.count("sent") > 0)) {
		return
	}
	if h.x.busy() && h.x.pass != PassSend {
		h.x.leave()
	}
	h.x.begin(PassRecall, h.x.count("sent"))
}

func (h *broadcastMachine) forget(t *rapid.T) {
	i := rapid.IntRange(0, len(h.members)-1).Draw(t, "index")
	expect(t, "forget", h.s.sweepBroadcasts(t.Context(), h.members[i]), nil)
	h.x.people[i].forgotten = true
}

// agree compares the store with the oracle.
func (h *broadcastMachine) agree(t *rapid.T) {
	b, err := h.s.Broadcasts.Get(t.Context(), h.id)
	expect(t, "read", err, nil)
	x := h.x
	want := Progress{
		Total: len(x.people), Sent: x.count("sent", "recalled"), Unreachable: x.count("unreachable"), Failed: x.count("failed"),
		Left: x.count("left"), Waiting: b.Progress.Waiting, Recalled: x.count("recalled"),
		PassTotal: b.Progress.PassTotal, PassDone: b.Progress.PassDone, PassFailed: b.Progress.PassFailed,
	}
	if x.pass != PassSend {
		want.PassTotal, want.PassDone, want.PassFailed = x.total, x.done, x.failed
	}
	if b.State != x.state || b.Pass != x.pass || b.Progress != want {
		t.Fatalf("%s %s %+v, the oracle says %s %s %+v", b.State, b.Pass, b.Progress, x.state, x.pass, want)
	}
	problems, err := h.s.checkBroadcasts(t.Context(), nil)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v, %v", problems, err)
	}
}

// TestBroadcastsAgreeWithOracle: whatever happens in whatever order, nobody is taken by two at a time, each is counted once, and a pass
// ends when it has come to everybody.
func TestBroadcastsAgreeWithOracle(t *testing.T) {
	first, _ := openTest(t)
	rapid.Check(t, func(rt *rapid.T) {
		s, c := openOn(t, first.db.rdb, fmt.Sprintf("oracle%d", libraries.Add(1)))
		n := rapid.SampledFrom([]int{1, 3, 10, 20, 60}).Draw(rt, "people")
		putMembers(t, s, n)
		h := &broadcastMachine{s: s, c: c, x: &ledger{state: BroadcastSending, pass: PassSend, now: c.now()}}
		h.mood = rapid.SampledFrom([][]Delivery{
			{DeliverySent, DeliverySent, DeliverySent, DeliveryFailed, DeliveryUnreachable, DeliveryLeft}, {DeliverySent, DeliveryFailed, DeliveryFailed},
		}).Draw(rt, "mood")
		h.id = s.start(t).ID
		list, err := s.db.rdb.LRange(t.Context(), s.db.keys.audience(h.id), 0, -1).Result()
		expect(rt, "read the audience", err, nil)
		for _, id := range list {
			h.members = append(h.members, MemberID(id))
			h.x.people = append(h.x.people, &addressee{mark: "open"})
		}
		rt.Repeat(map[string]func(*rapid.T){
			"take": h.take, "settle": h.settle, "work": h.work, "work more": h.work, "work most": h.work, "extend": h.extend,
			"wait": h.wait, "pause": h.pause, "resume": h.resume, "cancel": h.cancel, "retry": h.retry, "retry too": h.retry, "correct": h.correct, "recall": h.recall,
			"forget": h.forget, "": h.agree,
		})
	})
}
