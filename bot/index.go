package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"versli/store"
	"versli/store/search"
)

// feeder keeps this process's title index as the store has it: loaded once,
// then fed by the stream of changes.
type feeder struct {
	titles *store.Titles
	index  *search.Index
	log    *slog.Logger
}

const (
	indexBatch = 1000
	streamWait = 2 * time.Second // how long one look at the stream waits
	retryWait  = time.Second     // pause while Redis is away
)

// position is the present end of the stream of changes.
func (f *feeder) position(ctx context.Context) (string, error) {
	_, next, _, err := f.titles.Changes(ctx, "", 0)
	return next, wrap("find the end of the changes", err)
}

// load fills the index from the store.
func (f *feeder) load(ctx context.Context) error {
	docs := make([]search.Doc, 0, indexBatch)
	err := f.titles.Each(ctx, func(t store.Title, copies []store.Copy) error {
		docs = append(docs, search.NewDoc(t, copies))
		if len(docs) == indexBatch {
			f.index.Put(docs...)
			docs = docs[:0]
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the title index: %w", err)
	}
	f.index.Put(docs...)
	return nil
}

// follow feeds changes until the context ends. The position is taken before
// the load, so that nothing between the two is missed; taking a change twice does no harm.
func (f *feeder) follow(ctx context.Context, after string) {
	for ctx.Err() == nil {
		ids, next, lost, err := f.titles.Changes(ctx, after, streamWait)
		if err == nil && lost {
			err = f.load(ctx)
		}
		if err == nil {
			err = f.refresh(ctx, ids)
		}
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			f.log.WarnContext(ctx, "title index waits for the state", "error", err)
			pause(ctx, retryWait)
			continue
		}
		after = next
	}
}

func (f *feeder) refresh(ctx context.Context, ids []store.TitleID) error {
	for _, id := range ids {
		docs, err := f.doc(ctx, id)
		if err != nil {
			return err
		}
		if docs == nil {
			f.index.Remove(id)
			continue
		}
		f.index.Put(docs...)
	}
	return nil
}

// doc reads one title as the index takes it; nil when it is gone.
func (f *feeder) doc(ctx context.Context, id store.TitleID) ([]search.Doc, error) {
	found, err := f.titles.Many(ctx, []store.TitleID{id})
	if err != nil {
		return nil, fmt.Errorf("read title %s for the index: %w", id, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	copies, err := f.titles.Copies(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read copies of %s for the index: %w", id, err)
	}
	return []search.Doc{search.NewDoc(found[0], copies)}, nil
}

// pause waits, or returns early when the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
