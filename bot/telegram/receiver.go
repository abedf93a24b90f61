package telegram

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"versli/bot/chat"
)

// Inbox remembers which updates were worked through and answered.
type Inbox interface {
	Done(ctx context.Context, update int64) (bool, error)
	MarkDone(ctx context.Context, update int64) error
}

// Leases let one process at a time work on a chat.
type Leases interface {
	LockChat(ctx context.Context, chat int64, owner string, lease time.Duration) (bool, error)
	UnlockChat(ctx context.Context, chat int64, owner string) error
}

// ReceiverOptions is what a Receiver needs; Handle, Inbox and Leases are required.
type ReceiverOptions struct {
	Handle chat.Handler
	Inbox  Inbox
	Leases Leases
	AtOnce int           // chats worked on at the same time; 64 when 0
	Limit  time.Duration // of one handler; 20 seconds when 0
	Stop   time.Duration // of an orderly stop; 10 seconds when 0
}

const (
	// leaseTime is also how long somebody waits at most who was being answered when the process was killed.
	leaseTime   = 9 * time.Second
	lookupTime  = 2 * time.Second        // for leases and marks; without an answer the work goes on
	leaseRetry  = 100 * time.Millisecond // until a lease that another process has is asked for again
	leaseWait   = 40 * time.Second
	mostPending = 1000 // updates in work or waiting, in one process
)

// Receiver works on updates: in order within a chat, in parallel across chats. An update is done when it was handled, answered and marked;
// one that is done already is not handled again.
type Receiver struct {
	c     *Client
	opt   ReceiverOptions
	owner string
	ctx   context.Context // of all work; ends when an orderly stop is over
	abort context.CancelFunc
	slots chan struct{}

	mu      sync.Mutex
	closed  bool
	works   map[int64]*work   // by update
	waiting map[int64][]*work // by chat; a chat that is here has a goroutine
	wg      sync.WaitGroup
}

// work is one update in work.
type work struct {
	update int64
	req    chat.Request
	ended  chan struct{}
	done   bool // may be read after ended; false when it must come again
}

func (w *work) over() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

func (w *work) succeeded() bool { return w.over() && w.done }
func (w *work) failed() bool    { return w.over() && !w.done }

// NewReceiver makes a Receiver. It works until Close.
func NewReceiver(c *Client, opt ReceiverOptions) (*Receiver, error) {
	if c == nil || opt.Handle == nil || opt.Inbox == nil || opt.Leases == nil {
		return nil, errors.New("a receiver needs a client, a handler, an inbox and leases")
	}
	if opt.AtOnce <= 0 {
		opt.AtOnce = 64
	}
	if opt.Limit <= 0 {
		opt.Limit = 20 * time.Second
	}
	if opt.Stop <= 0 {
		opt.Stop = 10 * time.Second
	}
	ctx, abort := context.WithCancel(context.Background())
	return &Receiver{
		c: c, opt: opt, owner: rand.Text(), ctx: ctx, abort: abort, slots: make(chan struct{}, opt.AtOnce),
		works: map[int64]*work{}, waiting: map[int64][]*work{},
	}, nil
}

// Close lets what has begun end within the time for a stop, and leaves the rest undone: Telegram sends it again.
func (r *Receiver) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		r.wg.Wait()
		close(ended)
	}()
	defer r.abort()
	select {
	case <-ended:
		return nil
	case <-time.After(r.opt.Stop):
	}
	r.abort()
	select {
	case <-ended:
		return nil
	case <-time.After(time.Second):
		return errors.New("handlers did not end in time")
	}
}

// submit queues an update behind those of its chat. The same update twice is one work. Nil when there is no room, or
// the receiver is closed.
func (r *Receiver) submit(raw json.RawMessage) (*work, error) {
	id, err := decodeID(raw)
	if err != nil {
		return nil, err
	}
	req, asks, err := r.c.decode(raw)
	if err != nil {
		r.c.opt.Log.ErrorContext(r.ctx, "update cannot be read and is left out", "update", id, "error", err)
	}
	req.Update = id
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.works[id]; w != nil {
		return w, nil
	}
	w := &work{update: id, req: req, ended: make(chan struct{})}
	if !asks {
		w.done = true
		close(w.ended)
		return w, nil
	}
	if r.closed || len(r.works) >= mostPending {
		return nil, nil //nolint:nilnil // no room is no failure
	}
	r.works[id] = w
	queue, busy := r.waiting[req.Chat]
	r.waiting[req.Chat] = append(queue, w)
	if !busy {
		r.wg.Go(func() { r.workOn(req.Chat) })
	}
	return w, nil
}

