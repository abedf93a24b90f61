package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// snapshot is all aggregates that have secondary indexes, and the names of all keys of the library.
type snapshot struct {
	k             keys
	members       map[string]Member
	organisations map[string]Organisation
	applications  map[string]Application
	locations     map[string]Location
	titles        map[string]Title
	shelves       map[string][]Copy
	holds         map[string]Hold
	loans         map[string]Loan
	activities    map[string]Activity
	imports       map[string]Import
	identity      map[string]string
	questions     map[string]Question
	registrations map[string]map[string]Registration // by activity and member
	follows       map[string]map[string]string       // by member and stop: the reminders chosen
	plans         map[string]map[string]string       // by stop and choice, made anew where there was none
	keys          []string                           // without the library's prefix, and without decisions remembered
}

func (s *Store) snapshot(ctx context.Context) (*snapshot, error) {
	k, d := s.db.keys, s.db
	x := snapshot{k: k}
	var err error
	read := func(step error) {
		if err == nil {
			err = step
		}
	}
	read(walkInto(ctx, d, k.members(), &x.members))
	read(walkInto(ctx, d, k.organisations(), &x.organisations))
	read(walkInto(ctx, d, k.applications(), &x.applications))
	read(walkInto(ctx, d, k.locations(), &x.locations))
	read(walkInto(ctx, d, k.titles(), &x.titles))
	read(walkInto(ctx, d, k.shelves(), &x.shelves))
	read(walkInto(ctx, d, k.holds(), &x.holds))
	read(walkInto(ctx, d, k.loans(), &x.loans))
	read(walkInto(ctx, d, k.activities(), &x.activities))
	read(walkInto(ctx, d, k.imports(), &x.imports))
	read(walkInto(ctx, d, k.questions(), &x.questions))
	if err != nil {
		return nil, err
	}
	if x.identity, err = d.rdb.HGetAll(ctx, k.identity()).Result(); err != nil {
		return nil, fmt.Errorf("read identities: %w", err)
	}
	err = d.eachKey(ctx, func(key string) error {
		if !strings.HasPrefix(key, "decision:") {
			x.keys = append(x.keys, key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &x, s.snapshotRest(ctx, &x)
}

// walkInto reads a hash of JSON, however large, in pieces.
func walkInto[T any](ctx context.Context, d *db, key string, into *map[string]T) error {
	*into = map[string]T{}
	return d.eachField(ctx, key, func(field, text string) error {
		var v T
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return fmt.Errorf("decode %s %s: %w", key, field, err)
		}
		(*into)[field] = v
		return nil
	})
}

// eachField walks a hash in pieces; a field that changes meanwhile may come twice.
func (d *db) eachField(ctx context.Context, key string, fn func(field, text string) error) error {
	for cursor := uint64(0); ; {
		fields, next, err := d.rdb.HScan(ctx, key, cursor, "", eachBatch).Result()
		if err != nil {
			return fmt.Errorf("walk %s: %w", key, err)
		}
		for i := 0; i+1 < len(fields); i += 2 {
			if err := fn(fields[i], fields[i+1]); err != nil {
				return err
			}
		}
		if next == 0 {
			return nil
		}
		cursor = next
	}
}

// pattern is what SCAN matches the library's domain keys with.
func (d *db) pattern() string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(d.keys.prefix()) + "*"
}

// eachKey walks the library's domain keys, and gives their names without the
// prefix. A key may come twice.
func (d *db) eachKey(ctx context.Context, fn func(key string) error) error {
	prefix := d.keys.prefix()
	pattern := d.pattern()
	scan := func(ctx context.Context, node redis.Cmdable) error {
		for cursor := uint64(0); ; {
			keys, next, err := node.Scan(ctx, cursor, pattern, eachBatch).Result()
			if err != nil {
				return fmt.Errorf("walk the library's keys: %w", err)
			}
			for _, key := range keys {
				if err := fn(strings.TrimPrefix(key, prefix)); err != nil {
					return err
				}
			}
			if next == 0 {
				return nil
			}
			cursor = next
		}
	}
	if cluster, ok := d.raw.(*redis.ClusterClient); ok {
		node, err := cluster.MasterForKey(ctx, prefix)
		if err != nil {
			return fmt.Errorf("find the library's node: %w", err)
		}
		return scan(ctx, node)
	}
	return scan(ctx, d.raw)
}
