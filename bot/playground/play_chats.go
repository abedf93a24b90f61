package playground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// posted is what a person sends, whatever it is.
type posted struct {
	As        int64  `json:"as"` // who, in a group
	ReplyTo   int64  `json:"reply_to"`
	Forwarded string `json:"forwarded_from"` // the name of somebody whose message this is
	fill      func(*message)
}

type sentID struct {
	MessageID int64 `json:"message_id"`
}

// fromPerson puts a person's message into a chat and tells the bot, if it may see it.
func (s *Server) fromPerson(r *http.Request, p posted) (any, error) {
	var id sentID
	err := s.change(func(t *tx) error {
		in, who, err := t.writer(r, p.As)
		if err != nil {
			return err
		}
		id.MessageID, err = t.write(in, who, p)
		return err
	})
	return id, err
}

// write puts a person's message into a chat, and returns its id.
func (t *tx) write(in *chat, who *Person, p posted) (int64, error) {
	if p.ReplyTo != 0 && in.message(p.ReplyTo) == nil {
		return 0, refuse(http.StatusNotFound, "The message to reply to is gone.")
	}
	m := &message{Chat: in.ID, From: who.ID, ReplyTo: p.ReplyTo}
	if p.Forwarded != "" {
		m.Forward = &forwardOrigin{Type: "hidden_user", Date: t.s.opts.Now().Unix(), SenderUserName: p.Forwarded}
	}
	p.fill(m)
	t.post(m)
	t.hideOneTime(in.ID, m)
	t.markRead(in.ID, who.ID, m.ID)
	if !t.visible(m) {
		return m.ID, nil
	}
	return m.ID, t.tell(in.ID, "message", t.wire(m, t.s.bot()))
}

// writer finds the chat and who writes there, and lets a person start a chat by writing.
func (t *tx) writer(r *http.Request, as int64) (*chat, *Person, error) {
	in, err := t.pageChat(r)
	if err != nil {
		return nil, nil, err
	}
	return t.writerIn(in, as)
}

func (t *tx) writerIn(in *chat, as int64) (*chat, *Person, error) {
	if in.MovedTo != 0 {
		return nil, nil, refuse(http.StatusGone, "This group has become a supergroup.")
	}
	if in.Type != "private" {
		if !slices.Contains(in.Members, as) {
			return nil, nil, refuse(http.StatusForbidden, "Only members of the group can do this.")
		}
		return in, t.people[as], nil
	}
	if in.Blocked {
		return nil, nil, refuse(http.StatusConflict, "The bot is blocked; unblock it first.")
	}
	if !in.Started {
		in = t.putChat(in, func(c *chat) { c.Started = true })
		t.emit(event{"type": "people"})
	}
	return in, t.people[in.ID], nil
}

// hideOneTime takes a one-time keyboard away once one of its buttons was used.
func (t *tx) hideOneTime(chatID int64, m *message) {
	in := t.chats[chatID]
	var k replyKeyboard
	if in.Keyboard == nil || json.Unmarshal(in.Keyboard, &k) != nil || !k.OneTime || !k.has(m) {
		return
	}
	t.putChat(in, func(c *chat) { c.Keyboard = nil })
	t.emit(event{"type": "keyboard", "chat": chatID, "keyboard": nil})
}

func (t *tx) markRead(chatID, person, id int64) {
	in := t.chats[chatID]
	if in.Read[person] >= id {
		return
	}
	t.putChat(in, func(c *chat) { c.Read[person] = min(id, c.LastID) })
	t.emit(event{"type": "read", "chat": chatID, "person": person, "message_id": id})
}

// visible is Telegram's privacy mode: in a group the bot sees commands that are not another bot's, mentions of it, and replies to it.
// https://core.telegram.org/bots/features#privacy-mode
func (t *tx) visible(m *message) bool {
	in := t.chats[m.Chat]
	if in.Type == "private" || in.BotLeft {
		return !in.BotLeft
	}
	if to := in.message(m.ReplyTo); to != nil && to.FromBot {
		return true
	}
	own := "@" + BotUsername
	if command, found := strings.CutPrefix(m.Text, "/"); found && command != "" {
		word, _, _ := strings.Cut(command, " ")
		return !strings.Contains(word, "@") || strings.HasSuffix(strings.ToLower(word), own)
	}
	return strings.Contains(strings.ToLower(m.Text), own)
}

