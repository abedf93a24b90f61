package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"versli/bot/telegram"
	"versli/store"
)

// checkup is the health of a program that has a Redis and a Telegram, and nothing else.
type checkup struct {
	*health
	*httptest.Server

	redis *redisServer
	store *store.Store
}

func newCheckup(t *testing.T) *checkup {
	t.Helper()
	api, server := newElsewhere(t), newRedisServer(t)
	opt, _, err := parseRedisURL(server.url())
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewUniversalClient(opt)
	t.Cleanup(func() { _ = rdb.Close() })
	st, err := store.Open(t.Context(), rdb, store.Options{Library: "versli", Zone: time.UTC, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c, err := telegram.New(t.Context(), telegram.Options{
		Token: realToken, APIURL: api.serve(t), Budget: st.Budget, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	h := newHealth(rdb, st, func() int { return 0 }, time.Now)
	h.client.Store(c)
	mux := http.NewServeMux()
	h.register(mux)
	x := &checkup{health: h, Server: httptest.NewServer(mux), redis: server, store: st}
	t.Cleanup(x.Close)
	return x
}

// Ready is who can answer people now; the body says what stands against it. Alive is alive even when both are away.
func TestReadyTellsThePresent(t *testing.T) {
	t.Parallel()
	x := newCheckup(t)
	want := func(status int, parts ...string) {
		t.Helper()
		got, body := ask(t, http.MethodGet, x.URL+"/readyz", "", nil)
		if got != status {
			t.Errorf("readyz: %d %q, want %d", got, body, status)
		}
		for _, part := range parts {
			if !strings.Contains(body, part) {
				t.Errorf("readyz says %q and nothing of %q", body, part)
			}
		}
		if alive, _ := ask(t, http.MethodGet, x.URL+"/healthz", "", nil); alive != http.StatusOK {
			t.Errorf("healthz: %d", alive)
		}
	}
	want(http.StatusOK, "ready")
	x.hearing.now = func() time.Time { return time.Now().Add(x.hearing.within + time.Second) }
	want(http.StatusServiceUnavailable, "telegram: no answer for 1m3")
	sends(syscall.SIGSTOP)(t, x.redis)
	begun := time.Now()
	want(http.StatusServiceUnavailable, "redis", "telegram")
	if took := time.Since(begun); took > 2*readyWithin {
		t.Errorf("readyz took %v", took)
	}
	sends(syscall.SIGCONT)(t, x.redis)
	x.redis.kill()
	want(http.StatusServiceUnavailable, "redis: no answer", "telegram")
	x.redis.start(t)
	x.hearing.now = time.Now
	eventually(t, "ready again", func() bool {
		status, _ := ask(t, http.MethodGet, x.URL+"/readyz", "", nil)
		return status == http.StatusOK
	})
	x.client.Store(nil)
	want(http.StatusServiceUnavailable, "telegram: no answer yet")
}

// When nothing is asked of Telegram for long, it is asked for a sign of life, but not more often than it must.
func TestSilenceIsBroken(t *testing.T) {
	t.Parallel()
	x := newCheckup(t)
	x.hearing.silent, x.hearing.every, x.hearing.look = time.Nanosecond, time.Hour, time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	before := x.client.Load().LastOK()
	go func() { x.listen(ctx); close(ended) }()
	eventually(t, "Telegram is asked", func() bool { return x.client.Load().LastOK().After(before) })
	cancel()
	<-ended
}

// What waits is told by kind and age; while Redis is away nothing is told, and nobody waits for it.
func TestMetricsOfTheState(t *testing.T) {
	t.Parallel()
	x := newCheckup(t)
	now := time.Now()
	for i, n := range []store.Notice{
		{Kind: store.NoticeQuestion, Member: "m1", Ref: "q1", Due: now.Add(-time.Minute)},
		{Kind: store.NoticeQuestion, Member: "m2", Ref: "q1", Due: now.Add(-time.Second)},
		{Kind: store.NoticeTrainingDay, Member: "m1", Ref: "a1", Due: now.Add(time.Hour)},
		{Kind: store.NoticeAnswer, Member: "m1", Ref: "q1", Due: now},
	} {
		id, err := x.store.Outbox.Owe(t.Context(), store.Op{}, n)
		if err != nil {
			t.Fatal(i, err)
		}
		if n.Kind == store.NoticeAnswer {
			if err := x.store.Outbox.HandedOver(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
	}
	status, body := ask(t, http.MethodGet, x.URL+"/metrics", "", nil)
	if status != http.StatusOK {
		t.Fatalf("metrics: %d %s", status, body)
	}
	for _, line := range []string{
		`versli_notices_waiting{state="owed"} 3`, `versli_notices_waiting{state="under_way"} 1`,
		`versli_notices_due{kind="question"} 2`, `versli_notices_due_oldest_seconds{kind="question"} 6`,
		`versli_notices_under_way{kind="answer"} 1`, `versli_queue_depth{queue="imports"} 0`,
		"versli_send_budget_used ", "versli_telegram_away 0", "versli_broadcasts_sending 0",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no %s in\n%s", line, own(body))
		}
	}
	if strings.Contains(body, `versli_notices_due{kind="training_day"}`) {
		t.Errorf("what is not due counts as due:\n%s", own(body))
	}
	sends(syscall.SIGSTOP)(t, x.redis)
	begun := time.Now()
	status, body = ask(t, http.MethodGet, x.URL+"/metrics", "", nil)
	if took := time.Since(begun); took > 2*time.Second || status != http.StatusOK {
		t.Errorf("metrics while Redis hangs: %d after %v", status, took)
	}
	if strings.Contains(body, "versli_notices") || strings.Contains(body, "versli_queue") {
		t.Errorf("told while Redis hangs:\n%s", own(body))
	}
	sends(syscall.SIGCONT)(t, x.redis)
	eventually(t, "figures again", func() bool {
		_, body := ask(t, http.MethodGet, x.URL+"/metrics", "", nil)
		return strings.Contains(body, `versli_notices_waiting{state="owed"} 3`)
	})
}

// own are the lines of our metrics.
func own(body string) string {
	var list []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "versli_") {
			list = append(list, line)
		}
	}
	return strings.Join(list, "")
}

// A program at work tells all of it, and neither the token nor people.
func TestMetricsOfAProgram(t *testing.T) {
	t.Parallel()
	api, rdb := newElsewhere(t), newRedisServer(t)
	w, _ := startReal(t, api.serve(t), rdb.url())
	n := api.speaker(t, api.first, "en")
	n.types("/start").told("start.guest")
	var body string
	eventually(t, "the clock ticks", func() bool {
		_, body = ask(t, http.MethodGet, "http://"+w.addr+"/metrics", "", nil)
		return strings.Contains(body, "versli_clock_lag_seconds") && strings.Contains(body, `versli_tick_seconds_count{outcome="ok"}`)
	})
	for _, line := range []string{
		`versli_updates_total{kind="command",outcome="answered"} 1`, `versli_queue_depth{queue="pending"} 0`,
		`versli_queue_depth{queue="archived"} 0`, `versli_call_seconds_count{method="sendMessage",outcome="ok"} 2`,
		`versli_broadcast_recipients{state="remaining"} 0`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no %s in\n%s", line, own(body))
		}
	}
	secretless(t, body)
	if strings.Contains(body, "Real") {
		t.Errorf("a name in\n%s", own(body))
	}
}
