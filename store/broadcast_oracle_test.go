package store

import (
	"slices"
	"time"
)

// addressee is one person of an audience, as somebody with a list and a pencil would keep them.
type addressee struct {
	mark      string    // "open", "taken", "sent", "unreachable", "failed", "left", "recalled"
	free      time.Time // of a send: when somebody else may take them
	inPass    bool      // taken for the present pass
	passFree  time.Time
	forgotten bool
}

// ledger is the oracle of one broadcast: it knows nothing of cursors, bytes and sets but where on the list the present pass stands.
type ledger struct {
	people       []*addressee
	state, from  BroadcastState
	pass         Pass
	line         int // the present pass has gone over the people before it
	total        int // of the present pass
	done, failed int
	ends, vain   int // since it was last set going
	now          time.Time
}

func (x *ledger) count(marks ...string) (n int) {
	for _, a := range x.people {
		if slices.Contains(marks, a.mark) {
			n++
		}
	}
	return n
}

func (x *ledger) enter(state BroadcastState) {
	x.state = state
	if state == BroadcastSending {
		x.ends, x.vain = 0, 0
	}
}

// leave ends the present pass.
func (x *ledger) leave() {
	for _, a := range x.people {
		if a.inPass && x.pass == PassRetry {
			a.mark = "failed"
		}
		a.inPass = false
	}
	x.line = len(x.people)
	x.enter(x.from)
	if x.from == BroadcastPaused {
		x.pass = PassSend
	}
}

func (x *ledger) finish() {
	if x.state != BroadcastSending && x.state != BroadcastPaused {
		return
	}
	switch {
	case x.pass == PassSend && x.count("open") == 0 && !slices.ContainsFunc(x.people, func(a *addressee) bool { return !a.free.IsZero() }):
		x.enter(BroadcastSent)
	case x.pass != PassSend && x.line == len(x.people) && !slices.ContainsFunc(x.people, func(a *addressee) bool { return a.inPass }):
		x.leave()
	}
}

// wanted tells whether the present pass has not come to somebody yet, or may come again.
func (x *ledger) wanted(i int) bool {
	a := x.people[i]
	if x.pass == PassSend {
		return a.mark == "open" || !a.free.IsZero() && !a.free.After(x.now)
	}
	if a.inPass {
		return !a.passFree.After(x.now)
	}
	mark := map[Pass]string{PassRetry: "failed", PassCorrect: "sent", PassRecall: "sent"}[x.pass]
	return i >= x.line && a.mark == mark
}

// note counts one of the present pass.
func (x *ledger) note(pass Pass, d Delivery) {
	x.ends++
	if d == DeliverySent {
		x.done++
	} else {
		x.failed++
	}
	if d == DeliveryFailed {
		x.vain++
	}
	if !pass.overCopies() && x.state == BroadcastSending && x.vain >= 20 && 4*x.vain >= x.ends {
		x.enter(BroadcastPaused)
	}
}

// arrived has a copy changed that arrived while the copies were being changed.
func (x *ledger) arrived(i int) {
	ended := x.state == BroadcastSent || x.state == BroadcastCancelled
	if x.pass != PassRecall && (x.pass != PassCorrect || ended) {
		return
	}
	x.total++
	if i < x.line {
		x.people[i].inPass, x.people[i].passFree = true, x.now
	}
	if ended {
		x.from = x.state
		x.enter(BroadcastSending)
	}
}

// begin starts another pass.
func (x *ledger) begin(pass Pass, total int) {
	switch {
	case x.state == BroadcastSent || x.state == BroadcastCancelled:
		x.from = x.state
	case pass == PassRecall:
		x.from = BroadcastCancelled
	default:
		x.from = BroadcastPaused
	}
	x.pass, x.line, x.total, x.done, x.failed = pass, 0, total, 0, 0
	x.enter(BroadcastSending)
}

func (x *ledger) busy() bool { return x.state == BroadcastSending || x.state == BroadcastPaused }
