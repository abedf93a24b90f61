package playground

import (
	"encoding/json"
	"slices"
)

func (s *Server) pinChatMessage(c *call) (any, error) {
	id := c.integer("message_id")
	return true, s.change(func(t *tx) error {
		in, err := t.target(c)
		if err != nil {
			return err
		}
		if in.message(id) == nil {
			return badRequest("message to pin not found")
		}
		if !slices.Contains(in.Pinned, id) {
			t.putChat(in, func(c *chat) { c.Pinned = append(c.Pinned, id) })
			t.emitEdit(in.ID, id)
		}
		return nil
	})
}

// emitEdit makes the page draw a message anew.
func (t *tx) emitEdit(chat, id int64) {
	if m := t.chats[chat].message(id); m != nil {
		t.emit(event{"type": "edit", "chat": chat, "message": t.pageMessage(m)})
	}
}

func (s *Server) unpinChatMessage(c *call) (any, error) {
	id := c.integer("message_id")
	return true, s.change(func(t *tx) error {
		in, err := t.target(c)
		if err != nil {
			return err
		}
		if n := len(in.Pinned); id == 0 && n > 0 {
			id = in.Pinned[n-1]
		}
		if !slices.Contains(in.Pinned, id) {
			return badRequest("message to unpin not found")
		}
		t.putChat(in, func(c *chat) { c.Pinned = slices.DeleteFunc(c.Pinned, func(p int64) bool { return p == id }) })
		t.emitEdit(in.ID, id)
		return nil
	})
}

func (s *Server) unpinAllChatMessages(c *call) (any, error) {
	return true, s.change(func(t *tx) error {
		in, err := t.target(c)
		if err != nil {
			return err
		}
		pinned := in.Pinned
		t.putChat(in, func(c *chat) { c.Pinned = nil })
		for _, id := range pinned {
			t.emitEdit(in.ID, id)
		}
		return nil
	})
}

func (s *Server) setMessageReaction(c *call) (any, error) {
	var given []struct {
		Type  string `json:"type"`
		Emoji string `json:"emoji"`
	}
	if _, err := c.decode("reaction", &given); err != nil {
		return nil, err
	}
	if len(given) > 1 {
		return nil, badRequest("REACTIONS_TOO_MANY")
	}
	emoji := []string{}
	for _, r := range given {
		if r.Type != "emoji" || r.Emoji == "" {
			return nil, badRequest("REACTION_INVALID")
		}
		emoji = append(emoji, r.Emoji)
	}
	return true, s.change(func(t *tx) error {
		in, err := t.target(c)
		if err != nil {
			return err
		}
		m := in.message(c.integer("message_id"))
		if m == nil {
			return badRequest("message to react not found")
		}
		next := *m
		next.Reactions = emoji
		t.edited(&next)
		return nil
	})
}

func (s *Server) getChat(c *call) (any, error) {
	var full struct {
		chatInfo
		AccentColor  int          `json:"accent_color_id"`
		MaxReactions int          `json:"max_reaction_count"`
		Gifts        giftTypes    `json:"accepted_gift_types"`
		Pinned       *wireMessage `json:"pinned_message,omitempty"`
	}
	err := s.read(func(st *state) error {
		in, err := st.find(c, "chat_id")
		if err != nil {
			return err
		}
		full.chatInfo, full.MaxReactions = st.info(in.ID), 11
		if n := len(in.Pinned); n > 0 {
			if m := in.message(in.Pinned[n-1]); m != nil {
				full.Pinned = st.wire(m, s.bot())
			}
		}
		return nil
	})
	return full, err
}

// giftTypes is a required part of what getChat answers: nobody here takes gifts.
type giftTypes struct {
	Unlimited    bool `json:"unlimited_gifts"`
	Limited      bool `json:"limited_gifts"`
	Unique       bool `json:"unique_gifts"`
	Premium      bool `json:"premium_subscription"`
	FromChannels bool `json:"gifts_from_channels"`
}

// membership tells how somebody stands to a chat. The first member of a group created it.
func (s *Server) membership(st *state, in *chat, id int64) (chatMember, bool) {
	m := chatMember{Status: "member"}
	switch {
	case id == BotID:
		m.User = s.bot()
		if in.BotLeft {
			m.Status = "left"
		}
		return m, true
	case st.people[id] == nil:
		return m, false
	}
	m.User = st.people[id].user()
	switch {
	case in.Type == "private" && in.ID == id:
	case !slices.Contains(in.Members, id):
		m.Status = "left"
	case in.Members[0] == id:
		m.Status, m.IsAnonymous = "creator", new(bool)
	}
	return m, true
}

func (s *Server) getChatMember(c *call) (any, error) {
	var m chatMember
	err := s.read(func(st *state) error {
		in, err := st.find(c, "chat_id")
		if err != nil {
			return err
		}
		found := false
		if m, found = s.membership(st, in, c.integer("user_id")); !found {
			return badRequest("invalid user_id specified")
		}
		return nil
	})
	return m, err
}

func (s *Server) getChatMemberCount(c *call) (any, error) {
	count := 2
	err := s.read(func(st *state) error {
		in, err := st.find(c, "chat_id")
		if err == nil && in.Type != "private" {
			count = len(in.Members) + 1
		}
		return err
	})
	return count, err
}

func (s *Server) getChatAdministrators(c *call) (any, error) {
	var all []chatMember
	err := s.read(func(st *state) error {
		in, err := st.find(c, "chat_id")
		if err != nil {
			return err
		}
		if in.Type == "private" {
			return badRequest("there are no administrators in the private chat")
		}
		m, _ := s.membership(st, in, in.Members[0])
		all = append(all, m)
		return nil
	})
	return all, err
}

func (s *Server) leaveChat(c *call) (any, error) {
	return true, s.change(func(t *tx) error {
		in, err := t.target(c)
		if err != nil {
			return err
		}
		if in.Type == "private" {
			return badRequest("chat member status can't be changed in private chats")
		}
		t.putChat(in, func(c *chat) { c.BotLeft = true })
		t.emit(event{"type": "people"})
		return nil
	})
}

// setChatMenuButton takes the button for one private chat, or for all that have none of their own.
func (s *Server) setChatMenuButton(c *call) (any, error) {
	var button struct {
		Type   string  `json:"type"`
		Text   string  `json:"text"`
		WebApp *webApp `json:"web_app"`
	}
	given, err := c.decode("menu_button", &button)
	if err != nil {
		return nil, err
	}
	kept := json.RawMessage(c.text("menu_button"))
	switch {
	case !given || button.Type == "default":
		kept = nil
	case button.Type == "commands":
	case button.Type == "web_app" && button.Text != "" && button.WebApp != nil:
	default:
		return nil, badRequest("can't parse menu button: Unallowed type of menu button is specified")
	}
	return true, s.change(func(t *tx) error {
		if c.text("chat_id") == "" {
			next := t.profile
			next.Menu = kept
			t.put(record{Profile: &next})
			return nil
		}
		in, err := t.target(c)
		if err == nil {
			t.putChat(in, func(c *chat) { c.MenuInfo = kept })
		}
		return err
	})
}

func (s *Server) getChatMenuButton(c *call) (any, error) {
	var button json.RawMessage
	err := s.read(func(st *state) error {
		button = st.profile.Menu
		if c.text("chat_id") == "" {
			return nil
		}
		in, err := st.find(c, "chat_id")
		if err == nil && in.MenuInfo != nil {
			button = in.MenuInfo
		}
		return err
	})
	if button == nil {
		button = json.RawMessage(`{"type":"commands"}`)
	}
	return button, err
}
