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

// Waiting is how many of a kind wait, and since when the oldest of them does.
type Waiting struct {
	Count int
	Since time.Time
}

// Load is what waits to be done, as far as the state knows.
type Load struct {
	Owed     int // notices in the outbox, due or not
	UnderWay int // notices that the durable queue has
	Kept     int // updates taken over from Telegram and not done
	Imports  int // files that are not taken in, those being worked on too

	// By kind, of the loadSeen that wait longest: Since is the due time of what is due, and the hand-over of what is under way.
	Due, Handed map[NoticeKind]Waiting
}

// loadSeen bounds how many notices are looked at one by one.
const loadSeen = 5000

// Load counts what waits at now.
func (s *Store) Load(ctx context.Context, now time.Time) (Load, error) {
	k := s.db.keys
	var owed, underWay, kept, imports *redis.IntCmd
	var due, handed *redis.ZSliceCmd
	_, err := s.db.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		owed, underWay = p.ZCard(ctx, k.outbox()), p.ZCard(ctx, k.underWay())
		kept, imports = p.HLen(ctx, k.kept()), p.ZCard(ctx, k.importQueue())
		due = p.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
			Key: k.outbox(), Start: "-inf", Stop: now.UnixMilli(), ByScore: true, Count: loadSeen,
		})
		handed = p.ZRangeWithScores(ctx, k.underWay(), 0, loadSeen-1)
		return nil
	})
	if err != nil {
		return Load{}, fmt.Errorf("count what waits: %w", err)
	}
	return Load{
		Owed: int(owed.Val()), UnderWay: int(underWay.Val()), Kept: int(kept.Val()), Imports: int(imports.Val()),
		Due: waitingByKind(due.Val()), Handed: waitingByKind(handed.Val()),
	}, nil
}

// waitingByKind counts notices by the kind that their id begins with. They come the oldest first.
func waitingByKind(list []redis.Z) map[NoticeKind]Waiting {
	by := map[NoticeKind]Waiting{}
	for _, z := range list {
		id, _ := z.Member.(string)
		name, _, _ := strings.Cut(id, ":")
		w := by[NoticeKind(name)]
		if w.Count == 0 {
			w.Since = time.UnixMilli(int64(z.Score))
		}
		w.Count++
		by[NoticeKind(name)] = w
	}
	return by
}

// Last tells the last slot of time for which a job is done, in whatever process; 0 when none is.
func (m *Marks) Last(ctx context.Context, job string) (int64, error) {
	text, err := m.rdb.Get(ctx, m.keys.markDone(job)).Result()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read mark %s: %w", job, err)
	}
	slot, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read mark %s: %w", job, err)
	}
	return slot, nil
}
