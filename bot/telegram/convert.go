package telegram

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"versli/bot/chat"
)

// allowedUpdates are the kinds of update that the bot asks for.
const allowedUpdates = `["message","edited_message","callback_query","my_chat_member"]`

// decodeID reads the number of an update, which is there also when the rest cannot be read.
func decodeID(raw []byte) (int64, error) {
	var u struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &u); err != nil {
		return 0, fmt.Errorf("decode an update's number: %w", err)
	}
	return u.ID, nil
}

// decode turns an update into a request. ok is false for what asks for nothing: somebody joined a group, a bot spoke.
func (c *Client) decode(raw []byte) (r chat.Request, ok bool, err error) {
	var u tgbotapi.Update
	if err := json.Unmarshal(raw, &u); err != nil {
		return r, false, fmt.Errorf("decode update: %w", err)
	}
	switch {
	case u.Message != nil:
		r, ok = c.fromMessage(u.Message)
	case u.EditedMessage != nil:
		r, ok = c.fromEdit(u.EditedMessage)
	case u.CallbackQuery != nil:
		r, ok = c.fromPress(u.CallbackQuery)
	case u.MyChatMember != nil:
		r, ok = c.fromMembership(u.MyChatMember)
	}
	r.Update = int64(u.UpdateID)
	return r, ok, nil
}

// base is what all requests have.
func base(in *tgbotapi.Chat, from *tgbotapi.User, date int) chat.Request {
	r := chat.Request{At: time.Unix(int64(date), 0)}
	if in != nil {
		r.Chat, r.Private = in.ID, in.IsPrivate()
		r.From.ID = in.ID
	}
	if from != nil {
		r.From = chat.Person{
			ID: from.ID, FirstName: from.FirstName, LastName: from.LastName, Username: from.UserName, Language: from.LanguageCode,
		}
	}
	return r
}

func (c *Client) fromMessage(m *tgbotapi.Message) (chat.Request, bool) {
	if m.Chat == nil || m.Chat.ID == 0 || isService(m) || (m.From != nil && m.From.IsBot) {
		return chat.Request{}, false
	}
	r := base(m.Chat, m.From, m.Date)
	r.Message = m.MessageID
	switch { // a group that becomes a supergroup tells so in both
	case m.MigrateToChatID != 0:
		r.Kind, r.MovedTo = chat.KindMigrated, m.MigrateToChatID
		return r, true
	case m.MigrateFromChatID != 0:
		r.Kind, r.Chat, r.MovedTo = chat.KindMigrated, m.MigrateFromChatID, m.Chat.ID
		return r, true
	}
	if m.ReplyToMessage != nil {
		r.ReplyTo = m.ReplyToMessage.MessageID
		r.Addressed = m.ReplyToMessage.From != nil && m.ReplyToMessage.From.ID == c.self.ID
	}
	return c.fillContent(r, m)
}

// fillContent says what a message is.
func (c *Client) fillContent(r chat.Request, m *tgbotapi.Message) (chat.Request, bool) {
	r.Text = m.Caption
	switch {
	case m.Text != "":
		return c.fillText(r, m.Text)
	case m.Venue != nil && point(m.Venue.Location) != nil:
		r.Kind, r.Point = chat.KindLocation, point(m.Venue.Location)
		r.Venue = &chat.Venue{Point: *r.Point, Title: m.Venue.Title, Address: m.Venue.Address}
	case m.Location != nil && point(*m.Location) != nil:
		r.Kind, r.Point, r.Live = chat.KindLocation, point(*m.Location), m.Location.LivePeriod > 0
	case m.Animation != nil: // carries a document too
		r.Kind = chat.KindOther
	case m.Document != nil:
		d := m.Document
		r.Kind = chat.KindFile
		r.File = &chat.File{ID: d.FileID, Name: d.FileName, MIME: d.MimeType, Size: int64(d.FileSize)}
	case len(m.Photo) > 0:
		largest := m.Photo[0]
		for _, p := range m.Photo {
			if p.Width*p.Height > largest.Width*largest.Height {
				largest = p
			}
		}
		r.Kind = chat.KindFile
		r.File = &chat.File{ID: largest.FileID, MIME: "image/jpeg", Size: int64(largest.FileSize), Picture: true}
	default:
		r.Kind = chat.KindOther
	}
	return r, true
}

