package playground

import (
	"cmp"
	"encoding/json"
	"slices"
)

// firstUpdate is what ids of updates are counted from, beside the second of the first start. Telegram starts anywhere; a bot must not
// count on 1.
const firstUpdate = 728_114_001

// Person is somebody whom the user of the page can be.
type Person struct {
	ID           int64  `json:"id"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name"`
	Username     string `json:"username"`
	LanguageCode string `json:"language_code"`     // as Telegram reports it, "lt"; may be empty
	Note         string `json:"note"`              // what the page shows under the name
	Started      bool   `json:"started,omitempty"` // added as somebody who has written to the bot before
}

func (p *Person) user() user {
	return user{ID: p.ID, FirstName: p.FirstName, LastName: p.LastName, Username: p.Username, LanguageCode: p.LanguageCode}
}

// chat is a conversation: a person with the bot (its id is the person's), or a group.
type chat struct {
	ID        int64           `json:"id"`
	Type      string          `json:"type"` // private, group, supergroup
	Title     string          `json:"title,omitempty"`
	Members   []int64         `json:"members,omitempty"`
	Started   bool            `json:"started,omitempty"` // the person has written first; before that the bot may not
	Blocked   bool            `json:"blocked,omitempty"`
	BotLeft   bool            `json:"bot_left,omitempty"`
	MovedTo   int64           `json:"moved_to,omitempty"` // the supergroup that the group became
	LastID    int64           `json:"last_id,omitempty"`  // message ids are counted in each chat
	Read      map[int64]int64 `json:"read,omitempty"`     // person -> the last message they have seen
	Keyboard  json.RawMessage `json:"keyboard,omitempty"` // the reply keyboard in force
	Pinned    []int64         `json:"pinned,omitempty"`
	MenuInfo  json.RawMessage `json:"menu,omitempty"`
	messages  map[int64]*message
	messageID []int64 // ascending
}

func (c *chat) message(id int64) *message { return c.messages[id] }

func (c *chat) store(m *message) {
	if c.messages == nil {
		c.messages = map[int64]*message{}
	}
	if _, known := c.messages[m.ID]; !known {
		at, _ := slices.BinarySearch(c.messageID, m.ID)
		c.messageID = slices.Insert(c.messageID, at, m.ID)
	}
	c.messages[m.ID] = m
}

func (c *chat) remove(id int64) {
	if at, found := slices.BinarySearch(c.messageID, id); found {
		c.messageID = slices.Delete(c.messageID, at, at+1)
	}
	delete(c.messages, id)
}

// message is what the playground keeps of a message. Text and Entities are the caption when there is media.
type message struct {
	Chat        int64           `json:"chat"`
	ID          int64           `json:"id"`
	From        int64           `json:"from"`
	FromBot     bool            `json:"from_bot,omitempty"`
	Date        int64           `json:"date"`
	EditDate    int64           `json:"edit_date,omitempty"`
	Text        string          `json:"text,omitempty"`
	Entities    []entity        `json:"entities,omitempty"`
	Photo       *photoSize      `json:"photo,omitempty"`
	Document    *document       `json:"document,omitempty"`
	Location    *location       `json:"location,omitempty"`
	Venue       *venue          `json:"venue,omitempty"`
	Contact     *contact        `json:"contact,omitempty"`
	Sticker     *sticker        `json:"sticker,omitempty"`
	Keyboard    *inlineKeyboard `json:"keyboard,omitempty"`
	HadKeyboard bool            `json:"had_keyboard,omitempty"` // sent with a reply keyboard, a removal or a forced reply: not editable
	ForceReply  *forceReply     `json:"force_reply,omitempty"`
	ReplyTo     int64           `json:"reply_to,omitempty"`
	Silent      bool            `json:"silent,omitempty"`
	Protected   bool            `json:"protected,omitempty"`
	MediaGroup  string          `json:"media_group,omitempty"`
	Forward     *forwardOrigin  `json:"forward,omitempty"`
	Reactions   []string        `json:"reactions,omitempty"`
	Created     bool            `json:"created,omitempty"` // "the group was created"
	MigrateTo   int64           `json:"migrate_to,omitempty"`
	MigrateFrom int64           `json:"migrate_from,omitempty"`
}

type forceReply struct {
	Placeholder string `json:"placeholder"`
}

