package scheduler

import (
	"context"
	"errors"
	"sync"
	"time"
)

// jobs are what runs beside the clock for as long as it takes: each by its name, one of a name at a time.
type jobs struct {
	mu      sync.Mutex
	ctx     context.Context // of all jobs; nil while none may start
	running map[string]bool
	wg      sync.WaitGroup
}

// open lets jobs start until ctx is done.
func (j *jobs) open(ctx context.Context) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ctx, j.running = ctx, map[string]bool{}
}

// start runs a job, unless one of that name runs, none may, or asking is over. The
// job's context is that of all jobs, not the asker's.
func (j *jobs) start(asking context.Context, name string, run func(context.Context)) { //nolint:contextcheck // a job outlives the tick
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ctx == nil || j.ctx.Err() != nil || asking.Err() != nil || j.running[name] {
		return
	}
	j.running[name] = true
	ctx := j.ctx
	j.wg.Go(func() {
		defer func() {
			j.mu.Lock()
			defer j.mu.Unlock()
			delete(j.running, name)
		}()
		run(ctx)
	})
}

// idle tells that no job runs.
func (j *jobs) idle() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.running) == 0
}

// close waits for all to end.
func (j *jobs) close(timeout time.Duration) error {
	j.mu.Lock()
	j.ctx = nil
	j.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		j.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(timeout):
		return errors.New("broadcasts or imports did not end in time")
	}
}

// pause waits, or returns false when ctx is done first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
