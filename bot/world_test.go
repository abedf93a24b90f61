package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"versli/bot/playground"
	"versli/handlers/messages"
)

// patience is how long a test waits for what must come. It is a limit, not a
// pause: waiting ends with the event.
const patience = 20 * time.Second

// The four people of the playground.
const (
	rasa     int64 = 5_200_100_001 // member, lt
	inese    int64 = 5_200_100_002 // partner, lv
	daiva    int64 = 5_200_100_003 // librarian
	vytautas int64 = 5_200_100_004 // driver
)

// world is the program as a newcomer starts it, and the people in its browser page.
type world struct {
	t    *testing.T
	addr string
	stop func() error

	mu     sync.Mutex
	moved  chan struct{}           // closed at each event of the page
	chats  map[int64]chan struct{} // the same for the events of one chat
	toasts map[string]string       // answers to presses, by query
	calls  []playground.Call
	logs   *lockedBuffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, moved: make(chan struct{}), chats: map[int64]chan struct{}{}, toasts: map[string]string{}, logs: &lockedBuffer{}}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// needRedis skips where there is no redis-server; in CI that is a failure.
func needRedis(t *testing.T) {
	t.Helper()
	need(t, "redis-server")
}

func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: CI installs it", program)
		}
		t.Skipf("%s is not installed", program)
	}
}

// start runs the program on a folder; what it leaves there is there for the next start.
func start(t *testing.T, dir string, change ...func(*Config)) *world {
	t.Helper()
	w := newWorld(t)
	cfg := testConfig(t, dir)
	addr := make(chan string, 1)
	cfg.hooks.ready = func(a string) { addr <- a }
	cfg.Limits = 20
	cfg.hooks.log = func() slog.Handler { return slog.NewTextHandler(w.logs, nil) }
	cfg.hooks.call = func(c playground.Call) {
		w.mu.Lock()
		w.calls = append(w.calls, c)
		w.mu.Unlock()
	}
	for _, f := range change {
		f(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, cfg) }()
	var once sync.Once
	var stopped error
	w.stop = func() error {
		once.Do(func() { cancel(); stopped = <-ended })
		return stopped
	}
	select {
	case w.addr = <-addr:
	case err := <-ended:
		cancel()
		t.Fatalf("the program did not start: %v\n%s", err, w.logs)
	case <-time.After(patience):
		cancel()
		t.Fatalf("the program is not ready\n%s", w.logs)
	}
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
		if t.Failed() {
			t.Logf("log:\n%s", w.logs)
		}
	})
	w.listen(ctx)
	return w
}

func testConfig(t *testing.T, dir string) Config {
	t.Helper()
	return Config{
		APIURL: "https://api.telegram.org", Library: "versli", DataDir: dir, Timezone: "Europe/Vilnius", Language: "lt",
		Listen: "127.0.0.1:0", LogFormat: "text",
	}
}

// listen wakes whoever waits at each event of the page.
func (w *world) listen(ctx context.Context) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.addr+"/play/events", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			if raw, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
				w.event([]byte(raw))
			}
		}
	}()
}

func (w *world) event(raw []byte) {
	var e struct {
		Type  string `json:"type"`
		Chat  int64  `json:"chat"`
		Query string `json:"query_id"`
		Text  string `json:"text"`
	}
	known := json.Unmarshal(raw, &e) == nil
	w.mu.Lock()
	defer w.mu.Unlock()
	if known && e.Type == "toast" {
		w.toasts[e.Query] = e.Text
	}
	close(w.moved)
	w.moved = make(chan struct{})
	for id, moved := range w.chats {
		if e.Chat == 0 || e.Chat == id {
			close(moved)
			delete(w.chats, id)
		}
	}
}

// nextIn is closed at the next event of one chat.
func (w *world) nextIn(chat int64) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.chats[chat] == nil {
		w.chats[chat] = make(chan struct{})
	}
	return w.chats[chat]
}

func (w *world) next() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved
}

// bubble is one message as the page shows it.
type bubble struct {
	ID       int                             `json:"message_id"`
	FromBot  bool                            `json:"from_bot"`
	Text     string                          `json:"text"`
	HTML     string                          `json:"html"`
	Edited   int64                           `json:"edit_date"`
	Buttons  [][]bubbleButton                `json:"buttons"`
	Document *struct{ URL, FileName string } `json:"document"`
	Photo    *struct{ URL string }           `json:"photo"`
}

type bubbleButton struct{ Text, Data, URL string }

// all is everything that a bubble says, buttons included.
func (b bubble) all() string {
	var s strings.Builder
	s.WriteString(b.Text)
	for _, row := range b.Buttons {
		for _, button := range row {
			s.WriteString("\n[" + button.Text + "]")
		}
	}
	return s.String()
}

// person is one of the people in the page.
type person struct {
	w  *world
	t  *testing.T
	id int64
	as int64 // in a group: who of it acts
	// seen is how the chat stood before the last thing this person did.
	seen  map[int]string
	query string // the last press
}

func (w *world) person(t *testing.T, id int64) *person {
	t.Helper()
	return &person{w: w, t: t, id: id, seen: map[int]string{}}
}

func (w *world) get(t *testing.T, path string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+w.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.do(t, req, into)
}

func (w *world) post(t *testing.T, path string, body, into any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+w.addr+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	w.do(t, req, into)
}

func (w *world) do(t *testing.T, req *http.Request, into any) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, raw)
	}
	if into == nil {
		return
	}
	if b, ok := into.(*[]byte); ok {
		*b = raw
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v in %s", req.URL.Path, err, raw)
	}
}

