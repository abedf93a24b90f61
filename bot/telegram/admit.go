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
	shortWait = 250 * time.Millisecond
	// yieldFor is how long the less urgent step aside before they look again.
	yieldFor = 5 * time.Millisecond
)

// line counts who waits for the shared bucket, by priority.
type line struct {
	waiting [PriorityBulk + 1]atomic.Int32
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
	c.line.waiting[p].Add(1)
	inLine := true
	defer func() {
		if inLine {
			c.line.waiting[p].Add(-1)
		}
	}()
	for {
		wait, err := c.circuit.wait(p)
		if err != nil {
			return err
		}
		wait = max(wait, c.holds.wait(p, chat))
		if wait == 0 && c.line.before(p) {
			wait = yieldFor
		}
		if wait == 0 {
			if wait, err = c.opt.Budget.Take(ctx, chat, int(p)); err != nil {
				return fmt.Errorf("ask the send budget: %w", err)
			}
			if wait == 0 && c.circuit.enter() {
				return nil
			}
		}
		if wait > shortWait {
			c.line.waiting[p].Add(-1)
			inLine = false
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		if !inLine {
			c.line.waiting[p].Add(1)
			inLine = true
		}
	}
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
