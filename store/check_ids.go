package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// changeCounter counts the entries of the stream of catalogue changes.
const changeCounter = "change"

// highest is the greatest number in use of each counter in ids: one that stands lower would give a number again.
func (s *Store) highest(ctx context.Context, x *snapshot) (map[string]int64, error) {
	most := map[string]int64{}
	note := func(letter, id string) {
		if strings.HasPrefix(id, letter) {
			most[letter] = max(most[letter], orderOf(id))
		}
	}
	for letter, ids := range map[string][]string{
		"m": slices.Collect(maps.Keys(x.members)), "o": slices.Collect(maps.Keys(x.organisations)),
		"t": slices.Collect(maps.Keys(x.titles)), "l": slices.Collect(maps.Keys(x.locations)),
		"h": slices.Collect(maps.Keys(x.holds)), "n": slices.Collect(maps.Keys(x.loans)),
		"a": slices.Collect(maps.Keys(x.activities)), "i": slices.Collect(maps.Keys(x.imports)),
		"q": slices.Collect(maps.Keys(x.questions)),
	} {
		for _, id := range ids {
			note(letter, id)
		}
	}
	for _, copies := range x.shelves {
		for _, y := range copies {
			note("c", string(y.ID))
		}
	}
	for letter, key := range map[string]string{"r": s.db.keys.routes(), "s": s.db.keys.stops(), "b": s.db.keys.broadcasts()} {
		ids, err := s.db.rdb.HKeys(ctx, key).Result()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", key, err)
		}
		for _, id := range ids {
			note(letter, id)
		}
	}
	last, err := s.db.rdb.XRevRangeN(ctx, s.db.keys.changes(), "+", "-", 1).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("read the last change: %w", err)
	}
	if len(last) > 0 {
		number, _, _ := strings.Cut(last[0].ID, "-")
		if most[changeCounter], err = strconv.ParseInt(number, 10, 64); err != nil {
			return nil, fmt.Errorf("read the last change %s: %w", last[0].ID, err)
		}
	}
	return most, nil
}

// behind are the counters that stand lower than a number in use, and that number.
func (s *Store) behind(ctx context.Context, x *snapshot) (map[string]int64, error) {
	most, err := s.highest(ctx, x)
	if err != nil {
		return nil, err
	}
	counted, err := s.db.rdb.HGetAll(ctx, s.db.keys.ids()).Result()
	if err != nil {
		return nil, fmt.Errorf("read the counters: %w", err)
	}
	maps.DeleteFunc(most, func(counter string, n int64) bool {
		given, err := strconv.ParseInt(counted[counter], 10, 64)
		return n == 0 || err == nil && given >= n
	})
	return most, nil
}

// checkIDs: no number is given twice.
func (s *Store) checkIDs(ctx context.Context, x *snapshot) ([]Problem, error) {
	c := complaints{invariant: "id"}
	behind, err := s.behind(ctx, x)
	for counter, n := range behind {
		c.about("ids", "%q stands lower than %d, which is in use", counter, n)
	}
	return c.list, err
}

// mendIDs puts counters forward to the numbers in use. It names them if it did.
func (s *Store) mendIDs(ctx context.Context, x *snapshot) ([]string, error) {
	behind, err := s.behind(ctx, x)
	if err != nil || len(behind) == 0 {
		return nil, err
	}
	var fields []any
	for counter, n := range behind {
		fields = append(fields, counter, n)
	}
	if err := s.db.rdb.HSet(ctx, s.db.keys.ids(), fields...).Err(); err != nil {
		return nil, fmt.Errorf("rebuild the counters: %w", err)
	}
	return []string{"ids"}, nil
}
