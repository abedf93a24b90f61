package chat

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Button is one inline button: an action of ours, or a link.
type Button struct {
	Label string
	Data  string // callback data, made by Press
	URL   string
}

// Keyboard is rows of inline buttons under a message.
type Keyboard [][]Button

// Row is one row of buttons.
func Row(buttons ...Button) []Button { return buttons }

// Columns lays buttons out in rows of n.
func Columns(n int, buttons ...Button) [][]Button {
	var rows [][]Button
	for len(buttons) > n {
		rows = append(rows, buttons[:n:n])
		buttons = buttons[n:]
	}
	if len(buttons) > 0 {
		rows = append(rows, buttons)
	}
	return rows
}

// Link is a button that opens a page.
func Link(label, url string) Button { return Button{Label: label, URL: url} }

// Press is a button that asks for an action. It panics when action and
// arguments do not fit callback data: identifiers are short, and text that a
// person typed belongs into dialogue state, never into a button.
func Press(label, action string, args ...string) Button {
	data, err := Encode(action, args...)
	if err != nil {
		panic(fmt.Sprintf("button %q: %v", label, err))
	}
	return Button{Label: label, Data: data}
}

// MaxData is how many bytes callback data may have
// (https://core.telegram.org/bots/api#inlinekeyboardbutton).
const MaxData = 64

// ErrBadData is callback data that no button of ours has: forged, or of another time.
var ErrBadData = errors.New("malformed callback data")

// codecVersion stands first in all callback data, so that a later form can be told apart.
const codecVersion = "1"

// Encode writes an action and its arguments as callback data: version, action
// and arguments between '|'. A '|' or '\' in an argument is escaped with '\'.
func Encode(action string, args ...string) (string, error) {
	var b strings.Builder
	b.WriteString(codecVersion)
	for _, part := range append([]string{action}, args...) {
		b.WriteByte('|')
		for _, r := range part {
			if r == '|' || r == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	data := b.String()
	if action == "" || len(data) > MaxData || !utf8.ValidString(data) {
		return "", fmt.Errorf("%w: %d bytes for action %q", ErrBadData, len(data), action)
	}
	return data, nil
}

// Decode reads callback data. ErrBadData for what Encode does not write.
func Decode(data string) (action string, args []string, err error) {
	rest, ok := strings.CutPrefix(data, codecVersion+"|")
	if !ok || len(data) > MaxData || !utf8.ValidString(data) {
		return "", nil, ErrBadData
	}
	var parts []string
	var part strings.Builder
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; c {
		case '|':
			parts = append(parts, part.String())
			part.Reset()
		case '\\':
			i++
			if i == len(rest) || (rest[i] != '|' && rest[i] != '\\') {
				return "", nil, ErrBadData
			}
			part.WriteByte(rest[i])
		default:
			part.WriteByte(c)
		}
	}
	parts = append(parts, part.String())
	if parts[0] == "" {
		return "", nil, ErrBadData
	}
	return parts[0], parts[1:], nil
}
