package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Telegram keeps updates for a day, so what is remembered of them is kept a little longer.
const (
	dialogueTTL   = 24 * time.Hour
	updateDoneTTL = 48 * time.Hour
)

var (
	saveDialogue = newBareScript("dialogue_save")
	takeLease    = newBareScript("lease_take")
	endLease     = newBareScript("lease_end")
)

// newBareScript loads lua/NAME.lua without the prelude: a step on one key that is no decision of the domain.
func newBareScript(name string) *redis.Script {
	body, err := luaFiles.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // embedded: can't be missing
	}
	return redis.NewScript(string(body))
}

// Dialogues keeps where a person is in a dialogue, by chat. Values are opaque
// to the store. A dialogue ends by itself after a day.
type Dialogues struct{ *db }

// Load returns the state as it was before the update, also when that update
// has been saved already (its effect is then repeated, not continued); nil when there is none.
func (d *Dialogues) Load(ctx context.Context, chat, update int64) ([]byte, error) {
	f, err := d.rdb.HGetAll(ctx, d.keys.dialogue(chat)).Result()
	if err != nil {
		return nil, fmt.Errorf("load the dialogue of chat %d: %w", chat, err)
	}
	state := f["after"]
	if f["update"] == strconv.FormatInt(update, 10) {
		state = f["before"]
	}
	if state == "" {
		return nil, nil
	}
	return []byte(state), nil
}

// Save stores the state that an update led to; nil ends the dialogue.
func (d *Dialogues) Save(ctx context.Context, chat, update int64, state []byte) error {
	err := saveDialogue.Run(ctx, d.rdb, []string{d.keys.dialogue(chat)}, update, string(state), int64(dialogueTTL/time.Second)).Err()
	if err != nil {
		return fmt.Errorf("save the dialogue of chat %d: %w", chat, err)
	}
	return nil
}

// Updates remembers which updates are done, and who works on a chat.
type Updates struct{ *db }

// Done tells whether an update was worked through and answered.
func (u *Updates) Done(ctx context.Context, update int64) (bool, error) {
	n, err := u.rdb.Exists(ctx, u.keys.updateDone(update)).Result()
	if err != nil {
		return false, fmt.Errorf("look up update %d: %w", update, err)
	}
	return n == 1, nil
}

// MarkDone remembers that for two days (Telegram keeps updates for one).
func (u *Updates) MarkDone(ctx context.Context, update int64) error {
	if err := u.rdb.Set(ctx, u.keys.updateDone(update), 1, updateDoneTTL).Err(); err != nil {
		return fmt.Errorf("mark update %d done: %w", update, err)
	}
	return nil
}

// LockChat takes the lease of a chat for owner, so that one process at a time works on it; false when another has it.
// Who has it already prolongs it.
func (u *Updates) LockChat(ctx context.Context, chat int64, owner string, lease time.Duration) (bool, error) {
	got, err := takeLease.Run(ctx, u.rdb, []string{u.keys.chatLease(chat)}, owner, lease.Milliseconds()).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		return false, fmt.Errorf("lease chat %d: %w", chat, err)
	}
	return got == 1, nil
}

// UnlockChat gives the lease back, if owner still has it.
func (u *Updates) UnlockChat(ctx context.Context, chat int64, owner string) error {
	if err := endLease.Run(ctx, u.rdb, []string{u.keys.chatLease(chat)}, owner).Err(); err != nil {
		return fmt.Errorf("end the lease of chat %d: %w", chat, err)
	}
	return nil
}
