package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"versli/bot/chat"
)

// TestSendMeetsTelegramsErrors shows what the sender makes of each answer of Telegram's.
func TestSendMeetsTelegramsErrors(t *testing.T) {
	hello := chat.Message{Chat: 7, Text: "<b>labas</b>"}
	edit := chat.Message{Chat: 7, Text: "labas", Edit: 33}
	for _, c := range []struct {
		name    string
		message chat.Message
		answers []string // of Telegram, in order; then all goes well
		calls   string   // methods that the sender called
		id      int
		err     error
		hook    string
	}{
		{name: "all is well", message: hello, calls: "sendMessage", id: 102},
		{name: "an edit", message: edit, answers: []string{`{"ok":true,"result":{"message_id":33}}`}, calls: "editMessageText", id: 33},
		{
			name: "the same again", message: edit, calls: "editMessageText", id: 33,
			answers: []string{failed(400, "Bad Request: message is not modified: specified new message content", 0)},
		},
		{
			name: "the message to edit is gone", message: edit, calls: "editMessageText sendMessage", id: 103,
			answers: []string{failed(400, "Bad Request: message to edit not found", 0)},
		},
		{
			name: "the message to edit is a picture", message: edit, calls: "editMessageText sendMessage", id: 103,
			answers: []string{failed(400, "Bad Request: there is no text in the message to edit", 0)},
		},
		{
			name: "broken markup", message: hello, calls: "sendMessage sendMessage", id: 103,
			answers: []string{failed(400, "Bad Request: can't parse entities: unexpected end tag", 0)},
		},
		{
			name: "refused", message: hello, calls: "sendMessage", err: ErrRefused,
			answers: []string{failed(400, "Bad Request: BUTTON_DATA_INVALID", 0)},
		},
		{
			name: "blocked", message: hello, calls: "sendMessage", err: chat.ErrUnreachable, hook: "unreachable 7",
			answers: []string{failed(403, "Forbidden: bot was blocked by the user", 0)},
		},
		{
			name: "no such chat", message: hello, calls: "sendMessage", err: chat.ErrUnreachable, hook: "unreachable 7",
			answers: []string{failed(400, "Bad Request: chat not found", 0)},
		},
		{
			name: "a group moved", message: hello, calls: "sendMessage sendMessage", id: 103, hook: "migrated 7 -1007",
			answers: []string{`{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat",` +
				`"parameters":{"migrate_to_chat_id":-1007}}`},
		},
		{
			name: "too fast", message: hello, calls: "sendMessage sendMessage", id: 103,
			answers: []string{failed(429, "Too Many Requests: retry after 1", 1)},
		},
		{
			name: "out of order for a while", message: hello, calls: "sendMessage sendMessage sendMessage", id: 104,
			answers: []string{failed(500, "Internal Server Error", 0), "<html>502 Bad Gateway</html>"},
		},
		{
			name: "deleted already", message: chat.Message{Chat: 7, Delete: 33}, calls: "deleteMessage",
			answers: []string{failed(400, "Bad Request: message to delete not found", 0)},
		},
		{
			name: "a copy to correct is gone", message: chat.Message{Chat: 7, Text: "labas", Edit: 33, InPlace: true}, calls: "editMessageText",
			err: chat.ErrGone, answers: []string{failed(400, "Bad Request: message to edit not found", 0)},
		},
		{
			name: "a caption", message: chat.Message{Chat: 7, Text: "labas", Edit: 33, InPlace: true, Captioned: true},
			answers: []string{`{"ok":true,"result":{"message_id":33}}`}, calls: "editMessageCaption", id: 33,
		},
		{
			name: "a copy to recall is too old", message: chat.Message{Chat: 7, Delete: 33, InPlace: true}, calls: "deleteMessage",
			err: chat.ErrGone, answers: []string{failed(400, "Bad Request: message can't be deleted for everyone", 0)},
		},
		{
			name: "a copy to recall is gone", message: chat.Message{Chat: 7, Delete: 33, InPlace: true}, calls: "deleteMessage",
			answers: []string{failed(400, "Bad Request: message to delete not found", 0)},
		},
		{name: "nothing to say", message: chat.Message{Chat: 7, Text: " \n"}, err: ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			hook := ""
			client := connect(t, f, func(o *Options) {
				o.OnUnreachable = func(_ context.Context, chat int64) { hook = fmt.Sprintf("unreachable %d", chat) }
				o.OnMigrated = func(_ context.Context, from, to int64) { hook = fmt.Sprintf("migrated %d %d", from, to) }
			})
			answers := c.answers
			f.answer = func(call) (string, bool) {
				if len(answers) == 0 {
					return "", false
				}
				a := answers[0]
				answers = answers[1:]
				return a, true
			}
			id, err := client.Send(t.Context(), PriorityAnswer, c.message)
			if id != c.id || !errors.Is(err, c.err) || hook != c.hook {
				t.Errorf("id %d, error %v, hook %q; want %d, %v, %q", id, err, hook, c.id, c.err, c.hook)
			}
			methods := make([]string, 0, len(f.calls))
			for _, made := range f.calls[1:] { // after getMe
				methods = append(methods, made.method)
			}
			if got := strings.Join(methods, " "); got != c.calls {
				t.Errorf("called %q, want %q", got, c.calls)
			}
		})
	}
}

