package playground

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
)

const maxButtons = 100

// markup is the reply_markup of a call after all checks; at most one field is set.
type markup struct {
	inline *inlineKeyboard
	reply  json.RawMessage // a reply keyboard, as it came
	remove bool
	force  *forceReply
}

// hides tells whether Telegram lets the message be edited later: with a reply keyboard, a removal or a forced reply it does not.
func (m markup) hides() bool { return m.reply != nil || m.remove || m.force != nil }

// readMarkup reads and checks reply_markup.
func readMarkup(c *call) (markup, error) {
	var m markup
	raw := strings.TrimSpace(c.text("reply_markup"))
	if raw == "" || raw == "null" || raw == `""` {
		return m, nil
	}
	var fields map[string]json.RawMessage
	if !json.Valid([]byte(raw)) {
		return m, badRequest("can't parse reply keyboard markup JSON object")
	}
	if json.Unmarshal([]byte(raw), &fields) != nil {
		return m, badRequest("object expected as reply markup")
	}
	var err error
	switch {
	case fields["inline_keyboard"] != nil:
		m.inline, err = readInline(fields["inline_keyboard"])
	case fields["keyboard"] != nil:
		m.reply, err = json.RawMessage(raw), checkReplyKeyboard(fields)
	case isTrue(fields["remove_keyboard"]):
		m.remove = true
	case isTrue(fields["force_reply"]):
		m.force = &forceReply{}
		if p := fields["input_field_placeholder"]; p != nil && json.Unmarshal(p, &m.force.Placeholder) != nil {
			return m, badRequest(`field "input_field_placeholder" must be of type String`)
		}
		err = checkPlaceholder(m.force.Placeholder)
	}
	return m, err
}

func isTrue(raw json.RawMessage) bool { return string(raw) == "true" }

// readInlineMarkup is readMarkup for edits, which take an inline keyboard only.
func readInlineMarkup(c *call) (*inlineKeyboard, error) {
	m, err := readMarkup(c)
	if err == nil && m.hides() {
		err = badRequest("inline keyboard expected")
	}
	return m.inline, err
}

func readInline(raw json.RawMessage) (*inlineKeyboard, error) {
	var rows []json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return nil, badRequest(`field "inline_keyboard" must be of type Array`)
	}
	k := &inlineKeyboard{}
	count := 0
	for _, row := range rows {
		var buttons []json.RawMessage
		if json.Unmarshal(row, &buttons) != nil {
			return nil, badRequest(`field "inline_keyboard" must be an Array of Arrays`)
		}
		var line []inlineButton
		for _, one := range buttons {
			b, err := readInlineButton(one)
			if err != nil {
				return nil, err
			}
			line = append(line, b)
		}
		if count += len(line); len(line) > 0 {
			k.Rows = append(k.Rows, line)
		}
	}
	if count > maxButtons {
		return nil, badRequest("reply markup is too long")
	}
	if count == 0 {
		return nil, nil //nolint:nilnil // an empty keyboard is no keyboard
	}
	return k, nil
}

func cantParseButton(why string) *apiError {
	return badRequest("can't parse inline keyboard button: %s", why)
}

func readInlineButton(raw json.RawMessage) (inlineButton, error) {
	var b inlineButton
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return b, cantParseButton("InlineKeyboardButton must be an Object")
	}
	if fields["text"] == nil {
		return b, cantParseButton(`Can't find field "text"`)
	}
	if json.Unmarshal(raw, &b) != nil {
		return b, cantParseButton("a field is of a wrong type")
	}
	if strings.TrimSpace(b.Text) == "" {
		return b, badRequest("inline keyboard button text must be non-empty")
	}
	switch actions := b.actions(); {
	case actions == 0:
		return b, cantParseButton("Text buttons are unallowed in the inline keyboard")
	case actions > 1:
		return b, cantParseButton("Exactly one of the optional fields must be used")
	}
	return b, b.check()
}