// point is nil for what is no place on Earth.
func point(l tgbotapi.Location) *chat.Point {
	if math.Abs(l.Latitude) > 90 || math.Abs(l.Longitude) > 180 {
		return nil
	}
	return &chat.Point{Lat: l.Latitude, Lon: l.Longitude}
}

// commandForm is /name or /name@bot, then perhaps what it is about.
var commandForm = regexp.MustCompile(`^/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]+))?(?:\s+|$)`)

// fillText tells a command from other text. In a group, what names another bot is left alone.
func (c *Client) fillText(r chat.Request, text string) (chat.Request, bool) {
	r.Kind, r.Text = chat.KindText, text
	parts := commandForm.FindStringSubmatch(text)
	if parts == nil {
		return r, true
	}
	ours := strings.EqualFold(parts[2], c.self.Username)
	if parts[2] != "" && !ours && !r.Private {
		return r, false
	}
	r.Kind, r.Command = chat.KindCommand, strings.ToLower(parts[1])
	r.Text = strings.TrimSpace(text[len(parts[0]):])
	r.Addressed = r.Addressed || ours && parts[2] != ""
	return r, true
}

// isService tells of messages that Telegram writes about a chat, which ask for nothing.
func isService(m *tgbotapi.Message) bool {
	return len(m.NewChatMembers) > 0 || m.LeftChatMember != nil || m.NewChatTitle != "" || len(m.NewChatPhoto) > 0 ||
		m.DeleteChatPhoto || m.GroupChatCreated || m.SuperGroupChatCreated || m.ChannelChatCreated || m.PinnedMessage != nil ||
		m.MessageAutoDeleteTimerChanged != nil || m.VoiceChatScheduled != nil || m.VoiceChatStarted != nil ||
		m.VoiceChatEnded != nil || m.VoiceChatParticipantsInvited != nil
}

// fromEdit takes a live location that moved. Other edits change nothing that was done.
func (c *Client) fromEdit(m *tgbotapi.Message) (chat.Request, bool) {
	if m.Location == nil || m.Chat == nil || m.Chat.ID == 0 {
		return chat.Request{}, false
	}
	r := base(m.Chat, m.From, max(m.Date, m.EditDate))
	r.Kind, r.Message, r.Point, r.Live = chat.KindLocation, m.MessageID, point(*m.Location), true
	return r, r.Point != nil
}

// fromPress takes a pressed button. Telegram does not date it; what the button asks for is read by the bot's own codec, and what that
// cannot read has no action.
func (c *Client) fromPress(q *tgbotapi.CallbackQuery) (chat.Request, bool) {
	var r chat.Request
	if q.Message != nil && q.Message.Chat != nil {
		r = base(q.Message.Chat, q.From, 0)
		r.Message = q.Message.MessageID
	} else if q.From != nil {
		r = base(&tgbotapi.Chat{ID: q.From.ID, Type: "private"}, q.From, 0)
	}
	r.Kind, r.At, r.Query, r.Raw = chat.KindPress, c.opt.Now(), q.ID, q.Data
	if action, args, err := chat.Decode(q.Data); err == nil {
		r.Action, r.Args = action, args
	}
	return r, r.Chat != 0 && r.Query != ""
}

// fromMembership tells that a person blocked or unblocked the bot, or that a group removed or added it.
func (c *Client) fromMembership(m *tgbotapi.ChatMemberUpdated) (chat.Request, bool) {
	r := base(&m.Chat, &m.From, m.Date)
	was, is := present(m.OldChatMember.Status), present(m.NewChatMember.Status)
	r.Kind = chat.KindReturned
	if !is {
		r.Kind = chat.KindBlocked
	}
	return r, was != is && r.Chat != 0
}

func present(status string) bool { return status != "kicked" && status != "left" && status != "" }
