package playground

import "reflect"

// edit changes one message of the bot's. amend gets a copy of the message to work on.
func (s *Server) edit(c *call, amend func(*message) error) (any, error) {
	var after *wireMessage
	err := s.change(func(t *tx) error {
		if c.text("chat_id") == "" && c.text("inline_message_id") == "" && c.integer("message_id") == 0 {
			return badRequest("message identifier is not specified")
		}
		in, err := t.target(c)
		if err != nil {
			return err
		}
		m := in.message(c.integer("message_id"))
		switch {
		case m == nil:
			return badRequest("message to edit not found")
		case !m.FromBot || m.HadKeyboard || m.Forward != nil || m.isService():
			return badRequest("message can't be edited")
		}
		next := *m
		if err := amend(&next); err != nil {
			return err
		}
		if sameContent(m, &next) {
			return badRequest("message is not modified: specified new message content and reply markup are exactly the same " +
				"as a current content and reply markup of the message")
		}
		if err := t.limited(in.ID, 1); err != nil {
			return err
		}
		next.EditDate = s.opts.Now().Unix()
		t.edited(&next)
		after = t.wire(&next, s.bot())
		return nil
	})
	return after, err
}

func sameContent(a, b *message) bool {
	return a.Text == b.Text && len(a.Entities) == len(b.Entities) && (len(a.Entities) == 0 || reflect.DeepEqual(a.Entities, b.Entities)) &&
		reflect.DeepEqual(a.Keyboard, b.Keyboard) && reflect.DeepEqual(a.Photo, b.Photo) && reflect.DeepEqual(a.Document, b.Document)
}

func (s *Server) editMessageText(c *call) (any, error) {
	f, err := s.newText(c)
	if err != nil {
		return nil, err
	}
	keys, err := readInlineMarkup(c)
	if err != nil {
		return nil, err
	}
	return s.edit(c, func(m *message) error {
		if !m.isText() {
			return badRequest("there is no text in the message to edit")
		}
		m.Text, m.Entities, m.Keyboard = f.text, f.entities, keys
		return nil
	})
}

func (s *Server) editMessageCaption(c *call) (any, error) {
	f, err := s.format(c, "caption", "caption_entities")
	if err != nil {
		return nil, err
	}
	if utf16Len(f.text) > maxCaption {
		return nil, badRequest("MEDIA_CAPTION_TOO_LONG")
	}
	keys, err := readInlineMarkup(c)
	if err != nil {
		return nil, err
	}
	return s.edit(c, func(m *message) error {
		if !m.hasMedia() {
			return badRequest("there is no caption in the message to edit")
		}
		m.Text, m.Entities, m.Keyboard = f.text, f.entities, keys
		return nil
	})
}

func (s *Server) editMessageMedia(c *call) (any, error) {
	var in inputMedia
	given, err := c.decode("media", &in)
	if err != nil {
		return nil, err
	}
	if !given {
		return nil, badRequest("media is empty")
	}
	keys, err := readInlineMarkup(c)
	if err != nil {
		return nil, err
	}
	content, err := s.takeMedia(c, in)
	if err != nil {
		return nil, err
	}
	return s.edit(c, func(m *message) error {
		if !m.hasMedia() && !m.isText() {
			return badRequest("message can't be edited")
		}
		m.Text, m.Entities, m.Photo, m.Document, m.Keyboard = content.Text, content.Entities, content.Photo, content.Document, keys
		return nil
	})
}

func (s *Server) editMessageReplyMarkup(c *call) (any, error) {
	keys, err := readInlineMarkup(c)
	if err != nil {
		return nil, err
	}
	return s.edit(c, func(m *message) error {
		m.Keyboard = keys
		return nil
	})
}

func (s *Server) deleteMessage(c *call) (any, error) {
	id := c.integer("message_id")
	return true, s.change(func(t *tx) error {
		in, err := t.target(c)
		if err != nil {
			return err
		}
		if id == 0 {
			return badRequest("message identifier is not specified")
		}
		m := in.message(id)
		if m == nil {
			return badRequest("message to delete not found")
		}
		if err := t.deletable(m, in); err != nil {
			return err
		}
		t.deleteMessage(in, id)
		return nil
	})
}

// deleteMessages passes over messages that are not there. https://core.telegram.org/bots/api#deletemessages
func (s *Server) deleteMessages(c *call) (any, error) {
	var ids []int64
	given, err := c.decode("message_ids", &ids)
	if err != nil {
		return nil, err
	}
	if !given || len(ids) == 0 {
		return nil, badRequest("message identifiers are not specified")
	}
	if len(ids) > 100 {
		return nil, badRequest("too many message identifiers specified")
	}
	return true, s.change(func(t *tx) error {
		in, err := t.target(c)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if m := in.message(id); m != nil {
				if err := t.deletable(m, in); err != nil {
					return err
				}
			}
		}
		for _, id := range ids {
			if in := t.chats[in.ID]; in.message(id) != nil {
				t.deleteMessage(in, id)
			}
		}
		return nil
	})
}
