package telegram

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Priority says who goes first when not all may go.
type Priority int

// The priorities, the most urgent first.
const (
	PriorityAnswer Priority = iota // to a person who waits
	PriorityNotice                 // owed to one member
	PriorityBulk                   // a broadcast
)

const (
	// shortWait is the longest wait that the bucket shared by all chats gives. Who waits longer waits for a chat of their own, and holds
	// nobody up.
	shortWait = 50 * time.Millisecond
	// yieldFor is how long the less urgent step aside before they look again.
	yieldFor = 5 * time.Millisecond
)

// line is who waits for the shared bucket. Of each priority one asks, and the others stand behind: many who ask for the same
// would only take turns at being refused.
type line struct {
	waiting [PriorityBulk + 1]atomic.Int32
	head    [PriorityBulk + 1]chan struct{} // full while somebody asks
}

func newLine() *line {
	l := &line{}
	for p := range l.head {
		l.head[p] = make(chan struct{}, 1)
	}
	return l
}

// before tells whether somebody more urgent waits.
func (l *line) before(p Priority) bool {
	for more := range p {
		if l.waiting[more].Load() > 0 {
			return true
		}
	}
	return false
}

// admit waits until a call to a chat may go: within the budget, not before a retry_after has passed, not before somebody more urgent,
// and, for an answer, not while Telegram is away. Everything else is not kept waiting for Telegram: the error is errCircuit.
func (c *Client) admit(ctx context.Context, p Priority, chat int64) error {
	for {
		wait, err := c.stand(ctx, p, chat)
		if err != nil || wait == 0 {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// stand waits in line. It returns 0 when the call may go, or how long it has to wait for something of its own, which holds up nobody else.
func (c *Client) stand(ctx context.Context, p Priority, chat int64) (time.Duration, error) {
	if wait, err := c.held(p, chat); wait > 0 || err != nil {
		return wait, err
	}
	c.line.waiting[p].Add(1)
	defer c.line.waiting[p].Add(-1)
	select {
	case c.line.head[p] <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	defer func() { <-c.line.head[p] }()
	for {
		if wait, err := c.held(p, chat); wait > 0 || err != nil { // since it came to the head
			return wait, err
		}
		wait, err := c.askBudget(ctx, p, chat)
		if err != nil || wait == 0 || wait > shortWait {
			return wait, err
		}
		if err := sleep(ctx, wait); err != nil {
			return 0, err
		}
	}
}

// held is how long Telegram keeps a call back.
func (c *Client) held(p Priority, chat int64) (time.Duration, error) {
	wait, err := c.circuit.wait(p)
	return max(wait, c.holds.wait(p, chat)), err
}

// askBudget asks for the call, unless somebody more urgent waits.
func (c *Client) askBudget(ctx context.Context, p Priority, chat int64) (time.Duration, error) {
	if c.line.before(p) {
		return yieldFor, nil
	}
	wait, err := c.opt.Budget.Take(ctx, chat, int(p))
	switch {
	case err != nil:
		return 0, fmt.Errorf("ask the send budget: %w", err)
	case wait == 0 && !c.circuit.enter():
		return yieldFor, nil
	}
	return wait, nil
}

// holds are the retry_after that Telegram asked for. An answer waits for its own chat only; what is not an answer waits for any.
type holds struct {
	mu    sync.Mutex
	chats map[int64]time.Time
	rest  time.Time // until when all but answers wait
}

func (h *holds) add(chat int64, d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.chats == nil {
		h.chats = map[int64]time.Time{}
	}
	now := time.Now()
	for other, until := range h.chats {
		if until.Before(now) {
			delete(h.chats, other)
		}
	}
	until := now.Add(d)
	h.chats[chat] = until
	if until.After(h.rest) {
		h.rest = until
	}
}

func (h *holds) wait(p Priority, chat int64) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	until := h.chats[chat]
	if p != PriorityAnswer && h.rest.After(until) {
		until = h.rest
	}
	return max(0, time.Until(until))
}
