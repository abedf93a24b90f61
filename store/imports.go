package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// ImportID identifies an import ("i…"); it is the Source of what it added.
type ImportID string

// ImportState is a state of an import.
type ImportState string

// The states of an import.
const (
	ImportQueued  ImportState = "queued"
	ImportRunning ImportState = "running"
	ImportDone    ImportState = "done"
	ImportFailed  ImportState = "failed"
)

// Import is a file on its way into the state.
type Import struct {
	ID      ImportID    `json:"id"`
	By      MemberID    `json:"by"`
	Chat    int64       `json:"chat,string"` // where progress is shown; a string in JSON for Lua's sake
	Message int         `json:"message"`     // its message id; 0 when there is none yet
	File    string      `json:"file"`        // Telegram file_id
	Name    string      `json:"name"`
	Size    int64       `json:"size"`
	State   ImportState `json:"state"`
	At      time.Time   `json:"at"`
	Report  []byte      `json:"report,omitempty"` // JSON of what was taken and what was not; its maker knows its form
}

// Imports keeps files to be imported, so that a kill does not lose one.
type Imports struct{ *db }

var (
	queueImport  = newScript("import_queue")
	takeImport   = newScript("import_take")
	changeImport = newScript("import_change")
)

// Queue stores a new one. The same Op gives the same import.
func (i *Imports) Queue(ctx context.Context, op Op, x Import) (Import, error) {
	x.ID, x.State, x.At = "", ImportQueued, i.now().UTC()
	text, err := json.Marshal(x)
	if err != nil {
		return Import{}, fmt.Errorf("encode import: %w", err)
	}
	var id ImportID
	if err := i.decide(ctx, queueImport, op, "", map[string]any{"import": string(text)}, &id); err != nil {
		return Import{}, fmt.Errorf("queue import: %w", err)
	}
	return i.Get(ctx, id)
}

// Get returns one. ErrNotFound.
func (i *Imports) Get(ctx context.Context, id ImportID) (Import, error) {
	return hashGet[Import](ctx, i.db, i.keys.imports(), string(id))
}

// Take leases the oldest import that is queued, or whose worker's lease ended. ErrNotFound when there is none.
func (i *Imports) Take(ctx context.Context, lease time.Duration) (Import, error) {
	var id ImportID
	if err := i.decide(ctx, takeImport, Op{}, "", map[string]any{"lease": lease.Milliseconds()}, &id); err != nil {
		return Import{}, fmt.Errorf("take an import: %w", err)
	}
	return i.Get(ctx, id)
}

// Extend prolongs the lease. ErrStale when the import has ended.
func (i *Imports) Extend(ctx context.Context, id ImportID, lease time.Duration) error {
	return i.change(ctx, id, map[string]any{"lease": lease.Milliseconds()})
}

// SetMessage notes where its progress is shown.
func (i *Imports) SetMessage(ctx context.Context, id ImportID, message int) error {
	return i.change(ctx, id, map[string]any{"message": message})
}

// Finish ends it with its report. ErrStale when it has ended before, ErrInvalid for a state that is no end.
func (i *Imports) Finish(ctx context.Context, id ImportID, state ImportState, report []byte) error {
	if state != ImportDone && state != ImportFailed {
		return fmt.Errorf("finish import %s as %s: %w", id, state, ErrInvalid)
	}
	return i.change(ctx, id, map[string]any{"state": state, "report": report})
}

func (i *Imports) change(ctx context.Context, id ImportID, in map[string]any) error {
	in["id"] = id
	if err := i.decide(ctx, changeImport, Op{}, "", in, nil); err != nil {
		return fmt.Errorf("change import %s: %w", id, err)
	}
	return nil
}
