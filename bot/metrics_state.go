package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"versli/scheduler"
	"versli/store"
)

// collectWithin is how long /metrics waits for the state.
const collectWithin = 1500 * time.Millisecond

// stateCollector tells what all processes share, from the state itself. While the state is away, or slow, it tells nothing:
// no figure is better than a wrong one.
type stateCollector struct {
	store    *store.Store
	schedule *atomic.Pointer[scheduler.Scheduler]
	now      func() time.Time
	turn     chan struct{} // who asks has it: a state that hangs is asked by one

	waiting, settled, queue, queueOldest, due, dueOldest, handed, handedOldest,
	budget, sending, recipients, lag *prometheus.Desc
}

func newStateCollector(st *store.Store, schedule *atomic.Pointer[scheduler.Scheduler], now func() time.Time) *stateCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("versli_"+name, help, labels, nil)
	}
	return &stateCollector{
		store: st, schedule: schedule, now: now, turn: make(chan struct{}, 1),

		waiting: desc("notices_waiting", "Notices owed (due or not) or under way.", "state"),
		settled: desc("notices_settled_total", "Notices that ended, by kind and outcome.", "kind", "outcome"),
		queue: desc("queue_depth",
			"What waits: notices of the durable queue (pending, active, retry, archived), imports, updates taken over from Telegram (kept).",
			"queue"),
		queueOldest:  desc("queue_oldest_seconds", "Age of the oldest pending notice of the durable queue."),
		due:          desc("notices_due", "Notices that are due and not handed to the queue, by kind, of the 5000 that wait longest.", "kind"),
		dueOldest:    desc("notices_due_oldest_seconds", "How long the oldest notice of a kind has been due.", "kind"),
		handed:       desc("notices_under_way", "Notices that the queue has, by kind, of the 5000 that wait longest.", "kind"),
		handedOldest: desc("notices_under_way_oldest_seconds", "How long ago the oldest notice of a kind was handed over.", "kind"),
		budget:       desc("send_budget_used", "Share of the send budget used within the last second, 0 to 1."),
		sending:      desc("broadcasts_sending", "Broadcasts being sent."),
		recipients:   desc("broadcast_recipients", "Recipients of the broadcasts being sent, by what became of them.", "state"),
		lag:          desc("clock_lag_seconds", "How far the clock's work is behind."),
	}
}

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.waiting, c.settled, c.queue, c.queueOldest, c.due, c.dueOldest, c.handed, c.handedOldest,
		c.budget, c.sending, c.recipients, c.lag,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectWithin)
	defer cancel()
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return
	}
	read := make(chan []prometheus.Metric, 1)
	go func() {
		defer func() { <-c.turn }()
		read <- c.read(ctx)
	}()
	select {
	case list := <-read:
		for _, m := range list {
			ch <- m
		}
	case <-ctx.Done():
	}
}

// figures gathers metrics.
type figures []prometheus.Metric

func (f *figures) gauge(d *prometheus.Desc, v float64, labels ...string) {
	*f = append(*f, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...))
}

// read is all or nothing.
func (c *stateCollector) read(ctx context.Context) []prometheus.Metric {
	var f figures
	for _, part := range []func(context.Context, *figures) error{c.notices, c.load, c.depths, c.sends, c.broadcasts} {
		if part(ctx, &f) != nil || ctx.Err() != nil {
			return nil
		}
	}
	return f
}

func (c *stateCollector) notices(ctx context.Context, f *figures) error {
	n, err := c.store.Outbox.Counts(ctx)
	if err != nil {
		return wrap("count notices", err)
	}
	f.gauge(c.waiting, float64(n.Owed), "owed")
	f.gauge(c.waiting, float64(n.UnderWay), "under_way")
	for outcome, kinds := range map[string]map[store.NoticeKind]int{"sent": n.Sent, "dropped": n.Dropped, "failed": n.Failed} {
		for kind, v := range kinds {
			*f = append(*f, prometheus.MustNewConstMetric(c.settled, prometheus.CounterValue, float64(v), string(kind), outcome))
		}
	}
	return nil
}

func (c *stateCollector) load(ctx context.Context, f *figures) error {
	now := c.now()
	l, err := c.store.Load(ctx, now)
	if err != nil {
		return wrap("count what waits", err)
	}
	f.gauge(c.queue, float64(l.Imports), "imports")
	f.gauge(c.queue, float64(l.Kept), "kept")
	for kind, w := range l.Due {
		f.gauge(c.due, float64(w.Count), string(kind))
		f.gauge(c.dueOldest, max(0, now.Sub(w.Since).Seconds()), string(kind))
	}
	for kind, w := range l.Handed {
		f.gauge(c.handed, float64(w.Count), string(kind))
		f.gauge(c.handedOldest, max(0, now.Sub(w.Since).Seconds()), string(kind))
	}
	return nil
}

// depths tells of the durable queue and the clock, once there is a scheduler.
func (c *stateCollector) depths(ctx context.Context, f *figures) error {
	s := c.schedule.Load()
	if s == nil {
		return nil
	}
	d, err := s.Depths()
	if err != nil {
		return wrap("depth of the queue", err)
	}
	for name, n := range map[string]int{"pending": d.Pending, "active": d.Active, "retry": d.Retry, "archived": d.Archived} {
		f.gauge(c.queue, float64(n), name)
	}
	f.gauge(c.queueOldest, d.Oldest.Seconds())
	lag, known, err := s.Lag(ctx)
	if known {
		f.gauge(c.lag, lag.Seconds())
	}
	return wrap("lag of the clock", err)
}

func (c *stateCollector) sends(ctx context.Context, f *figures) error {
	used, err := c.store.Budget.Used(ctx)
	if err == nil {
		f.gauge(c.budget, used)
	}
	return wrap("send budget", err)
}

// broadcasts sums up those being sent: a series for each would never end.
func (c *stateCollector) broadcasts(ctx context.Context, f *figures) error {
	ids, err := c.store.Broadcasts.Sending(ctx)
	if err != nil {
		return wrap("broadcasts being sent", err)
	}
	f.gauge(c.sending, float64(len(ids)))
	var sum store.Progress
	remaining := 0
	for _, id := range ids {
		b, err := c.store.Broadcasts.Get(ctx, id)
		if err != nil {
			return wrap("progress of a broadcast", err)
		}
		p := b.Progress
		sum.Total, sum.Sent, sum.Unreachable, sum.Failed = sum.Total+p.Total, sum.Sent+p.Sent, sum.Unreachable+p.Unreachable, sum.Failed+p.Failed
		remaining += p.Remaining()
	}
	for state, n := range map[string]int{
		"total": sum.Total, "sent": sum.Sent, "unreachable": sum.Unreachable, "failed": sum.Failed, "remaining": remaining,
	} {
		f.gauge(c.recipients, float64(n), state)
	}
	return nil
}
