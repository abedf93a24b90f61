package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"

	"versli/bot/chat"
	"versli/store"
)

// health answers /healthz (alive), /readyz (Redis and Telegram) and /metrics.
type health struct {
	rdb      redis.UniversalClient
	telegram atomic.Bool // Telegram has said who we are
	registry *prometheus.Registry
	updates  *prometheus.CounterVec
	handling prometheus.Histogram
	sends    *prometheus.HistogramVec
}

const readyWithin = 2 * time.Second

func newHealth(rdb redis.UniversalClient, st *store.Store, titles func() int) *health {
	h := &health{
		rdb:      rdb,
		registry: prometheus.NewRegistry(),
		updates: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "versli_updates_total", Help: "Requests handled, by kind and outcome.",
		}, []string{"kind", "outcome"}),
		handling: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "versli_handling_seconds", Help: "Time from a request to its reply, without sending.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
		sends: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "versli_call_seconds", Help: "Calls to Telegram, by method and outcome.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "outcome"}),
	}
	h.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		h.updates, h.handling, h.sends, noticeCollector{st.Outbox},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "versli_index_titles", Help: "Titles in this process's index."},
			func() float64 { return float64(titles()) }))
	return h
}

// observe measures a handler of requests.
func (h *health) observe(next chat.Handler) chat.Handler {
	return func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		begun := time.Now()
		reply, err := next(ctx, r)
		outcome := "answered"
		if err != nil {
			outcome = "failed"
		}
		h.updates.WithLabelValues(kindLabel(r.Kind), outcome).Inc()
		h.handling.Observe(time.Since(begun).Seconds())
		return reply, err
	}
}

// sent measures a call to Telegram.
func (h *health) sent(method, outcome string, took time.Duration) {
	h.sends.WithLabelValues(method, outcome).Observe(took.Seconds())
}

func kindLabel(k chat.Kind) string {
	switch k {
	case chat.KindText:
		return "text"
	case chat.KindCommand:
		return "command"
	case chat.KindPress:
		return "press"
	case chat.KindLocation:
		return "location"
	case chat.KindFile:
		return "file"
	case chat.KindBlocked, chat.KindReturned, chat.KindMigrated:
		return "presence"
	case chat.KindOther:
	}
	return "other"
}

func (h *health) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{}))
}

func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	var missing []string
	if h.rdb.Ping(ctx).Err() != nil {
		missing = append(missing, "redis")
	}
	if !h.telegram.Load() {
		missing = append(missing, "telegram")
	}
	if len(missing) > 0 {
		http.Error(w, "waiting for "+strings.Join(missing, ", "), http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ready\n")
}

// noticeCollector tells what is owed, under way and settled, from the outbox itself.
type noticeCollector struct{ outbox *store.Outbox }

func (noticeCollector) owed() *prometheus.Desc {
	return prometheus.NewDesc("versli_notices_waiting", "Notices owed or under way.", []string{"state"}, nil)
}

func (noticeCollector) settled() *prometheus.Desc {
	return prometheus.NewDesc("versli_notices_settled_total", "Notices that ended, by kind and outcome.", []string{"kind", "outcome"}, nil)
}

// Describe implements prometheus.Collector.
func (c noticeCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.owed()
	ch <- c.settled()
}

// Collect implements prometheus.Collector. While Redis is away it tells nothing.
func (c noticeCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	n, err := c.outbox.Counts(ctx)
	if err != nil {
		return
	}
	gauge := func(v int, state string) {
		ch <- prometheus.MustNewConstMetric(c.owed(), prometheus.GaugeValue, float64(v), state)
	}
	gauge(n.Owed, "owed")
	gauge(n.UnderWay, "under_way")
	for outcome, kinds := range map[string]map[store.NoticeKind]int{"sent": n.Sent, "dropped": n.Dropped, "failed": n.Failed} {
		for kind, v := range kinds {
			ch <- prometheus.MustNewConstMetric(c.settled(), prometheus.CounterValue, float64(v), string(kind), outcome)
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
