package playground

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// pageMessage is a message as the page shows it.
type pageMessage struct {
	MessageID  int64          `json:"message_id"`
	Date       int64          `json:"date"`
	EditDate   int64          `json:"edit_date,omitempty"`
	FromBot    bool           `json:"from_bot"`
	From       pageSender     `json:"from"`
	HTML       string         `json:"html"`
	Text       string         `json:"text"`
	Photo      *pagePhoto     `json:"photo"`
	Document   *pageDocument  `json:"document"`
	Location   *location      `json:"location"`
	Venue      *venue         `json:"venue"`
	Contact    *contact       `json:"contact"`
	Sticker    *pageSticker   `json:"sticker"`
	Buttons    [][]pageButton `json:"buttons"`
	ReplyTo    int64          `json:"reply_to,omitempty"`
	Silent     bool           `json:"silent"`
	ForceReply *forceReply    `json:"force_reply"`
	MediaGroup string         `json:"media_group,omitempty"`
	Forwarded  string         `json:"forwarded_from,omitempty"`
	Reactions  []string       `json:"reactions,omitempty"`
	Pinned     bool           `json:"pinned,omitempty"`
	Service    string         `json:"service,omitempty"` // created, migrated
}

type pageSender struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name"`
}

type pagePhoto struct {
	FileID string `json:"file_id"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	URL    string `json:"url"`
}

type pageDocument struct {
	FileID   string `json:"file_id"`
	FileName string `json:"file_name"`
	MimeType string `json:"mime_type"`
	FileSize int64  `json:"file_size"`
	URL      string `json:"url"`
}

type pageSticker struct {
	Emoji string `json:"emoji"`
}

type pageButton struct {
	Text  string  `json:"text"`
	Data  string  `json:"data,omitempty"`
	URL   string  `json:"url,omitempty"`
	Web   string  `json:"web,omitempty"`
	Copy  string  `json:"copy,omitempty"`
	Start *string `json:"start,omitempty"` // the payload of a deep link to this bot
	Style string  `json:"style,omitempty"`
}

func (st *state) pageMessage(m *message) pageMessage {
	v := pageMessage{
		MessageID: m.ID, Date: m.Date, EditDate: m.EditDate, FromBot: m.FromBot, From: st.sender(m), Text: m.Text,
		HTML: renderHTML(m.Text, m.Entities), Location: m.Location, Venue: m.Venue, Contact: m.Contact, ReplyTo: m.ReplyTo,
		Silent: m.Silent, ForceReply: m.ForceReply, MediaGroup: m.MediaGroup, Reactions: m.Reactions, Buttons: pageButtons(m.Keyboard),
	}
	if p := m.Photo; p != nil {
		v.Photo = &pagePhoto{FileID: p.FileID, Width: p.Width, Height: p.Height, URL: "/play/pictures/" + p.FileID}
	}
	if d := m.Document; d != nil {
		v.Document = &pageDocument{d.FileID, d.FileName, d.MimeType, d.FileSize, "/play/files/" + d.FileID}
	}
	if m.Sticker != nil {
		v.Sticker = &pageSticker{m.Sticker.Emoji}
	}
	if f := m.Forward; f != nil {
		if v.Forwarded = f.SenderUserName; f.SenderUser != nil {
			v.Forwarded = f.SenderUser.FirstName
		}
	}
	if c := st.chats[m.Chat]; c != nil {
		v.Pinned = slices.Contains(c.Pinned, m.ID)
	}
	switch {
	case m.Created:
		v.Service = "created"
	case m.isService():
		v.Service = "migrated"
	}
	return v
}

func (st *state) sender(m *message) pageSender {
	if p := st.people[m.From]; p != nil && !m.FromBot {
		return pageSender{p.ID, p.FirstName}
	}
	name := botName
	if own := st.profile.Name[""]; own != "" {
		name = own
	}
	return pageSender{BotID, name}
}

func pageButtons(k *inlineKeyboard) [][]pageButton {
	if k == nil {
		return nil
	}
	rows := make([][]pageButton, 0, len(k.Rows))
	for _, row := range k.Rows {
		line := make([]pageButton, 0, len(row))
		for _, b := range row {
			p := pageButton{Text: b.Text, Data: b.CallbackData, URL: b.URL, Style: b.Style}
			if b.WebApp != nil {
				p.Web = b.WebApp.URL
			}
			if b.CopyText != nil {
				p.Copy = b.CopyText.Text
			}
			if payload, found := startPayload(b.URL); found {
				p.Start = &payload
			}
			line = append(line, p)
		}
		rows = append(rows, line)
	}
	return rows
}

// unread counts the bot's messages after the last one that a person has seen.
func (c *chat) unread(person int64) int {
	n := 0
	for _, id := range slices.Backward(c.messageID) {
		if id <= c.Read[person] {
			break
		}
		if c.messages[id].FromBot {
			n++
		}
	}
	return n
}

type pagePerson struct {
	Person
	Unread  int  `json:"unread"`
	Started bool `json:"started"`
	Blocked bool `json:"blocked"`
}

type pageGroup struct {
	ID      int64   `json:"id"`
	Title   string  `json:"title"`
	Type    string  `json:"type"`
	Members []int64 `json:"members"`
	BotLeft bool    `json:"bot_left,omitempty"`
}

type pageClock struct {
	Now          string `json:"now"` // RFC 3339 in Zone
	ShiftSeconds int64  `json:"shift_seconds"`
	Zone         string `json:"zone"`
	Controllable bool   `json:"controllable"`
}

func (s *Server) clockView() pageClock {
	now := s.opts.Now()
	return pageClock{
		Now:          now.In(s.opts.Zone).Format(time.RFC3339),
		ShiftSeconds: int64(now.Sub(s.real()).Round(time.Second) / time.Second),
		Zone:         s.opts.Zone.String(),
		Controllable: s.opts.Clock != nil,
	}
}

type pageBot struct {
	ID               int64  `json:"id"`
	FirstName        string `json:"first_name"`
	Username         string `json:"username"`
	Description      string `json:"description"`
	ShortDescription string `json:"short_description"`
}

func (s *Server) playState(*http.Request) (any, error) {
	view := struct {
		Bot     pageBot      `json:"bot"`
		People  []pagePerson `json:"people"`
		Groups  []pageGroup  `json:"groups"`
		Clock   pageClock    `json:"clock"`
		Notices []string     `json:"notices"`
	}{People: []pagePerson{}, Groups: []pageGroup{}, Clock: s.clockView(), Notices: []string{}}
	err := s.read(func(st *state) error {
		view.Bot = pageBot{
			BotID, st.sender(&message{FromBot: true}).FirstName, BotUsername, st.profile.Description[""], st.profile.ShortDescription[""],
		}
		for _, id := range st.order {
			c := st.chats[id]
			view.People = append(view.People, pagePerson{*st.people[id], c.unread(id), c.Started, c.Blocked})
		}
		for _, g := range st.groups() {
			view.Groups = append(view.Groups, pageGroup{g.ID, g.Title, g.Type, g.Members, g.BotLeft})
		}
		view.Notices = append(view.Notices, s.notices...)
		return nil
	})
	return view, err
}

// pageSize bounds how many messages come at once.
const pageSize = 200

// playMessages shows a part of a chat, and with it the keyboard in force, the commands, and how the bot describes itself to the
// reader: in a private chat the person, in a group the one named by "as".
func (s *Server) playMessages(r *http.Request) (any, error) {
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit < 1 {
		limit = 50
	}
	limit = min(limit, pageSize)
	before, err := strconv.ParseInt(r.FormValue("before"), 10, 64)
	if err != nil {
		before = 0
	}
	view := struct {
		Messages    []pageMessage   `json:"messages"`
		More        bool            `json:"more"`
		Keyboard    json.RawMessage `json:"keyboard"`
		Commands    []botCommand    `json:"commands"`
		Description string          `json:"description"`
	}{Messages: []pageMessage{}}
	err = s.read(func(st *state) error {
		in, err := st.pageChat(r)
		if err != nil {
			return err
		}
		ids := in.messageID
		if at, _ := slices.BinarySearch(ids, before); before > 0 {
			ids = ids[:at]
		}
		view.More = len(ids) > limit
		for _, id := range ids[max(0, len(ids)-limit):] {
			view.Messages = append(view.Messages, st.pageMessage(in.messages[id]))
		}
		reader := in.ID
		if in.Type != "private" {
			reader, _ = strconv.ParseInt(r.FormValue("as"), 10, 64) // nobody in particular: the commands for all
		}
		view.Keyboard, view.Commands = in.Keyboard, st.menuFor(in, reader)
		if p := st.people[reader]; p != nil {
			view.Description = spoken(st.profile.Description, p.LanguageCode)
		}
		return nil
	})
	return view, err
}

// pageChat finds the chat in the request's path.
func (st *state) pageChat(r *http.Request) (*chat, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err == nil && st.chats[id] != nil {
		return st.chats[id], nil
	}
	return nil, refuse(http.StatusNotFound, "There is no such chat.")
}
