package scheduler

import "time"

// Outcome says how the delivery of one notice ended.
type Outcome struct {
	kind   outcomeKind
	reason string
	until  time.Time
}

type outcomeKind int

const (
	outcomeSent outcomeKind = iota
	outcomeDropped
	outcomeUnreachable
	outcomePostponed
	outcomeRefused
)

// String is the outcome's word in the log.
func (k outcomeKind) String() string {
	switch k {
	case outcomeSent:
		return "sent"
	case outcomeDropped:
		return "dropped"
	case outcomeUnreachable:
		return "unreachable"
	case outcomePostponed:
		return "postponed"
	case outcomeRefused:
		return "refused"
	}
	return "unknown"
}

// Sent is a notice that Telegram has.
func Sent() Outcome { return Outcome{kind: outcomeSent} }

// Dropped is one that is no longer true, or comes too late.
func Dropped(reason string) Outcome { return Outcome{kind: outcomeDropped, reason: reason} }

// Unreachable is one whose member blocked the bot, or is gone.
func Unreachable() Outcome { return Outcome{kind: outcomeUnreachable} }

// Postponed is one whose time is later.
func Postponed(until time.Time) Outcome { return Outcome{kind: outcomePostponed, until: until} }

// Refused is one that will never go, however often it is tried. It is kept for staff.
func Refused(reason string) Outcome { return Outcome{kind: outcomeRefused, reason: reason} }
