package chat

import (
	"html"
	"maps"
	"time"
)

// HTML is text that is safe to send: markup of ours, and everything else escaped.
// A conversion HTML(s) asserts that s is; Escape makes it so.
type HTML string

// Escape makes typed or imported text safe.
func Escape(s string) HTML { return HTML(html.EscapeString(s)) }

// Reply is what a handler answers: values that the sender sends.
type Reply struct {
	Messages []Message // in order
	Toast    string    // plain text shown over the chat after a press; at most 200 characters
	Alert    bool      // Toast must be closed by hand

	Next *State // the dialogue goes on here
	Done bool   // the dialogue ends

	Viewed   bool   // set by the router: it only shows, and changed nothing
	Incident string // names the log line of the error that this reply owns up to; "" when there was none
}

// Message is one message to be sent, or an edit or removal of one.
type Message struct {
	Chat     int64 // 0: where the request came from
	Text     HTML  // the caption, when there is a picture or a document
	Keyboard Keyboard
	Menu     *Menu  // keyboard in place of letters; stays until another comes
	Prompt   string // asks for typing: the placeholder of the input field
	Photo    *Attachment
	Document *Attachment
	Venue    *Venue
	Silent   bool // arrives without a sound
	Edit     int  // id of the message to change in place; when it is gone, a new one is sent
	Delete   int  // id of the message to remove; nothing else of the Message counts then, but InPlace
	// Captioned says of an Edit that the message is a picture or a document, and Text its caption.
	Captioned bool
	// InPlace says of an Edit or a Delete that nothing else will do: the error is ErrGone when the message cannot be changed any more.
	InPlace bool
}

// Attachment is a file by what is in it, or by the messenger's id of it.
type Attachment struct {
	ID    string
	Name  string
	Bytes []byte
}

// Venue is a place with a name, which opens in maps.
type Venue struct {
	Point
	Title   string
	Address string
}

// Menu is a reply keyboard.
type Menu struct {
	Rows        [][]Key
	Placeholder string
	Remove      bool // takes the keyboard away
	OneTime     bool
}

// Key is one key of a Menu: it types its label, or sends the location.
type Key struct {
	Label    string
	Location bool
}

// State is where a person is in a dialogue. It is kept between requests, and
// ends by itself after a day.
type State struct {
	Dialogue string            `json:"dialogue"`
	Step     string            `json:"step"`
	Version  int               `json:"version"` // of the dialogue's form; another one is dropped
	Data     map[string]string `json:"data,omitempty"`
	At       time.Time         `json:"at"`
}

// With is a copy of the state at another step with one more value.
func (s State) With(step, name, value string) *State {
	data := make(map[string]string, len(s.Data)+1)
	maps.Copy(data, s.Data)
	if name != "" {
		data[name] = value
	}
	s.Step, s.Data = step, data
	return &s
}

// Say is a reply of one message.
func Say(text HTML, rows ...[]Button) Reply {
	return Reply{Messages: []Message{{Text: text, Keyboard: rows}}}
}

// Change is a reply that changes the pressed message in place, or says the
// same in a new message when nothing was pressed.
func Change(r Request, text HTML, rows ...[]Button) Reply {
	m := Message{Text: text, Keyboard: rows}
	if r.Kind == KindPress {
		m.Edit = r.Message
	}
	return Reply{Messages: []Message{m}}
}

// Toast is a reply that only shows a notice over the chat.
func Toast(text string) Reply { return Reply{Toast: text} }

// Alert is a reply that shows a notice to be closed by hand.
func Alert(text string) Reply { return Reply{Toast: text, Alert: true} }

// And adds messages.
func (r Reply) And(more ...Message) Reply {
	r.Messages = append(append([]Message(nil), r.Messages...), more...)
	return r
}

// Then goes on with a dialogue.
func (r Reply) Then(s *State) Reply {
	r.Next = s
	return r
}

// End ends the dialogue.
func (r Reply) End() Reply {
	r.Done = true
	return r
}

// WithToast adds a notice.
func (r Reply) WithToast(text string) Reply {
	r.Toast = text
	return r
}
