package chat

import (
	"context"
	"encoding/json"
	"fmt"
)

// load reads the state of a private chat's dialogue. One of another version, or
// of a dialogue that is no more, counts as none: its questions are gone.
func (r *Router) load(ctx context.Context, req Request) (*State, error) {
	if !req.Private {
		return nil, nil //nolint:nilnil // no dialogue is no failure
	}
	raw, err := r.dialogues.Load(ctx, req.Chat, req.Update)
	if err != nil {
		return nil, fmt.Errorf("load dialogue: %w", err)
	}
	if len(raw) == 0 {
		return nil, nil //nolint:nilnil // no dialogue is no failure
	}
	var s State
	if json.Unmarshal(raw, &s) != nil {
		return nil, nil //nolint:nilnil,nilerr // what cannot be read is of another version
	}
	if d, ok := r.talks[s.Dialogue]; !ok || d.Version != s.Version {
		return nil, nil //nolint:nilnil // of another version
	}
	return &s, nil
}

// save keeps what the reply says of the dialogue: it goes on, it ends, a
// command has left it, or it stays as it was. It is saved under the update's
// number before the answer goes out, so that an update worked on again
// after a kill starts from the state before it.
func (r *Router) save(ctx context.Context, req Request, reply Reply, leaves bool) error {
	if !req.Private {
		return nil
	}
	switch {
	case reply.Next != nil:
		next := *reply.Next
		d, ok := r.talks[next.Dialogue]
		if !ok {
			return fmt.Errorf("dialogue %q is not registered", next.Dialogue)
		}
		next.Version, next.At = d.Version, req.At
		raw, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("encode dialogue: %w", err)
		}
		return wrapSave(r.dialogues.Save(ctx, req.Chat, req.Update, raw))
	case reply.Done, leaves:
		return wrapSave(r.dialogues.Save(ctx, req.Chat, req.Update, nil))
	}
	return nil
}

func wrapSave(err error) error {
	if err != nil {
		return fmt.Errorf("save dialogue: %w", err)
	}
	return nil
}
