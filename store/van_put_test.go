package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestPutAgain(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	row := func(arrival int) StopRecord {
		return StopRecord{
			Van: "1", Route: "13", Community: "Obeliai", Name: "Mokykla", Arrival: arrival, Departure: arrival + 20, Rule: "FREQ=DAILY", Start: "2026-11-23",
		}
	}
	put := func(source string, want []Outcome, rows ...StopRecord) []Stop {
		t.Helper()
		got, err := s.Van.PutStops(ctx, Op{Key: source}, source, rows)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("put %s: %v, %v; want %v", source, got, err, want)
		}
		stops, err := s.Van.Stops(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		return stops
	}
	// The van stands there twice a day.
	stops := put("i1", []Outcome{Added, Added}, row(600), row(900))
	m := putMembers(t, s, 1)[0]
	follow(t, s, stops[1], m)
	ride(t, s, c, at(s, 11, 23, 18, 30)) // tomorrow's evening reminder is out

	if same := put("i1", []Outcome{Added, Added}, row(600), row(900)); len(same) != 2 {
		t.Errorf("the same file by the same update: %v", same)
	}
	put("i2", []Outcome{Unchanged, Unchanged}, row(900), row(600))
	stops = put("i3", []Outcome{Changed, Unchanged, Added}, row(930), row(600), row(1000))
	if len(stops) != 3 || stops[1].Arrival != 930 || stops[1].Source != "i1" || stops[2].Source != "i3" {
		t.Errorf("stops: %+v", stops)
	}
	sameList(t, "the reminder follows the hour", ride(t, s, c, at(s, 11, 24, 17, 0)),
		fmt.Sprintf("visit_soon:%s_20261124:%s:0 11-24 15:00", stops[1].ID, m))

	if _, err := s.Van.PutStops(ctx, Op{}, "i4", []StopRecord{row(700), {Name: "x", Rule: "FREQ=NEVER", Start: "2026-11-23"}}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a broken row: %v", err)
	}
	if removed, kept, err := s.Van.RemoveSource(ctx, Op{}, "i1"); err != nil || removed != 1 || kept != 1 {
		t.Errorf("remove the first file: %d removed, %d kept, %v", removed, kept, err)
	}
	if removed, kept, err := s.Van.RemoveSource(ctx, Op{}, "i3"); err != nil || removed != 1 || kept != 0 {
		t.Errorf("remove the third file: %d removed, %d kept, %v", removed, kept, err)
	}
}
