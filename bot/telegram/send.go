package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"versli/bot/chat"
)

const (
	// answerFor is how long an answer is tried while others get through. While nothing gets through, Telegram is away, and it waits.
	answerFor  = 15 * time.Minute
	otherTries = 4 // of notices and broadcasts: whoever sends them tries again later
	// longestHold is the longest retry_after that a notice or a broadcast waits for by itself.
	longestHold = 40 * time.Second
	holdWithin  = time.Second // that Redis may take to tell the other processes
)

// Send sends, edits or removes one message, waiting for its turn, and returns the id of the message that has the keyboard (the last
// one, when the text had to be split). The error is chat.ErrUnreachable, chat.ErrGone, ErrRefused, ctx's, or means to try again later.
func (c *Client) Send(ctx context.Context, p Priority, m chat.Message) (int, error) {
	ids, err := c.SendParts(ctx, p, m)
	if len(ids) == 0 {
		return 0, err
	}
	return ids[len(ids)-1], err
}

// SendParts is Send that returns the ids of all messages that the message took, in order; also of those that went well before an error.
func (c *Client) SendParts(ctx context.Context, p Priority, m chat.Message) ([]int, error) {
	ids, err := c.send(ctx, p, m)
	f := asFailure(err)
	if f != nil && f.kind == kindMigrated {
		if c.opt.OnMigrated != nil {
			c.opt.OnMigrated(ctx, m.Chat, f.migrateTo)
		}
		m.Chat, m.Edit = f.migrateTo, 0 // message ids of the old group mean nothing in the new one
		ids, err = c.send(ctx, p, m)
		f = asFailure(err)
	}
	if f != nil && f.kind == kindUnreachable && c.opt.OnUnreachable != nil {
		c.opt.OnUnreachable(ctx, m.Chat)
	}
	return ids, err
}

func (c *Client) send(ctx context.Context, p Priority, m chat.Message) (ids []int, err error) {
	if m.Delete != 0 {
		return nil, c.remove(ctx, p, m)
	}
	calls, err := compose(m)
	if err != nil {
		return nil, err
	}
	for _, out := range calls {
		id, err := c.sendOne(ctx, p, m, out)
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// remove deletes a message. One that is gone already is as good.
func (c *Client) remove(ctx context.Context, p Priority, m chat.Message) error {
	to := int64(0) // a removal is no message; but many of them are paced as messages are
	if p != PriorityAnswer {
		to = m.Chat
	}
	_, err := c.retry(ctx, p, to, outgoing{method: "deleteMessage", params: message(m.Chat, m.Delete)})
	f := asFailure(err)
	switch {
	case f == nil || f.kind != kindRefused:
		return err
	case m.InPlace && !f.says("message to delete not found"):
		return errors.Join(chat.ErrGone, err)
	}
	return nil
}

// sendOne makes one of a message's calls, and mends what can be mended.
func (c *Client) sendOne(ctx context.Context, p Priority, m chat.Message, out outgoing) (int, error) {
	raw, err := c.retry(ctx, p, m.Chat, out)
	f := asFailure(err)
	switch {
	case err == nil:
		return messageID(raw, m.Edit), nil
	case f == nil || f.kind != kindRefused:
		return 0, err
	case f.says("message is not modified"):
		return m.Edit, nil
	case f.says("message to edit not found", "message can't be edited", "there is no text in the message",
		"there is no caption in the message", "message_id_invalid", "message identifier is not specified"):
		switch {
		case out.otherwise != nil:
			return c.sendOne(ctx, p, m, *out.otherwise)
		case m.InPlace:
			return 0, errors.Join(chat.ErrGone, err)
		}
	case f.says("can't parse entities") && out.plain():
		c.opt.Log.ErrorContext(ctx, "message with broken markup is sent without it", "chat", m.Chat, "error", err)
		return c.sendOne(ctx, p, m, out)
	}
	return 0, err
}

// messageID reads the id out of an answer; edits of inline messages are answered "true".
func messageID(raw json.RawMessage, otherwise int) int {
	var m struct {
		ID int `json:"message_id"`
	}
	if json.Unmarshal(raw, &m) != nil || m.ID == 0 {
		return otherwise
	}
	return m.ID
}

// retry makes a call when its turn comes, and again while that may help.
func (c *Client) retry(ctx context.Context, p Priority, to int64, out outgoing) (json.RawMessage, error) {
	a := attempt{Client: c, priority: p, to: to, method: out.method, begun: time.Now()}
	for {
		if to != 0 { // what is no message costs no budget
			if err := c.admit(ctx, p, to); err != nil {
				return nil, err
			}
		}
		raw, err := c.call(ctx, out.method, out.params, out.files()...)
		if err == nil {
			return raw, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !a.worthwhile(ctx, asFailure(err)) {
			return nil, err
		}
	}
}

// attempt is what was tried of one call.
type attempt struct {
	*Client
	priority Priority
	to       int64 // 0 when it is no message
	method   string
	begun    time.Time
	tries    int
}

// worthwhile tells whether to try again after a failure, and waits until it is time to.
func (a *attempt) worthwhile(ctx context.Context, f *failure) bool {
	switch {
	case f.kind == kindFlood:
		wait := max(f.retryAfter, time.Second)
		a.hold(ctx, wait)
		a.opt.Log.WarnContext(ctx, "telegram asks to slow down", "method", a.method, "chat", a.to, "for", wait)
		if a.late() || a.priority != PriorityAnswer && wait > longestHold {
			return false
		}
		return a.to != 0 || sleep(ctx, wait) == nil // a message waits where it is admitted
	case f.kind == kindAway && a.patient():
		a.opt.Log.DebugContext(ctx, "call is tried again", "try", a.tries, "error", f)
		return sleep(ctx, min(backoff(a.tries), 5*time.Second)) == nil // while Telegram is away the circuit makes it longer
	}
	return false
}

// hold notes a retry_after: in this process at once, and for the others.
func (a *attempt) hold(ctx context.Context, wait time.Duration) {
	a.holds.add(a.to, wait)
	telling, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdWithin)
	defer cancel()
	if err := a.opt.Budget.Hold(telling, wait); err != nil {
		a.opt.Log.WarnContext(ctx, "other processes are not told to slow down", "error", err)
	}
}

// patient counts a try in vain, and tells whether another may help.
func (a *attempt) patient() bool {
	a.tries++
	if a.priority != PriorityAnswer {
		return a.tries < otherTries
	}
	return !a.late() || a.lastOK.Load() < a.begun.UnixNano()
}

func (a *attempt) late() bool { return time.Since(a.begun) > answerFor }

// outgoing is one call of a message.
type outgoing struct {
	method    string
	params    tgbotapi.Params
	field     string // of the file to upload
	upload    *chat.Attachment
	otherwise *outgoing // in place of an edit that can't be
}

// files are made anew for each try, for a try reads them.
func (o outgoing) files() []tgbotapi.RequestFile {
	if o.upload == nil {
		return nil
	}
	return []tgbotapi.RequestFile{{Name: o.field, Data: tgbotapi.FileBytes{Name: o.upload.Name, Bytes: o.upload.Bytes}}}
}

// plain takes the markup out of the call's text. It is false when there is none left to take.
func (o outgoing) plain() bool {
	if o.params["parse_mode"] == "" {
		return false
	}
	delete(o.params, "parse_mode")
	for _, field := range []string{"text", "caption"} {
		if o.params[field] != "" {
			o.params[field] = stripTags(o.params[field])
		}
	}
	return true
}
