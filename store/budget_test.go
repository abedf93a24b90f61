package store

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// burst counts how many calls go at once, to the chats that next names, before one has to wait.
func burst(t *testing.T, b *Budget, bulk bool, next func(i int) int64) (n int, wait time.Duration) {
	t.Helper()
	for {
		wait, err := b.Take(t.Context(), next(n), bulk)
		if err != nil {
			t.Fatal(err)
		}
		if wait > 0 {
			return n, wait
		}
		n++
	}
}

func apart(i int) int64  { return int64(i + 1) }
func together(int) int64 { return 1 }
func group(int) int64    { return -1 }
func away() redis.UniversalClient { // a Redis that does not answer
	return redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialTimeout: 10 * time.Millisecond})
}

// TestBudgetBursts runs with the shared buckets and with the local ones. A few more than the burst may pass, for real
// time goes on meanwhile.
func TestBudgetBursts(t *testing.T) {
	for _, c := range []struct {
		name    string
		bulk    bool
		chats   func(int) int64
		want    int
		maxWait time.Duration
	}{
		{"answers in all", false, apart, allBurst, 34 * time.Millisecond},
		{"answers in one chat", false, together, chatBurst, time.Second},
		{"answers in a group", false, group, groupBurst, 3 * time.Second},
		{"bulk in all", true, apart, allBulkBurst, 34 * time.Millisecond},
		{"bulk in one chat", true, together, chatBulkBurst, time.Second},
	} {
		shared, _ := openTest(t)
		for where, b := range map[string]*Budget{
			"shared": shared.Budget,
			"local":  newBudget(&db{rdb: away(), keys: newKeys("away")}),
		} {
			t.Run(where+" "+c.name, func(t *testing.T) {
				n, wait := burst(t, b, c.bulk, c.chats)
				if n < c.want || n > c.want+3 || wait > c.maxWait {
					t.Errorf("%d went at once, then %v; want %d and at most %v", n, wait, c.want, c.maxWait)
				}
			})
		}
	}
}

func TestBulkLeavesRoomForAnswers(t *testing.T) {
	s, _ := openTest(t)
	burst(t, s.Budget, true, apart)
	if n, _ := burst(t, s.Budget, false, func(i int) int64 { return int64(i + 100) }); n < allBurst-allBulkBurst {
		t.Errorf("%d answers went at once while bulk waits, want %d", n, allBurst-allBulkBurst)
	}
}

// TestBudgetPutsBack shows that a chat that must wait costs others nothing.
func TestBudgetPutsBack(t *testing.T) {
	s, _ := openTest(t)
	burst(t, s.Budget, false, together)
	for range 50 {
		if _, err := s.Budget.Take(t.Context(), 1, false); err != nil {
			t.Fatal(err)
		}
	}
	if wait, err := s.Budget.Take(t.Context(), 2, false); err != nil || wait > 0 {
		t.Errorf("another chat waits %v, %v", wait, err)
	}
}

func TestBudgetScales(t *testing.T) {
	s, _ := openTest(t)
	s.Budget.Scale(1000)
	for range chatBurst * 100 {
		if wait, err := s.Budget.Take(t.Context(), 1, false); err != nil || wait > 0 {
			t.Fatalf("waits %v, %v", wait, err)
		}
	}
}

func TestBudgetEndsWithItsContext(t *testing.T) {
	s, _ := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Budget.Take(ctx, 1, false); err == nil {
		t.Error("no error")
	}
}
