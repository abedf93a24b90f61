package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

var (
	addCopies    = newScript("copies_add", "member", "hold", "title")
	removeTitles = newScript("title_remove", "member", "hold", "title")
)

// Edit replaces a title's description, found by its ID. When it was added, and by which source, stays. ErrNotFound,
// ErrInvalid without a name.
func (t *Titles) Edit(ctx context.Context, op Op, title Title) error {
	if strings.TrimSpace(title.Name) == "" {
		return fmt.Errorf("edit title %s: %w", title.ID, ErrInvalid)
	}
	for round := 0; ; round++ {
		text, err := t.lookup(ctx, t.keys.titles(), string(title.ID))
		if err != nil {
			return fmt.Errorf("edit title %s: %w", title.ID, err)
		}
		var have Title
		if err := json.Unmarshal([]byte(text), &have); err != nil {
			return fmt.Errorf("decode title %s: %w", title.ID, err)
		}
		want := title
		want.AddedAt, want.Source = have.AddedAt, have.Source
		item := titleItem{
			Seen: [][2]string{}, Copies: []copyItem{}, ID: string(title.ID), Was: sha1Hex(text),
		}
		if err := item.write(have, want, t.now()); err != nil {
			return err
		}
		var results []putResult
		in := map[string]any{"table": HoldTable(), "items": []titleItem{item}}
		if err := t.decide(ctx, putTitles, op, fmt.Sprintf("%s:%d", title.ID, round), in, &results); err != nil {
			return fmt.Errorf("edit title %s: %w", title.ID, err)
		}
		if results[0].Outcome != retry {
			return nil
		}
	}
}

// maxCopies bounds how many copies are added at once.
const maxCopies = 1000

// AddCopies adds n copies at a location; the first in the title's queue get them. ErrNotFound, ErrInvalid.
func (t *Titles) AddCopies(ctx context.Context, op Op, id TitleID, at LocationID, n int) error {
	if n < 1 || n > maxCopies {
		return fmt.Errorf("add %d copies: %w", n, ErrInvalid)
	}
	in := map[string]any{"table": HoldTable(), "title": id, "location": at, "n": n}
	if err := t.decide(ctx, addCopies, op, string(id)+":"+string(at), in, nil); err != nil {
		return fmt.Errorf("add copies of %s: %w", id, err)
	}
	return nil
}

// removal counts what became of titles to be removed.
type removal struct{ Removed, Kept int }

// Remove deletes a title and its copies. ErrInUse while a copy is held or on loan, or a hold waits. ErrNotFound.
func (t *Titles) Remove(ctx context.Context, op Op, id TitleID) error {
	var r removal
	memory := "remove:" + string(id)
	if err := t.remove(ctx, op, memory, []TitleID{id}, &r); err != nil {
		return fmt.Errorf("remove title %s: %w", id, err)
	}
	switch {
	case r.Kept > 0:
		return fmt.Errorf("remove title %s: %w", id, ErrInUse)
	case r.Removed == 0:
		return fmt.Errorf("remove title %s: %w", id, ErrNotFound)
	}
	return nil
}

// remove asks for some titles to be removed, and adds up what became of them.
func (t *Titles) remove(ctx context.Context, op Op, subject string, ids []TitleID, sum *removal) error {
	titles, err := t.Many(ctx, ids)
	if err != nil {
		return err
	}
	items := make([]map[string]any, len(titles))
	for i, x := range titles {
		items[i] = map[string]any{"id": x.ID, "source": x.Source, "drop": identities(x.Source, x)}
	}
	var r removal
	if err := t.decide(ctx, removeTitles, op, subject, map[string]any{"table": HoldTable(), "items": items}, &r); err != nil {
		return err
	}
	sum.Removed += r.Removed
	sum.Kept += r.Kept
	return nil
}

// RemoveSource deletes all titles of a source ("sample") that nobody holds or has on loan; it tells how many went and
// stayed. Asked again with the same Op after a kill, it goes on, and counts what it still finds.
func (t *Titles) RemoveSource(ctx context.Context, op Op, source string) (removed, kept int, err error) {
	var sum removal
	memory := t.keys.decision(op.Key + ":title_remove_source:" + source)
	if op.Key != "" {
		text, err := t.rdb.Get(ctx, memory).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return 0, 0, fmt.Errorf("remember the removal of %s: %w", source, err)
		}
		if err == nil {
			if _, err := fmt.Sscan(text, &sum.Removed, &sum.Kept); err != nil {
				return 0, 0, fmt.Errorf("remember the removal of %s: %w", source, err)
			}
			return sum.Removed, sum.Kept, nil
		}
	}
	members, err := t.rdb.SMembers(ctx, t.keys.source(source)).Result()
	if err != nil {
		return 0, 0, fmt.Errorf("list titles of %s: %w", source, err)
	}
	ids := make([]TitleID, len(members))
	for i, id := range members {
		ids[i] = TitleID(id)
	}
	for part := range slices.Chunk(ids, titleBatch) {
		if err := t.remove(ctx, Op{By: op.By}, "", part, &sum); err != nil {
			return sum.Removed, sum.Kept, fmt.Errorf("remove titles of %s: %w", source, err)
		}
	}
	if op.Key != "" {
		err = t.rdb.Set(ctx, memory, fmt.Sprint(sum.Removed, " ", sum.Kept), decisionMemory).Err()
	}
	return sum.Removed, sum.Kept, wrap(err, "note the removal of "+source)
}
