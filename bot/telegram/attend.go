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
	pressFor  = 5 * time.Second
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

	once     sync.Once // of the answer to the press without words
	answered bool      // the press, without words; may be read after ended
	expired  bool      // Telegram says that the press is too old; as answered
}

func (r *Receiver) attend(ctx context.Context, req chat.Request) *attendant {
	ctx, stop := context.WithCancel(ctx)
	a := &attendant{c: r.c, req: req, stop: stop}
	if req.Query != "" {
		a.ended.Go(func() {
			if sleep(ctx, pressWait) == nil {
				a.answerBlank(context.WithoutCancel(ctx))
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

// end answers the press with the reply's notice. When the press was answered before, or cannot be any more, the notice is returned
// as a message.
func (a *attendant) end(ctx context.Context, reply chat.Reply) []chat.Message {
	a.stop()
	a.ended.Wait()
	if a.req.Query == "" || !a.answered && a.answerPress(ctx, reply) == nil || reply.Toast == "" {
		return nil
	}
	return []chat.Message{{Text: chat.Escape(reply.Toast)}}
}

// answerBlank answers the press without words, once.
func (a *attendant) answerBlank(ctx context.Context) {
	a.once.Do(func() {
		f := asFailure(a.answerPress(ctx, chat.Reply{}))
		a.answered, a.expired = true, f != nil && f.says("query is too old", "query id is invalid")
	})
}

// late answers a press that may be old, and tells whether Telegram says that it is.
func (a *attendant) late(ctx context.Context) bool {
	a.answerBlank(ctx)
	return a.expired
}

// answerPress is tried for a few seconds: an answer that comes later is refused, and the next press is another.
func (a *attendant) answerPress(ctx context.Context, reply chat.Reply) error {
	p := tgbotapi.Params{"callback_query_id": a.req.Query}
	if reply.Toast != "" {
		p["text"] = shorten(reply.Toast, maxToast)
		p["show_alert"] = strconv.FormatBool(reply.Alert)
	}
	ctx, cancel := context.WithTimeout(ctx, pressFor)
	defer cancel()
	_, err := a.c.retry(ctx, PriorityAnswer, 0, outgoing{method: "answerCallbackQuery", params: p})
	if err != nil {
		a.c.opt.Log.DebugContext(ctx, "pressed button was not answered", "update", a.req.Update, "error", err)
	}
	return err
}

func (a *attendant) typing(ctx context.Context) {
	p := tgbotapi.Params{"chat_id": strconv.FormatInt(a.req.Chat, 10), "action": "typing"}
	if _, err := a.c.call(ctx, "sendChatAction", p); err != nil && ctx.Err() == nil {
		a.c.opt.Log.DebugContext(ctx, "typing was not shown", "update", a.req.Update, "error", err)
	}
}
