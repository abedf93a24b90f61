package playground

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// errClosed is returned for a change after Close.
var errClosed = errors.New("the playground is closed")

// tx is one change of the state. What it puts is applied at once, written down as one line, and then told to the page.
type tx struct {
	*state
	s       *Server
	records []record
	events  []event
}

// change runs fn alone. fn checks first and puts afterwards: what it has put stays, also when it returns an error.
func (s *Server) change(fn func(*tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop.Err() != nil {
		return errClosed
	}
	t := &tx{state: s.state, s: s}
	err := fn(t)
	if len(t.records) > 0 {
		if err := s.write(t.records); err != nil {
			return err
		}
		close(s.changed)
		s.changed = make(chan struct{})
	}
	for _, e := range t.events {
		s.events.publish(e)
	}
	return err
}

func (s *Server) write(records []record) error {
	if s.journal == nil {
		return nil
	}
	if s.journal.due() {
		return s.journal.compact(s.state) // the records are applied already
	}
	return s.journal.append(records)
}

// read runs fn while nothing changes.
func (s *Server) read(fn func(*state) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fn(s.state)
}

func (t *tx) put(r record) {
	t.apply(r)
	t.records = append(t.records, r)
}

func (t *tx) emit(e event) { t.events = append(t.events, e) }

func (t *tx) putCounters() {
	c := t.counters
	t.put(record{Counters: &c})
}

// putChat records a change made to a copy of a chat, so that readers of the old value are not surprised.
func (t *tx) putChat(c *chat, edit func(*chat)) *chat {
	next := *c
	next.Members, next.Pinned = slices.Clone(c.Members), slices.Clone(c.Pinned)
	next.Read = make(map[int64]int64, len(c.Read))
	maps.Copy(next.Read, c.Read)
	edit(&next)
	t.put(record{Chat: &next})
	return t.chats[c.ID]
}

// post gives the message its id and date, and puts it into its chat.
func (t *tx) post(m *message) {
	c := t.putChat(t.chats[m.Chat], func(c *chat) { c.LastID++ })
	m.ID, m.Date = c.LastID, t.s.opts.Now().Unix()
	t.put(record{Message: m})
	t.emit(event{"type": "message", "chat": m.Chat, "message": t.pageMessage(m)})
}

// edited puts the new wording of a message.
func (t *tx) edited(m *message) {
	t.put(record{Message: m})
	t.emit(event{"type": "edit", "chat": m.Chat, "message": t.pageMessage(m)})
}

// askedFor are the updates that a bot gets only when it lists them in allowed_updates.
func askedFor(kind string) bool {
	return kind == "chat_member" || kind == "message_reaction" || kind == "message_reaction_count"
}

// tell queues an update for the bot, unless it has said that it does not want its kind.
func (t *tx) tell(chat int64, kind string, payload any) error {
	if allowed := t.hook.Allowed; (allowed == nil && askedFor(kind)) || (allowed != nil && !slices.Contains(allowed, kind)) {
		return nil
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode an update: %w", err)
	}
	t.counters.Update++
	t.putCounters()
	t.put(record{Update: &update{ID: t.counters.Update, Chat: chat, Kind: kind, Payload: raw}})
	return nil
}

func (t *tx) nextQueryID() string {
	t.counters.Query++
	t.putCounters()
	return strconv.FormatInt(4_382_115_660_042_113_000+t.counters.Query, 10)
}