// chat is the conversation, oldest first.
func (p *person) chat() []bubble {
	p.t.Helper()
	var page struct{ Messages []bubble }
	p.w.get(p.t, fmt.Sprintf("/play/chats/%d/messages?limit=50", p.id), &page)
	return page.Messages
}

func (p *person) mark() {
	p.seen = map[int]string{}
	for _, b := range p.chat() {
		p.seen[b.ID] = b.all()
	}
}

// fresh lists what the bot has said or changed since the person's last deed.
func (p *person) fresh() []bubble {
	p.t.Helper()
	var list []bubble
	for _, b := range p.chat() {
		if before, had := p.seen[b.ID]; b.FromBot && (!had || before != b.all()) {
			list = append(list, b)
		}
	}
	return list
}

// expect waits for an answer that contains all the words, and returns it.
func (p *person) expect(words ...string) bubble {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		moved := p.w.nextIn(p.id)
		list := p.fresh()
		for _, l := range slices.Backward(list) {
			if containsAll(l.all(), words) {
				return l
			}
		}
		select {
		case <-moved:
		case <-deadline:
			p.t.Fatalf("person %d waited for %q, and got:\n%s", p.id, words, describe(list))
		}
	}
}

func containsAll(s string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(s, word) {
			return false
		}
	}
	return true
}

func describe(list []bubble) string {
	var s strings.Builder
	for _, b := range list {
		fmt.Fprintf(&s, "— %s\n", b.all())
	}
	return s.String()
}

// say types a text.
func (p *person) say(text string) *person {
	p.t.Helper()
	p.mark()
	body := map[string]any{"text": text}
	if p.as != 0 {
		body["as"] = p.as
	}
	p.w.post(p.t, fmt.Sprintf("/play/chats/%d/text", p.id), body, nil)
	return p
}

// press presses the newest button whose label contains the text.
func (p *person) press(label string) *person {
	p.t.Helper()
	p.mark()
	chat := p.chat()
	for _, c := range slices.Backward(chat) {
		for _, row := range c.Buttons {
			for _, b := range row {
				if b.Data != "" && strings.Contains(strings.ToLower(b.Text), strings.ToLower(label)) {
					p.send(map[string]any{"message_id": c.ID, "data": b.Data})
					return p
				}
			}
		}
	}
	p.t.Fatalf("person %d sees no button %q in:\n%s", p.id, label, describe(chat))
	return p
}

// forge sends callback data that no button has.
func (p *person) forge(message int, data string) *person {
	p.t.Helper()
	p.mark()
	p.send(map[string]any{"message_id": message, "data": data, "forge": true})
	return p
}

func (p *person) send(press map[string]any) {
	p.t.Helper()
	var answer struct {
		Query string `json:"query_id"`
	}
	p.w.post(p.t, fmt.Sprintf("/play/chats/%d/press", p.id), press, &answer)
	p.query = answer.Query
}

// toast waits until the last press is answered, and returns what it showed.
func (p *person) toast(words ...string) string {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		moved := p.w.next()
		if text, ok := p.w.toastOf(p.query); ok {
			if !containsAll(text, words) {
				p.t.Fatalf("person %d expected a notice with %q, got %q", p.id, words, text)
			}
			return text
		}
		select {
		case <-moved:
		case <-deadline:
			p.t.Fatalf("person %d: the pressed button was not answered", p.id)
		}
	}
}

func (w *world) toastOf(query string) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text, ok := w.toasts[query]
	return text, ok
}

// upload sends a file.
func (p *person) upload(name string, content []byte) *person {
	p.t.Helper()
	return p.attach("document", name, "", content)
}

// attach sends a document or a photo with a caption.
func (p *person) attach(kind, name, caption string, content []byte) *person {
	p.t.Helper()
	p.mark()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("kind", kind)
	_ = form.WriteField("caption", caption)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	_ = form.Close()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, fmt.Sprintf("http://%s/play/chats/%d/file", p.w.addr, p.id), &body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	p.w.do(p.t, req, nil)
	return p
}

// download fetches a document that the bot sent.
func (p *person) download(b bubble) []byte {
	p.t.Helper()
	if b.Document == nil {
		p.t.Fatalf("no document in %q", b.all())
	}
	var raw []byte
	p.w.get(p.t, b.Document.URL, &raw)
	return raw
}

// wait moves the playground's clock forward.
func (w *world) wait(t *testing.T, d time.Duration) {
	t.Helper()
	w.post(t, "/play/clock", map[string]any{"advance": d.String()}, nil)
}

// words gives the pieces of a text in a language between its parameters, as the page shows them: what an answer must contain.
func (w *world) words(t *testing.T, lang string) func(key string, kv ...any) []string {
	t.Helper()
	catalog, err := messages.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	return func(key string, kv ...any) []string {
		var pieces []string
		for piece := range strings.SplitSeq(plain(string(catalog.In(lang).HTML(key, kv...))), "§") {
			if piece = strings.TrimSpace(piece); piece != "" {
				pieces = append(pieces, piece)
			}
		}
		if len(pieces) == 0 || pieces[0] == key {
			t.Fatalf("no text %q in %s", key, lang)
		}
		return pieces
	}
}

var anyTag = regexp.MustCompile(`<[^>]*>`)

// plain is a text as the page shows it.
func plain(s string) string { return html.UnescapeString(anyTag.ReplaceAllString(s, "")) }
