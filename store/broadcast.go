package store

import (
	"strings"
	"time"
)

// BroadcastID identifies a broadcast ("b…").
type BroadcastID string

// BroadcastState is a state of a broadcast's life.
type BroadcastState string

// The states of a broadcast.
const (
	BroadcastDraft     BroadcastState = "draft"
	BroadcastScheduled BroadcastState = "scheduled"
	BroadcastSending   BroadcastState = "sending"
	BroadcastPaused    BroadcastState = "paused"
	BroadcastSent      BroadcastState = "sent"
	BroadcastCancelled BroadcastState = "cancelled"
)

// Pass is one walk over a broadcast's audience.
type Pass string

// The passes.
const (
	PassSend    Pass = "send"    // to everybody
	PassRetry   Pass = "retry"   // to those only whom it failed to reach
	PassCorrect Pass = "correct" // changes the text of each copy delivered
	PassRecall  Pass = "recall"  // removes each copy delivered
)

// overCopies tells that a pass goes over what was delivered, and sends nothing new.
func (p Pass) overCopies() bool { return p == PassCorrect || p == PassRecall }

// PauseReason says why a broadcast was paused; empty when somebody did it by hand.
type PauseReason string

// PausedFailing is the reason of a broadcast that paused by itself because too many sends failed.
const PausedFailing PauseReason = "failing"

// ButtonKind says what a button under a broadcast does.
type ButtonKind string

// The kinds of button. A comment names the reference (Ref).
const (
	ButtonLink      ButtonKind = "link"      // a URL
	ButtonRegister  ButtonKind = "register"  // ActivityID
	ButtonReserve   ButtonKind = "reserve"   // TitleID
	ButtonTimetable ButtonKind = "timetable" // StopID, or empty: of all stops
)

// BroadcastButton is one button under a broadcast. Label is typed, or the name of what it opens as it was when the button was added.
type BroadcastButton struct {
	Kind  ButtonKind `json:"kind"`
	Ref   string     `json:"ref,omitempty"`
	Label string     `json:"label,omitempty"`
}

func (b BroadcastButton) valid() bool {
	switch b.Kind {
	case ButtonLink:
		return strings.HasPrefix(b.Ref, "https://") && b.Label != ""
	case ButtonRegister, ButtonReserve:
		return b.Ref != ""
	case ButtonTimetable:
		return true
	}
	return false
}

// BroadcastPlace is a place on the globe that a broadcast shows, WGS 84 degrees.
type BroadcastPlace struct {
	Lat     float64 `json:"lat"`
	Lon     float64 `json:"lon"`
	Title   string  `json:"title,omitempty"`
	Address string  `json:"address,omitempty"`
}

// maxBroadcastButtons is how many buttons a broadcast may have.
const maxBroadcastButtons = 4

// Content is what a broadcast says. Photo and Document are Telegram file ids.
type Content struct {
	Texts        map[string]string `json:"texts,omitempty"`   // by language, as typed; escaped when rendered
	Default      string            `json:"default,omitempty"` // language of the text for members without one of their own
	Photo        string            `json:"photo,omitempty"`
	Document     string            `json:"document,omitempty"`
	DocumentName string            `json:"document_name,omitempty"`
	Place        *BroadcastPlace   `json:"place,omitempty"`
	Buttons      []BroadcastButton `json:"buttons,omitempty"`
}

// Text is what somebody of a language reads.
func (c Content) Text(language string) string {
	if text := c.Texts[language]; text != "" {
		return text
	}
	return c.Texts[c.Default]
}

// empty tells that there is nothing to send.
func (c Content) empty() bool {
	return c.Text(c.Default) == "" && c.Photo == "" && c.Document == "" && c.Place == nil
}

// Broadcast is one announcement to many.
type Broadcast struct {
	ID    BroadcastID    `json:"id"`
	By    MemberID       `json:"by"`
	State BroadcastState `json:"state"`
	Content
	Audience  Audience    `json:"audience"`
	SendAt    time.Time   `json:"send_at,omitzero"` // of a scheduled one: when,
	SendBy    time.Time   `json:"send_by,omitzero"` // and until when at the latest
	Chat      int64       `json:"chat"`             // where the progress message stands
	Message   int         `json:"message"`          // its id
	At        time.Time   `json:"at"`
	StartedAt time.Time   `json:"started_at,omitzero"`
	EndedAt   time.Time   `json:"ended_at,omitzero"`
	Pass      Pass        `json:"-"` // what is being done, or was done last
	Paused    PauseReason `json:"paused,omitempty"`
	Edition   int         `json:"edition,omitempty"` // how often the text was corrected
	Progress  Progress    `json:"progress"`
}

// Progress counts a broadcast's recipients. Left are those who left, opted out or paused since the audience was fixed, Waiting
// (among those remaining) those whose quiet hours are waited for. Of a pass that is not PassSend, PassTotal is how many it goes over,
// PassDone how many were served and PassFailed how many in vain.
type Progress struct {
	Total, Sent, Unreachable, Failed, Left, Waiting int
	PassTotal, PassDone, PassFailed                 int
	Recalled                                        int // of Sent, copies that were removed again
}

// Remaining is how many are still to come.
func (p Progress) Remaining() int { return p.Total - p.Sent - p.Unreachable - p.Failed - p.Left }

// Delivery says how one send ended.
type Delivery string

// The outcomes of one send.
const (
	DeliverySent        Delivery = "sent"
	DeliveryUnreachable Delivery = "unreachable"
	DeliveryFailed      Delivery = "failed"
	DeliveryLeft        Delivery = "left" // they are not to get it any more
)

// Recipient is one member of an audience, in one pass. Messages are Telegram's ids of the copy, in a pass over copies.
type Recipient struct {
	Index    int
	Member   MemberID
	Pass     Pass
	Messages []int
}

// Failure is a member whom a broadcast did not reach, and why.
type Failure struct {
	Member MemberID
	Reason string
}

// keepAudience is how long after its end a broadcast's recipients and message ids are kept: for as long as Telegram
// lets a bot delete its messages (https://core.telegram.org/bots/api#deletemessage).
const keepAudience = 48 * time.Hour

// Correctable tells whether the copies delivered can still be corrected or recalled.
func (b Broadcast) Correctable(now time.Time) bool {
	switch b.State {
	case BroadcastSending, BroadcastPaused:
	case BroadcastSent, BroadcastCancelled:
		if b.EndedAt.IsZero() || now.Sub(b.EndedAt) >= keepAudience {
			return false
		}
	case BroadcastDraft, BroadcastScheduled:
		return false
	}
	return b.Progress.Sent > b.Progress.Recalled
}

// Broadcasts keeps broadcasts, their fixed audiences and cursors.
type Broadcasts struct{ *db }
