package playground

import (
	"slices"
	"strconv"
	"strings"
)

// Longest texts in UTF-16 code units, after entities are taken out. https://core.telegram.org/bots/api#sendmessage
const (
	maxText    = 4096
	maxCaption = 1024
)

// deliverMessage checks what is common to every new message of the bot's and posts it.
func (s *Server) deliverMessage(c *call, m *message) (any, error) {
	keys, err := readMarkup(c)
	if err != nil {
		return nil, err
	}
	var sent *wireMessage
	err = s.change(func(t *tx) error {
		to, err := t.target(c)
		if err != nil {
			return err
		}
		if m.ReplyTo, err = t.replyTarget(c, to); err != nil {
			return err
		}
		if err := t.limited(to.ID, 1); err != nil {
			return err
		}
		m.Chat = to.ID
		m.Silent, m.Protected = c.flag("disable_notification"), c.flag("protect_content")
		t.postFromBot(m, keys)
		sent = t.wire(m, s.bot())
		return nil
	})
	return sent, err
}

func (t *tx) postFromBot(m *message, keys markup) {
	m.From, m.FromBot = BotID, true
	m.Keyboard, m.HadKeyboard, m.ForceReply = keys.inline, keys.hides(), keys.force
	t.post(m)
	if keys.reply == nil && !keys.remove {
		return
	}
	in := t.chats[m.Chat]
	if keys.remove && in.Keyboard == nil {
		return
	}
	t.putChat(in, func(c *chat) { c.Keyboard = keys.reply })
	t.emit(event{"type": "keyboard", "chat": m.Chat, "keyboard": keys.reply})
}

func (s *Server) sendMessage(c *call) (any, error) {
	f, err := s.newText(c)
	if err != nil {
		return nil, err
	}
	return s.deliverMessage(c, &message{Text: f.text, Entities: f.entities})
}

// newText reads and checks the text of a message. An edit that is too long is refused by another part of Telegram, in another way.
func (s *Server) newText(c *call) (formatted, error) {
	if c.text("text") == "" {
		return formatted{}, badRequest("message text is empty")
	}
	f, err := s.format(c, "text", "entities")
	switch {
	case err != nil:
		return f, err
	case f.text == "":
		return f, badRequest("text must be non-empty")
	case utf16Len(f.text) > maxText && strings.EqualFold(c.method, "editMessageText"):
		return f, badRequest("MESSAGE_TOO_LONG")
	case utf16Len(f.text) > maxText:
		return f, badRequest("message is too long")
	}
	return f, nil
}

func (s *Server) newCaption(c *call) (formatted, error) {
	f, err := s.format(c, "caption", "caption_entities")
	if err == nil {
		err = checkCaption(f)
	}
	return f, err
}

func checkCaption(f formatted) error {
	if utf16Len(f.text) > maxCaption {
		return badRequest("message caption is too long")
	}
	return nil
}

func (s *Server) sendPhoto(c *call) (any, error) { return s.sendFile(c, kindPhoto) }

func (s *Server) sendDocument(c *call) (any, error) { return s.sendFile(c, kindDocument) }

func (s *Server) sendFile(c *call, kind string) (any, error) {
	f, err := s.newCaption(c)
	if err != nil {
		return nil, err
	}
	if _, err := readMarkup(c); err != nil {
		return nil, err
	}
	if err := s.read(func(st *state) error { _, err := st.target(c); return err }); err != nil {
		return nil, err
	}
	kept, err := s.takeFile(c, kind, c.text(kind), kind)
	if err != nil {
		return nil, err
	}
	m := &message{Text: f.text, Entities: f.entities}
	m.attach(kept)
	return s.deliverMessage(c, m)
}

func (m *message) attach(f *file) {
	m.Photo, m.Document = nil, nil
	if f.Kind == kindPhoto {
		m.Photo = &photoSize{FileID: f.ID, FileUniqueID: f.UniqueID, Width: f.Width, Height: f.Height, FileSize: f.Size}
		return
	}
	m.Document = &document{FileID: f.ID, FileUniqueID: f.UniqueID, FileName: f.Name, MimeType: f.Mime, FileSize: f.Size}
}

// inputMedia is https://core.telegram.org/bots/api#inputmedia for the kinds served here.
type inputMedia struct {
	Type      string   `json:"type"`
	Media     string   `json:"media"`
	Caption   string   `json:"caption"`
	ParseMode string   `json:"parse_mode"`
	Entities  []entity `json:"caption_entities"`
}

// takeMedia checks one inputMedia and keeps its file.
func (s *Server) takeMedia(c *call, in inputMedia) (*message, error) {
	if in.Type != kindPhoto && in.Type != kindDocument {
		return nil, badRequest("can't parse InputMedia: type must be photo or document")
	}
	f, err := s.formatText(in.Caption, in.ParseMode, func(list *[]entity) error { *list = in.Entities; return nil })
	if err != nil {
		return nil, err
	}
	if err := checkCaption(f); err != nil {
		return nil, err
	}
	field := strings.TrimPrefix(in.Media, "attach://")
	kept, err := s.takeFile(c, field, in.Media, in.Type)
	if err != nil {
		return nil, err
	}
	m := &message{Text: f.text, Entities: f.entities}
	m.attach(kept)
	return m, nil
}

