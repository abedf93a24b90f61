package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fault is what goes wrong with a call.
type fault string

const (
	faultNone    fault = ""
	faultFlood   fault = "429 with retry_after"
	faultBroken  fault = "500, or 502 of a proxy"
	faultReset   fault = "connection reset before the server has the call"
	faultLost    fault = "connection reset after the server has done it"
	faultSilence fault = "no answer for 10 seconds"
)

const (
	silence      = 10 * time.Second
	longestRetry = 2 // seconds of a retry_after
)

// apiCall is one call of a program as it reached the server. Its fields are guarded by the faults' mu.
type apiCall struct {
	process    int       // which launch made it
	at         time.Time // when it arrived
	answered   time.Time // when its answer had gone out; zero while it is under way, and when nobody was there to be told
	method     string
	chat       int64
	query      string // of answerCallbackQuery
	text       string // text or caption, as HTML
	markup     string // reply_markup
	fault      fault
	retryAfter time.Duration
	status     int    // what the server itself said; 0 when the call never got to it
	response   string // its body
}

// message tells whether the call puts something before a person's eyes.
func (c *apiCall) message() bool { return strings.HasPrefix(c.method, "send") && c.method != "sendChatAction" }

func (c *apiCall) taken() bool { return c.status == http.StatusOK }

// faults stands between programs and a Bot API server: it keeps a journal of all calls, holds answers back, and lets things go wrong.
// A program reaches it at /N in front of the path, N being its launch.
type faults struct {
	t    *testing.T
	next http.Handler

	mu     sync.Mutex
	random *rand.Rand
	rate   float64 // share of calls with a fault
	calls  []*apiCall
	chats  map[int64][]*apiCall  // those that the server has dealt with
	query  map[string][]*apiCall // answers to presses, by query
	moved  chan struct{}         // closed when anything above changes
	wakes  map[string]chan struct{}
	holds  map[int]chan struct{} // by launch: closed when answers go on
	keep   func(*apiCall) bool   // which answers are held; nil is all
}

func newFaults(t *testing.T, next http.Handler, seed uint64) *faults {
	t.Helper()
	return &faults{
		t: t, next: next, random: rand.New(rand.NewPCG(seed, 1)), chats: map[int64][]*apiCall{}, query: map[string][]*apiCall{},
		moved: make(chan struct{}), wakes: map[string]chan struct{}{}, holds: map[int]chan struct{}{},
	}
}

// ServeHTTP takes a call in, lets the server deal with it, and answers, or does not.
func (f *faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	launch, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	number, err := strconv.Atoi(launch)
	if err != nil {
		f.next.ServeHTTP(w, r)
		return
	}
	c, inner, err := f.arrived(number, "/"+path, r)
	if err != nil {
		return // the program died while it was writing
	}
	switch c.fault {
	case faultFlood:
		seconds := int(c.retryAfter / time.Second)
		f.answer(w, c, http.StatusTooManyRequests, fmt.Sprintf(
			`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}`, seconds, seconds))
		return
	case faultBroken:
		status, body := http.StatusInternalServerError, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`
		if c.at.Nanosecond()%2 == 0 {
			status, body = http.StatusBadGateway, "<html><body><h1>502 Bad Gateway</h1></body></html>"
		}
		f.answer(w, c, status, body)
		return
	case faultReset:
		reset(w)
		return
	case faultNone, faultLost, faultSilence:
	}
	answer := httptest.NewRecorder()
	f.next.ServeHTTP(answer, inner)
	f.done(c, answer.Code, answer.Body.String())
	if c.fault == faultLost {
		reset(w)
		return
	}
	if c.fault == faultSilence {
		timer := time.NewTimer(silence)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	if held := f.held(c); held != nil {
		select {
		case <-held:
		case <-r.Context().Done():
			return
		}
	}
	f.answer(w, c, answer.Code, answer.Body.String())
}

// arrived notes a call, decides what goes wrong with it, and makes the request that the server sees.
func (f *faults) arrived(process int, path string, r *http.Request) (*apiCall, *http.Request, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.RequestURI = path, path
	inner.Body = io.NopCloser(bytes.NewReader(body))
	c := &apiCall{process: process, at: time.Now(), method: path[strings.LastIndexByte(path, '/')+1:]}
	if values, err := url.ParseQuery(string(body)); err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		c.chat, _ = strconv.ParseInt(values.Get("chat_id"), 10, 64)
		c.query, c.markup = values.Get("callback_query_id"), values.Get("reply_markup")
		c.text = values.Get("text") + values.Get("caption")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rate > 0 && f.random.Float64() < f.rate {
		kinds := []fault{faultFlood, faultFlood, faultBroken, faultReset, faultLost, faultSilence}
		c.fault = kinds[f.random.IntN(len(kinds))]
		if c.fault == faultFlood {
			c.retryAfter = time.Duration(1+f.random.IntN(longestRetry)) * time.Second
		}
	}
	f.calls = append(f.calls, c)
	f.wake(c)
	return c, inner, nil
}

// done notes what the server made of a call.
func (f *faults) done(c *apiCall, status int, response string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.status, c.response = status, response
	if c.chat != 0 {
		f.chats[c.chat] = append(f.chats[c.chat], c)
	}
	if c.query != "" {
		f.query[c.query] = append(f.query[c.query], c)
	}
	f.wake(c)
}

// wake tells those who wait. The caller holds mu.
func (f *faults) wake(c *apiCall) {
	close(f.moved)
	f.moved = make(chan struct{})
	for _, key := range []string{"chat " + strconv.FormatInt(c.chat, 10), "query " + c.query} {
		if wake := f.wakes[key]; wake != nil {
			close(wake)
			delete(f.wakes, key)
		}
	}
}

func (f *faults) answer(w http.ResponseWriter, c *apiCall, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err := io.WriteString(w, body)
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c.answered = time.Now()
}

// reset ends a connection as a router does that has forgotten it.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// hold keeps back the answers to a launch's calls of which keep says so (nil: all but updates) until the launch dies or goOn.
func (f *faults) hold(process int, keep func(*apiCall) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holds[process], f.keep = make(chan struct{}), keep
}

func (f *faults) held(c *apiCall) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.method == "getUpdates" || (f.keep != nil && !f.keep(c)) {
		return nil
	}
	return f.holds[c.process]
}

// fail sets the share of calls with a fault.
func (f *faults) fail(rate float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate = rate
}

// count counts calls.
func (f *faults) count(which func(*apiCall) bool) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if which(c) {
			n++
		}
	}
	return n
}

// await waits until enough calls of a kind are in the journal.
func (f *faults) await(limit time.Duration, n int, what string, which func(*apiCall) bool) {
	f.t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	seen, from := 0, 0
	for {
		f.mu.Lock()
		moved := f.moved
		open := 0
		for i, c := range f.calls[from:] {
			if which(c) {
				seen++
			} else if c.status == 0 && c.fault == faultNone {
				open = i + 1 // to be looked at again
			}
		}
		f.mu.Unlock()
		_ = open
		if seen >= n {
			return
		}
		seen = 0
		select {
		case <-moved:
		case <-deadline.C:
			f.t.Fatalf("not within %v: %d %s", limit, n, what)
		}
	}
}
