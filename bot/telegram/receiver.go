package telegram

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"versli/bot/chat"
)

// What Inbox.Begin says of an update.
const (
	turnMine  = "mine"  // it is to be worked on; the chat is leased to this process
	turnTaken = "taken" // another process works on the chat
	turnDone  = "done"  // it was worked through and answered before
	turnWarn  = "warn"  // one too many of this person's: it is left out, and the person told so
	turnDrop  = "drop"  // as turnWarn, and the person has been told
)

// Inbox is what all processes know of updates: which are done, who works on a chat, who sends too many.
type Inbox interface {
	// Begin asks for the turn of an update that a person sent: the lease of its chat for owner.
	Begin(ctx context.Context, chat, update, person int64, owner string, lease time.Duration) (turn string, err error)
	// Finish remembers that an update is done, and gives the lease back.
	Finish(ctx context.Context, chat, update int64, owner string) error
	// Prolong keeps a lease for longer; 0 gives it back.
	Prolong(ctx context.Context, chat int64, owner string, lease time.Duration) error
}

// Keeper takes over from Telegram what is worked on for so long that the updates behind it cannot wait.
type Keeper interface {
	Keep(ctx context.Context, update int64, raw []byte) error
	Kept(ctx context.Context) ([][]byte, error)
	Release(ctx context.Context, update int64) error
}

// ReceiverOptions is what a Receiver needs; Handle, Inbox and Keeper are required.
type ReceiverOptions struct {
	Handle chat.Handler
	Inbox  Inbox
	Keeper Keeper
	Warn   func(context.Context, chat.Request) chat.Message    // tells a person who sends too many; nil says nothing
	About  func(context.Context, chat.Request) context.Context // of the work on an update, so that log lines name it; nil leaves it
	AtOnce int                                                 // handlers at the same time; 64 when 0
	Limit  time.Duration                                       // of one handler; 20 seconds when 0
	Stop   time.Duration                                       // of an orderly stop; 10 seconds when 0
	Keep   time.Duration                                       // after which an update that holds many up is taken over; 10 seconds when 0
}

// mostPending is how many updates are in work or waiting in one process.
const mostPending = 1000

// Receiver works on updates: in order within a chat, in parallel across chats. An update is done when it was handled, answered and marked;
// one that is done already is not handled again.
type Receiver struct {
	c     *Client
	opt   ReceiverOptions
	owner string
	ctx   context.Context // of all work; ends when an orderly stop is over
	abort context.CancelFunc
	slots chan struct{}

	backlog backlog
	intake  sync.RWMutex // held while a batch comes in: what is last in it is known only then

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
	raw    []byte
	begun  time.Time
	ended  chan struct{}
	done   bool // may be read after ended; false when it must come again
	kept   bool // taken over from Telegram; guarded by the receiver's mu
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
	if c == nil || opt.Handle == nil || opt.Inbox == nil || opt.Keeper == nil {
		return nil, errors.New("a receiver needs a client, a handler, an inbox and a keeper")
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
	if opt.Keep <= 0 {
		opt.Keep = 10 * time.Second
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
// the receiver is closed. suspect means that the bot was away, so that a press, which has no date, may be an old one.
func (r *Receiver) submit(raw json.RawMessage, suspect bool) (*work, error) {
	id, err := decodeID(raw)
	if err != nil {
		return nil, err
	}
	req, asks, err := r.c.decode(raw)
	if err != nil {
		r.c.opt.Log.ErrorContext(r.ctx, "update cannot be read and is left out", "update", id, "error", err)
	}
	req.Update = id
	req.Late = r.backlog.late(r.c.opt.Now(), req, suspect)
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.works[id]; w != nil {
		return w, nil
	}
	w := &work{update: id, req: req, raw: raw, begun: time.Now(), ended: make(chan struct{})}
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
		r.intake.RLock()
		r.mu.Lock()
		queue := r.waiting[to]
		if len(queue) == 0 {
			delete(r.waiting, to)
			r.mu.Unlock()
			r.intake.RUnlock()
			return
		}
		w := queue[0]
		r.waiting[to] = queue[1:]
		well = well && !r.closed
		r.mu.Unlock()
		r.intake.RUnlock()
		if well {
			w.req.Superseded = w.req.Late && (len(queue) > 1 || r.backlog.answered(to))
			well = r.process(r.ctx, w.req)
		}
		r.end(r.ctx, w, well)
	}
}

// end is the end of an update's work, as one step for whoever takes it over from Telegram meanwhile.
func (r *Receiver) end(ctx context.Context, w *work, done bool) {
	r.mu.Lock()
	delete(r.works, w.update)
	w.done = done
	close(w.ended)
	kept := w.kept
	r.mu.Unlock()
	if kept && done {
		r.release(ctx, w.update)
	}
}
