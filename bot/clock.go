package main

import (
	"sync/atomic"
	"time"
)

// clock is the one clock of the program: the machine's, moved forward by a
// shift that only the playground changes.
type clock struct {
	base  func() time.Time
	shift atomic.Int64 // nanoseconds
}

func newClock(base func() time.Time) *clock {
	if base == nil {
		base = time.Now
	}
	return &clock{base: base}
}

func (c *clock) now() time.Time { return c.base().Add(time.Duration(c.shift.Load())) }

func (c *clock) set(shift time.Duration) { c.shift.Store(int64(shift)) }
