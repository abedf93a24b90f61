package playground

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxName    = 64
	maxPeople  = 1_000
	firstGroup = 4_200_000_000 // groups have ids below zero
	superGroup = 1_000_000_000_000
	maxAdvance = 366 * 24 * time.Hour
)

func attachment(name string) string {
	if v := mime.FormatMediaType("attachment", map[string]string{"filename": name}); v != "" {
		return v
	}
	return "attachment"
}

func (s *Server) playAddPerson(r *http.Request) (any, error) {
	var p Person
	if err := readBody(r, &p); err != nil {
		return nil, err
	}
	p.ID = 0
	for _, text := range []*string{&p.FirstName, &p.LastName, &p.Username, &p.LanguageCode, &p.Note} {
		if *text = strings.TrimSpace(*text); utf16Len(*text) > maxName {
			return nil, refuse(http.StatusBadRequest, "A name has at most 64 letters.")
		}
	}
	if p.FirstName == "" {
		return nil, refuse(http.StatusBadRequest, "A person needs a first name.")
	}
	if len(s.People()) >= maxPeople {
		return nil, refuse(http.StatusConflict, "There are enough people.")
	}
	return s.AddPerson(p)
}

// playBlock makes a person block the bot or let it in again; the bot is told either way.
func (s *Server) playBlock(r *http.Request) (any, error) {
	var in struct {
		Blocked bool `json:"blocked"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	return struct{}{}, s.change(func(t *tx) error {
		c, err := t.pageChat(r)
		if err != nil {
			return err
		}
		if c.Type != "private" {
			return refuse(http.StatusBadRequest, "Only a person can block the bot.")
		}
		if c.Blocked == in.Blocked {
			return nil
		}
		t.putChat(c, func(c *chat) { c.Blocked = in.Blocked })
		t.emit(event{"type": "people"})
		until := int64(0)
		member := chatMember{User: s.bot(), Status: "member"}
		kicked := chatMember{User: s.bot(), Status: "kicked", UntilDate: &until}
		u := chatMemberUpdated{
			Chat: t.info(c.ID), From: t.people[c.ID].user(), Date: s.opts.Now().Unix(), OldChatMember: member, NewChatMember: kicked,
		}
		if !in.Blocked {
			u.OldChatMember, u.NewChatMember = kicked, member
		}
		return t.tell(c.ID, "my_chat_member", u)
	})
}

// playAddGroup makes a group of people and the bot; the first person is its creator.
func (s *Server) playAddGroup(r *http.Request) (any, error) {
	var in struct {
		Title   string  `json:"title"`
		Members []int64 `json:"members"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	if in.Title = strings.TrimSpace(in.Title); in.Title == "" || utf16Len(in.Title) > 2*maxName || len(in.Members) == 0 {
		return nil, refuse(http.StatusBadRequest, "A group needs a title and members.")
	}
	var view pageGroup
	err := s.change(func(t *tx) error {
		for i, id := range in.Members {
			if t.people[id] == nil || slices.Contains(in.Members[:i], id) {
				return refuse(http.StatusBadRequest, "Somebody in the group is not known, or is in it twice.")
			}
		}
		t.counters.Group++
		t.putCounters()
		g := &chat{ID: -(firstGroup + t.counters.Group), Type: "group", Title: in.Title, Members: in.Members}
		t.put(record{Chat: g})
		m := &message{Chat: g.ID, From: in.Members[0], Created: true}
		t.post(m)
		t.emit(event{"type": "people"})
		view = pageGroup{ID: g.ID, Title: g.Title, Type: g.Type, Members: g.Members}
		if err := t.tell(g.ID, "my_chat_member", chatMemberUpdated{
			Chat: t.info(g.ID), From: t.people[in.Members[0]].user(), Date: m.Date,
			OldChatMember: chatMember{User: s.bot(), Status: "left"}, NewChatMember: chatMember{User: s.bot(), Status: "member"},
		}); err != nil {
			return err
		}
		return t.tell(g.ID, "message", t.wire(m, s.bot()))
	})
	return view, err
}

// playMigrate turns a group into a supergroup, which gives it another id.
// https://core.telegram.org/bots/api#responseparameters
func (s *Server) playMigrate(r *http.Request) (any, error) {
	var view pageGroup
	err := s.change(func(t *tx) error {
		old, err := t.pageChat(r)
		if err != nil {
			return err
		}
		if old.Type != "group" || old.MovedTo != 0 {
			return refuse(http.StatusConflict, "Only a group can become a supergroup, and only once.")
		}
		g := &chat{ID: old.ID - superGroup, Type: "supergroup", Title: old.Title, Members: old.Members, BotLeft: old.BotLeft}
		t.put(record{Chat: g})
		leaving := &message{Chat: old.ID, From: old.Members[0], MigrateTo: g.ID}
		arriving := &message{Chat: g.ID, From: old.Members[0], MigrateFrom: old.ID}
		t.post(leaving)
		t.post(arriving)
		t.putChat(t.chats[old.ID], func(c *chat) { c.MovedTo = g.ID })
		t.emit(event{"type": "people"})
		view = pageGroup{ID: g.ID, Title: g.Title, Type: g.Type, Members: g.Members}
		if err := t.tell(old.ID, "message", t.wire(leaving, s.bot())); err != nil {
			return err
		}
		return t.tell(g.ID, "message", t.wire(arriving, s.bot()))
	})
	return view, err
}

// playClock moves the clock forward; it cannot be moved back.
func (s *Server) playClock(r *http.Request) (any, error) {
	var in struct {
		Advance string `json:"advance"`
		To      string `json:"to"`
	}
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	if s.opts.Clock == nil {
		return nil, refuse(http.StatusNotFound, "The clock cannot be moved here.")
	}
	by, err := s.howFar(r.Context(), in.Advance, in.To)
	if err != nil {
		return nil, err
	}
	if by <= 0 || by > maxAdvance {
		return nil, refuse(http.StatusBadRequest, "The clock moves forward, by a year at most.")
	}
	if err := s.opts.Clock.Advance(s.stop, by); err != nil { //nolint:contextcheck // goes on when the page is closed meanwhile
		if s.stop.Err() != nil {
			return nil, refuse(http.StatusServiceUnavailable, "The program is stopping.")
		}
		return nil, err
	}
	view := s.clockView()
	s.events.publish(event{"type": "clock", "clock": view})
	return view, nil
}

func (s *Server) howFar(ctx context.Context, advance, to string) (time.Duration, error) {
	if to != "next-visit" {
		by, err := time.ParseDuration(advance)
		if err != nil {
			return 0, refuse(http.StatusBadRequest, "Say how far to move the clock, such as 1h or 30m.")
		}
		return by, nil
	}
	at, found, err := s.opts.Clock.NextVisit(ctx)
	switch {
	case err != nil:
		return 0, err
	case !found:
		return 0, refuse(http.StatusNotFound, "No visit of the van is planned.")
	}
	return at.Sub(s.opts.Now()), nil
}
