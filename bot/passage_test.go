package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"versli/bot/playground"
)

// passing is one call of the bot, as it came to the strict server's door.
type passing struct {
	method, text, query, keyboard string
	chat                          int64
	message                       int // what was sent or edited

	fault    string // what went wrong on purpose
	status   int    // of the strict server's answer, 0 when it was not asked
	retry    time.Duration
	began    time.Time
	answered time.Time // zero while it is in flight, and when the answer was lost
	lost     bool      // who asked is dead
}

// done tells whether the call had its effect.
func (c *passing) done() bool { return c.status == http.StatusOK }

// says tells whether a message of the call holds a text or, in its keyboard, callback data.
func (c *passing) says(part string) bool {
	return strings.Contains(c.text, part) || strings.Contains(c.keyboard, part)
}

// send tells whether the call brings a message.
func (c *passing) send() bool {
	return strings.HasPrefix(c.method, "send") && c.method != "sendChatAction"
}

// passage is the way between the program and the strict server. It keeps a journal of what passes, and things go wrong on it.
type passage struct {
	next  http.Handler
	token string

	mu     sync.Mutex
	random *rand.Rand
	rate   float64       // of calls that go wrong
	silent time.Duration // how long a silence is
	calls  []*passing
	chats  map[int64][]*passing // those that had their effect
	moved  map[int64]chan struct{}
	first  map[string]string // by method, what goes wrong with its first call
	asked  map[string]int64  // chats by the queries of presses
	gate   chan struct{}     // while it is there, answers to messages wait for it to be closed
	held   int               // answers that wait
	shown  int               // messages sent and edited
	change chan struct{}     // closed at each call that came or ended
}

func newPassage(next http.Handler, seed uint64) *passage {
	return &passage{
		next: next, token: realToken, random: rand.New(rand.NewPCG(seed, 1)), silent: 10 * time.Second,
		chats: map[int64][]*passing{}, moved: map[int64]chan struct{}{}, asked: map[string]int64{}, change: make(chan struct{}),
	}
}

func (f *passage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method, ours := strings.CutPrefix(r.URL.Path, "/bot"+f.token+"/")
	if !ours {
		f.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the bot died over it
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := newPassing(method, r, body)
	f.arrive(c)
	switch c.fault {
	case "429":
		f.end(c)
		refuseCall(w, http.StatusTooManyRequests, fmt.Sprintf("Too Many Requests: retry after %d", int(c.retry.Seconds())), int(c.retry.Seconds()))
		return
	case "500":
		refuseCall(w, http.StatusInternalServerError, "Internal Server Error", 0)
		f.end(c)
		return
	case "reset":
		breakOff(w)
		return
	}
	answer := httptest.NewRecorder()
	f.next.ServeHTTP(answer, r)
	f.applied(c, answer)
	switch c.fault {
	case "lost": // the effect is there, the answer is not
		breakOff(w)
		return
	case "silence":
		timer := time.NewTimer(f.silent)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
	f.hold(c)
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	if _, err := w.Write(answer.Body.Bytes()); err == nil && r.Context().Err() == nil {
		f.end(c)
	}
}

func newPassing(method string, r *http.Request, body []byte) *passing {
	c := &passing{method: method, began: time.Now()}
	form := r.URL.Query()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, _ = url.ParseQuery(string(body))
	}
	c.chat, _ = strconv.ParseInt(form.Get("chat_id"), 10, 64)
	c.message, _ = strconv.Atoi(form.Get("message_id"))
	c.text, c.query, c.keyboard = plain(form.Get("text")), form.Get("callback_query_id"), form.Get("reply_markup")
	return c
}

// arrive notes a call and decides what is to become of it.
func (f *passage) arrive(c *passing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, c)
	if c.query != "" {
		c.chat = f.asked[c.query]
	}
	if f.random.Float64() < f.rate {
		c.fault = []string{"429", "500", "reset", "lost", "silence"}[f.random.IntN(5)]
	}
	if first := f.first[c.method]; first != "" {
		c.fault = first
		delete(f.first, c.method)
	}
	if c.fault == "429" {
		c.retry = time.Duration(1+f.random.IntN(2)) * time.Second
	}
	f.announce()
}

func (f *passage) announce() {
	close(f.change)
	f.change = make(chan struct{})
}