func TestNoticeIsLeftToItsQueueWhenTelegramIsAway(t *testing.T) {
	f := newFake(t)
	client := connect(t, f, nil)
	f.answer = func(call) (string, bool) { return failed(429, "Too Many Requests", 3600), true }
	_, err := client.Send(t.Context(), PriorityNotice, chat.Message{Chat: 7, Text: "x"})
	if err == nil || errors.Is(err, ErrRefused) || errors.Is(err, chat.ErrUnreachable) {
		t.Errorf("got %v, want an error that means to try again", err)
	}
}

// TestFloodHoldsBulkAndNoOtherAnswer shows that retry_after is waited for by all that is not an answer to another chat.
func TestFloodHoldsBulkAndNoOtherAnswer(t *testing.T) {
	f := newFake(t)
	client := connect(t, f, nil)
	client.holds.add(7, time.Minute)
	for _, c := range []struct {
		p    Priority
		chat int64
		held bool
	}{
		{PriorityAnswer, 7, true},
		{PriorityAnswer, 8, false},
		{PriorityNotice, 8, true},
		{PriorityBulk, 8, true},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := client.admit(ctx, c.p, c.chat); (err != nil) != c.held {
			t.Errorf("priority %d in chat %d: %v, want held: %v", c.p, c.chat, err, c.held)
		}
		cancel()
	}
}

// gatekeeper is a budget that lets one call through at a time, and tells who it was.
type gatekeeper struct {
	open  chan struct{}
	taken chan int64
}

func (gatekeeper) Hold(context.Context, time.Duration) error { return nil }

func (g gatekeeper) Take(_ context.Context, chat int64, _ int) (time.Duration, error) {
	select {
	case <-g.open:
		g.taken <- chat
		return 0, nil
	default:
		return time.Millisecond, nil
	}
}

func TestTheUrgentGoFirst(t *testing.T) {
	g := gatekeeper{open: make(chan struct{}), taken: make(chan int64)}
	c := &Client{opt: Options{Budget: g}, line: newLine()}
	for p := PriorityBulk; p >= PriorityAnswer; p-- {
		go func() { _ = c.admit(t.Context(), p, int64(p)+1) }()
		for c.line.waiting[p].Load() == 0 {
			if sleep(t.Context(), time.Millisecond) != nil {
				return
			}
		}
	}
	for want := int64(1); want <= 3; want++ {
		g.open <- struct{}{}
		if got := <-g.taken; got != want {
			t.Errorf("%d went, want %d", got, want)
		}
	}
}

