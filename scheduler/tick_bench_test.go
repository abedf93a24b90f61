package scheduler

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"versli/store"
)

// followed is a library whose hundred stops have so many followers in all, by the reminders of the first day.
func followed(b *testing.B, followers int) *bench {
	b.Helper()
	const stops, people, atOnce = 100, 10_000, 32
	w := newBench(b, nil)
	members := make([]store.MemberID, people)
	each := func(n int, do func(i int) error) {
		b.Helper()
		var wg sync.WaitGroup
		for worker := range atOnce {
			wg.Go(func() {
				for i := worker; i < n; i += atOnce {
					if err := do(i); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	each(people, func(i int) error {
		m, err := w.Store.Members.Meet(b.Context(), store.Person{Chat: int64(i + 1), Name: fmt.Sprint("Ona ", i), Language: "lt"}, "lt")
		members[i] = m.ID
		return err
	})
	ids := make([]store.StopID, stops)
	for i := range ids {
		s, err := w.Store.Van.SaveStop(b.Context(), store.Op{}, store.Stop{
			Community: fmt.Sprint("Kaimas ", i), Name: "Mokykla", Arrival: 600 + i, Departure: 630 + i, Rule: "FREQ=WEEKLY;BYDAY=TH", Start: "2026-12-10",
		}, "Šiaurė")
		if err != nil {
			b.Fatal(err)
		}
		ids[i] = s.ID
	}
	each(followers, func(i int) error {
		return w.Store.Van.Follow(b.Context(), store.Op{}, ids[i%stops], members[(i/stops+i)%people], true)
	})
	return w
}

// A tick costs what is due, and next to nothing when nothing is, whoever follows.
func BenchmarkTick(b *testing.B) {
	for _, followers := range []int{1_000, 100_000} {
		w := followed(b, followers)
		b.Run(fmt.Sprintf("nothing due, %d followers", followers), func(b *testing.B) {
			for b.Loop() {
				if err := w.Tick(b.Context(), w.now()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	w := followed(b, 100_000)
	for _, due := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("%d due, 100000 followers", due), func(b *testing.B) {
			round := 0
			for b.Loop() {
				b.StopTimer()
				round++
				for i := range due {
					n := store.Notice{Kind: store.NoticeRole, Ref: fmt.Sprintf("%d-%d-%d", due, round, i), Member: "m1", Due: w.now()}
					if _, err := w.Store.Outbox.Owe(b.Context(), store.Op{}, n); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				if err := w.Tick(b.Context(), w.now().Add(time.Second)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