func (b *inlineButton) actions() int {
	n := 0
	for _, set := range []bool{
		b.URL != "", b.CallbackData != "", b.WebApp != nil, b.LoginURL != nil, b.SwitchInline != nil, b.SwitchInlineHere != nil,
		b.SwitchInlineChat != nil, b.CopyText != nil, b.CallbackGame != nil, b.Pay,
	} {
		if set {
			n++
		}
	}
	return n
}

func (b *inlineButton) check() error {
	switch {
	case len(b.CallbackData) > 64:
		return badRequest("BUTTON_DATA_INVALID")
	case b.CopyText != nil && (b.CopyText.Text == "" || utf16Len(b.CopyText.Text) > 256):
		return badRequest("BUTTON_COPY_TEXT_INVALID")
	case b.Style != "" && b.Style != "danger" && b.Style != "success" && b.Style != "primary":
		return badRequest("BUTTON_STYLE_INVALID")
	case b.URL != "":
		return checkButtonURL(b.URL)
	case b.WebApp != nil:
		if parsed, err := url.Parse(b.WebApp.URL); err != nil || parsed.Scheme != "https" || parsed.Host == "" {
			return badRequest("inline keyboard button Web App URL '%s' is invalid: Only HTTPS links are allowed", b.WebApp.URL)
		}
	}
	return nil
}

func checkButtonURL(address string) error {
	if _, problem := checkURL(address); problem != "" {
		return badRequest("inline keyboard button URL '%s' is invalid: %s", address, problem)
	}
	if parsed, err := url.Parse(address); err == nil {
		if ip := net.ParseIP(parsed.Hostname()); ip != nil && ip.IsLoopback() {
			return badRequest("BUTTON_URL_INVALID")
		}
	}
	return nil
}

// replyKeyboard is the part of https://core.telegram.org/bots/api#replykeyboardmarkup that matters to the server.
type replyKeyboard struct {
	Rows    [][]replyButton `json:"keyboard"`
	OneTime bool            `json:"one_time_keyboard"`
}

// replyButton is written as an object, or as its text alone.
type replyButton struct {
	Text     string
	Location bool
	Contact  bool
}

// UnmarshalJSON accepts both forms.
func (b *replyButton) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &b.Text) == nil {
		return nil
	}
	var full struct {
		Text     string `json:"text"`
		Location bool   `json:"request_location"`
		Contact  bool   `json:"request_contact"`
	}
	if err := json.Unmarshal(raw, &full); err != nil {
		return fmt.Errorf("a keyboard button: %w", err)
	}
	b.Text, b.Location, b.Contact = full.Text, full.Location, full.Contact
	return nil
}

// has tells whether a message is what one of the buttons sends.
func (k replyKeyboard) has(m *message) bool {
	for _, row := range k.Rows {
		for _, b := range row {
			if (b.Location && m.Location != nil) || (b.Contact && m.Contact != nil) || (m.isText() && b.Text == m.Text) {
				return true
			}
		}
	}
	return false
}

func checkReplyKeyboard(fields map[string]json.RawMessage) error {
	var rows [][]replyButton
	if json.Unmarshal(fields["keyboard"], &rows) != nil {
		return badRequest(`field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays of KeyboardButton`)
	}
	count := 0
	for _, row := range rows {
		for _, b := range row {
			if strings.TrimSpace(b.Text) == "" {
				return badRequest("keyboard button text must be non-empty")
			}
			count++
		}
	}
	if count == 0 {
		return badRequest("reply keyboard must have at least one button")
	}
	if count > 3*maxButtons {
		return badRequest("reply markup is too long")
	}
	var placeholder string
	if p := fields["input_field_placeholder"]; p != nil && json.Unmarshal(p, &placeholder) != nil {
		return badRequest(`field "input_field_placeholder" must be of type String`)
	}
	return checkPlaceholder(placeholder)
}

func checkPlaceholder(text string) error {
	if utf16Len(text) > 64 {
		return badRequest("input field placeholder is too long")
	}
	return nil
}
