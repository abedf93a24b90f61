package store

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

const dialogueTTL = 24 * time.Hour

var saveDialogue = newBareScript("dialogue_save")

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
