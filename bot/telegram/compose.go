package telegram

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"versli/bot/chat"
)

// Telegram's limits in UTF-16 units, after entities are parsed (https://core.telegram.org/bots/api#sendmessage).
const (
	maxText        = 4096
	maxCaption     = 1024
	maxPlaceholder = 64
	maxToast       = 200
)

// compose turns a message into the calls that send it, in order. The keyboard goes with the last one. A picture or document whose text
// is longer than a caption comes first, without text; a venue comes before all else.
func compose(m chat.Message) ([]outgoing, error) {
	markup, inline, err := replyMarkup(m)
	if err != nil {
		return nil, err
	}
	m.Text = chat.HTML(strings.ToValidUTF8(string(m.Text), "\uFFFD")) // typed and imported text may be anything
	var calls []outgoing
	text := m.Text
	switch {
	case m.Photo != nil:
		calls, text = media(m, "sendPhoto", "photo", m.Photo)
	case m.Document != nil:
		calls, text = media(m, "sendDocument", "document", m.Document)
	case m.Venue != nil:
	case m.Edit != 0 && strings.TrimSpace(string(m.Text)) == "":
		calls = []outgoing{{method: "editMessageReplyMarkup", params: message(m.Chat, m.Edit)}}
	}
	if m.Venue != nil {
		calls = append([]outgoing{place(m)}, calls...)
	}
	if m.Captioned && m.Edit != 0 {
		out := outgoing{method: "editMessageCaption", params: message(m.Chat, m.Edit)}
		writeText(out.params, "caption", string(text))
		calls, text = append(calls, out), ""
	}
	editable := len(calls) == 0 && m.Edit != 0 && inline
	for i, piece := range split(string(text), maxText) {
		out := outgoing{method: "sendMessage", params: target(m)}
		writeText(out.params, "text", piece)
		out.params["link_preview_options"] = `{"is_disabled":true}`
		if editable && i == 0 {
			edit := message(m.Chat, m.Edit)
			for _, field := range []string{"text", "parse_mode", "link_preview_options"} {
				edit[field] = out.params[field]
			}
			again := out
			out = outgoing{method: "editMessageText", params: edit}
			if !m.InPlace {
				out.otherwise = &again
			}
		}
		calls = append(calls, out)
	}
	if len(calls) == 0 {
		return nil, fmt.Errorf("message to chat %d has nothing in it: %w", m.Chat, ErrRefused)
	}
	last := calls[len(calls)-1]
	if markup != "" {
		last.params["reply_markup"] = markup
		if last.otherwise != nil {
			last.otherwise.params["reply_markup"] = markup
		}
	}
	return calls, nil
}

// target is what all new messages have.
func target(m chat.Message) tgbotapi.Params {
	p := tgbotapi.Params{"chat_id": strconv.FormatInt(m.Chat, 10)}
	if m.Silent {
		p["disable_notification"] = "true"
	}
	return p
}

// message names one that is there already.
func message(to int64, id int) tgbotapi.Params {
	return tgbotapi.Params{"chat_id": strconv.FormatInt(to, 10), "message_id": strconv.Itoa(id)}
}

func writeText(p tgbotapi.Params, field, text string) {
	p[field] = text
	p["parse_mode"] = tgbotapi.ModeHTML
}

func media(m chat.Message, method, field string, a *chat.Attachment) (calls []outgoing, rest chat.HTML) {
	out := outgoing{method: method, params: target(m), field: field}
	if a.ID != "" {
		out.params[field] = a.ID
	} else {
		out.upload = a
	}
	rest = m.Text
	if m.Text != "" && width(string(m.Text)) <= maxCaption {
		writeText(out.params, "caption", string(m.Text))
		rest = ""
	}
	return []outgoing{out}, rest
}

func place(m chat.Message) outgoing {
	p := target(m)
	p["latitude"] = strconv.FormatFloat(m.Venue.Lat, 'f', 6, 64)
	p["longitude"] = strconv.FormatFloat(m.Venue.Lon, 'f', 6, 64)
	if m.Venue.Title == "" {
		return outgoing{method: "sendLocation", params: p}
	}
	p["title"] = m.Venue.Title
	p["address"] = m.Venue.Address
	if m.Venue.Address == "" { // Telegram demands one
		p["address"] = m.Venue.Title
	}
	return outgoing{method: "sendVenue", params: p}
}

// replyMarkup writes a message's keyboard: the inline one before a menu before a prompt, for a message can have one only.
// inline tells that it may go with an edit.
func replyMarkup(m chat.Message) (markup string, inline bool, err error) {
	var v any
	switch {
	case len(m.Keyboard) > 0:
		v, inline = inlineKeyboard(m.Keyboard), true
	case m.Menu != nil:
		v = menu(*m.Menu)
	case m.Prompt != "":
		v = map[string]any{"force_reply": true, "selective": true, "input_field_placeholder": shorten(m.Prompt, maxPlaceholder)}
	default:
		return "", true, nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "", false, fmt.Errorf("encode keyboard: %w", err)
	}
	return string(raw), inline, nil
}

type inlineButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

func inlineKeyboard(k chat.Keyboard) any {
	rows := make([][]inlineButton, 0, len(k))
	for _, r := range k {
		if len(r) == 0 {
			continue
		}
		row := make([]inlineButton, len(r))
		for i, b := range r {
			row[i] = inlineButton{Text: b.Label, Data: b.Data, URL: b.URL}
		}
		rows = append(rows, row)
	}
	return map[string]any{"inline_keyboard": rows}
}

type menuKey struct {
	Text     string `json:"text"`
	Location bool   `json:"request_location,omitempty"`
}

func menu(m chat.Menu) any {
	if m.Remove {
		return map[string]any{"remove_keyboard": true}
	}
	rows := make([][]menuKey, len(m.Rows))
	for i, r := range m.Rows {
		for _, k := range r {
			rows[i] = append(rows[i], menuKey{k.Label, k.Location})
		}
	}
	v := map[string]any{"keyboard": rows, "resize_keyboard": true, "one_time_keyboard": m.OneTime}
	if m.Placeholder != "" {
		v["input_field_placeholder"] = shorten(m.Placeholder, maxPlaceholder)
	}
	return v
}

// shorten cuts plain text to at most n characters.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
