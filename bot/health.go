package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"

	"versli/bot/telegram"
)

const readyWithin = 2 * time.Second

// hearing is when Telegram counts as away. With a webhook nothing may be asked of it for hours; then it is asked for a sign of life.
type hearing struct {
	within time.Duration // how long ago it may have answered last: a long poll gives an answer each 25 seconds
	silent time.Duration // after which it is asked
	every  time.Duration // at most
	look   time.Duration // how often the time is looked at
	now    func() time.Time
}

func newHearing() hearing {
	return hearing{within: 90 * time.Second, silent: 50 * time.Second, every: time.Minute, look: 10 * time.Second, now: time.Now}
}

// health answers /healthz (alive), /readyz (Redis and Telegram answer) and /metrics.
type health struct {
	*metrics

	rdb     redis.UniversalClient
	hearing hearing
	client  atomic.Pointer[telegram.Client] // nil until Telegram has said who we are
}

func (h *health) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{}))
}

// ready says whether people can be answered now, and what stands against it.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	var missing []string
	if h.rdb.Ping(ctx).Err() != nil {
		missing = append(missing, "redis: no answer")
	}
	if why := h.deaf(); why != "" {
		missing = append(missing, "telegram: "+why)
	}
	if len(missing) > 0 {
		http.Error(w, strings.Join(missing, "\n"), http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ready\n")
}

// deaf says why Telegram counts as away; "" when it answers.
func (h *health) deaf() string {
	c := h.client.Load()
	if c == nil {
		return "no answer yet"
	}
	if since := h.hearing.now().Sub(c.LastOK()); since > h.hearing.within {
		return "no answer for " + since.Round(time.Second).String()
	}
	return ""
}

// listen asks Telegram for a sign of life when nothing else has asked for anything, until ctx is done.
func (h *health) listen(ctx context.Context) {
	look := time.NewTicker(h.hearing.look)
	defer look.Stop()
	var asked time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			c, now := h.client.Load(), h.hearing.now()
			if c == nil || now.Sub(c.LastOK()) < h.hearing.silent || now.Sub(asked) < h.hearing.every {
				continue
			}
			asked = now
			_ = c.Ping(ctx) // readyz tells, by when it went well last
		}
	}
}

// healthCmd is the container's health check: the image has no curl.
type healthCmd struct{}

// Run asks the running bot on this machine.
func (healthCmd) Run(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithTimeout(ctx, 2*readyWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(cfg.Listen)+"/healthz", nil)
	if err != nil {
		return wrap("health", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return wrap("health", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s", resp.Status)
	}
	return nil
}