func TestTokenStaysSecret(t *testing.T) {
	var log bytes.Buffer
	f := newFake(t)
	client := connect(t, f, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	f.Close()
	var told []string
	_, err := client.Send(t.Context(), PriorityBulk, chat.Message{Chat: 7, Text: "x"})
	for ; err != nil; err = errors.Unwrap(err) {
		told = append(told, fmt.Sprintf("%v %+v %#v", err, err, err))
	}
	_, _, err = client.Download(t.Context(), "file")
	told = append(told, fmt.Sprint(err), log.String())
	if all := strings.Join(told, "\n"); strings.Contains(all, "the-secret") || len(all) < 50 {
		t.Errorf("the token, or nothing, is told:\n%s", all)
	}
}

func TestNewKnowsAWrongToken(t *testing.T) {
	f := newFake(t)
	_, err := New(t.Context(), Options{Token: "1:wrong", APIURL: f.URL, Budget: freely{}, Log: slog.New(slog.DiscardHandler)})
	http.DefaultClient.CloseIdleConnections()
	if !errors.Is(err, ErrToken) {
		t.Errorf("got %v", err)
	}
}

func TestNewWaitsForTelegram(t *testing.T) {
	tries := 0
	f := newFake(t)
	flaky := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		f.ServeHTTP(w, r)
	}))
	defer flaky.Close()
	c := connect(t, f, func(o *Options) { o.APIURL = flaky.URL + "/" })
	if got := c.Identity(); got.Username != "versli_bot" || tries != 3 {
		t.Errorf("got %+v after %d tries", got, tries)
	}
}

func TestDownload(t *testing.T) {
	for _, c := range []struct {
		name    string
		getFile string
		content int
		err     error
	}{
		{"a file", `{"ok":true,"result":{"file_path":"documents/my list.csv","file_size":5}}`, 5, nil},
		{"too big for Telegram", failed(400, "Bad Request: file is too big", 0), 0, ErrTooBig},
		{"too big for us", `{"ok":true,"result":{"file_path":"documents/my list.csv","file_size":30000000}}`, 0, ErrTooBig},
		{"bigger than told", `{"ok":true,"result":{"file_path":"documents/my list.csv"}}`, MaxDownload + 1, ErrTooBig},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.answer = func(made call) (string, bool) { return c.getFile, made.method == "getFile" }
			files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/file/bot"+testToken+"/documents/my list.csv" {
					f.ServeHTTP(w, r)
					return
				}
				w.(http.Flusher).Flush() // without a Content-Length
				_, _ = w.Write(make([]byte, c.content))
			}))
			defer files.Close()
			client := connect(t, f, func(o *Options) { o.APIURL = files.URL })
			body, _, err := client.Download(t.Context(), "F1")
			n := 0
			if err == nil {
				var b bytes.Buffer
				_, err = b.ReadFrom(body)
				n = b.Len()
				_ = body.Close()
			}
			if !errors.Is(err, c.err) || (err == nil && n != c.content) {
				t.Errorf("%d bytes, %v; want %d, %v", n, err, c.content, c.err)
			}
		})
	}
}

func TestMenusAreSetWhenTheyChange(t *testing.T) {
	f := newFake(t)
	client := connect(t, f, nil)
	have := `[]`
	f.answer = func(made call) (string, bool) {
		if made.method == "setMyCommands" {
			have = made.params["commands"]
		}
		return `{"ok":true,"result":` + have + `}`, made.method == "getMyCommands"
	}
	for range 2 {
		if err := client.SetCommands(t.Context(), 7, "lt", []MenuCommand{{"paieska", "rasti knygą"}}); err != nil {
			t.Fatal(err)
		}
	}
	var sets []call
	for _, made := range f.calls {
		if made.method == "setMyCommands" {
			sets = append(sets, made)
		}
	}
	if len(sets) != 1 || sets[0].params["scope"] != `{"type":"chat","chat_id":7}` || sets[0].params["language_code"] != "lt" {
		t.Errorf("set %v", sets)
	}
}
