package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Telegram publishes no limits as numbers; in use are about 30 messages a second in all, 1 a second in a chat and 20 a
// minute in a group (TELEGRAM.md). What may go in any window of that length is counted, for a server may count so; a window
// is a little longer than Telegram's, for calls that left one after the other may arrive closer together.
//
// All but answers keep a pace besides, so that an answer never finds a window that a broadcast has used up in one go.
const (
	allCalls              = 30
	allWindow             = 1015 * time.Millisecond
	pace                  = allWindow / allCalls
	paceBurst             = 3 // late calls are made good
	chatEvery             = time.Second
	chatBurst             = 8 // of answers; all else goes one by one
	groupCalls, groupBulk = 20, 15
	groupWindow           = 61 * time.Second
)

// The ranks of those who ask for a call: the more urgent always goes first, in whatever process.
const (
	RankAnswer = iota // to a person who waits
	RankNotice        // owed to one member
	RankBulk          // of a broadcast
)

const (
	// redisRest is how long Redis is left alone after it failed to answer about the budget.
	redisRest = time.Second
	// redisPatience is how long a send waits for Redis to tell about the budget, before this process keeps to the limits by itself.
	redisPatience = time.Second
)

var (
	takeBudget = newBareScript("budget_take")
	holdBudget = newBareScript("budget_hold")
)

// Budget is the send budget shared by all processes (TELEGRAM.md, "Limits"): one script looks at all limits at once, so
// that nothing is taken from one when another refuses. While Redis is away each process keeps to the limits by itself.
type Budget struct {
	*db
	local  localBudget
	factor atomic.Uint64 // bits of a float64
	away   atomic.Int64  // until when Redis is not asked, in ns since 1970
}

func newBudget(d *db) *Budget {
	b := &Budget{db: d}
	b.Scale(1)
	return b
}

// Scale multiplies all limits, for tests of what else limits the speed. 1 is Telegram's; 0 lifts them.
func (b *Budget) Scale(factor float64) {
	b.factor.Store(math.Float64bits(factor))
	b.local.reset()
}

// Take asks for one call to a chat (0: a call to no chat in particular). wait is 0 when it may go now, else how long to wait
// before asking again. The error is ctx's alone.
func (b *Budget) Take(ctx context.Context, chat int64, rank int) (wait time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	f := math.Float64frombits(b.factor.Load())
	if f == 0 {
		return 0, nil
	}
	l := limitsOf(chat, rank, f)
	// The budget counts calls to a messenger that runs on real time, whatever the library's clock says.
	if time.Now().UnixNano() < b.away.Load() {
		return b.local.take(chat, rank, l), nil
	}
	asking, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	us, err := takeBudget.Run(asking, b.rdb, []string{
		b.keys.budget("all"), b.keys.budget("pace"), b.keys.budget("hold"), b.keys.budget("waiting:0"), b.keys.budget("waiting:1"),
		b.keys.budget("chat:" + strconv.FormatInt(chat, 10)),
	}, rank, l.most, allWindow.Microseconds(), l.pace.Microseconds(), l.burst,
		l.chatMost, l.chatPeriod.Microseconds(), l.group).Int64()
	switch {
	case err == nil:
		return time.Duration(us) * time.Microsecond, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	}
	b.away.Store(time.Now().Add(redisRest).UnixNano())
	return b.local.take(chat, rank, l), nil
}

// Hold keeps all but answers back for a while, in all processes: the messenger has asked for it.
func (b *Budget) Hold(ctx context.Context, d time.Duration) error {
	if err := holdBudget.Run(ctx, b.rdb, []string{b.keys.budget("hold")}, d.Microseconds()).Err(); err != nil {
		return fmt.Errorf("hold the send budget: %w", err)
	}
	return nil
}

// Used is the share of the budget for all chats that was used within the last window, 0 to 1.
func (b *Budget) Used(ctx context.Context) (float64, error) {
	f := math.Float64frombits(b.factor.Load())
	if f == 0 {
		return 0, nil
	}
	now, err := b.rdb.Time(ctx).Result()
	if err != nil {
		return 0, fmt.Errorf("read the send budget: %w", err)
	}
	calls, err := b.rdb.LRange(ctx, b.keys.budget("all"), 0, -1).Result()
	if err != nil {
		return 0, fmt.Errorf("read the send budget: %w", err)
	}
	within := 0
	for _, call := range calls {
		if us, err := strconv.ParseInt(call, 10, 64); err == nil && now.Sub(time.UnixMicro(us)) < allWindow {
			within++
		}
	}
	return float64(within) / float64(scaled(allCalls, f)), nil
}

// limits are those of one call.
type limits struct {
	most       int           // calls within allWindow
	pace       time.Duration // between two calls of what is no answer, over time
	burst      int           // of them at once
	chatMost   int           // calls in the chat at once; of a group, within chatPeriod
	chatPeriod time.Duration // until one more, or of the group's window
	group      int           // 1 of a group
}

func limitsOf(chat int64, rank int, f float64) limits {
	l := limits{most: scaled(allCalls, f), pace: time.Duration(float64(pace) / f), burst: scaled(paceBurst, f)}
	switch {
	case chat < 0: // Telegram gives groups negative ids
		l.group, l.chatMost, l.chatPeriod = 1, scaled(groupCalls, f), groupWindow
		if rank != RankAnswer {
			l.chatMost = scaled(groupBulk, f)
		}
	case chat > 0:
		l.chatMost, l.chatPeriod = 1, time.Duration(float64(chatEvery)/f)
		if rank == RankAnswer {
			l.chatMost = scaled(chatBurst, f)
		}
	default:
		l.chatMost = 1
	}
	return l
}

func scaled(n int, factor float64) int { return max(1, int(math.Round(float64(n)*factor))) }

// localBudget is one process's own buckets, steadier than the shared windows: it does not know what others send.
type localBudget struct {
	mu    sync.Mutex
	all   *rate.Limiter
	chats map[int64]*rate.Limiter
}

// localBuckets is how many are kept before those that are full again are forgotten.
const localBuckets = 10_000

func (l *localBudget) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all, l.chats = nil, map[int64]*rate.Limiter{}
}

func (l *localBudget) take(chat int64, rank int, of limits) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.all == nil {
		l.all = rate.NewLimiter(rate.Every(of.pace), of.burst)
	}
	reserve := min(rank, of.burst-1) // what is less urgent leaves something
	wait := lack(l.all, now, 1+reserve)
	bucket := l.bucket(chat, of, now)
	if chat != 0 {
		wait = max(wait, lack(bucket, now, 1))
	}
	if wait > 0 {
		return max(wait, time.Millisecond)
	}
	l.all.AllowN(now, 1)
	bucket.AllowN(now, 1)
	return 0
}

// lack is how long until a bucket has n tokens.
func lack(b *rate.Limiter, now time.Time, n int) time.Duration {
	missing := float64(n) - b.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(b.Limit()) * float64(time.Second))
}

// bucket finds or makes a chat's.
func (l *localBudget) bucket(chat int64, of limits, now time.Time) *rate.Limiter {
	if b := l.chats[chat]; b != nil {
		return b
	}
	if len(l.chats) >= localBuckets {
		for id, b := range l.chats {
			if b.TokensAt(now) >= float64(b.Burst()) {
				delete(l.chats, id)
			}
		}
	}
	every, burst := of.chatPeriod, of.chatMost
	if of.group == 1 {
		every, burst = of.chatPeriod/time.Duration(of.chatMost), 1
	}
	b := rate.NewLimiter(rate.Every(every), burst)
	l.chats[chat] = b
	return b
}
