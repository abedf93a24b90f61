package scheduler

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"versli/store"
)

// populate gives a number of people a stop to follow: one of a hundred, served each week.
func (b *bench) populate(people int) {
	b.t.Helper()
	const stops = 100
	ids := make([]store.StopID, min(stops, people))
	for i := range ids {
		stop, err := b.Store.Van.SaveStop(b.t.Context(), store.Op{}, store.Stop{
			Community: fmt.Sprintf("Kaimas %d", i), Name: "Mokykla", Arrival: 600 + i, Departure: 630 + i, Rule: "FREQ=WEEKLY", Start: "2026-12-08",
		}, fmt.Sprint("R", i%10))
		if err != nil {
			b.t.Fatal(err)
		}
		ids[i] = stop.ID
	}
	g, ctx := errgroup.WithContext(b.t.Context())
	const atOnce = 16
	for first := range atOnce {
		g.Go(func() error {
			for i := first; i < people; i += atOnce {
				m, err := b.Store.Members.Meet(ctx, store.Person{Chat: int64(i + 1), Name: fmt.Sprint("Narys ", i), Language: "lt"}, "lt")
				if err != nil {
					return err
				}
				if err := b.Store.Van.Follow(ctx, store.Op{}, ids[i%len(ids)], m.ID, true); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		b.t.Fatal(err)
	}
}

// commands is how many commands a real Redis carries out for one tick, those within scripts included.
func (b *bench) commands() int {
	b.t.Helper()
	done := func() int {
		info, err := b.rdb.Info(b.t.Context(), "stats").Result()
		if err != nil {
			b.t.Fatal(err)
		}
		_, rest, _ := strings.Cut(info, "total_commands_processed:")
		text, _, _ := strings.Cut(rest, "\r\n")
		n, err := strconv.Atoi(text)
		if err != nil {
			b.t.Skip("this Redis does not count commands")
		}
		return n
	}
	before := done()
	if err := b.Tick(b.t.Context(), b.now()); err != nil {
		b.t.Fatal(err)
	}
	return done() - before
}

// TestTickCostsWhatIsDue: a tick with nothing due costs the same whoever follows what, and one with something due costs by that.
func TestTickCostsWhatIsDue(t *testing.T) {
	few, many := newBench(t, nil), newBench(t, nil)
	few.populate(100)
	many.populate(1000)
	for _, b := range []*bench{few, many} {
		b.commands() // the scripts are learnt
	}
	idle := few.commands()
	if n := many.commands(); n != idle {
		t.Errorf("with nothing due a tick costs %d commands for 100 followers and %d for 1000", idle, n)
	}
	t.Logf("a tick with nothing due costs %d commands", idle)
	ona := many.meet(9999)
	var costs [2]int
	for round, due := range []int{1, 11} {
		for i := range due {
			many.owe(store.NoticeAnswer, fmt.Sprintf("q%d-%d", round, i), ona, many.now())
		}
		costs[round] = many.commands() - idle
	}
	if each := (costs[1] - costs[0]) / 10; costs[0] <= 0 || costs[1] > 12*costs[0] || each > 40 {
		t.Errorf("one notice costs %d commands, eleven cost %d", costs[0], costs[1])
	}
}
