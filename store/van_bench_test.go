package store

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// manyStops is a timetable of the size of a country's.
func manyStops(b *testing.B, s *Store, n int) []Stop {
	b.Helper()
	records := make([]StopRecord, n)
	for i := range records {
		records[i] = StopRecord{
			Route: fmt.Sprintf("R%d", i%100), Community: fmt.Sprintf("Kaimas %d", i), Name: "Mokykla", Lat: 55 + float64(i)/5000, Lon: 25,
			Arrival: 480 + i%500, Departure: 500 + i%500, Rule: "FREQ=WEEKLY;INTERVAL=2",
			Start: time.Date(2019, 11, 4+i%14, 0, 0, 0, 0, time.UTC).Format("2006-01-02"),
		}
	}
	start := time.Now()
	if _, err := s.Van.PutStops(b.Context(), Op{}, "i1", records); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d stops put in %s", n, time.Since(start))
	stops, err := s.Van.Stops(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	return stops
}

func BenchmarkVan(b *testing.B) {
	s, c := openTest(b)
	stops := manyStops(b, s, 5000)
	b.Run("reckoning the next visit", func(b *testing.B) {
		w, err := s.Van.look(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		stop, day := w.stop[stops[0].ID], civilOf(c.now(), s.db.zone)
		for b.Loop() {
			stop.next(day, 1)
		}
	})
	for name, ask := range map[string]func(context.Context) error{
		"next visit":    func(ctx context.Context) error { _, err := s.Van.Visits(ctx, stops[7].ID, c.now(), 1); return err },
		"day":           func(ctx context.Context) error { _, err := s.Van.Day(ctx, c.now()); return err },
		"next days":     func(ctx context.Context) error { _, err := s.Van.NextDays(ctx, c.now(), 7); return err },
		"find":          func(ctx context.Context) error { _, err := s.Van.FindStops(ctx, "kaimas 77"); return err },
		"nearest":       func(ctx context.Context) error { _, err := s.Van.Nearest(ctx, 55.5, 25, 5); return err },
		"nothing to do": func(ctx context.Context) error { _, _, err := s.Van.PlanDue(ctx, c.now()); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPlanDue is a tick in which 10,000 followers of 20 stops are to be reminded; the figure is for one of them.
func BenchmarkPlanDue(b *testing.B) {
	if testing.Short() {
		b.Skip("makes 10,000 followers")
	}
	s, c := openTest(b)
	const stops, each = 20, 500
	members := putMembers(b, s, stops*each)
	for i := range stops {
		follow(b, s, stopAt(b, s, fmt.Sprintf("Kaimas %d", i), "FREQ=DAILY", 720), members[i*each:(i+1)*each]...)
	}
	owed := 0
	for b.Loop() {
		c.advance(24 * time.Hour)
		n, _, err := s.Van.PlanDue(b.Context(), c.now())
		if err != nil {
			b.Fatal(err)
		}
		owed += n
		b.StopTimer()
		if err := s.db.rdb.Del(b.Context(), s.db.keys.outbox(), s.db.keys.notices()).Err(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(owed), "µs/reminder")
}