func (s *Server) playText(r *http.Request) (any, error) {
	var in struct {
		posted
		Text string `json:"text"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	text := strings.TrimSpace(strings.ReplaceAll(in.Text, "\r\n", "\n"))
	switch {
	case text == "" || !utf8.ValidString(text):
		return nil, refuse(http.StatusBadRequest, "There is nothing to send.")
	case utf16Len(text) > 10*maxText:
		return nil, refuse(http.StatusRequestEntityTooLarge, "The text is too long.")
	}
	// Telegram's own apps cut what is too long for one message into several.
	var last any
	for _, piece := range pieces(text, maxText) {
		in.fill = func(m *message) { m.Text, m.Entities = piece, s.detect(piece, nil) }
		var err error
		if last, err = s.fromPerson(r, in.posted); err != nil {
			return nil, err
		}
	}
	return last, nil
}

// pieces cuts text into parts of at most n UTF-16 code units.
func pieces(text string, n int) []string {
	var parts []string
	begin, units := 0, 0
	for at, r := range text {
		size := utf16Len(string(r))
		if units+size > n {
			parts = append(parts, text[begin:at])
			begin, units = at, 0
		}
		units += size
	}
	return append(parts, text[begin:])
}

func (s *Server) playLocation(r *http.Request) (any, error) {
	var in struct {
		posted
		location
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	if in.Latitude < -90 || in.Latitude > 90 || in.Longitude < -180 || in.Longitude > 180 {
		return nil, refuse(http.StatusBadRequest, "There is no such place on Earth.")
	}
	in.fill = func(m *message) { m.Location = &in.location }
	return s.fromPerson(r, in.posted)
}

func (s *Server) playContact(r *http.Request) (any, error) {
	var in posted
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	in.fill = func(m *message) {
		who := s.state.people[m.From]
		m.Contact = &contact{
			PhoneNumber: fmt.Sprintf("+3706%07d", who.ID%10_000_000), FirstName: who.FirstName, LastName: who.LastName, UserID: who.ID,
		}
	}
	return s.fromPerson(r, in)
}

func (s *Server) playSticker(r *http.Request) (any, error) {
	var in struct {
		posted
		Emoji string `json:"emoji"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	if in.Emoji == "" || utf8.RuneCountInString(in.Emoji) > 10 {
		return nil, refuse(http.StatusBadRequest, "A sticker is one emoji.")
	}
	in.fill = func(m *message) {
		m.Sticker = &sticker{
			FileID: randomID("CAACAgI", 24), FileUniqueID: randomID("AgAD", 8), Type: "regular", Width: 512, Height: 512, Emoji: in.Emoji,
		}
	}
	return s.fromPerson(r, in.posted)
}

// playUpload takes a file from a person, larger ones too than the bot can download.
func (s *Server) playUpload(r *http.Request) (any, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "There is no file in the request.")
	}
	c := &call{params: map[string]string{}, files: map[string]*upload{}}
	if err := c.readMultipart(form); err != nil {
		return nil, refuse(http.StatusRequestEntityTooLarge, "The file could not be read, or is larger than 50 MB.")
	}
	up := c.files["file"]
	if up == nil {
		return nil, refuse(http.StatusBadRequest, "There is no file in the request.")
	}
	kind := kindDocument
	if c.text("kind") == kindPhoto {
		kind = kindPhoto
	}
	kept, err := s.keepFile(up, kind)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "The file is empty, or is no picture that can be shown.")
	}
	caption := []rune(c.text("caption"))
	text := string(caption[:min(len(caption), maxCaption)])
	return s.fromPerson(r, posted{As: c.integer("as"), ReplyTo: c.integer("reply_to"), fill: func(m *message) {
		m.Text, m.Entities = text, s.detect(text, nil)
		m.attach(kept)
	}})
}

func (s *Server) playPress(r *http.Request) (any, error) {
	var in struct {
		MessageID int64  `json:"message_id"`
		Data      string `json:"data"`
		As        int64  `json:"as"`
		Forge     bool   `json:"forge"` // press what is not there, as a forger can
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	var id struct {
		QueryID string `json:"query_id"`
	}
	err := s.change(func(t *tx) error {
		chat, who, err := t.writer(r, in.As)
		if err != nil {
			return err
		}
		if m := chat.message(in.MessageID); !in.Forge && (m == nil || !m.hasButton(in.Data)) {
			return refuse(http.StatusConflict, "That button is not there any more.")
		}
		id.QueryID, err = t.press(chat, who, in.MessageID, in.Data)
		return err
	})
	return id, err
}

// press tells the bot of a button, whether the message has it or not, and returns the id under which the bot is to answer.
func (t *tx) press(in *chat, who *Person, id int64, data string) (string, error) {
	if data == "" || len(data) > 64 {
		return "", refuse(http.StatusBadRequest, "A button carries between 1 and 64 bytes.")
	}
	shown := &wireMessage{MessageID: id, Chat: t.info(in.ID)} // inaccessible: its date is 0
	if m := in.message(id); m != nil {
		shown = t.wire(m, t.s.bot())
	}
	q := &query{ID: t.nextQueryID(), Chat: in.ID, Person: who.ID, Message: id, At: t.s.real().Unix()}
	t.put(record{Query: q})
	return q.ID, t.tell(in.ID, "callback_query", callbackQuery{
		ID: q.ID, From: who.user(), Message: shown, ChatInstance: chatInstance(in.ID), Data: data,
	})
}

func (m *message) hasButton(data string) bool {
	return m.Keyboard != nil && slices.ContainsFunc(m.Keyboard.Rows, func(row []inlineButton) bool {
		return slices.ContainsFunc(row, func(b inlineButton) bool { return b.CallbackData == data && data != "" })
	})
}

func (s *Server) playRead(r *http.Request) (any, error) {
	var in struct {
		MessageID int64 `json:"message_id"`
		As        int64 `json:"as"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	return struct{}{}, s.change(func(t *tx) error {
		chat, err := t.pageChat(r)
		if err != nil {
			return err
		}
		who := chat.ID
		if chat.Type != "private" {
			who = in.As
		}
		t.markRead(chat.ID, who, in.MessageID)
		return nil
	})
}

func (s *Server) playFile(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, false) }

func (s *Server) playPicture(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, true) }

// serveFile hands out a file: a photo to be shown, anything else only to be saved, and nothing to be run.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, inline bool) {
	var f *file
	_ = s.read(func(st *state) error { f = st.files[r.PathValue("id")]; return nil })
	if f == nil || (inline && f.Kind != kindPhoto) {
		writePlayError(w, refuse(http.StatusNotFound, "There is no such file."))
		return
	}
	data, err := s.blobs.get(f.ID)
	if err != nil {
		s.log.Error("a file is missing", "file", f.ID, "error", err)
		writePlayError(w, refuse(http.StatusNotFound, "The file is gone."))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", attachment(f.Name))
	if inline {
		h.Set("Content-Type", f.Mime)
		h.Set("Content-Disposition", "inline")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	_, _ = io.Copy(w, bytes.NewReader(data)) // a client that has gone away is told nothing
}
