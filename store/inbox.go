package store

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// updateDoneTTL is a little longer than Telegram keeps updates, which is a day.
const updateDoneTTL = 48 * time.Hour

// Flood control: a person may do floodBurst things at once, and floodPerSecond over time. Who waits for the answers never gets there.
const (
	floodBurst     = 40
	floodPerSecond = 2
)

// What Begin says of an update.
const (
	TurnMine  = "mine"  // it is to be worked on; the chat is leased to who asked
	TurnTaken = "taken" // another process works on the chat
	TurnDone  = "done"  // it was worked through and answered before
	TurnWarn  = "warn"  // one too many of this person's: it is to be left out, and the person told so
	TurnDrop  = "drop"  // as TurnWarn, and the person has been told
)

var (
	beginUpdate  = newBareScript("inbox_begin")
	finishUpdate = newBareScript("inbox_finish")
	prolongLease = newBareScript("inbox_prolong")
)

// Inbox is what all processes know of the updates that come in: which are done, who works on a chat, who sends too many.
type Inbox struct {
	*db
	factor atomic.Int64 // of flood control, in hundredths; 0 is none
}

func newInbox(d *db) *Inbox {
	b := &Inbox{db: d}
	b.Scale(1)
	return b
}

// Scale multiplies what a person may send, for tests. 0 lifts the limit.
func (b *Inbox) Scale(factor float64) { b.factor.Store(int64(factor * 100)) }

// Begin asks for the turn of an update: the lease of its chat for owner, unless the update is done or its sender (person)
// sends too many. Who has the lease already keeps it.
func (b *Inbox) Begin(ctx context.Context, chat, update, person int64, owner string, lease time.Duration) (string, error) {
	keys := []string{b.keys.chatLease(chat), b.keys.updateDone(chat, update), b.keys.flood(chat, person)}
	rate, burst := b.factor.Load()*floodPerSecond, b.factor.Load()*floodBurst/100
	interval := int64(0) // between two updates, in microseconds
	if rate > 0 {
		interval = int64(time.Second/time.Microsecond) * 100 / rate
	}
	turn, err := beginUpdate.Run(ctx, b.rdb, keys, owner, lease.Milliseconds(), interval, burst).Text()
	if err != nil {
		return "", fmt.Errorf("begin update %d of chat %d: %w", update, chat, err)
	}
	return turn, nil
}

// Finish remembers for two days that an update is done, and gives its chat's lease back if owner has it.
func (b *Inbox) Finish(ctx context.Context, chat, update int64, owner string) error {
	keys := []string{b.keys.chatLease(chat), b.keys.updateDone(chat, update)}
	if err := finishUpdate.Run(ctx, b.rdb, keys, owner, int64(updateDoneTTL/time.Second)).Err(); err != nil {
		return fmt.Errorf("mark update %d of chat %d done: %w", update, chat, err)
	}
	return nil
}

// Prolong keeps owner's lease of a chat for longer; 0 gives it back. One that another has by now is left alone.
func (b *Inbox) Prolong(ctx context.Context, chat int64, owner string, lease time.Duration) error {
	if err := prolongLease.Run(ctx, b.rdb, []string{b.keys.chatLease(chat)}, owner, lease.Milliseconds()).Err(); err != nil {
		return fmt.Errorf("prolong the lease of chat %d: %w", chat, err)
	}
	return nil
}

// Keep takes an update over from the messenger: it is worked on for so long that those behind it cannot wait.
func (b *Inbox) Keep(ctx context.Context, update int64, raw []byte) error {
	if err := b.rdb.HSet(ctx, b.keys.kept(), update, raw).Err(); err != nil {
		return fmt.Errorf("keep update %d: %w", update, err)
	}
	return nil
}

// Kept lists the updates taken over that are not done, in no order.
func (b *Inbox) Kept(ctx context.Context) ([][]byte, error) {
	all, err := b.rdb.HVals(ctx, b.keys.kept()).Result()
	if err != nil {
		return nil, fmt.Errorf("read the updates kept: %w", err)
	}
	list := make([][]byte, len(all))
	for i, raw := range all {
		list[i] = []byte(raw)
	}
	return list, nil
}

// Release forgets an update that was taken over: it is done.
func (b *Inbox) Release(ctx context.Context, update int64) error {
	if err := b.rdb.HDel(ctx, b.keys.kept(), strconv.FormatInt(update, 10)).Err(); err != nil {
		return fmt.Errorf("release update %d: %w", update, err)
	}
	return nil
}
