package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testToken = "7100200300:AAplaygroundToken_for-tests"
	ona       = int64(6_812_345_678) // beyond 32 bits
	jonas     = int64(412_345_678)
)

// world is a running playground with two people, reached over HTTP like any client would.
type world struct {
	*testing.T
	s      *Server
	url    string
	client *http.Client

	mu    sync.Mutex
	calls []Call
}

// noLimits is for tests that are not about limits.
func noLimits() Limits { return Limits{Factor: 1000} }

func open(t *testing.T, opts Options) *world {
	t.Helper()
	w := &world{T: t}
	opts.Token = testToken
	if opts.OnCall == nil {
		opts.OnCall = func(c Call) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.calls = append(w.calls, c)
		}
	}
	s, err := New(opts)
	if err != nil {
		t.Fatalf("open the playground: %v", err)
	}
	if len(s.People()) == 0 {
		for _, p := range []Person{
			{ID: ona, FirstName: "Ona", Username: "ona", LanguageCode: "lt", Note: "narė"},
			{ID: jonas, FirstName: "Jānis", LanguageCode: "lv"},
		} {
			if _, err := s.AddPerson(p); err != nil {
				t.Fatalf("add a person: %v", err)
			}
		}
	}
	srv := httptest.NewServer(s.Handler())
	w.s, w.url, w.client = s, srv.URL, srv.Client()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the playground: %v", err)
		}
		srv.Close()
	})
	return w
}

// fields are the parameters of a call.
type fields map[string]any

func (w *world) send(req *http.Request) (int, []byte) {
	w.Helper()
	resp, err := w.client.Do(req)
	if err != nil {
		w.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatalf("read the answer to %s: %v", req.URL.Path, err)
	}
	return resp.StatusCode, body
}

func (w *world) request(method, path, kind string, body io.Reader) *http.Request {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, body)
	if err != nil {
		w.Fatalf("make a request: %v", err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req
}

type answer struct {
	OK          bool
	Result      json.RawMessage
	ErrorCode   int `json:"error_code"`
	Description string
	Parameters  responseParameters
	status      int
}

// call makes a Bot API call with a form, as the bot's library does: values that are no strings go as JSON.
func (w *world) call(method string, params fields) answer {
	w.Helper()
	form := url.Values{}
	for name, value := range params {
		text, isText := value.(string)
		if !isText {
			raw, err := json.Marshal(value)
			if err != nil {
				w.Fatalf("encode %s: %v", name, err)
			}
			text = string(raw)
		}
		form.Set(name, text)
	}
	return w.answer(w.request(http.MethodPost, "/bot"+testToken+"/"+method, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
}

// upload makes a Bot API call with a file.
func (w *world) upload(method string, params map[string]string, field, name string, data []byte) answer {
	w.Helper()
	kind, body := multipartBody(w.T, params, field, name, data)
	return w.answer(w.request(http.MethodPost, "/bot"+testToken+"/"+method, kind, body))
}

func multipartBody(t *testing.T, params map[string]string, field, name string, data []byte) (string, io.Reader) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range params {
		if err := form.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return form.FormDataContentType(), &body
}

func (w *world) answer(req *http.Request) answer {
	w.Helper()
	var a answer
	status, body := w.send(req)
	if err := json.Unmarshal(body, &a); err != nil {
		w.Fatalf("%s: the answer %q is no JSON: %v", req.URL.Path, body, err)
	}
	a.status = status
	return a
}

// must makes a call that succeeds and decodes its result.
func must[T any](w *world, method string, params fields) T {
	w.Helper()
	a := w.call(method, params)
	if !a.OK {
		w.Fatalf("%s: %s", method, a.Description)
	}
	return decode[T](w, a.Result)
}

func decode[T any](w *world, raw []byte) T {
	w.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		w.Fatalf("decode %s: %v", raw, err)
	}
	return v
}

// page makes a request of the page's and returns its status and answer.
func (w *world) page(method, path string, body any) (int, []byte) {
	w.Helper()
	if method == http.MethodGet {
		return w.send(w.request(method, "/play/"+path, "", nil))
	}
	raw, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	return w.send(w.request(method, "/play/"+path, "application/json", bytes.NewReader(raw)))
}

// do is page for requests that succeed.
func do[T any](w *world, method, path string, body any) T {
	w.Helper()
	status, raw := w.page(method, path, body)
	if status != http.StatusOK {
		w.Fatalf("%s %s: %d %s", method, path, status, raw)
	}
	return decode[T](w, raw)
}

func (w *world) say(chat int64, text string) int64 {
	w.Helper()
	return do[sentID](w, http.MethodPost, fmt.Sprintf("chats/%d/text", chat), fields{"text": text}).MessageID
}

func (w *world) press(chat, message int64, data string) string {
	w.Helper()
	return do[struct {
		QueryID string `json:"query_id"`
	}](w, http.MethodPost, fmt.Sprintf("chats/%d/press", chat), fields{"message_id": message, "data": data}).QueryID
}

type history struct {
	Messages    []pageMessage
	More        bool
	Keyboard    json.RawMessage
	Commands    []botCommand
	Description string
}

func (w *world) history(chat int64, query string) history {
	w.Helper()
	return do[history](w, http.MethodGet, fmt.Sprintf("chats/%d/messages?%s", chat, query), nil)
}

type wireUpdate struct {
	UpdateID      int64              `json:"update_id"`
	Message       *wireMessage       `json:"message"`
	CallbackQuery *callbackQuery     `json:"callback_query"`
	MyChatMember  *chatMemberUpdated `json:"my_chat_member"`
}

// updates are what getUpdates returns at once.
func (w *world) updates(offset int64) []wireUpdate {
	w.Helper()
	return must[[]wireUpdate](w, "getUpdates", fields{"offset": offset})
}

// onasChat are the parameters of an upload to her.
func onasChat() map[string]string { return map[string]string{"chat_id": strconv.FormatInt(ona, 10)} }

// button is an inline keyboard of one button.
func button(text, data string) fields {
	return fields{"inline_keyboard": [][]fields{{{"text": text, "callback_data": data}}}}
}

func pngFile(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// patience bounds waits that end at once unless something is wrong.
const patience = 10 * time.Second

func wait[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case v := <-from:
		return v
	case <-ctx.Done():
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// movedClock is a clock that a test sets.
type movedClock struct {
	mu  sync.Mutex
	now time.Time
}

func newMovedClock() *movedClock {
	return &movedClock{now: time.Date(2026, 12, 3, 12, 30, 0, 0, time.UTC)}
}

func (c *movedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *movedClock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}
