package store

import (
	"context"
	"fmt"
	"time"
)

var (
	takeMark = newBareScript("mark_take")
	doneMark = newBareScript("mark_done")
)

// Marks note which of the clock's work is done, so that of several processes one does each piece of it.
type Marks struct{ *db }

// Take asks whether owner may do a job's work for a slot of time (a number that grows). It is false when that slot, or
// a later one, is done, or when another process is at it; that one's lease ends by itself if it is killed.
func (m *Marks) Take(ctx context.Context, job string, slot int64, owner string, lease time.Duration) (bool, error) {
	got, err := takeMark.Run(ctx, m.rdb, m.pair(job), slot, owner, lease.Milliseconds()).Int()
	if err != nil {
		return false, fmt.Errorf("take mark %s %d: %w", job, slot, err)
	}
	return got == 1, nil
}

// Done notes, after the work, that a slot is done, and ends owner's lease.
func (m *Marks) Done(ctx context.Context, job string, slot int64, owner string) error {
	if err := doneMark.Run(ctx, m.rdb, m.pair(job), slot, owner).Err(); err != nil {
		return fmt.Errorf("note mark %s %d: %w", job, slot, err)
	}
	return nil
}

func (m *Marks) pair(job string) []string {
	return []string{m.keys.markDone(job), m.keys.markLease(job)}
}

// Once tells, to one asker in each period, that it may go ahead.
func (m *Marks) Once(ctx context.Context, name string, period time.Duration) (bool, error) {
	got, err := m.rdb.SetNX(ctx, m.keys.markOnce(name), 1, period).Result()
	if err != nil {
		return false, fmt.Errorf("mark %s: %w", name, err)
	}
	return got, nil
}
