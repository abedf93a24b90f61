package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Get returns a hold with its position. ErrNotFound.
func (h *Holds) Get(ctx context.Context, id HoldID) (Hold, error) {
	hold, err := hashGet[Hold](ctx, h.db, h.keys.holds(), string(id))
	if err != nil {
		return Hold{}, err
	}
	list := []Hold{hold}
	err = h.position(ctx, list)
	return list[0], err
}

// OfMember lists a member's open holds, oldest first.
func (h *Holds) OfMember(ctx context.Context, id MemberID) ([]Hold, error) {
	ids, err := h.rdb.HVals(ctx, h.keys.memberOpen(id)).Result()
	if err != nil {
		return nil, fmt.Errorf("list holds of %s: %w", id, err)
	}
	return h.many(ctx, ids)
}

// Of returns the member's open hold of a title. ErrNotFound.
func (h *Holds) Of(ctx context.Context, title TitleID, member MemberID) (Hold, error) {
	id, err := h.lookup(ctx, h.keys.memberOpen(member), string(title))
	if err != nil {
		return Hold{}, err
	}
	return h.Get(ctx, HoldID(id))
}

// OfCopy returns the hold that a copy is promised to. ErrNotFound.
func (h *Holds) OfCopy(ctx context.Context, id CopyID) (Hold, error) {
	hold, err := h.lookup(ctx, h.keys.promised(), string(id))
	if err != nil {
		return Hold{}, err
	}
	return h.Get(ctx, HoldID(hold))
}

// Queue counts the holds that wait for a copy of a title.
func (h *Holds) Queue(ctx context.Context, title TitleID) (int, error) {
	n, err := h.rdb.ZCard(ctx, h.keys.queue(title)).Result()
	if err != nil {
		return 0, fmt.Errorf("count the queue of %s: %w", title, err)
	}
	return int(n), nil
}

// InState lists open holds in a state over all members, oldest first (for the desk).
func (h *Holds) InState(ctx context.Context, state HoldState, offset, limit int) (list []Hold, total int, err error) {
	ids, total, err := h.page(ctx, h.keys.holdsIn(state), offset, limit)
	if err != nil {
		return nil, 0, err
	}
	list, err = h.many(ctx, ids)
	return list, total, err
}

// ForPickup lists open holds whose copy is allocated, in transit or ready for a place (what the van carries to a stop).
func (h *Holds) ForPickup(ctx context.Context, place Place) ([]Hold, error) {
	ids, err := h.rdb.ZRange(ctx, h.keys.pickups(place), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list holds for %s: %w", place, err)
	}
	list, err := h.many(ctx, ids)
	return slices.DeleteFunc(list, func(x Hold) bool { return x.State == HoldPlaced }), err
}

// NextDeadline is the earliest deadline of a ready hold; zero when there is none.
func (h *Holds) NextDeadline(ctx context.Context) (time.Time, error) {
	first, err := h.rdb.ZRangeWithScores(ctx, h.keys.deadlines(), 0, 0).Result()
	if err != nil || len(first) == 0 {
		return time.Time{}, wrap(err, "read the next deadline")
	}
	return time.UnixMilli(int64(first[0].Score)).In(h.zone), nil
}

// page reads a stretch of a sorted set, and its size.
func (d *db) page(ctx context.Context, key string, offset, limit int) (ids []string, total int, err error) {
	pipe := d.rdb.Pipeline()
	count := pipe.ZCard(ctx, key)
	offset = max(offset, 0)
	var some *redis.StringSliceCmd
	if limit > 0 {
		some = pipe.ZRange(ctx, key, int64(offset), int64(offset+limit)-1)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, fmt.Errorf("list %s: %w", key, err)
	}
	if some != nil {
		ids = some.Val()
	}
	return ids, int(count.Val()), nil
}

// many reads holds with their positions, oldest first.
func (h *Holds) many(ctx context.Context, ids []string) ([]Hold, error) {
	list, err := hashMany[Hold](ctx, h.db, h.keys.holds(), ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b Hold) int { return cmp.Compare(orderOf(string(a.ID)), orderOf(string(b.ID))) })
	return list, h.position(ctx, list)
}

// position fills in the places of those that wait.
func (h *Holds) position(ctx context.Context, list []Hold) error {
	pipe := h.rdb.Pipeline()
	ranks := map[int]*redis.IntCmd{}
	for i, x := range list {
		if x.State == HoldPlaced {
			ranks[i] = pipe.ZRank(ctx, h.keys.queue(x.Title), string(x.ID))
		}
	}
	if len(ranks) == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read positions: %w", err)
	}
	for i, rank := range ranks {
		if n, err := rank.Result(); err == nil {
			list[i].Position = int(n) + 1
		}
	}
	return nil
}

func sortLoans(list []Loan) {
	slices.SortFunc(list, func(a, b Loan) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(orderOf(string(a.ID)), orderOf(string(b.ID))))
	})
}

// orderOf is the number in an id: it counts what was made of its kind.
func orderOf(id string) int64 {
	if id == "" {
		return 0
	}
	n, err := strconv.ParseInt(id[1:], 36, 64)
	if err != nil {
		return 0
	}
	return n
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
