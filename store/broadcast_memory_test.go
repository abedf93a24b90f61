package store

import (
	"fmt"
	"testing"
	"time"
)

// broadcastMemory is the goal for a broadcast to 100,000, in bytes.
const broadcastMemory = 20 << 20

// deliverTo sends a broadcast to so many, and returns how many bytes Redis needs for all of it: every twentieth failed.
func deliverTo(tb testing.TB, people int) (bytes int64) {
	tb.Helper()
	if testServer == nil {
		tb.Skip("only a redis-server tells what it needs")
	}
	s, _ := openTest(tb)
	ctx, k := tb.Context(), s.db.keys
	x, err := s.Broadcasts.Draft(ctx, Op{}, Broadcast{Content: said("Sveiki")})
	if err != nil {
		tb.Fatal(err)
	}
	pipe := s.db.rdb.Pipeline()
	for i := range people {
		id := fmt.Sprintf("m%x", 100_000+i)
		member := fmt.Sprintf(`{"id":%q,"chat":"%d","role":"member","settings":{"language":"lt","news":true}}`, id, 6_000_000_000+i)
		pipe.HSet(ctx, k.members(), id, member)
		if i%1000 == 999 || i == people-1 {
			if _, err := pipe.Exec(ctx); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if x, err = s.Broadcasts.Start(ctx, Op{}, x.ID, 1, 1); err != nil || x.Progress.Total != people {
		tb.Fatalf("start: %+v, %v", x.Progress, err)
	}
	for x.State == BroadcastSending {
		list, err := s.Broadcasts.Take(ctx, x.ID, 32, time.Minute)
		if err != nil {
			tb.Fatal(err)
		}
		for _, r := range list {
			d := DeliverySent
			if r.Index%20 == 0 {
				d = DeliveryUnreachable
			}
			if x, err = s.Broadcasts.Settle(ctx, x.ID, r, d, []int{1_000_000 + r.Index}, "blocked"); err != nil {
				tb.Fatal(err)
			}
		}
	}
	for name, key := range map[string]string{
		"audience": k.audience(x.ID), "results": k.results(x.ID), "copies": k.copies(x.ID), "leases": k.leases(x.ID), "passing": k.passing(x.ID),
		"unreached": k.unreached(x.ID),
	} {
		n, _ := s.db.rdb.MemoryUsage(ctx, key, 0).Result() // nothing of one that is not there
		bytes += n
		if ttl, err := s.db.rdb.TTL(ctx, key).Result(); err != nil || n > 0 && (ttl <= 0 || ttl > keepAudience) {
			tb.Errorf("%s is kept for %v, %v", name, ttl, err)
		}
	}
	state, err := s.db.rdb.MemoryUsage(ctx, k.broadcastState(x.ID)).Result()
	if err != nil || state > 2000 {
		tb.Errorf("%d bytes stay for ever, %v", state, err)
	}
	return bytes
}

// What a broadcast needs grows by some 10 bytes with each recipient, and is gone 48 hours after its end.
func TestBroadcastMemory(t *testing.T) {
	const people = 5000
	if got := deliverTo(t, people); got*100_000/people > broadcastMemory {
		t.Errorf("%d bytes for %d", got, people)
	}
}

func BenchmarkBroadcastMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(deliverTo(b, 100_000))/(1<<20), "MB")
	}
}
