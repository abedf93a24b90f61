package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// Deadlines of an orderly stop, one after the other: handlers, or cron, queue and broadcasts; then HTTP; and some slack.
	stopsAtLast = 30 * time.Second
	// slowCall is how long a slow Telegram takes; a broadcast's sends get 2 seconds more in an orderly stop.
	slowCall = 700 * time.Millisecond
	fairNews = "Fair-2026"
	wiFi     = "Is there Wi-Fi?"
)

// slowTelegram stands before a Bot API server and lets some messages wait: for a while, or until whoever sends them has gone.
type slowTelegram struct {
	server http.Handler
	delay  time.Duration // 0: for ever
	slow   func(body string) bool

	mu      sync.Mutex
	waiting map[string]int // chat -> messages that have waited
	through bool           // nothing waits any more
}

func (s *slowTelegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body) // or a client that goes away is not noticed
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.HasSuffix(r.URL.Path, "/sendMessage") && s.slow(string(body)) && s.holds(string(body)) {
		var over <-chan time.Time
		if s.delay > 0 {
			over = time.After(s.delay)
		}
		select {
		case <-over:
		case <-r.Context().Done():
			return // Telegram has heard nothing
		}
	}
	s.server.ServeHTTP(w, r)
}

// holds counts a message that waits.
func (s *slowTelegram) holds(body string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.through {
		return false
	}
	for field := range strings.SplitSeq(body, "&") {
		if chat, ok := strings.CutPrefix(field, "chat_id="); ok {
			s.waiting[chat]++
		}
	}
	return true
}

func (s *slowTelegram) chats() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

func (s *slowTelegram) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.through = true
}

// launchReal starts the built program with a token, and waits until it is ready.
func launchReal(t *testing.T, bin, apiURL, redisURL, owners string) *process {
	t.Helper()
	p := &process{world: newWorld(t)}
	p.addr = freePort(t)
	p.cmd = exec.Command(bin)
	p.cmd.Env = append(os.Environ(), "DATA_DIR="+t.TempDir(), "LISTEN_ADDR="+p.addr, "TELEGRAM_BOT_TOKEN="+realToken,
		"TELEGRAM_API_URL="+apiURL, "REDIS_URL="+redisURL, "OWNER_IDS="+owners, "TELEGRAM_LIMITS_FACTOR=20")
	p.cmd.Stdout, p.cmd.Stderr = p.logs, p.logs
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(t, syscall.SIGKILL) })
	if err := ready(p.addr); err != nil {
		t.Fatalf("not ready: %v\n%s", err, p.logs)
	}
	return p
}

// Told to stop while an answer, a notice and a broadcast are on their way to a slow Telegram, the program ends well and within
// its deadlines; what could not be sent is sent after the next start, and nothing twice.
func TestStopWithWorkInFlight(t *testing.T) {
	needRedis(t)
	t.Parallel()
	for name, c := range map[string]struct {
		delay, within time.Duration
	}{"slow": {slowCall, stopsWithin + slowCall}, "stuck": {0, stopsAtLast}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin, api, rdb := program(t), newElsewhere(t), newRedisServer(t)
			api.serve(t)
			slow := &slowTelegram{server: api.server.Handler(), delay: c.delay, waiting: map[string]int{}}
			ownChat := "chat_id=" + number(api.first)
			slow.slow = func(body string) bool {
				return strings.Contains(body, "Wi-Fi") || strings.Contains(body, fairNews) && !strings.Contains(body, ownChat)
			}
			front := httptest.NewServer(slow)
			t.Cleanup(front.Close)

			p := launchReal(t, bin, front.URL, rdb.url(), number(api.first))
			owner := api.speaker(t, api.first, "en")
			owner.types("/start").told("start.staff")
			guests := crowd(t, api.world, "en", 4)
			asker := guests[0]
			asker.types("/ask").told("ask.question")
			announce(owner, fairNews, "en", len(guests)+1)
			asker.types(wiFi)
			eventually(t, "an answer, a notice and a broadcast are in flight", func() bool { return slow.chats() == len(guests)+1 })

			begun := time.Now()
			p.end(t, syscall.SIGTERM)
			took := time.Since(begun)
			t.Logf("stopped in %v", took.Round(time.Millisecond))
			if code := p.cmd.ProcessState.ExitCode(); code != 0 || took > c.within {
				t.Errorf("exit code %d after %v\n%s", code, took, p.logs)
			}
			if out, errs, err := command(t, bin, t.TempDir(), "check", "--redis-url", rdb.url()); err != nil {
				t.Errorf("bot check: %v\n%s%s", err, out, errs)
			}

			slow.hurry()
			startReal(t, front.URL, rdb.url(), func(c *Config) {
				// What was leased to the process that stopped is free again by then.
				c.hooks.now = func() time.Time { return time.Now().Add(2 * time.Minute) }
			})
			toldOnce(t, asker, asker.say("ask.sent", "question", wiFi)...)
			toldOnce(t, owner, owner.say("notice.question", "name", "§", "question", wiFi)...)
			for _, g := range guests {
				toldOnce(t, g, fairNews)
			}
		})
	}
}

// toldOnce asserts that a message came, and came once.
func toldOnce(t *testing.T, n *newcomer, words ...string) {
	t.Helper()
	eventually(t, "person "+number(n.id)+" is told "+strings.Join(words, "…"), func() bool { return n.times(words...) > 0 })
	if got := n.times(words...); got != 1 {
		t.Errorf("person %d was told %q %d times:\n%s", n.id, words, got, describe(n.chat()))
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