// hasMedia tells whether Text is a caption.
func (m *message) hasMedia() bool { return m.Photo != nil || m.Document != nil }

// isText tells whether the message is nothing but text.
func (m *message) isText() bool {
	return !m.hasMedia() && m.Location == nil && m.Venue == nil && m.Contact == nil && m.Sticker == nil && !m.isService()
}

func (m *message) isService() bool { return m.Created || m.MigrateTo != 0 || m.MigrateFrom != 0 }

// update is something the bot has not confirmed yet, in the words in which it will read it.
type update struct {
	ID      int64           `json:"id"`
	Chat    int64           `json:"chat"` // updates of one chat reach a webhook one after another
	Kind    string          `json:"kind"`
	Payload json.RawMessage `json:"payload"`
}

func (u *update) wire() json.RawMessage {
	raw, err := json.Marshal(map[string]any{"update_id": u.ID, u.Kind: u.Payload})
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}

// query is a pressed button waiting for its answer.
type query struct {
	ID       string `json:"id"`
	Chat     int64  `json:"chat"`
	Person   int64  `json:"person"`
	Message  int64  `json:"message"`
	At       int64  `json:"at"` // Unix seconds of the unshifted clock: moving the clock must not make a fresh query stale
	Answered bool   `json:"answered,omitempty"`
}

// file is the description of bytes kept in the blob store under its ID.
type file struct {
	ID       string `json:"id"`
	UniqueID string `json:"unique_id"`
	Kind     string `json:"kind"` // photo, document
	Name     string `json:"name"`
	Mime     string `json:"mime"`
	Size     int64  `json:"size"`
	Path     string `json:"path"` // what getFile answers
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
}

// profile is what the bot has said about itself, by language code ("" is the default).
type profile struct {
	Name             map[string]string `json:"name,omitempty"`
	Description      map[string]string `json:"description,omitempty"`
	ShortDescription map[string]string `json:"short_description,omitempty"`
	Menu             json.RawMessage   `json:"menu,omitempty"`
}

// hook is where updates are posted. An empty URL means that the bot polls.
type hook struct {
	URL            string   `json:"url,omitempty"`
	Secret         string   `json:"secret,omitempty"`
	MaxConnections int      `json:"max_connections,omitempty"`
	Allowed        []string `json:"allowed,omitempty"` // nil: all but the ones that must be asked for
	LastErrorDate  int64    `json:"last_error_date,omitempty"`
	LastError      string   `json:"last_error,omitempty"`
}

// counters give ids that are never used twice, also after a restart.
type counters struct {
	Update int64 `json:"update"`
	Query  int64 `json:"query"`
	File   int64 `json:"file"`
	Person int64 `json:"person"`
	Group  int64 `json:"group"`
	Album  int64 `json:"album"`
}

// state is all that the playground knows. Server.mu guards it; it changes only through a tx, which also writes it down.
type state struct {
	people   map[int64]*Person
	order    []int64 // people in the order in which they came
	chats    map[int64]*chat
	updates  []*update // ascending by id
	queries  map[string]*query
	files    map[string]*file
	commands map[string][]botCommand // by scope and language, see commandKey
	profile  profile
	hook     hook
	counters counters
}

func newState() *state {
	return &state{
		people: map[int64]*Person{}, chats: map[int64]*chat{}, queries: map[string]*query{}, files: map[string]*file{},
		commands: map[string][]botCommand{},
		profile:  profile{Name: map[string]string{}, Description: map[string]string{}, ShortDescription: map[string]string{}},
		counters: counters{Update: firstUpdate - 1},
	}
}

func (st *state) addUpdate(u *update) {
	st.updates = append(st.updates, u)
}

func (st *state) dropUpdate(id int64) {
	st.updates = slices.DeleteFunc(st.updates, func(u *update) bool { return u.ID == id })
}

func (st *state) dropUpdatesBefore(id int64) {
	st.updates = slices.DeleteFunc(st.updates, func(u *update) bool { return u.ID < id })
}

// groups lists the groups that exist under their present id.
func (st *state) groups() []*chat {
	var all []*chat
	for _, c := range st.chats {
		if c.Type != "private" && c.MovedTo == 0 {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *chat) int { return cmp.Compare(b.ID, a.ID) })
	return all
}
