// Package scheduler does what is due, when it is due: cron only asks, each second, what has come due by the library's
// clock; a relay hands notices from the outbox to the durable queue, and workers deliver them; broadcasts and imports
// run until they are done. Everything may be repeated, and goes on after a kill.
package scheduler

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"versli/store"
)

// Config is what a Scheduler needs. Deliver, Broadcast, Progress and Import are called from several goroutines at once;
// a panic in them counts as an error.
type Config struct {
	Store *store.Store
	Redis redis.UniversalClient // of the durable queue
	Queue string                // its name; one for each library
	Zone  *time.Location        // the library's wall clock
	Now   func() time.Time
	Log   *slog.Logger

	// Deliver renders and sends a notice as things stand now. An error means to try again.
	Deliver func(context.Context, store.Notice) (Outcome, error)
	// Broadcast serves one recipient of a broadcast, in its present pass. An error means to try again.
	Broadcast func(context.Context, store.Broadcast, store.Recipient) (SendResult, error)
	// Progress shows how far a broadcast is. It is called at most every 3 seconds for each, and at the end.
	Progress func(context.Context, store.Broadcast) error
	// Import runs one import to its end and finishes it in the store. An error means to try again.
	Import func(context.Context, store.Import) error
	// About makes the context of a notice's delivery, so that log lines name it; nil leaves it.
	About func(context.Context, store.Notice) context.Context
	// Ticked measures a tick that this process did; nil measures nothing.
	Ticked func(took time.Duration, err error)
}

func (c Config) validate() error {
	for what, missing := range map[string]bool{
		"store": c.Store == nil, "redis": c.Redis == nil, "queue": c.Queue == "", "zone": c.Zone == nil, "now": c.Now == nil,
		"log": c.Log == nil, "deliver": c.Deliver == nil, "broadcast": c.Broadcast == nil, "progress": c.Progress == nil,
		"import": c.Import == nil,
	} {
		if missing {
			return fmt.Errorf("scheduler needs %s", what)
		}
	}
	return nil
}

// Deadlines of an orderly stop, in this order.
const (
	stopCron  = 5 * time.Second
	stopQueue = 8 * time.Second
	stopJobs  = 5 * time.Second
	stopSends = 2 * time.Second // of a broadcast's sends; within stopJobs
)

// Scheduler does what is due.
type Scheduler struct {
	Config
	owner  string // this process, among those that share the state
	client *asynq.Client
	tasks  *asynq.Inspector
	jobs   jobs
	tick   sync.Mutex // one Tick at a time in a process
}

// New makes a Scheduler; Run makes it work.
func New(c Config) (*Scheduler, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return &Scheduler{
		Config: c,
		owner:  rand.Text(),
		client: asynq.NewClientFromRedisClient(c.Redis),
		tasks:  asynq.NewInspectorFromRedisClient(c.Redis),
	}, nil
}

// Run works until ctx is done; then it stops cron, the queue and what runs besides, each within its deadline. What is
// not done by then is done after the next start.
func (s *Scheduler) Run(ctx context.Context) error {
	// Workers outlive ctx for as long as an orderly stop lasts.
	work, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	server := s.newServer(work)
	if err := server.Start(asynq.HandlerFunc(s.deliver)); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	s.jobs.open(ctx)
	s.jobs.start(ctx, "reports", s.repeatReports)
	clock, err := s.newCron(ctx)
	if err != nil {
		server.Shutdown()
		return errors.Join(err, s.jobs.close(stopJobs))
	}
	clock.Start()
	<-ctx.Done()

	var left []error
	select {
	case <-clock.Stop().Done():
	case <-time.After(stopCron):
		left = append(left, errors.New("a tick did not end in time"))
	}
	server.Shutdown()
	abort()
	left = append(left, s.jobs.close(stopJobs))
	return errors.Join(left...)
}

// protect calls f; a panic in it is an error.
func protect(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
