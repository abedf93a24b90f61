package telegram

import (
	"context"
	"strconv"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"versli/bot/chat"
)

const (
	// pressWait is how long a pressed button may spin before it is answered without words.
	pressWait = 800 * time.Millisecond
	// typingAfter is when a person is shown that something is being done; Telegram shows it for 5 seconds.
	typingAfter = time.Second
	typingAgain = 4 * time.Second
)

// attendant keeps a person company while a handler takes its time: it answers a pressed button in time, and shows "typing".
type attendant struct {
	c     *Client
	req   chat.Request
	stop  context.CancelFunc
	ended sync.WaitGroup

	answered bool // the press, without words; may be read after ended
}

func (r *Receiver) attend(ctx context.Context, req chat.Request) *attendant {
	ctx, stop := context.WithCancel(ctx)
	a := &attendant{c: r.c, req: req, stop: stop}
	if req.Query != "" {
		a.ended.Go(func() {
			if sleep(ctx, pressWait) == nil {
				a.answered = true
				a.answerPress(context.WithoutCancel(ctx), chat.Reply{})
			}
		})
	}
	if req.Kind != chat.KindBlocked && req.Kind != chat.KindReturned && req.Kind != chat.KindMigrated {
		a.ended.Go(func() {
			for wait := typingAfter; sleep(ctx, wait) == nil; wait = typingAgain {
				a.typing(ctx)
			}
		})
	}
	return a
}

// end answers the press with the reply's notice. When the press was answered before, the notice is returned as a message.
func (a *attendant) end(ctx context.Context, reply chat.Reply) []chat.Message {
	a.stop()
	a.ended.Wait()
	switch {
	case a.req.Query == "":
		return nil
	case !a.answered:
		a.answerPress(ctx, reply)
		return nil
	case reply.Toast == "":
		return nil
	}
	return []chat.Message{{Text: chat.Escape(reply.Toast)}}
}

// answerPress is tried once: an answer that comes late is refused, and the next press is another.
func (a *attendant) answerPress(ctx context.Context, reply chat.Reply) {
	p := tgbotapi.Params{"callback_query_id": a.req.Query}
	if reply.Toast != "" {
		p["text"] = shorten(reply.Toast, maxToast)
		p["show_alert"] = strconv.FormatBool(reply.Alert)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := a.c.call(ctx, "answerCallbackQuery", p); err != nil {
		a.c.opt.Log.DebugContext(ctx, "pressed button was not answered", "update", a.req.Update, "error", err)
	}
}

func (a *attendant) typing(ctx context.Context) {
	p := tgbotapi.Params{"chat_id": strconv.FormatInt(a.req.Chat, 10), "action": "typing"}
	if _, err := a.c.call(ctx, "sendChatAction", p); err != nil && ctx.Err() == nil {
		a.c.opt.Log.DebugContext(ctx, "typing was not shown", "update", a.req.Update, "error", err)
	}
}
