package store

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// burst counts how many calls go at once, to the chats that next names, before one has to wait.
func burst(t *testing.T, b *Budget, rank int, next func(i int) int64) (n int, wait time.Duration) {
	t.Helper()
	for {
		wait, err := b.Take(t.Context(), next(n), rank)
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

// away is a Redis that does not answer.
func away(tb testing.TB) redis.UniversalClient {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialTimeout: 10 * time.Millisecond})
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// ownBudget is one that shares its keys with no other test.
func ownBudget(t *testing.T) *Budget {
	t.Helper()
	s, _ := openTest(t)
	return s.Budget
}

// TestBudgetBursts runs with the shared budget and with the local one. A few more than the burst may pass, for real
// time goes on meanwhile; but never in a window that Telegram counts.
func TestBudgetBursts(t *testing.T) {
	for _, c := range []struct {
		name          string
		rank          int
		chats         func(int) int64
		shared, local int
		more          int
		maxWait       time.Duration
	}{
		{"answers in all", RankAnswer, apart, allCalls, paceBurst, 0, allWindow},
		{"answers in one chat", RankAnswer, together, chatBurst, paceBurst, 3, time.Second},
		{"answers in a group", RankAnswer, group, groupCalls, 1, 0, groupWindow},
		{"notices in all", RankNotice, apart, paceBurst, paceBurst - 1, 3, pace},
		{"bulk in all", RankBulk, apart, paceBurst, paceBurst - 2, 3, 2 * pace},
		{"bulk in one chat", RankBulk, together, 1, 1, 1, time.Second},
		{"bulk in a group", RankBulk, group, 1, 1, 3, groupWindow},
	} {
		t.Run("shared "+c.name, func(t *testing.T) {
			n, wait := burst(t, ownBudget(t), c.rank, c.chats)
			if n < c.shared || n > c.shared+c.more || wait > c.maxWait {
				t.Errorf("%d went at once, then %v; want %d and at most %v", n, wait, c.shared, c.maxWait)
			}
		})
		t.Run("local "+c.name, func(t *testing.T) {
			n, wait := burst(t, newBudget(&db{rdb: away(t), keys: newKeys("away")}), c.rank, c.chats)
			if n < c.local || n > c.local+3 || wait > c.maxWait {
				t.Errorf("%d went at once, then %v; want %d and at most %v", n, wait, c.local, c.maxWait)
			}
		})
	}
}

// What is less urgent keeps a pace, so that an answer finds room at once; and it steps aside while an answer waits, in whatever process.
func TestTheUrgentFindRoom(t *testing.T) {
	b := ownBudget(t)
	burst(t, b, RankBulk, apart)
	answers, wait := burst(t, b, RankAnswer, func(i int) int64 { return int64(i + 100) })
	if answers < allCalls-paceBurst-3 {
		t.Errorf("%d answers went at once while bulk waits", answers)
	}
	other := newBudget(b.db) // another process
	free := time.Now().Add(wait)
	for {
		bulk, err := other.Take(t.Context(), 5000, RankBulk)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := b.Take(t.Context(), 6000, RankAnswer)
		if err != nil {
			t.Fatal(err)
		}
		if bulk == 0 {
			t.Fatal("bulk went before an answer that waited")
		}
		if answer == 0 {
			break
		}
		if time.Now().After(free.Add(time.Second)) {
			t.Fatal("the answer never went")
		}
	}
}

// A chat that must wait costs others nothing.
func TestAFullChatCostsOthersNothing(t *testing.T) {
	b := ownBudget(t)
	burst(t, b, RankAnswer, together)
	for range 50 {
		if _, err := b.Take(t.Context(), 1, RankAnswer); err != nil {
			t.Fatal(err)
		}
	}
	if wait, err := b.Take(t.Context(), 2, RankAnswer); err != nil || wait > 0 {
		t.Errorf("another chat waits %v, %v", wait, err)
	}
}

// When the messenger asks to slow down, everything but answers waits for as long, in all processes.
func TestHoldIsForAllButAnswers(t *testing.T) {
	b := ownBudget(t)
	if err := b.Hold(t.Context(), 7*time.Second); err != nil {
		t.Fatal(err)
	}
	if err := b.Hold(t.Context(), time.Second); err != nil { // does not shorten it
		t.Fatal(err)
	}
	other := newBudget(b.db)
	for rank, least := range map[int]time.Duration{RankAnswer: 0, RankNotice: 6 * time.Second, RankBulk: 6 * time.Second} {
		if wait, err := other.Take(t.Context(), 1, rank); err != nil || wait < least || wait > 7*time.Second || (least == 0) != (wait == 0) {
			t.Errorf("rank %d waits %v, %v", rank, wait, err)
		}
	}
	if used, err := b.Used(t.Context()); err != nil || used != 1./allCalls {
		t.Errorf("used: %v, %v", used, err)
	}
}

func TestBudgetScales(t *testing.T) {
	for _, factor := range []float64{1000, 0} {
		b := ownBudget(t)
		b.Scale(factor)
		for range chatBurst * 100 {
			if wait, err := b.Take(t.Context(), 1, RankAnswer); err != nil || wait > 0 {
				t.Fatalf("waits %v, %v", wait, err)
			}
		}
	}
}

func TestBudgetEndsWithItsContext(t *testing.T) {
	s, _ := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Budget.Take(ctx, 1, RankAnswer); err == nil {
		t.Error("a call was let through after the end")
	}
}
