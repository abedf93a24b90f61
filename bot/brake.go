package main

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	brakeRest = 300 * time.Millisecond // after a failure
	brakeTry  = 5 * time.Second        // that a try may take, before another is made beside it
)

// errRedisAway is what commands get at once while Redis is known to be away.
var errRedisAway = errors.New("redis is away")

// brake lets commands fail at once while Redis does not answer, but for one in a while that tries: else each would wait for its own
// timeout behind all others, and people would wait long for the one sentence that it does not work now.
type brake struct {
	until atomic.Int64 // ns since 1970; 0 while Redis answers
}

// do runs a command, or several, unless Redis is known to be away.
func (b *brake) do(ctx context.Context, run func() error) error {
	if until := b.until.Load(); until != 0 {
		now := time.Now().UnixNano()
		if now < until || !b.until.CompareAndSwap(until, now+int64(brakeTry)) {
			return errRedisAway
		}
	}
	err := run()
	switch {
	case !lost(err):
		if b.until.Load() != 0 {
			b.until.Store(0)
		}
	case ctx.Err() == nil: // else it was given up by who asked, which says nothing
		b.until.Store(time.Now().Add(brakeRest).UnixNano())
	}
	return err
}

// lost tells whether an error means that there was no answer.
func lost(err error) bool {
	if err == nil {
		return false
	}
	if _, ok := errors.AsType[redis.Error](err); ok {
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, redis.ErrPoolTimeout)
}

// DialHook implements redis.Hook.
func (*brake) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (b *brake) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := b.do(ctx, func() error { return next(ctx, cmd) })
		if errors.Is(err, errRedisAway) {
			cmd.SetErr(err)
		}
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (b *brake) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := b.do(ctx, func() error { return next(ctx, cmds) })
		if errors.Is(err, errRedisAway) {
			for _, c := range cmds {
				c.SetErr(err)
			}
		}
		return err
	}
}
