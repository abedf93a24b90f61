package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"versli/bot/playground"
)

const (
	realToken  = "7100200300:AAE-a_token_that_is_nobodys_1234567"
	realSecret = "a-secret_of_the_webhook"
)

// elsewhere is a Bot API server that the program does not run itself, as Telegram's is, and its people.
type elsewhere struct {
	*world
	server *playground.Server
	first  int64 // people who have not written yet
	second int64
}

func newElsewhere(t *testing.T) *elsewhere {
	t.Helper()
	e := &elsewhere{world: newWorld(t)}
	var err error
	if e.server, err = playground.New(playground.Options{Token: realToken, Limits: playground.Limits{Factor: 20}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []*int64{&e.first, &e.second} {
		p, err := e.server.AddPerson(playground.Person{FirstName: "Real", LastName: "Person", LanguageCode: "en"})
		if err != nil {
			t.Fatal(err)
		}
		*id = p.ID
	}
	return e
}

// serve opens the server, and lets the test see what happens in its chats.
func (e *elsewhere) serve(t *testing.T) (apiURL string) {
	t.Helper()
	if err := e.open(t, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	e.listen(context.WithoutCancel(t.Context()))
	return "http://" + e.addr
}

// open opens the server on an address.
func (e *elsewhere) open(t *testing.T, addr string) error {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", addr)
	if err != nil {
		return err
	}
	s := httptest.NewUnstartedServer(e.server.Handler())
	_ = s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		if err := e.server.Close(); err != nil {
			t.Error(err)
		}
		s.Close()
	})
	e.addr = l.Addr().String()
	return nil
}

// redisServer is a Redis that is not the program's own. It keeps its address and files over a kill.
type redisServer struct {
	addr string
	dir  string
	cmd  *exec.Cmd
}

func newRedisServer(t *testing.T) *redisServer {
	t.Helper()
	needRedis(t)
	r := &redisServer{addr: freePort(t), dir: t.TempDir()}
	r.start(t)
	t.Cleanup(func() { r.kill() })
	return r
}

func (r *redisServer) start(t *testing.T) {
	t.Helper()
	_, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		t.Fatal(err)
	}
	r.cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", r.dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--logfile", "redis.log")
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(&redis.Options{Addr: r.addr, MaxRetries: -1})
	defer rdb.Close()
	eventually(t, "redis-server answers", func() bool { return rdb.Ping(t.Context()).Err() == nil })
}

func (r *redisServer) kill() {
	_ = r.cmd.Process.Signal(syscall.SIGCONT)
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

func (r *redisServer) url() string { return "redis://" + r.addr }

// eventually waits for a condition that nothing announces.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// startReal runs the program with a token, as an installer does, with a log that tells everything.
func startReal(t *testing.T, apiURL, redisURL string, change ...func(*Config)) (w *world, log *lockedBuffer) {
	t.Helper()
	log = &lockedBuffer{}
	w = start(t, t.TempDir(), append([]func(*Config){func(c *Config) {
		c.Token, c.APIURL, c.Redis = realToken, apiURL, redisURL
		c.LogLevel = slog.LevelDebug
		c.hooks.log = func() slog.Handler { return slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}) }
	}}, change...)...)
	t.Cleanup(func() {
		secretless(t, log.String())
		if t.Failed() {
			t.Logf("log:\n%s", log)
		}
	})
	return w, log
}

// secretless asserts that what was logged gives no secret away.
func secretless(t *testing.T, log string) {
	t.Helper()
	_, key, _ := strings.Cut(realToken, ":")
	for _, secret := range []string{key, url.QueryEscape(realToken), realSecret} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
}

var claimLink = regexp.MustCompile(`https://t\.me/versli_biblioteka_bot\?start=(i_[A-Za-z0-9_-]+)`)

// With a token the bot speaks to the Telegram named, by long poll or by webhook, and serves no playground.
func TestTheRealThing(t *testing.T) {
	needRedis(t)
	for _, way := range []string{"long poll", "webhook"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			api, rdb, listen := newElsewhere(t), newRedisServer(t), freePort(t)
			w, log := startReal(t, api.serve(t), rdb.url(), func(c *Config) {
				c.Listen = listen
				if way == "webhook" {
					c.WebhookURL, c.WebhookSecret = "http://"+listen+"/hook", realSecret
				}
			})
			first, second := api.speaker(t, api.first, "en"), api.speaker(t, api.second, "en")
			link := claimLink.FindStringSubmatch(log.String())
			if link == nil {
				t.Fatalf("no claim link in the log:\n%s", log)
			}
			first.types("/start " + link[1]).told("join.owner")
			second.types("/start " + link[1]).told("error.invitation_used")
			second.types("/staff").told("error.forbidden")
			first.types("/staff").told("staff.title")
			for _, path := range []string{"/", "/play/state", "/bot" + realToken + "/getMe"} {
				if status, _ := ask(t, http.MethodGet, "http://"+w.addr+path, "", nil); status != http.StatusNotFound {
					t.Errorf("GET %s: %d", path, status)
				}
			}
			for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
				if status, _ := ask(t, http.MethodGet, "http://"+w.addr+path, "", nil); status != http.StatusOK {
					t.Errorf("GET %s: %d", path, status)
				}
			}
			if way == "webhook" {
				guarded(t, "http://"+w.addr+"/hook", second)
			}
		})
	}
}

