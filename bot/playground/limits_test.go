package playground

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLimiterNeverGivesMore holds that however calls are spread, no chat gets more than its burst and what time has earned since, and
// that waiting as long as one was told is enough.
func TestLimiterNeverGivesMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		watch := newMovedClock()
		start := watch.Now()
		l := newLimiter(Limits{}, watch.Now)
		sent := map[int64]int{}
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			watch.move(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
			chat := rapid.SampledFrom([]int64{1, 2, -1}).Draw(t, "chat")
			if wait := l.take(chat, 1); wait > 0 {
				if !rapid.Bool().Draw(t, "patient") {
					continue
				}
				watch.move(time.Duration(wait) * time.Second)
				if again := l.take(chat, 1); again > 0 {
					t.Fatalf("told to wait %d s, and after that %d s more", wait, again)
				}
			}
			sent[chat]++
		}
		passed := watch.Now().Sub(start).Seconds()
		for chat, most := range map[int64]float64{1: 10 + passed, 2: 10 + passed, -1: 20 + passed/3} {
			if float64(sent[chat]) > most+1e-6 {
				t.Fatalf("%d messages to %d in %.1f s, at most %.1f may pass", sent[chat], chat, passed, most)
			}
		}
	})
}
