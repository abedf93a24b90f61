package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"versli/store"
)

const (
	relayBatch   = 200
	relayAtOnce  = 8
	lostAfter    = 150 * time.Second // a killed worker's task runs again by itself before that
	taskType     = "notice"
	taskTimeout  = 90 * time.Second
	taskAttempts = 2000 // with retryDelay about a week, longer than any reminder is of use
)

// relay hands the notices that are due to the durable queue.
func (s *Scheduler) relay(ctx context.Context, now time.Time) error {
	return s.handAll(ctx, func() ([]store.Notice, error) { return s.Store.Outbox.Due(ctx, now, relayBatch) })
}

// relayLost hands notices over again that the queue has had for long without an end. Most of them are in the queue
// still, waiting to be tried again; the queue refuses a second task of the same id.
func (s *Scheduler) relayLost(ctx context.Context, now time.Time) error {
	before := now.Add(-lostAfter)
	return s.handAll(ctx, func() ([]store.Notice, error) { return s.Store.Outbox.Lost(ctx, before, relayBatch) })
}

// handAll hands over what next gives until it gives no full batch, or the same again.
func (s *Scheduler) handAll(ctx context.Context, next func() ([]store.Notice, error)) error {
	var before store.NoticeID
	for {
		batch, err := next()
		if err != nil {
			return err
		}
		if len(batch) == 0 || batch[0].ID == before {
			return nil
		}
		before = batch[0].ID
		g, within := errgroup.WithContext(ctx)
		g.SetLimit(relayAtOnce)
		for _, n := range batch {
			g.Go(func() error { return s.hand(within, n) })
		}
		if err := g.Wait(); err != nil {
			return fmt.Errorf("hand a batch over: %w", err)
		}
		if len(batch) < relayBatch {
			return nil
		}
	}
}

// hand puts a notice into the queue under its own id, and only then takes it out of the outbox: killed in between, it
// is handed over again, and the queue has it once.
func (s *Scheduler) hand(ctx context.Context, n store.Notice) error {
	payload, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode notice %s: %w", n.ID, err)
	}
	task := asynq.NewTask(taskType, payload)
	options := []asynq.Option{
		asynq.TaskID(string(n.ID)), asynq.Queue(s.Queue), asynq.MaxRetry(taskAttempts), asynq.Timeout(taskTimeout),
	}
	_, err = s.client.EnqueueContext(ctx, task, options...)
	if errors.Is(err, asynq.ErrTaskIDConflict) && s.ended(n.ID) {
		_, err = s.client.EnqueueContext(ctx, task, options...)
	}
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("queue notice %s: %w", n.ID, err)
	}
	return s.Store.Outbox.HandedOver(ctx, n.ID)
}

// ended tells whether the queue has a task that it will not run any more, and removes it.
func (s *Scheduler) ended(id store.NoticeID) bool {
	info, err := s.tasks.GetTaskInfo(s.Queue, string(id))
	if err != nil || (info.State != asynq.TaskStateArchived && info.State != asynq.TaskStateCompleted) {
		return false
	}
	return s.tasks.DeleteTask(s.Queue, string(id)) == nil
}

// queueEmpty tells that the queue holds nothing to be done at once. What waits to be tried again does not count.
func (s *Scheduler) queueEmpty() (bool, error) {
	pending, err := s.tasks.ListPendingTasks(s.Queue, asynq.PageSize(1))
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look into the queue: %w", err)
	}
	active, err := s.tasks.ListActiveTasks(s.Queue, asynq.PageSize(1))
	if err != nil {
		return false, fmt.Errorf("look into the queue: %w", err)
	}
	return len(pending)+len(active) == 0, nil
}