// guarded asserts that the webhook takes only what Telegram sends.
func guarded(t *testing.T, hook string, n *newcomer) {
	t.Helper()
	update := []byte(`{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"},"from":{"id":1,"first_name":"X"},"text":"/start"}}`)
	for _, c := range []struct {
		name, secret string
		body         []byte
		want         int
	}{
		{"no secret", "", update, http.StatusUnauthorized},
		{"a wrong secret", realSecret + "x", update, http.StatusUnauthorized},
		{"too large", realSecret, bytes.Repeat([]byte(" "), 2<<20), http.StatusRequestEntityTooLarge},
		{"no JSON", realSecret, []byte("{"), http.StatusBadRequest},
	} {
		if status, _ := ask(t, http.MethodPost, hook, c.secret, c.body); status != c.want {
			t.Errorf("webhook with %s: %d, want %d", c.name, status, c.want)
		}
	}
	if status, _ := ask(t, http.MethodGet, hook, realSecret, nil); status == http.StatusOK {
		t.Error("the webhook answers GET")
	}
	n.types("/help").told("help.head")
}

func ask(t *testing.T, method, to, secret string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// OWNER_IDS names owners from the start, and then there is no link to be one.
func TestOwnerIDs(t *testing.T) {
	needRedis(t)
	t.Parallel()
	api, rdb := newElsewhere(t), newRedisServer(t)
	_, log := startReal(t, api.serve(t), rdb.url(), func(c *Config) { c.Owners = []int64{api.first} })
	api.speaker(t, api.first, "en").types("/start").told("start.staff")
	api.speaker(t, api.second, "en").types("/start").told("start.guest")
	if claimLink.MatchString(log.String()) {
		t.Errorf("a claim link although there is an owner:\n%s", log)
	}
}

// Telegram away at the start is waited for, without its address and so the token in the log.
func TestTelegramAwayAtTheStart(t *testing.T) {
	needRedis(t)
	t.Parallel()
	api, rdb, addr := newElsewhere(t), newRedisServer(t), freePort(t)
	served := make(chan error, 1)
	log := &lockedBuffer{}
	go func() {
		deadline := time.Now().Add(patience)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for !strings.Contains(log.String(), "away") && time.Now().Before(deadline) {
			<-tick.C
		}
		served <- api.open(t, addr)
	}()
	startReal(t, "http://"+addr, rdb.url(), func(c *Config) {
		c.hooks.log = func() slog.Handler { return slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}) }
	})
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	api.listen(context.WithoutCancel(t.Context()))
	api.speaker(t, api.first, "en").types("/start").told("start.guest")
	if !strings.Contains(log.String(), "telegram is away") {
		t.Errorf("the log does not tell that Telegram was away:\n%s", log)
	}
	secretless(t, log.String())
}

// Redis away: one clear sentence, nothing half done, and it goes on by itself.
func TestRedisAwayForAWhile(t *testing.T) {
	needRedis(t)
	t.Parallel()
	for name, away := range map[string]struct {
		leave, comeBack func(*testing.T, *redisServer)
	}{
		"killed": {func(_ *testing.T, r *redisServer) { r.kill() }, func(t *testing.T, r *redisServer) { t.Helper(); r.start(t) }},
		"hangs":  {sends(syscall.SIGSTOP), sends(syscall.SIGCONT)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redisAway(t, away.leave, away.comeBack)
		})
	}
}

func sends(s syscall.Signal) func(*testing.T, *redisServer) {
	return func(t *testing.T, r *redisServer) {
		t.Helper()
		if err := r.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
}

func redisAway(t *testing.T, leave, comeBack func(*testing.T, *redisServer)) {
	t.Helper()
	api, rdb := newElsewhere(t), newRedisServer(t)
	w, _ := startReal(t, api.serve(t), rdb.url())
	n := api.speaker(t, api.first, "en")
	n.types("/start").told("start.guest")
	n.types("/ask").told("ask.question")
	leave(t, rdb)
	n.types("Is anybody there?").told("error.incident", "incident", "§")
	if got := n.times(n.say("error.incident", "incident", "§")...); got != 1 {
		t.Errorf("the failure was told %d times:\n%s", got, describe(n.chat()))
	}
	comeBack(t, rdb)
	if err := ready(w.addr); err != nil {
		t.Fatal(err)
	}
	n.types("Is anybody there?").told("ask.sent", "question", "Is anybody there?")
	n.types("/help").told("help.head")
}
