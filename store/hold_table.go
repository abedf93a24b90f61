package store

// HoldGuard is a condition on a transition. lua/lib_hold.lua decides each.
type HoldGuard string

// The guards of the hold's table. "" always holds.
const (
	GuardCopyFree     HoldGuard = "copy_free"      // a copy of the title is available
	GuardCopiesLeft   HoldGuard = "copies_left"    // a copy of the title is not missing
	GuardNoCopies     HoldGuard = "no_copies"      // all copies of the title are missing
	GuardWasWaiting   HoldGuard = "was_waiting"    // cancelled while placed
	GuardWasAllocated HoldGuard = "was_allocated"  // cancelled while allocated, and its copy is still free
	GuardWasInTransit HoldGuard = "was_in_transit" // cancelled while in transit, and its copy is still free
	GuardWasReady     HoldGuard = "was_ready"      // cancelled while ready, and its copy is still free
)

// HoldTransition is one row of the hold's life.
type HoldTransition struct {
	From   HoldState    `json:"from"` // "" before there is a hold
	Event  HoldEvent    `json:"event"`
	Guard  HoldGuard    `json:"guard"`
	To     HoldState    `json:"to"`
	Notify []NoticeKind `json:"notify"` // owed to the hold's member in the same step
}

// HoldTable is the whole life of a hold, and the only place that says what
// follows from what: scripts get it as data. Of the rows with a state and an
// event, the first whose guard holds is taken; without one the event is
// refused (ErrStale).
//
// What a state means for the copy follows from the state alone: placed waits
// in the queue in the order of placing; allocated, in transit and ready have a
// copy promised; collected has it lent; the other ends leave it free, and the
// next in the queue gets it.
func HoldTable() []HoldTransition {
	none := []NoticeKind{}
	rows := []HoldTransition{
		{From: "", Event: HoldPlace, Guard: GuardCopyFree, To: HoldAllocated, Notify: none},
		{From: "", Event: HoldPlace, Guard: GuardCopiesLeft, To: HoldPlaced, Notify: none},

		{From: HoldPlaced, Event: HoldAllocate, Guard: GuardCopyFree, To: HoldAllocated, Notify: []NoticeKind{NoticeHoldAllocated}},
		{From: HoldPlaced, Event: HoldCancel, To: HoldCancelled, Notify: none},
		{From: HoldPlaced, Event: HoldMissing, Guard: GuardNoCopies, To: HoldUnfilled, Notify: []NoticeKind{NoticeHoldUnfilled}},

		{From: HoldAllocated, Event: HoldSend, To: HoldInTransit, Notify: none},
		{From: HoldAllocated, Event: HoldArrive, To: HoldReady, Notify: []NoticeKind{NoticeHoldReady}},
		{From: HoldInTransit, Event: HoldArrive, To: HoldReady, Notify: []NoticeKind{NoticeHoldReady}},
		{From: HoldReady, Event: HoldExpire, To: HoldExpired, Notify: []NoticeKind{NoticeHoldExpired}},

		{From: HoldCancelled, Event: HoldUndo, Guard: GuardWasWaiting, To: HoldPlaced, Notify: none},
		{From: HoldCancelled, Event: HoldUndo, Guard: GuardWasAllocated, To: HoldAllocated, Notify: none},
		{From: HoldCancelled, Event: HoldUndo, Guard: GuardWasInTransit, To: HoldInTransit, Notify: none},
		{From: HoldCancelled, Event: HoldUndo, Guard: GuardWasReady, To: HoldReady, Notify: none},
	}
	for _, promised := range []HoldState{HoldAllocated, HoldInTransit, HoldReady} {
		rows = append(rows,
			HoldTransition{From: promised, Event: HoldCollect, To: HoldCollected, Notify: none},
			HoldTransition{From: promised, Event: HoldCancel, To: HoldCancelled, Notify: none},
			HoldTransition{From: promised, Event: HoldMissing, Guard: GuardCopyFree, To: HoldAllocated, Notify: none},
			HoldTransition{From: promised, Event: HoldMissing, Guard: GuardCopiesLeft, To: HoldPlaced, Notify: none},
			HoldTransition{From: promised, Event: HoldMissing, Guard: GuardNoCopies, To: HoldUnfilled, Notify: []NoticeKind{NoticeHoldUnfilled}},
		)
	}
	return rows
}
