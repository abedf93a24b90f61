package playground

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// target finds the chat of a call and checks that the bot may write to it.
func (st *state) target(c *call) (*chat, error) {
	found, err := st.find(c, "chat_id")
	if err != nil {
		return nil, err
	}
	switch {
	case found.MovedTo != 0:
		err := badRequest("group chat was upgraded to a supergroup chat")
		err.MigrateTo = found.MovedTo
		return nil, err
	case found.Blocked:
		return nil, forbidden("bot was blocked by the user")
	case found.BotLeft:
		return nil, forbidden("bot is not a member of the " + found.Type + " chat")
	}
	return found, nil
}

// find looks a chat up by a parameter. Somebody who never wrote to the bot is as unknown as a chat that does not exist.
func (st *state) find(c *call, name string) (*chat, error) {
	raw := strings.TrimSpace(c.text(name))
	if raw == "" {
		return nil, badRequest("%s is empty", name)
	}
	id, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	found := st.chats[id]
	if found == nil || (found.Type == "private" && !found.Started) {
		return nil, badRequest("chat not found")
	}
	return found, nil
}

// limited counts n messages to a chat against the limits.
func (t *tx) limited(chat int64, n int) error {
	if wait := t.s.limits.take(chat, n); wait > 0 {
		return tooManyRequests(wait)
	}
	return nil
}

// replyTarget finds the message that a new one answers, in either of the two forms in which it can be named.
func (t *tx) replyTarget(c *call, in *chat) (int64, error) {
	var reply struct {
		MessageID int64 `json:"message_id"`
		Optional  bool  `json:"allow_sending_without_reply"`
	}
	given, err := c.decode("reply_parameters", &reply)
	if err != nil {
		return 0, err
	}
	if !given {
		reply.MessageID, reply.Optional = c.integer("reply_to_message_id"), c.flag("allow_sending_without_reply")
	}
	if reply.MessageID == 0 {
		return 0, nil
	}
	if in.message(reply.MessageID) == nil {
		if reply.Optional {
			return 0, nil
		}
		return 0, badRequest("message to be replied not found")
	}
	return reply.MessageID, nil
}

// deletableFor is how old a message may be to be deleted. https://core.telegram.org/bots/api#deletemessage
const deletableFor = 48 * time.Hour

func (t *tx) deletable(m *message, in *chat) error {
	if t.s.opts.Now().Sub(time.Unix(m.Date, 0)) >= deletableFor {
		return badRequest("message can't be deleted for everyone")
	}
	if !m.FromBot && in.Type != "private" {
		return badRequest("message can't be deleted")
	}
	return nil
}

func (t *tx) deleteMessage(in *chat, id int64) {
	t.put(record{Deleted: &messageKey{Chat: in.ID, ID: id}})
	if slices.Contains(in.Pinned, id) {
		t.putChat(in, func(c *chat) { c.Pinned = slices.DeleteFunc(c.Pinned, func(p int64) bool { return p == id }) })
	}
	t.emit(event{"type": "delete", "chat": in.ID, "message_id": id})
}