func (s *Server) sendMediaGroup(c *call) (any, error) {
	var media []inputMedia
	given, err := c.decode("media", &media)
	if err != nil {
		return nil, err
	}
	if !given || len(media) < 2 || len(media) > 10 {
		return nil, badRequest("media group must include 2-10 items")
	}
	album := make([]*message, 0, len(media))
	for _, in := range media {
		m, err := s.takeMedia(c, in)
		if err != nil {
			return nil, err
		}
		album = append(album, m)
	}
	if slices.ContainsFunc(album, func(m *message) bool { return (m.Photo == nil) != (album[0].Photo == nil) }) {
		return nil, badRequest("document can't be mixed with other media types")
	}
	sent := make([]*wireMessage, 0, len(album))
	err = s.change(func(t *tx) error {
		to, err := t.target(c)
		if err != nil {
			return err
		}
		if err := t.limited(to.ID, len(album)); err != nil {
			return err
		}
		t.counters.Album++
		t.putCounters()
		for _, m := range album {
			m.Chat, m.MediaGroup = to.ID, strconv.FormatInt(13_900_000_000_000_000+t.counters.Album, 10)
			m.Silent = c.flag("disable_notification")
			t.postFromBot(m, markup{})
			sent = append(sent, t.wire(m, s.bot()))
		}
		return nil
	})
	return sent, err
}

func readLocation(c *call) (location, error) {
	var at location
	for _, part := range []struct {
		name  string
		value *float64
		most  float64
	}{{"latitude", &at.Latitude, 90}, {"longitude", &at.Longitude, 180}} {
		raw := strings.TrimSpace(c.text(part.name))
		if raw == "" {
			return at, badRequest("%s is empty", part.name)
		}
		v, err := strconv.ParseFloat(raw, 64)
		if err != nil || !(v >= -part.most && v <= part.most) {
			return at, badRequest("wrong location specified")
		}
		*part.value = v
	}
	return at, nil
}

func (s *Server) sendLocation(c *call) (any, error) {
	at, err := readLocation(c)
	if err != nil {
		return nil, err
	}
	return s.deliverMessage(c, &message{Location: &at})
}

func (s *Server) sendVenue(c *call) (any, error) {
	at, err := readLocation(c)
	switch {
	case err != nil:
		return nil, err
	case strings.TrimSpace(c.text("title")) == "":
		return nil, badRequest("venue title must be non-empty")
	case strings.TrimSpace(c.text("address")) == "":
		return nil, badRequest("venue address must be non-empty")
	}
	return s.deliverMessage(c, &message{Venue: &venue{Location: at, Title: c.text("title"), Address: c.text("address")}})
}

func (s *Server) sendContact(c *call) (any, error) {
	if c.text("phone_number") == "" {
		return nil, badRequest("phone number is empty")
	}
	if c.text("first_name") == "" {
		return nil, badRequest("first name is empty")
	}
	return s.deliverMessage(c, &message{Contact: &contact{
		PhoneNumber: c.text("phone_number"), FirstName: c.text("first_name"), LastName: c.text("last_name"),
	}})
}

func (s *Server) sendChatAction(c *call) (any, error) {
	action := c.text("action")
	switch action {
	case "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document", "choose_sticker",
		"find_location", "record_video_note", "upload_video_note":
	default:
		return nil, badRequest("wrong parameter action in request")
	}
	return true, s.change(func(t *tx) error {
		to, err := t.target(c)
		if err == nil {
			t.emit(event{"type": "action", "chat": to.ID, "action": action})
		}
		return err
	})
}

// source finds the message that is to be copied or forwarded.
func (t *tx) source(c *call, doing string) (*message, error) {
	from, err := t.find(c, "from_chat_id")
	if err != nil {
		return nil, err
	}
	m := from.message(c.integer("message_id"))
	if m == nil || m.isService() {
		return nil, badRequest("message to %s not found", doing)
	}
	if m.Protected {
		done := map[string]string{"copy": "copied", "forward": "forwarded"}[doing]
		return nil, badRequest("message has protected content and can't be %s", done)
	}
	return m, nil
}

func (s *Server) copyMessage(c *call) (any, error) {
	keys, err := readMarkup(c)
	if err != nil {
		return nil, err
	}
	caption, err := s.newCaption(c)
	if err != nil {
		return nil, err
	}
	_, newCaption := c.params["caption"]
	var id struct {
		MessageID int64 `json:"message_id"`
	}
	err = s.change(func(t *tx) error {
		m, to, err := t.again(c, "copy")
		if err != nil {
			return err
		}
		m.Chat = to.ID
		if m.hasMedia() && newCaption {
			m.Text, m.Entities = caption.text, caption.entities
		}
		t.postFromBot(m, keys)
		id.MessageID = m.ID
		return nil
	})
	return id, err
}

// again makes a new message with the content of another.
func (t *tx) again(c *call, doing string) (*message, *chat, error) {
	to, err := t.target(c)
	if err != nil {
		return nil, nil, err
	}
	m, err := t.source(c, doing)
	if err != nil {
		return nil, nil, err
	}
	if err := t.limited(to.ID, 1); err != nil {
		return nil, nil, err
	}
	return &message{
		Text: m.Text, Entities: m.Entities, Photo: m.Photo, Document: m.Document, Location: m.Location, Venue: m.Venue,
		Contact: m.Contact, Sticker: m.Sticker, Silent: c.flag("disable_notification"), Protected: c.flag("protect_content"),
	}, to, nil
}

func (s *Server) forwardMessage(c *call) (any, error) {
	var sent *wireMessage
	err := s.change(func(t *tx) error {
		m, to, err := t.again(c, "forward")
		if err != nil {
			return err
		}
		original, err := t.source(c, "forward")
		if err != nil {
			return err
		}
		m.Chat = to.ID
		if m.Forward = original.Forward; m.Forward == nil {
			author := s.bot()
			if p := t.people[original.From]; p != nil {
				author = p.user()
			}
			m.Forward = &forwardOrigin{Type: "user", Date: original.Date, SenderUser: &author}
		}
		t.postFromBot(m, markup{})
		sent = t.wire(m, s.bot())
		return nil
	})
	return sent, err
}
