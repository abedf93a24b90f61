package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const testToken = "123456:the-secret"

// call is one call that the bot made.
type call struct {
	method string
	params map[string]string
	files  map[string]string // field -> content
}

// fake is a Telegram that says what a test lets it say.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []call
	made   chan call                             // every call but polls, when a test listens
	answer func(call) (body string, served bool) // first word; else everything goes well

	updates map[int64]string
	arrived chan struct{}  // closed and renewed when there are new updates
	hasty   chan time.Time // when set, a poll with nothing to tell is noted here and answered at once
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{made: make(chan call, 1000), updates: map[int64]string{}, arrived: make(chan struct{})}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+testToken+"/")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, failed(404, "Not Found", 0))
		return
	}
	c := call{method: method, params: map[string]string{}, files: map[string]string{}}
	if err := readForm(r, &c); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if method == "getUpdates" {
		f.poll(w, r, c)
		return
	}
	f.mu.Lock()
	f.calls = append(f.calls, c)
	answer := f.answer
	id := len(f.calls)
	f.mu.Unlock()
	f.made <- c
	if answer != nil {
		if body, served := answer(c); served {
			fmt.Fprint(w, body)
			return
		}
	}
	switch {
	case method == "getMe":
		fmt.Fprint(w, `{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Versli","username":"versli_bot"}}`)
	case strings.HasPrefix(method, "send") && method != "sendChatAction":
		fmt.Fprintf(w, `{"ok":true,"result":{"message_id":%d}}`, 100+id)
	default:
		fmt.Fprint(w, `{"ok":true,"result":true}`)
	}
}

func readForm(r *http.Request, c *call) error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if err := r.ParseForm(); err != nil {
			return err
		}
		for k := range r.PostForm {
			c.params[k] = r.PostForm.Get(k)
		}
		return nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.addPart(part); err != nil {
			return err
		}
	}
}

func (c *call) addPart(part *multipart.Part) error {
	content, err := io.ReadAll(part)
	if part.FileName() != "" {
		c.files[part.FormName()] = string(content)
	} else {
		c.params[part.FormName()] = string(content)
	}
	return err
}

// poll serves getUpdates as Telegram does: what is before the offset is forgotten, and with nothing to tell the poll is held open.
func (f *fake) poll(w http.ResponseWriter, r *http.Request, c call) {
	offset, _ := strconv.ParseInt(c.params["offset"], 10, 64)
	timeout, _ := strconv.Atoi(c.params["timeout"])
	hold := time.After(time.Duration(timeout) * time.Second)
	for {
		f.mu.Lock()
		var ids []int64
		for id := range f.updates {
			if id < offset {
				delete(f.updates, id)
				continue
			}
			ids = append(ids, id)
		}
		slices.Sort(ids)
		list := make([]string, len(ids))
		for i, id := range ids {
			list[i] = f.updates[id]
		}
		arrived := f.arrived
		f.mu.Unlock()
		if len(list) == 0 && f.hasty != nil {
			f.hasty <- time.Now()
			timeout = 0
		}
		if len(list) > 0 || timeout == 0 {
			fmt.Fprintf(w, `{"ok":true,"result":[%s]}`, strings.Join(list, ","))
			return
		}
		select {
		case <-arrived:
		case <-hold:
			timeout = 0
		case <-r.Context().Done():
			return
		}
	}
}

// bring gives Telegram an update to keep.
func (f *fake) bring(updates ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range updates {
		id, err := decodeID([]byte(u))
		if err != nil {
			panic(err)
		}
		f.updates[id] = u
	}
	close(f.arrived)
	f.arrived = make(chan struct{})
}

// kept lists the updates that Telegram has not forgotten.
func (f *fake) kept() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := make([]int64, 0, len(f.updates))
	for id := range f.updates {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// next is the next call of a method.
func (f *fake) next(t *testing.T, method string) call {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case c := <-f.made:
			if c.method == method {
				return c
			}
		case <-deadline:
			t.Fatalf("no %s was called", method)
		}
	}
}

func failed(code int, description string, retryAfter int) string {
	v := map[string]any{"ok": false, "error_code": code, "description": description}
	if retryAfter > 0 {
		v["parameters"] = map[string]any{"retry_after": retryAfter}
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}

func say(update, chat int64, text string) string {
	from := chat
	kind := "private"
	if chat < 0 {
		from, kind = 5, "group"
	}
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1796000000,"text":%q,`+
		`"from":{"id":%d,"first_name":"Ona","language_code":"lt"},"chat":{"id":%d,"type":%q}}}`, update, update, text, from, chat, kind)
}

func press(update, chat int64, data string) string {
	return fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"q%d","data":%q,"from":{"id":%d,"first_name":"Ona"},`+
		`"message":{"message_id":9,"date":1796000000,"chat":{"id":%d,"type":"private"}}}}`, update, update, data, chat, chat)
}

// freely is a budget without limits.
type freely struct{}

func (freely) Take(ctx context.Context, _ int64, _ int) (time.Duration, error) { return 0, ctx.Err() }
func (freely) Hold(context.Context, time.Duration) error                       { return nil }

func connect(t *testing.T, f *fake, change func(*Options)) *Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	opt := Options{
		Token: testToken, APIURL: f.URL, HTTP: &http.Client{Transport: transport}, Budget: freely{},
		Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&opt)
	}
	c, err := New(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	f.next(t, "getMe")
	return c
}
