package telegram

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"versli/bot/chat"
)

const (
	// leaseTime is also how long somebody waits at most who was being answered when the process was killed.
	leaseTime  = 9 * time.Second
	lookupTime = 2 * time.Second        // for turns and marks; without an answer the work goes on
	turnRetry  = 100 * time.Millisecond // until a chat that another process works on is asked for again
	turnWait   = 40 * time.Second
)

var errBusy = errors.New("another process works on the chat")

// process handles and answers one update. False means that it must come again.
func (r *Receiver) process(ctx context.Context, req chat.Request) bool {
	log := r.c.opt.Log
	if r.opt.About != nil {
		ctx = r.opt.About(ctx, req)
	}
	turn, err := r.turn(ctx, req)
	if err != nil {
		log.WarnContext(ctx, "chat is not free, the update comes again", "update", req.Update, "chat", req.Chat, "error", err)
		return false
	}
	switch turn {
	case turnDone:
		log.DebugContext(ctx, "update was done before", "update", req.Update)
		return true
	case turnWarn, turnDrop:
		return r.refuse(ctx, req, turn == turnWarn)
	}
	release := r.keepLease(ctx, req.Chat)
	done := r.work(ctx, req)
	release()
	// Without the mark it would be handled again, which changes nothing, and answered again, which is allowed.
	r.leave(ctx, req, done)
	return done
}

// work handles an update and answers it. False when there was no time to.
func (r *Receiver) work(ctx context.Context, req chat.Request) bool {
	a := r.attend(ctx, req)
	if req.Late && req.Query != "" {
		req.Late = a.late(ctx)
		req.Superseded = req.Superseded && req.Late
	}
	reply, err := r.handle(ctx, req)
	if err != nil && ctx.Err() == nil {
		r.c.opt.Log.ErrorContext(ctx, "update was not handled", "update", req.Update, "error", err)
	}
	more := a.end(ctx, reply)
	if ctx.Err() != nil {
		return false
	}
	return r.answer(ctx, req, append(more, reply.Messages...))
}

// handle calls the handler within its time.
func (r *Receiver) handle(ctx context.Context, req chat.Request) (reply chat.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	ctx, cancel := context.WithTimeout(ctx, r.opt.Limit)
	defer cancel()
	return r.opt.Handle(ctx, req)
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

// refuse leaves out an update of somebody who sends too many, and tells them once.
func (r *Receiver) refuse(ctx context.Context, req chat.Request, tell bool) bool {
	r.c.opt.Log.InfoContext(ctx, "update is left out: too many", "update", req.Update, "chat", req.Chat)
	var warning []chat.Message
	if tell && req.Private && r.opt.Warn != nil {
		warning = []chat.Message{r.opt.Warn(ctx, req)}
	}
	if req.Query != "" {
		_ = (&attendant{c: r.c, req: req}).answerPress(ctx, chat.Reply{}) // logged there
	}
	done := r.answer(ctx, req, warning)
	r.leave(ctx, req, done)
	return done
}

// turn waits for the turn of an update. While nobody can tell whose it is (Redis is away), it is this process's: its own order
// holds, and what it decides is decided in Redis.
func (r *Receiver) turn(ctx context.Context, req chat.Request) (string, error) {
	for deadline := time.Now().Add(turnWait); ; {
		asking, cancel := context.WithTimeout(ctx, lookupTime)
		turn, err := r.opt.Inbox.Begin(asking, req.Chat, req.Update, req.From.ID, r.owner, leaseTime)
		cancel()
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			return turnMine, nil //nolint:nilerr // see above
		case turn != turnTaken:
			return turn, nil
		case time.Now().After(deadline):
			return "", errBusy
		}
		if err := sleep(ctx, turnRetry); err != nil {
			return "", err
		}
	}
}

// keepLease prolongs the lease of a chat until release is called.
func (r *Receiver) keepLease(ctx context.Context, to int64) (release func()) {
	keeping, cancel := context.WithCancel(ctx)
	unwatch := make(chan struct{})
	timer := time.AfterFunc(leaseTime/3, func() { r.prolong(keeping, to, unwatch) })
	return func() {
		cancel()
		if !timer.Stop() {
			<-unwatch
		}
	}
}

func (r *Receiver) prolong(ctx context.Context, to int64, ended chan<- struct{}) {
	defer close(ended)
	for ctx.Err() == nil {
		if err := r.opt.Inbox.Prolong(ctx, to, r.owner, leaseTime); err != nil && ctx.Err() == nil {
			r.c.opt.Log.WarnContext(ctx, "prolong the lease of a chat", "chat", to, "error", err)
		}
		_ = sleep(ctx, leaseTime/3) // the loop looks at ctx itself
	}
}

// leave marks an update that is done, and gives its chat back.
func (r *Receiver) leave(ctx context.Context, req chat.Request, done bool) {
	leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTime)
	defer cancel()
	var err error
	if done {
		err = r.opt.Inbox.Finish(leaving, req.Chat, req.Update, r.owner)
	} else {
		err = r.opt.Inbox.Prolong(leaving, req.Chat, r.owner, 0)
	}
	if err != nil {
		r.c.opt.Log.WarnContext(ctx, "update is not marked, or its chat not given back", "update", req.Update, "error", err)
	}
}
