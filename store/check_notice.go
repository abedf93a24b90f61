package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/redis/go-redis/v9"
)

// owings is what the outbox has, at one instant.
type owings struct {
	facts          map[string]string // notice id -> JSON
	owed, underWay map[string]int64  // notice id -> ms: of its due time, of its hand-over
}

func (s *Store) owings(ctx context.Context) (owings, error) {
	k := s.db.keys
	pipe := s.db.rdb.TxPipeline()
	facts := pipe.HGetAll(ctx, k.notices())
	owed, underWay := pipe.ZRangeWithScores(ctx, k.outbox(), 0, -1), pipe.ZRangeWithScores(ctx, k.underWay(), 0, -1)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return owings{}, fmt.Errorf("read notices: %w", err)
	}
	o := owings{facts: facts.Val(), owed: map[string]int64{}, underWay: map[string]int64{}}
	for list, to := range map[*redis.ZSliceCmd]map[string]int64{owed: o.owed, underWay: o.underWay} {
		for _, z := range list.Val() {
			id, _ := z.Member.(string)
			to[id] = int64(z.Score)
		}
	}
	return o, nil
}

// due is a notice's due time as its facts have it, in ms.
func (o owings) due(id string) (ms int64, ok bool) {
	var n Notice
	if json.Unmarshal([]byte(o.facts[id]), &n) != nil {
		return 0, false
	}
	return n.Due.UnixMilli(), true
}

// checkNotices: what is owed or under way has its facts, is not both, and is owed at the time that its facts say.
func (s *Store) checkNotices(ctx context.Context, _ *snapshot) ([]Problem, error) {
	c := complaints{invariant: "notice"}
	o, err := s.owings(ctx)
	if err != nil {
		return nil, err
	}
	for id, at := range o.owed {
		due, readable := o.due(id)
		switch {
		case o.facts[id] == "":
			c.about(id, "is owed without facts")
		case !readable:
			c.about(id, "has facts that cannot be read")
		case due != at:
			c.about(id, "is owed at %d and due at %d", at, due)
		}
		if has(o.underWay, id) {
			c.about(id, "is owed and under way at once")
		}
	}
	for id := range o.underWay {
		if o.facts[id] == "" {
			c.about(id, "is under way without facts")
		}
	}
	for id := range o.facts {
		if !has(o.owed, id) && !has(o.underWay, id) {
			c.about(id, "has facts, and is neither owed nor under way")
		}
	}
	return c.list, nil
}

// mendOutbox puts into the outbox what has facts and is not there: had it ended, it would have none. It names the outbox if it did.
func (s *Store) mendOutbox(ctx context.Context) ([]string, error) {
	o, err := s.owings(ctx)
	if err != nil {
		return nil, err
	}
	var late []redis.Z
	for _, id := range slices.Sorted(maps.Keys(o.facts)) {
		due, ok := o.due(id)
		if at, owed := o.owed[id]; !ok || has(o.underWay, id) || owed && at == due {
			continue
		}
		late = append(late, redis.Z{Score: float64(due), Member: id})
	}
	if len(late) == 0 {
		return nil, nil
	}
	if err := s.db.rdb.ZAdd(ctx, s.db.keys.outbox(), late...).Err(); err != nil {
		return nil, fmt.Errorf("rebuild the outbox: %w", err)
	}
	return []string{"outbox"}, nil
}
