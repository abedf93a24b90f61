package playground

import (
	"math"
	"sync"
	"time"
)

// Limits are how much a bot may send. The zero value is what Telegram is known to allow
// (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
type Limits struct {
	PerSecond      int           // messages in all; 30
	PerChatSecond  int           // messages in one chat, over time; 1
	ChatBurst      int           // messages in one chat at once; 10
	GroupPerMinute int           // messages in one group; 20
	Factor         float64       // multiplies all of these; 1. Tests that are not about limits set it high
	Answer         time.Duration // how long a pressed button may be answered; a minute
}

func (l Limits) orDefault() Limits {
	for _, d := range []struct {
		field *int
		usual int
	}{{&l.PerSecond, 30}, {&l.PerChatSecond, 1}, {&l.ChatBurst, 10}, {&l.GroupPerMinute, 20}} {
		if *d.field <= 0 {
			*d.field = d.usual
		}
	}
	if l.Factor <= 0 {
		l.Factor = 1
	}
	if l.Answer <= 0 {
		l.Answer = time.Minute
	}
	return l
}

// limiter holds a bucket for the bot and one for each chat. It counts in real time: moving the playground's clock earns nothing.
type limiter struct {
	limits Limits
	now    func() time.Time

	mu    sync.Mutex
	all   bucket
	chats map[int64]*bucket
}

// bucket holds tokens, which come back at a steady rate up to a number.
type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(l Limits, now func() time.Time) *limiter {
	return &limiter{limits: l.orDefault(), now: now, chats: map[int64]*bucket{}}
}

// take lets n messages to a chat through, or says after how many whole seconds to try again. A refused call costs nothing.
func (l *limiter) take(chat int64, n int) (retryAfter int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, f := l.now(), l.limits.Factor
	allRate := float64(l.limits.PerSecond) * f
	rate, most := float64(l.limits.PerChatSecond)*f, float64(l.limits.ChatBurst)*f
	if chat < 0 {
		most = float64(l.limits.GroupPerMinute) * f
		rate = most / time.Minute.Seconds()
	}
	b := l.chats[chat]
	if b == nil {
		l.forgetIdle(now)
		b = &bucket{}
		l.chats[chat] = b
	}
	wait := max(l.all.wait(now, allRate, allRate, float64(n)), b.wait(now, rate, most, float64(n)))
	if wait > 0 {
		return max(1, int(math.Ceil(wait.Seconds())))
	}
	l.all.tokens -= float64(n)
	b.tokens -= float64(n)
	return 0
}

// wait fills the bucket up to now and returns how long it takes until n tokens are in it. A bucket never used is full.
func (b *bucket) wait(now time.Time, rate, most, n float64) time.Duration {
	if b.at.IsZero() {
		b.tokens = most
	} else {
		b.tokens = min(most, b.tokens+now.Sub(b.at).Seconds()*rate)
	}
	b.at = now
	if lacking := min(n, most) - b.tokens; lacking > 1e-9 {
		return time.Duration(lacking / rate * float64(time.Second))
	}
	return 0
}

// forgetIdle drops buckets that have been full for long, so that a broadcast to many leaves nothing behind.
func (l *limiter) forgetIdle(now time.Time) {
	if len(l.chats) < 10_000 {
		return
	}
	for chat, b := range l.chats {
		if now.Sub(b.at) > 2*time.Minute {
			delete(l.chats, chat)
		}
	}
}
