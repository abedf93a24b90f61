package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// audit is all that is kept of one broadcast, at one instant.
type audit struct {
	state           map[string]string
	results         string
	total           int64
	leases, passing []string
	sending         bool
	scheduled       bool
}

// checkBroadcasts: each is in the lists of its state, and counts what its audience's results say.
func (s *Store) checkBroadcasts(ctx context.Context, _ *snapshot) ([]Problem, error) {
	c := complaints{invariant: "broadcast"}
	known := map[string]bool{}
	err := s.db.eachField(ctx, s.db.keys.broadcasts(), func(id, _ string) error {
		known[id] = true
		a, err := s.db.audit(ctx, BroadcastID(id))
		if err == nil {
			c.aboutBroadcast(id, a)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sending, err := s.db.rdb.SMembers(ctx, s.db.keys.sending()).Result()
	if err != nil {
		return nil, fmt.Errorf("read what is being sent: %w", err)
	}
	scheduled, err := s.db.rdb.ZRange(ctx, s.db.keys.scheduled(), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read what is scheduled: %w", err)
	}
	for _, id := range append(sending, scheduled...) {
		if !known[id] {
			c.about(id, "is to be sent and unknown")
		}
	}
	return c.list, nil
}

func (d *db) audit(ctx context.Context, id BroadcastID) (audit, error) {
	k := d.keys
	pipe := d.rdb.TxPipeline()
	state, results, total := pipe.HGetAll(ctx, k.broadcastState(id)), pipe.Get(ctx, k.results(id)), pipe.LLen(ctx, k.audience(id))
	leases, passing := pipe.ZRange(ctx, k.leases(id), 0, -1), pipe.ZRange(ctx, k.passing(id), 0, -1)
	sending, scheduled := pipe.SIsMember(ctx, k.sending(), string(id)), pipe.ZScore(ctx, k.scheduled(), string(id))
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return audit{}, fmt.Errorf("read broadcast %s: %w", id, err)
	}
	return audit{
		state: state.Val(), results: results.Val(), total: total.Val(), leases: leases.Val(), passing: passing.Val(),
		sending: sending.Val(), scheduled: scheduled.Err() == nil,
	}, nil
}

func (c *complaints) aboutBroadcast(id string, a audit) {
	state := BroadcastState(a.state["state"])
	switch state {
	case BroadcastDraft, BroadcastScheduled, BroadcastSending, BroadcastPaused, BroadcastSent, BroadcastCancelled:
	default:
		c.about(id, "has the state %q", state)
	}
	if a.sending != (state == BroadcastSending) || a.scheduled != (state == BroadcastScheduled) {
		c.about(id, "is %s; to be worked on: %v, in the calendar: %v", state, a.sending, a.scheduled)
	}
	if a.results == "" { // forgotten, or nobody
		return
	}
	number := func(name string) int {
		n, _ := strconv.Atoi("0" + a.state[name])
		return n
	}
	if total := number("total"); len(a.results) != total || a.total != int64(total) {
		c.about(id, "counts %d recipients, lists %d, and has results of %d", total, a.total, len(a.results))
		return
	}
	counted := map[byte]int{}
	for i := range len(a.results) {
		counted[a.results[i]]++
		if open := a.results[i] == '0'; open != (i >= number("cursor")) {
			c.about(id, "recipient %d is %q with the cursor at %d", i, a.results[i], number("cursor"))
		}
	}
	for name, have := range map[string]int{
		"sent": counted['s'] + counted['r'], "recalled": counted['r'], "unreachable": counted['u'], "failed": counted['f'], "left": counted['l'],
	} {
		if number(name) != have {
			c.about(id, "counts %d %s, and has %d", number(name), name, have)
		}
	}
	c.aboutLeases(id, a, counted['1'])
}

// aboutLeases: just those who are taken and not settled are leased.
func (c *complaints) aboutLeases(id string, a audit, taken int) {
	held := a.leases
	if Pass(a.state["pass"]) == PassRetry {
		held = append(held, a.passing...)
	}
	if len(held) != taken {
		c.about(id, "%d recipients are taken, and %d leased", taken, len(held))
	}
	for _, index := range held {
		i, err := strconv.Atoi(index)
		if err != nil || i < 0 || i >= len(a.results) || a.results[i] != '1' {
			c.about(id, "recipient %s is leased and not taken", index)
		}
	}
}