// applied notes how the strict server answered, and wakes who waits for something in the chat.
func (f *passage) applied(c *passing, answer *httptest.ResponseRecorder) {
	var said struct {
		Result json.RawMessage `json:"result"`
	}
	var sent struct {
		ID int `json:"message_id"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &said) == nil && json.Unmarshal(said.Result, &sent) == nil && sent.ID != 0 {
		c.message = sent.ID
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c.status = answer.Code
	if !c.done() || c.chat == 0 {
		return
	}
	if c.query == "" {
		f.shown++
	}
	f.chats[c.chat] = append(f.chats[c.chat], c)
	if moved := f.moved[c.chat]; moved != nil {
		close(moved)
		delete(f.moved, c.chat)
	}
}

// hold keeps the answer to a message back while the gate is shut.
func (f *passage) hold(c *passing) {
	f.mu.Lock()
	gate := f.gate
	if gate == nil || !c.send() {
		f.mu.Unlock()
		return
	}
	f.held++
	f.announce()
	f.mu.Unlock()
	<-gate
}

func (f *passage) end(c *passing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.answered = time.Now()
	f.announce()
}

// shut holds answers to messages back from now on; open lets them go.
func (f *passage) shut() (open func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gate := make(chan struct{})
	f.gate, f.held = gate, 0
	return func() {
		f.mu.Lock()
		f.gate = nil
		f.mu.Unlock()
		close(gate)
	}
}

// press lets somebody press, and remembers in which chat the answer will be.
func (f *passage) press(server *playground.Server, chat int64, message int, data string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	query, err := server.Press(chat, int64(message), data)
	f.asked[query] = chat
	return err
}

// dead forgets who waits: whoever was to have the answers that are held back is dead, and never has them.
func (f *passage) dead() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		c.lost = c.lost || c.answered.IsZero()
	}
}

// fail makes a share of the calls fail from now on.
func (f *passage) fail(rate float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate = rate
}

// await waits until something holds of what passed; holds is called with the lock.
func (f *passage) await(t *testing.T, patience time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		f.mu.Lock()
		ok, change := holds(), f.change
		f.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-change:
		case <-deadline.C:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// length is how many calls had their effect in a chat.
func (f *passage) length(chat int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.chats[chat])
}

// after waits for a call in a chat, behind the first n, for which want holds.
func (f *passage) after(chat int64, n int, patience time.Duration, want func(*passing) bool) (*passing, bool) {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		f.mu.Lock()
		if i := slices.IndexFunc(f.chats[chat][n:], want); i >= 0 {
			found := f.chats[chat][n+i]
			f.mu.Unlock()
			return found, true
		}
		if f.moved[chat] == nil {
			f.moved[chat] = make(chan struct{})
		}
		moved := f.moved[chat]
		f.mu.Unlock()
		select {
		case <-moved:
		case <-deadline.C:
			return nil, false
		}
	}
}

// place is where a call stands among those of its chat.
func (f *passage) place(c *passing) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Index(f.chats[c.chat], c)
}

// settling is how long a program may take to note that a message was sent: until then it is in flight for it.
const settling = 250 * time.Millisecond

// inFlight counts the messages that a program, killed just now, cannot have noted as sent; unanswered are those without an answer.
func (f *passage) inFlight() (all, unanswered int) {
	now := time.Now()
	for _, c := range f.passed(func(c *passing) bool { return c.send() && c.fault == "" && !c.lost }) {
		switch {
		case c.answered.IsZero():
			unanswered++
			all++
		case now.Sub(c.answered) < settling:
			all++
		}
	}
	return all, unanswered
}

// passed are the calls so far for which want holds.
func (f *passage) passed(want func(*passing) bool) []passing {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []passing
	for _, c := range f.calls {
		if want(c) {
			list = append(list, *c)
		}
	}
	return list
}

// copies counts the messages with a text that each chat got.
func (f *passage) copies(part string) map[int64]int {
	count := map[int64]int{}
	for _, c := range f.passed(func(c *passing) bool { return c.done() && c.send() && c.says(part) }) {
		count[c.chat]++
	}
	return count
}

// within asserts that the strict server never had to slow the bot down.
func (f *passage) within(t *testing.T) {
	t.Helper()
	if over := f.passed(func(c *passing) bool { return c.status == http.StatusTooManyRequests }); len(over) > 0 {
		t.Errorf("the limits were exceeded %d times, first by %s to %d", len(over), over[0].method, over[0].chat)
	}
}

// onTheWay is how long a call may have been on its way when an earlier one was refused.
const onTheWay = 400 * time.Millisecond

// obeyed asserts that no bulk call came before the retry_after that another was given had passed.
func (f *passage) obeyed(t *testing.T, bulk string) {
	t.Helper()
	asked := f.passed(func(c *passing) bool { return c.fault == "429" && c.method != "getUpdates" })
	for _, c := range f.passed(func(c *passing) bool { return c.says(bulk) }) {
		for _, a := range asked {
			if c.began.After(a.answered.Add(onTheWay)) && c.began.Before(a.answered.Add(a.retry)) {
				t.Errorf("a bulk call %v after a %s was told to wait for %v", c.began.Sub(a.answered), a.method, a.retry)
			}
		}
	}
	t.Logf("%d calls were told to wait", len(asked))
}

// figures say what passed.
func (f *passage) figures() string {
	count := map[string]int{}
	for _, c := range f.passed(func(*passing) bool { return true }) {
		count[c.method]++
		if c.fault != "" {
			count["fault "+c.fault]++
		}
		if c.status != http.StatusOK && c.status != 0 {
			count[fmt.Sprintf("answer %d", c.status)]++
		}
	}
	var list []string
	for _, k := range slices.Sorted(maps.Keys(count)) {
		list = append(list, fmt.Sprintf("%s %d", k, count[k]))
	}
	return strings.Join(list, ", ")
}

// refuseCall answers as Telegram does.
func refuseCall(w http.ResponseWriter, code int, description string, retryAfter int) {
	body := map[string]any{"ok": false, "error_code": code, "description": description}
	if retryAfter > 0 {
		body["parameters"] = map[string]int{"retry_after": retryAfter}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(raw)
}

// breakOff breaks the connection off, as a network does.
func breakOff(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