// workOn does a chat's updates, one after the other, until none is left. When one must come again, so must those behind it.
func (r *Receiver) workOn(to int64) {
	well := true
	for {
		r.mu.Lock()
		queue := r.waiting[to]
		if len(queue) == 0 {
			delete(r.waiting, to)
			r.mu.Unlock()
			return
		}
		w := queue[0]
		r.waiting[to] = queue[1:]
		well = well && !r.closed
		r.mu.Unlock()
		if well {
			r.slots <- struct{}{}
			well = r.process(r.ctx, w.req)
			<-r.slots
		}
		r.end(w, well)
	}
}

func (r *Receiver) end(w *work, done bool) {
	r.mu.Lock()
	delete(r.works, w.update)
	r.mu.Unlock()
	w.done = done
	close(w.ended)
}

// process handles and answers one update. False means that it must come again.
func (r *Receiver) process(ctx context.Context, req chat.Request) bool {
	log := r.c.opt.Log.With("update", req.Update)
	release, err := r.lease(ctx, req.Chat)
	if err != nil {
		log.WarnContext(ctx, "chat is not free, the update comes again", "chat", req.Chat, "error", err)
		return false
	}
	defer release()
	// Asked only now: while this process waited for the lease, another may have done it.
	if r.doneBefore(ctx, req.Update) {
		log.DebugContext(ctx, "update was done before")
		return true
	}
	c := r.attend(ctx, req)
	reply, err := r.handle(ctx, req)
	if err != nil && ctx.Err() == nil {
		log.ErrorContext(ctx, "update was not handled", "error", err)
	}
	more := c.end(ctx, reply)
	if ctx.Err() != nil {
		return false
	}
	if !r.answer(ctx, req, append(more, reply.Messages...)) {
		return false
	}
	// Without the mark it would be handled again, which changes nothing, and answered again, which is allowed.
	marking, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	if err := r.opt.Inbox.MarkDone(marking, req.Update); err != nil {
		log.WarnContext(ctx, "update is done and not marked", "error", err)
	}
	return true
}

func (r *Receiver) doneBefore(ctx context.Context, update int64) bool {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	done, err := r.opt.Inbox.Done(ctx, update)
	return err == nil && done
}

// answer sends what a person is to get. False when there was no time to.
func (r *Receiver) answer(ctx context.Context, req chat.Request, messages []chat.Message) bool {
	for _, m := range messages {
		if m.Chat == 0 {
			m.Chat = req.Chat
		}
		_, err := r.c.Send(ctx, PriorityAnswer, m)
		if ctx.Err() != nil {
			return false
		}
		if err != nil && !errors.Is(err, chat.ErrUnreachable) {
			r.c.opt.Log.ErrorContext(ctx, "answer was not sent", "update", req.Update, "chat", m.Chat, "error", err)
		}
	}
	return true
}

// handle calls the handler within its time.
func (r *Receiver) handle(ctx context.Context, req chat.Request) (reply chat.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, r.opt.Limit)
	defer cancel()
	return r.opt.Handle(ctx, req)
}

// lease takes the chat's lease and keeps it until release is called. While nobody can tell who has it (Redis is away), this
// process goes on: its own order holds, and what it decides is decided in Redis.
func (r *Receiver) lease(ctx context.Context, to int64) (release func(), err error) {
	deadline := time.Now().Add(leaseWait)
	for {
		asking, cancel := context.WithTimeout(ctx, lookupTime)
		mine, err := r.opt.Leases.LockChat(asking, to, r.owner, leaseTime)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return func() {}, nil //nolint:nilerr // see above
		case mine:
			return r.keep(ctx, to), nil
		case time.Now().After(deadline):
			return nil, errors.New("another process works on the chat")
		}
		if err := sleep(ctx, leaseRetry); err != nil {
			return nil, err
		}
	}
}

// keep prolongs a lease until release is called.
func (r *Receiver) keep(ctx context.Context, to int64) (release func()) {
	keeping, cancel := context.WithCancel(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		for sleep(keeping, leaseTime/3) == nil {
			if _, err := r.opt.Leases.LockChat(keeping, to, r.owner, leaseTime); err != nil && keeping.Err() == nil {
				r.c.opt.Log.WarnContext(keeping, "prolong the lease of a chat", "chat", to, "error", err)
			}
		}
	}()
	return func() {
		cancel()
		<-kept
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := r.opt.Leases.UnlockChat(ending, to, r.owner); err != nil {
			r.c.opt.Log.WarnContext(ending, "end the lease of a chat", "chat", to, "error", err)
		}
	}
}
