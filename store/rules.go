package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Rulebook holds what a library sets for itself.
type Rulebook struct {
	HoldsPerMember int           `json:"holds_per_member"` // default 10
	LoanDays       int           `json:"loan_days"`        // default 30
	ShelfDays      int           `json:"shelf_days"`       // days a ready hold waits; default 7
	Agreement      string        `json:"agreement"`        // version of the cooperation agreement in force
	UndoFor        time.Duration `json:"undo_for"`         // default 10 minutes
}

// DefaultRulebook is what holds until a library sets its own.
func DefaultRulebook() Rulebook {
	return Rulebook{HoldsPerMember: 10, LoanDays: 30, ShelfDays: 7, Agreement: "1", UndoFor: 10 * time.Minute}
}

// Rules keeps the rulebook, and the sample's mark.
type Rules struct{ *db }

var (
	setRulebook   = newScript("rulebook_set")
	setClockShift = newScript("clock_shift")
)

// Get returns the rulebook, defaults where nothing is set.
func (r *Rules) Get(ctx context.Context) (Rulebook, error) {
	b := DefaultRulebook()
	text, err := r.rdb.Get(ctx, r.keys.rulebook()).Bytes()
	if errors.Is(err, redis.Nil) {
		return b, nil
	}
	if err != nil {
		return b, fmt.Errorf("read rulebook: %w", err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return b, fmt.Errorf("decode rulebook: %w", err)
	}
	return b, nil
}

// Set replaces it. ErrInvalid.
func (r *Rules) Set(ctx context.Context, op Op, b Rulebook) error {
	if b.HoldsPerMember < 1 || b.LoanDays < 1 || b.ShelfDays < 1 || b.Agreement == "" || b.UndoFor < 0 {
		return fmt.Errorf("rulebook: %w", ErrInvalid)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode rulebook: %w", err)
	}
	if err := r.decide(ctx, setRulebook, op, "", map[string]any{"rulebook": string(text)}, nil); err != nil {
		return fmt.Errorf("set rulebook: %w", err)
	}
	return nil
}

// What the sample's mark says.
const (
	sampleLoaded  = "loaded"
	sampleRemoved = "removed"
)

// Empty tells whether the state holds no titles, stops and activities yet, and never had a sample.
func (r *Rules) Empty(ctx context.Context) (bool, error) {
	pipe := r.rdb.Pipeline()
	for _, key := range []string{r.keys.titles(), r.keys.stops(), r.keys.activities(), r.keys.sample()} {
		pipe.Exists(ctx, key)
	}
	found, err := pipe.Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("look whether the library is empty: %w", err)
	}
	for _, f := range found {
		if n, ok := f.(*redis.IntCmd); ok && n.Val() > 0 {
			return false, nil
		}
	}
	return true, nil
}

// MarkSample notes that the sample was loaded (or removed).
func (r *Rules) MarkSample(ctx context.Context, loaded bool) error {
	mark := sampleRemoved
	if loaded {
		mark = sampleLoaded
	}
	return wrap(r.rdb.Set(ctx, r.keys.sample(), mark, 0).Err(), "mark the sample")
}

// HasSample tells whether the sample is there.
func (r *Rules) HasSample(ctx context.Context) (bool, error) {
	mark, err := r.rdb.Get(ctx, r.keys.sample()).Result()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return mark == sampleLoaded, wrap(err, "read the sample's mark")
}

// ClockShift is how far the playground's clock was moved forward; 0 without a playground.
func (r *Rules) ClockShift(ctx context.Context) (time.Duration, error) {
	n, err := r.rdb.Get(ctx, r.keys.clockShift()).Int64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return time.Duration(n) * time.Millisecond, wrap(err, "read the clock's shift")
}

// SetClockShift stores it, to the millisecond. It never goes back: ErrInvalid.
func (r *Rules) SetClockShift(ctx context.Context, d time.Duration) error {
	in := map[string]any{"ms": d.Milliseconds()}
	return wrap(r.decide(ctx, setClockShift, Op{}, "", in, nil), "shift the clock")
}
