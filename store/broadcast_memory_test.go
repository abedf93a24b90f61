package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// manyMembers writes members as fast as Redis takes them.
func manyMembers(tb testing.TB, s *Store, n int) {
	tb.Helper()
	pipe := s.db.rdb.Pipeline()
	for i := range n {
		m := Member{ID: MemberID(fmt.Sprintf("m%x", i)), Chat: int64(700000000 + i), Role: RoleMember, Settings: plainSettings()}
		doc, err := json.Marshal(m)
		if err != nil {
			tb.Fatal(err)
		}
		pipe.HSet(tb.Context(), s.db.keys.members(), string(m.ID), doc)
		if pipe.Len() < 1000 && i < n-1 {
			continue
		}
		if _, err := pipe.Exec(tb.Context()); err != nil {
			tb.Fatal(err)
		}
	}
}

// bytesOf is what Redis needs for all keys of a broadcast, and how long each but the first, its state, is kept.
func bytesOf(tb testing.TB, s *Store, id BroadcastID) (sum int64, kept []time.Duration) {
	tb.Helper()
	keys, err := s.db.rdb.Keys(tb.Context(), s.db.keys.prefix()+"*:"+string(id)).Result()
	if err != nil {
		tb.Fatal(err)
	}
	for _, key := range keys {
		n, err := s.db.rdb.MemoryUsage(tb.Context(), key, 0).Result()
		if err != nil {
			tb.Fatal(err)
		}
		sum += n
		if key != s.db.keys.broadcastState(id) {
			kept = append(kept, s.db.rdb.TTL(tb.Context(), key).Val())
		}
		tb.Logf("%s: %.1f MB", strings.TrimPrefix(key, s.db.keys.prefix()), float64(n)/1e6)
	}
	return sum, kept
}

// each takes recipients until none are left to take, and does something with each batch; several at once.
func (s *Store) each(tb testing.TB, id BroadcastID, do func(context.Context, []Recipient) error) {
	tb.Helper()
	g, ctx := errgroup.WithContext(tb.Context())
	for range 4 {
		g.Go(func() error {
			for {
				list, err := s.Broadcasts.Take(ctx, id, 500, 15*time.Second)
				if err != nil || len(list) == 0 {
					return err
				}
				if err := do(ctx, list); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		tb.Fatal(err)
	}
}

// weighBroadcast sends a broadcast to n people and tells how many bytes Redis needs for it at the worst, while all of them sleep, and when it is
// sent; all but its state is to end by itself within 48 hours.
func weighBroadcast(tb testing.TB, n int) (asleep, sent int64) {
	tb.Helper()
	if testServer == nil {
		tb.Skip("weighs what a real Redis needs")
	}
	s, c := openTest(tb)
	b := s.Broadcasts
	manyMembers(tb, s, n)
	x, err := b.Draft(tb.Context(), Op{}, Broadcast{By: "m0", Content: said("Sveiki")})
	if err != nil {
		tb.Fatal(err)
	}
	if x, err = b.Start(tb.Context(), Op{}, x.ID, 1, 1); err != nil || x.Progress.Total != n {
		tb.Fatalf("start: %+v, %v", x.Progress, err)
	}
	s.each(tb, x.ID, func(ctx context.Context, list []Recipient) error {
		return b.until(ctx, x.ID, list, c.now().Add(8*time.Hour))
	})
	asleep, _ = bytesOf(tb, s, x.ID)
	c.advance(9 * time.Hour)
	s.each(tb, x.ID, func(ctx context.Context, list []Recipient) error {
		for _, r := range list {
			d := DeliverySent
			if r.Index%20 == 0 {
				d = DeliveryUnreachable
			}
			if _, err := b.Settle(ctx, x.ID, r, d, []int{1 << 30, 1<<30 + r.Index}, "blocked"); err != nil {
				return err
			}
		}
		return nil
	})
	if x, err = b.Get(tb.Context(), x.ID); err != nil || x.State != BroadcastSent || x.Progress.Sent != n-(n+19)/20 {
		tb.Fatalf("in the end: %+v, %v", x, err)
	}
	sent, kept := bytesOf(tb, s, x.ID)
	for _, d := range kept {
		if d <= keepAudience-time.Hour || d > keepAudience {
			tb.Errorf("a part of the audience is kept for %s", d)
		}
	}
	if len(kept) != 4 { // audience, results, copies, reasons
		tb.Errorf("%d keys are kept", len(kept))
	}
	if left := s.db.rdb.MemoryUsage(tb.Context(), s.db.keys.broadcastState(x.ID), 0).Val(); left > 2000 {
		tb.Errorf("%d bytes stay after that", left)
	}
	if asleep > 20e6 || sent > 20e6 {
		tb.Errorf("Redis needs %d bytes while all sleep and %d in the end", asleep, sent)
	}
	return asleep, sent
}

// TestBroadcastMemory: a broadcast to 100,000 needs less than 20 MB of Redis, and almost nothing 48 hours after its end.
func TestBroadcastMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("sends to 100,000")
	}
	weighBroadcast(t, 100_000)
}

func BenchmarkBroadcastMemory(b *testing.B) {
	for b.Loop() {
		asleep, sent := weighBroadcast(b, 100_000)
		b.ReportMetric(float64(sent)/1e6, "MB")
		b.ReportMetric(float64(asleep)/1e6, "MB-asleep")
	}
}

// BenchmarkAudience counts an audience among 100,000 members, as each look at a draft does.
func BenchmarkAudience(b *testing.B) {
	s, _ := openTest(b)
	manyMembers(b, s, 100_000)
	for b.Loop() {
		a := Audience{All: []Criterion{{AudienceMembers, ""}}, Not: []Criterion{{AudienceLanguage, "lv"}}}
		if n, err := s.Broadcasts.CountAudience(b.Context(), a); err != nil || n.Count != 100_000 {
			b.Fatal(n, err)
		}
	}
}
