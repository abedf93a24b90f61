package store

import "time"

// BroadcastID identifies a broadcast ("b…").
type BroadcastID string

// BroadcastState is a state of a broadcast's life.
type BroadcastState string

// The states of a broadcast.
const (
	BroadcastDraft     BroadcastState = "draft"
	BroadcastSending   BroadcastState = "sending"
	BroadcastPaused    BroadcastState = "paused"
	BroadcastSent      BroadcastState = "sent"
	BroadcastCancelled BroadcastState = "cancelled"
)

// AudienceKind says by what people are chosen.
type AudienceKind string

// The kinds of audience.
const (
	AudienceAll       AudienceKind = "all"       // everybody known to the bot
	AudienceMembers   AudienceKind = "members"   // members and staff
	AudienceLanguage  AudienceKind = "language"  // Ref: lt, lv or en
	AudienceFollowers AudienceKind = "followers" // Ref: StopID
	AudienceActivity  AudienceKind = "activity"  // Ref: ActivityID; its confirmed participants
)

// Audience names who gets a broadcast.
type Audience struct {
	Kind AudienceKind `json:"kind"`
	Ref  string       `json:"ref,omitempty"`
}

// Broadcast is one announcement to many.
type Broadcast struct {
	ID       BroadcastID    `json:"id"`
	By       MemberID       `json:"by"`
	State    BroadcastState `json:"state"`
	Text     string         `json:"text"`            // as typed; escaped when rendered
	Photo    string         `json:"photo,omitempty"` // Telegram file_id
	Audience Audience       `json:"audience"`
	Chat     int64          `json:"chat"`    // where the progress message stands
	Message  int            `json:"message"` // its id
	At       time.Time      `json:"at"`
	EndedAt  time.Time      `json:"ended_at,omitzero"`
	Progress Progress       `json:"progress"`
}

// Progress counts a broadcast's recipients.
type Progress struct{ Total, Sent, Unreachable, Failed int }

// Remaining is how many are still to come.
func (p Progress) Remaining() int { return p.Total - p.Sent - p.Unreachable - p.Failed }

// Delivery says how one send ended.
type Delivery string

// The outcomes of one send.
const (
	DeliverySent        Delivery = "sent"
	DeliveryUnreachable Delivery = "unreachable"
	DeliveryFailed      Delivery = "failed"
)

// Broadcasts keeps broadcasts, their fixed audiences and cursors.
type Broadcasts struct{ *db }
