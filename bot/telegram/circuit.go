package telegram

import (
	"errors"
	"sync"
	"time"
)

const (
	// circuitFailures in a row, over circuitSpan at least, mean that Telegram is away, and not that a call had bad luck.
	circuitFailures = 10
	circuitSpan     = 2 * time.Second
	// circuitProbe is how long a call that tries whether Telegram is back keeps others from trying too.
	circuitProbe = 10 * time.Second
)

// errCircuit means that Telegram is away, and that nothing was asked of it. Whoever asked tries again later.
var errCircuit = errors.New("telegram is away: the circuit is open")

// circuit stops calls while Telegram is away: one in a while tries, answers wait for it, and all else is told to come
// again. It is closed at first.
type circuit struct {
	mu       sync.Mutex
	failures int       // in a row
	since    time.Time // of the first of them
	opened   int       // how often in a row a try failed, 0 while the circuit is closed
	next     time.Time // when the next call may try
}

// wait tells how long a call waits before it asks again; 0 when it may try to enter.
func (c *circuit) wait(p Priority) (time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opened == 0 {
		return 0, nil
	}
	if left := time.Until(c.next); left > 0 {
		if p != PriorityAnswer {
			return 0, errCircuit
		}
		return min(left, time.Second), nil
	}
	return 0, nil
}

// enter tells whether a call may be made. While the circuit is open one may, and is the try.
func (c *circuit) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opened == 0 {
		return true
	}
	now := time.Now()
	if c.next.After(now) {
		return false
	}
	c.next = now.Add(circuitProbe)
	return true
}

// note takes in how a call went: whether Telegram answered at all. Fetching updates says nothing about sending.
func (c *circuit) note(method string, answered bool) {
	if method == "getUpdates" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if answered {
		c.failures, c.opened = 0, 0
		return
	}
	now := time.Now()
	if c.failures++; c.failures == 1 {
		c.since = now
	}
	if c.opened > 0 || c.failures >= circuitFailures && now.Sub(c.since) >= circuitSpan {
		c.opened++
		c.next = now.Add(backoff(c.opened))
	}
}

// open tells whether calls are stopped.
func (c *circuit) open() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opened > 0
}
