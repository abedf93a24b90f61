package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"

	"versli/store"
)

const (
	workers      = 16
	retryFirst   = time.Second
	retryLongest = 5 * time.Minute
)

// Reasons of notices that do not reach their member. They are words for staff's list, not for the member.
const (
	ReasonGone        = "member_gone"
	ReasonNoTelegram  = "no_telegram"
	ReasonUnreachable = "unreachable"
	ReasonPaused      = "paused"
	ReasonGivenUp     = "given_up"
)

func (s *Scheduler) newServer(ctx context.Context) *asynq.Server {
	return asynq.NewServerFromRedisClient(s.Redis, asynq.Config{
		BaseContext:              func() context.Context { return ctx },
		Concurrency:              workers,
		Queues:                   map[string]int{s.Queue: 1},
		TaskCheckInterval:        100 * time.Millisecond,
		DelayedTaskCheckInterval: time.Second,
		JanitorInterval:          time.Minute,
		HealthCheckInterval:      time.Minute,
		ShutdownTimeout:          stopQueue,
		RetryDelayFunc:           retryDelay,
		ErrorHandler: asynq.ErrorHandlerFunc(func(ctx context.Context, _ *asynq.Task, err error) {
			id, _ := asynq.GetTaskID(ctx)
			s.Log.WarnContext(ctx, "notice is tried again", "notice", id, "error", err)
		}),
		Logger:   queueLog{s.Log},
		LogLevel: asynq.WarnLevel,
	})
}

// retryDelay doubles from a second to five minutes, with jitter, so that what failed together is not tried together.
func retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	if errors.Is(err, asynq.ErrLeaseExpired) { // its worker was killed
		return retryFirst
	}
	d := retryFirst << min(n, 20)
	d = min(d, retryLongest)
	return d/2 + rand.N(d) //nolint:gosec // jitter is no secret
}

// deliver is a worker of the queue: it does what one notice asks for.
func (s *Scheduler) deliver(ctx context.Context, task *asynq.Task) error {
	var n store.Notice
	if err := json.Unmarshal(task.Payload(), &n); err != nil {
		return fmt.Errorf("decode notice: %w: %w", err, asynq.SkipRetry)
	}
	if s.About != nil {
		ctx = s.About(ctx, n)
	}
	// The queue gives a task at least once; the truth about what was sent is in the store.
	if done, err := s.Store.Outbox.Done(ctx, n.ID); err != nil || done {
		return err
	}
	out, err := s.outcome(ctx, n)
	if err != nil {
		tried, _ := asynq.GetRetryCount(ctx)
		if tried < taskAttempts-1 {
			return err
		}
		s.Log.ErrorContext(ctx, "notice is given up", "notice", n.ID, "error", err)
		out = Refused(ReasonGivenUp)
	}
	s.Log.DebugContext(ctx, "notice ended", "notice", n.ID, "outcome", out.kind.String(), "reason", out.reason)
	return s.settle(context.WithoutCancel(ctx), n, out)
}

// outcome decides whether the notice may go to its member now, and delivers it.
func (s *Scheduler) outcome(ctx context.Context, n store.Notice) (out Outcome, err error) {
	m, err := s.Store.Members.Get(ctx, n.Member)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Dropped(ReasonGone), nil
	case err != nil:
		return Outcome{}, err
	case m.Chat == 0:
		return Refused(ReasonNoTelegram), nil
	case m.Unreachable:
		return Unreachable(), nil
	}
	now := s.Now()
	at, useful := when(now, n.Kind, m.Settings, s.Zone)
	switch {
	case !useful:
		return Dropped(ReasonPaused), nil
	case at.After(now):
		return Postponed(at), nil
	}
	err = protect(func() error {
		out, err = s.Deliver(ctx, n)
		return err
	})
	return out, err
}

// settle notes how it ended.
func (s *Scheduler) settle(ctx context.Context, n store.Notice, out Outcome) error {
	switch out.kind {
	case outcomeSent:
		return s.Store.Outbox.Sent(ctx, n)
	case outcomeDropped:
		return s.Store.Outbox.Dropped(ctx, n, out.reason)
	case outcomeUnreachable:
		return s.Store.Outbox.Failed(ctx, n, ReasonUnreachable)
	case outcomePostponed:
		return s.Store.Outbox.Postpone(ctx, n.ID, out.until)
	case outcomeRefused:
		return s.Store.Outbox.Failed(ctx, n, out.reason)
	}
	return fmt.Errorf("notice %s ended in no known way", n.ID)
}
