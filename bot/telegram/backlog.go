package telegram

import (
	"sync"
	"time"

	"versli/bot/chat"
)

const (
	// lateAfter is how old a request may be before whoever made it has gone on to something else.
	lateAfter = 3 * time.Minute
	// updatesKept is how long Telegram keeps updates, and a little: what is dated before that is dated wrongly.
	updatesKept = 25 * time.Hour
	// lateAgain is how long after a late answer another late view of the same chat is one of the same backlog.
	lateAgain = time.Minute
	lateChats = 10_000
)

// backlog tells what was asked while the bot was away. After an outage there may be much of it, and nobody wants to see all of it answered.
type backlog struct {
	mu      sync.Mutex
	last    map[int64]time.Time // by chat, when a late request was worked on
	arrived time.Time           // when an update was brought last
	until   time.Time           // until when what is brought may be old
}

// late tells whether a request was made long ago. The bot must have been away (suspect) for that. A press has no date: it may be late then.
func (b *backlog) late(now time.Time, req chat.Request, suspect bool) bool {
	age := now.Sub(req.At)
	return suspect && (req.Kind == chat.KindPress || age > lateAfter && age < updatesKept)
}

// brought notes that an update was brought by webhook, and tells whether it may be old: none came before, or for long, until a moment ago.
func (b *backlog) brought() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Sub(b.arrived) > lateAfter {
		b.until = now.Add(lateAgain)
	}
	b.arrived = now
	return now.Before(b.until)
}

// answered notes that a late request of a chat is worked on, and tells whether another was a moment ago.
func (b *backlog) answered(to int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.last == nil || len(b.last) >= lateChats {
		b.last = map[int64]time.Time{}
	}
	before, ok := b.last[to]
	b.last[to] = now
	return ok && now.Sub(before) < lateAgain
}
