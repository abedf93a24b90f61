// Package chat is the vocabulary of a conversation: what a person did
// (Request), what they get (Reply), and who answers what (Router). It knows
// neither Telegram nor the library.
package chat

import (
	"strconv"
	"time"
)

// Kind says what a person did.
type Kind int

// The kinds of request.
const (
	KindText     Kind = iota // typed something that is no command
	KindCommand              // /command, perhaps with arguments
	KindPress                // pressed an inline button
	KindLocation             // sent a place, or a live location moved
	KindFile                 // sent a document or a picture
	KindOther                // a sticker, a voice message, a poll, …
	KindBlocked              // blocked the bot, or removed it from a group
	KindReturned             // unblocked the bot, or added it to a group
	KindMigrated             // a group got another chat id: from Chat to MovedTo
)

// Person is who did it, as the messenger tells.
type Person struct {
	ID        int64
	FirstName string
	LastName  string
	Username  string
	Language  string // IETF tag such as "lt" or "pt-br"; may be empty
}

// Name is the person's full name, never empty.
func (p Person) Name() string {
	switch {
	case p.FirstName != "" && p.LastName != "":
		return p.FirstName + " " + p.LastName
	case p.FirstName != "":
		return p.FirstName
	case p.LastName != "":
		return p.LastName
	case p.Username != "":
		return p.Username
	}
	return strconv.FormatInt(p.ID, 10)
}

// Point is a place on the globe, WGS 84 degrees.
type Point struct{ Lat, Lon float64 }

// File is something that was sent. ID fetches it again at any time.
type File struct {
	ID      string
	Name    string // empty for a picture
	MIME    string
	Size    int64 // bytes; 0 when not told
	Picture bool
}

// Actor is who the person is to us. The router's middleware fills it in from
// the server's own state at every request; what a client claims counts nothing.
type Actor struct {
	ID       string // the member's
	Role     Role
	Language string // lt, lv or en
}

// Request is one thing that a person did.
type Request struct {
	Update  int64 // the messenger's number of it; asked for again, it has the same
	Kind    Kind
	Chat    int64
	Private bool // a chat of one person with the bot
	From    Person
	At      time.Time

	Message   int    // the message's id; of a press, the message that has the button
	Text      string // typed text, a caption, or what follows the command
	Command   string // without slash and bot name, lower case
	Addressed bool   // in a group: the command named this bot, or the message answers it
	Query     string // of a press: what must be answered
	Action    string // of a press: the action's name
	Args      []string
	Raw       string // of a press: the data as received
	Point     *Point
	Live      bool   // Point is a live location
	Venue     *Venue // Point has a name
	File      *File
	ReplyTo   int // message id that this one replies to; 0 when none
	MovedTo   int64

	Late       bool // done long ago, while the bot was away
	Superseded bool // and the same person has asked for more since: a view of this need not be shown

	Actor Actor
	State *State // the dialogue that this person is in, if any
}

// Key names this request for decisions: asked for again, the same key gives the same result.
func (r Request) Key() string { return "u" + strconv.FormatInt(r.Update, 10) }

// Arg is the i-th argument of a pressed button, "" when it has fewer.
func (r Request) Arg(i int) string {
	if i < 0 || i >= len(r.Args) {
		return ""
	}
	return r.Args[i]
}
