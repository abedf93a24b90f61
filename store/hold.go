package store

import "time"

// HoldID identifies a hold ("h…"). Its number, in base 36, counts placings.
type HoldID string

// LoanID identifies a loan ("n…").
type LoanID string

// Place is a pickup place: a LocationID ("l…") or a StopID ("s…").
type Place string

// HoldState is a state of a hold's life (DESIGN.md section 5).
type HoldState string

// The states of a hold.
const (
	HoldPlaced    HoldState = "placed"     // waits in the title's queue
	HoldAllocated HoldState = "allocated"  // a copy is promised; to be pulled from its shelf
	HoldInTransit HoldState = "in_transit" // on its way to the pickup place
	HoldReady     HoldState = "ready"      // waits at the pickup place until its deadline
	HoldCollected HoldState = "collected"  // became a loan
	HoldCancelled HoldState = "cancelled"
	HoldExpired   HoldState = "expired"  // was not collected in time
	HoldUnfilled  HoldState = "unfilled" // no copy could be had
)

// Open tells whether the hold still waits for something.
func (s HoldState) Open() bool {
	switch s {
	case HoldPlaced, HoldAllocated, HoldInTransit, HoldReady:
		return true
	case HoldCollected, HoldCancelled, HoldExpired, HoldUnfilled:
		return false
	}
	return false
}

// Hold is a member's claim to a title.
type Hold struct {
	ID        HoldID    `json:"id"`
	Title     TitleID   `json:"title"`
	Member    MemberID  `json:"member"`
	Pickup    Place     `json:"pickup"`
	State     HoldState `json:"state"`
	Copy      CopyID    `json:"copy,omitempty"`
	Position  int       `json:"position,omitempty"` // 1 is next; 0 when not in the queue
	PlacedAt  time.Time `json:"placed_at"`
	ChangedAt time.Time `json:"changed_at"`
	Deadline  time.Time `json:"deadline,omitzero"` // of a ready hold: collected by then, or expired
	Revision  int       `json:"revision"`
}

// Loan is a copy in a member's hands.
type Loan struct {
	ID         LoanID    `json:"id"`
	Title      TitleID   `json:"title"`
	Copy       CopyID    `json:"copy"`
	Member     MemberID  `json:"member"`
	IssuedAt   time.Time `json:"issued_at"`
	DueAt      time.Time `json:"due_at"` // end of that day on the library's clock
	ReturnedAt time.Time `json:"returned_at,omitzero"`
}

// HoldEvent is something that happens to a hold. The table in hold_table.go
// says which are possible in which state.
type HoldEvent string

// The events of a hold's life.
const (
	HoldPlace    HoldEvent = "place"
	HoldAllocate HoldEvent = "allocate" // by itself, when a copy is free
	HoldSend     HoldEvent = "send"     // staff put it on its way
	HoldArrive   HoldEvent = "arrive"   // staff mark it ready at the pickup place
	HoldCollect  HoldEvent = "collect"
	HoldCancel   HoldEvent = "cancel"
	HoldExpire   HoldEvent = "expire"
	HoldUndo     HoldEvent = "undo" // of a cancellation, for ten minutes, in the old place
	HoldMissing  HoldEvent = "missing"
)
