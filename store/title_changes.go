package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// changesSlice bounds one blocking read of the stream, so that a cancelled
// context is noticed.
const changesSlice = time.Second

// changesBatch is how many changes one call returns at most.
const changesBatch = 1000

// Changes waits for changes after a position in the stream ("" is now) and returns the titles that changed or went,
// and the next position. It returns no titles and no error when wait passes; with no wait it returns at once. lost is
// true when the stream was trimmed past after: the index must be loaded anew, from the position returned.
//
// A position is a number that counts changes without gaps, so what was trimmed, or lost by a restored backup, is seen.
func (t *Titles) Changes(ctx context.Context, after string, wait time.Duration) (ids []TitleID, next string, lost bool, err error) {
	from, err := strconv.ParseInt(after, 10, 64)
	if after == "" {
		from, err = t.lastChange(ctx)
	}
	if err != nil {
		return nil, after, false, fmt.Errorf("position %q: %w", after, err)
	}
	for {
		slice := min(wait, changesSlice)
		entries, err := t.readChanges(ctx, from, slice)
		if err != nil {
			return nil, after, false, err
		}
		if len(entries) > 0 {
			return changed(entries, from)
		}
		if wait -= slice; wait <= 0 {
			last, err := t.lastChange(ctx)
			if err != nil {
				return nil, after, false, err
			}
			return nil, strconv.FormatInt(min(from, last), 10), last < from, nil
		}
	}
}

// changed takes the titles out of entries, each once.
func changed(entries []redis.XMessage, from int64) (ids []TitleID, next string, lost bool, err error) {
	seen := map[TitleID]bool{}
	for i, e := range entries {
		number, _, _ := strings.Cut(e.ID, "-")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, "", false, fmt.Errorf("change %q: %w", e.ID, err)
		}
		lost = lost || (i == 0 && n > from+1)
		next = number
		id, _ := e.Values["title"].(string)
		if !seen[TitleID(id)] {
			seen[TitleID(id)] = true
			ids = append(ids, TitleID(id))
		}
	}
	return ids, next, lost, nil
}

// readChanges reads what came after a position, waiting up to wait for it.
func (t *Titles) readChanges(ctx context.Context, from int64, wait time.Duration) ([]redis.XMessage, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("wait for changes: %w", err)
	}
	block := wait
	if wait <= 0 {
		block = -1 // no BLOCK at all: go-redis takes 0 for "for ever"
	}
	streams, err := t.rdb.XRead(ctx, &redis.XReadArgs{
		Streams: []string{t.keys.changes(), strconv.FormatInt(from, 10) + "-0"}, Count: changesBatch, Block: block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	return streams[0].Messages, nil
}

// lastChange is the number of the newest change.
func (t *Titles) lastChange(ctx context.Context) (int64, error) {
	n, err := t.rdb.HGet(ctx, t.keys.ids(), "change").Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("read the last change: %w", err)
	}
	return n, nil
}
