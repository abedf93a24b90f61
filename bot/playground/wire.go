package playground

// wire is the message as the bot reads it. The message that it replies to is included once, not that one's own reply.
func (st *state) wire(m *message, bot user) *wireMessage {
	w := st.wireAlone(m, bot)
	if c := st.chats[m.Chat]; c != nil && m.ReplyTo != 0 {
		if to := c.message(m.ReplyTo); to != nil {
			w.ReplyToMessage = st.wireAlone(to, bot)
		}
	}
	return w
}

func (st *state) wireAlone(m *message, bot user) *wireMessage {
	w := &wireMessage{
		MessageID: m.ID, Chat: st.info(m.Chat), Date: m.Date, EditDate: m.EditDate, ForwardOrigin: m.Forward, MediaGroupID: m.MediaGroup,
		Document: m.Document, Sticker: m.Sticker, Contact: m.Contact, Venue: m.Venue, Location: m.Location,
		GroupCreated: m.Created, MigrateTo: m.MigrateTo, MigrateFrom: m.MigrateFrom, ReplyMarkup: m.Keyboard,
	}
	if m.Venue != nil {
		w.Location = &m.Venue.Location
	}
	if m.FromBot {
		w.From = &bot
	} else if p := st.people[m.From]; p != nil {
		from := p.user()
		w.From = &from
	}
	if m.Photo != nil {
		w.Photo = []photoSize{*m.Photo}
	}
	if m.hasMedia() {
		w.Caption, w.CaptionEntities = m.Text, m.Entities
	} else {
		w.Text, w.Entities = m.Text, m.Entities
	}
	return w
}

// info describes a chat; a private one by its person.
func (st *state) info(id int64) chatInfo {
	if p := st.people[id]; p != nil {
		return chatInfo{ID: id, Type: "private", Username: p.Username, FirstName: p.FirstName, LastName: p.LastName}
	}
	if c := st.chats[id]; c != nil {
		return chatInfo{ID: id, Type: c.Type, Title: c.Title}
	}
	return chatInfo{ID: id, Type: "private"}
}
