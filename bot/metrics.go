package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"versli/bot/chat"
	"versli/scheduler"
	"versli/store"
)

// metrics is what this process measures, and what it reads from the state when asked. No label holds what belongs to a
// person, and all come from lists of ours.
type metrics struct {
	registry *prometheus.Registry
	updates  *prometheus.CounterVec
	handling prometheus.Histogram
	calls    *prometheus.HistogramVec
	ticks    *prometheus.HistogramVec
	schedule atomic.Pointer[scheduler.Scheduler] // nil until there is one
}

func newHealth(rdb redis.UniversalClient, st *store.Store, titles func() int, now func() time.Time) *health {
	h := &health{rdb: rdb, hearing: newHearing(), metrics: newMetrics()}
	h.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		h.updates, h.handling, h.calls, h.ticks, newStateCollector(st, &h.schedule, now),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "versli_index_titles", Help: "Titles in this process's index."},
			func() float64 { return float64(titles()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "versli_telegram_away", Help: "1 while this process's calls are stopped because Telegram is away (the circuit is open).",
		}, h.away))
	return h
}

func newMetrics() *metrics {
	return &metrics{
		registry: prometheus.NewRegistry(),
		updates: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "versli_updates_total", Help: "Requests handled, by kind and outcome (answered, silent, failed).",
		}, []string{"kind", "outcome"}),
		handling: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "versli_handling_seconds", Help: "Time from a request to its reply, without sending.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "versli_call_seconds", Help: "Calls to Telegram, by method and outcome.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "outcome"}),
		ticks: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "versli_tick_seconds", Help: "Time of the clock's ticks that this process did, by outcome (ok, failed).",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15},
		}, []string{"outcome"}),
	}
}

// observe measures a handler of requests.
func (m *metrics) observe(next chat.Handler) chat.Handler {
	return func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		begun := time.Now()
		reply, err := next(ctx, r)
		outcome := "answered"
		switch {
		case err != nil || reply.Incident != "":
			outcome = "failed"
		case len(reply.Messages) == 0 && reply.Toast == "":
			outcome = "silent"
		}
		m.updates.WithLabelValues(kindLabel(r.Kind), outcome).Inc()
		m.handling.Observe(time.Since(begun).Seconds())
		return reply, err
	}
}

// called measures a call to Telegram.
func (m *metrics) called(method, outcome string, took time.Duration) {
	m.calls.WithLabelValues(method, outcome).Observe(took.Seconds())
}

// ticked measures a tick of the clock.
func (m *metrics) ticked(took time.Duration, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	m.ticks.WithLabelValues(outcome).Observe(took.Seconds())
}

func (h *health) away() float64 {
	if c := h.client.Load(); c != nil && c.Away() {
		return 1
	}
	return 0
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
