package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"golang.org/x/time/rate"
)

// Telegram publishes no limits as numbers; in use are about 30 messages a second in all, 1 a second in a chat and 20 a
// minute in a group (TELEGRAM.md). The rate stays a little below, for clocks and networks are not exact. A burst is how
// many may go at once after a silence.
//
// Bulk draws from the same bucket as everybody, but may not empty it: the difference of the bursts is always left for an
// answer. So bulk has the whole rate while nobody talks, and none of it while answers need it.
const (
	allPerTwoSeconds           = 59
	allBurst, allBulkBurst     = 10, 3
	chatPerSecond              = 1
	chatBurst, chatBulkBurst   = 8, 1
	groupPerMinute             = 20
	groupBurst, groupBulkBurst = 5, 1
)

// redisRest is how long Redis is left alone after it failed to answer about the budget.
const redisRest = time.Second

// redisPatience is how long a send waits for Redis to tell about the budget, before this process keeps to the limits by itself.
const redisPatience = time.Second

// Budget is the send budget shared by all processes (TELEGRAM.md, "Limits"). While Redis is away each process keeps to
// the same limits by itself.
type Budget struct {
	*db
	shared *redis_rate.Limiter
	local  localBudget
	factor atomic.Uint64 // bits of a float64
	away   atomic.Int64  // until when Redis is not asked, in ns since 1970
}

func newBudget(d *db) *Budget {
	b := &Budget{db: d, shared: redis_rate.NewLimiter(d.rdb)}
	b.Scale(1)
	return b
}

// Scale multiplies all limits, for tests of what else limits the speed. 1 is Telegram's.
func (b *Budget) Scale(factor float64) {
	b.factor.Store(math.Float64bits(factor))
	b.local.reset()
}

// Take asks for one call to a chat (0: a call to no chat in particular). bulk draws from a smaller bucket, so that
// answers to people always find room. wait is 0 when it may go now, else how long to wait before asking again. The error is ctx's alone.
func (b *Budget) Take(ctx context.Context, chat int64, bulk bool) (wait time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	gates := b.gates(chat, bulk)
	// The budget counts calls to a messenger that runs on real time, whatever the library's clock says.
	if time.Now().UnixNano() < b.away.Load() {
		return b.local.take(gates), nil
	}
	asking, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	wait, err = b.takeShared(asking, gates)
	switch {
	case err == nil:
		return wait, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	}
	b.away.Store(time.Now().Add(redisRest).UnixNano())
	return b.local.take(gates), nil
}

// gate is one bucket to pass, and how many of its tokens this call has to leave in it.
type gate struct {
	bucket  string
	limit   redis_rate.Limit
	reserve int
}

func (b *Budget) gates(chat int64, bulk bool) []gate {
	f := math.Float64frombits(b.factor.Load())
	pass := func(bucket string, per int, period time.Duration, burst, bulkBurst int) gate {
		g := gate{bucket: bucket, limit: redis_rate.Limit{Rate: scaled(per, f), Period: period, Burst: scaled(burst, f)}}
		if bulk {
			g.reserve = g.limit.Burst - scaled(bulkBurst, f)
		}
		return g
	}
	gates := []gate{pass("all", allPerTwoSeconds, 2*time.Second, allBurst, allBulkBurst)}
	name := strconv.FormatInt(chat, 10)
	switch {
	case chat > 0:
		gates = append(gates, pass(name, chatPerSecond, time.Second, chatBurst, chatBulkBurst))
	case chat < 0: // Telegram gives groups negative ids
		gates = append(gates, pass(name, groupPerMinute, time.Minute, groupBurst, groupBulkBurst))
	}
	return gates
}

func scaled(n int, factor float64) int { return max(1, int(math.Round(float64(n)*factor))) }

// takeShared passes all gates or none: what an earlier one gave is put back when a later one refuses. (Nothing is put
// back into a bucket that is full again meanwhile, and nothing need be.)
func (b *Budget) takeShared(ctx context.Context, gates []gate) (time.Duration, error) {
	for i, g := range gates {
		limit := g.limit
		limit.Burst -= g.reserve
		r, err := b.shared.Allow(ctx, b.keys.budget(g.bucket), limit)
		if err != nil {
			return 0, fmt.Errorf("take from bucket %s: %w", g.bucket, err)
		}
		if r.Allowed > 0 {
			continue
		}
		for _, passed := range gates[:i] {
			if _, err := b.shared.AllowN(ctx, b.keys.budget(passed.bucket), passed.limit, -1); err != nil {
				return 0, fmt.Errorf("put back into bucket %s: %w", passed.bucket, err)
			}
		}
		return max(r.RetryAfter, time.Millisecond), nil
	}
	return 0, nil
}

// localBudget is one process's own buckets.
type localBudget struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// localBuckets is how many are kept before those that are full again are forgotten.
const localBuckets = 10_000

func (l *localBudget) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets = map[string]*rate.Limiter{}
}

func (l *localBudget) take(gates []gate) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, g := range gates {
		b := l.bucket(g, now)
		if lacking := float64(1+g.reserve) - b.TokensAt(now); lacking > 0 {
			return max(time.Duration(lacking/float64(b.Limit())*float64(time.Second)), time.Millisecond)
		}
	}
	for _, g := range gates {
		l.bucket(g, now).AllowN(now, 1)
	}
	return 0
}

// bucket finds or makes one.
func (l *localBudget) bucket(g gate, now time.Time) *rate.Limiter {
	if b := l.buckets[g.bucket]; b != nil {
		return b
	}
	if len(l.buckets) >= localBuckets {
		for name, b := range l.buckets {
			if b.TokensAt(now) >= float64(b.Burst()) {
				delete(l.buckets, name)
			}
		}
	}
	b := rate.NewLimiter(rate.Limit(float64(g.limit.Rate)/g.limit.Period.Seconds()), g.limit.Burst)
	l.buckets[g.bucket] = b
	return b
}
