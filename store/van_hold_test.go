package store

import (
	"testing"
	"time"
)

// A book that waits in the van for its visit waits for the next one when that visit is called off, and no longer than that.
func TestReadyHoldWaitsForTheNextVisit(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	stop := stopAt(t, s, "Čedasai", "FREQ=WEEKLY", 14*60)
	title := shelve(t, s, "Verslas", 2)
	endOf := func(day int) time.Time { return time.Date(2026, 11, day, 23, 59, 59, 0, s.db.zone) }
	ready := func(name string, pickup Place) Hold {
		t.Helper()
		h, err := s.Holds.Place(ctx, Op{}, title, join(t, s, name).ID, pickup)
		if err == nil {
			h, err = s.Holds.Ready(ctx, Op{}, h.ID, endOf(23))
		}
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	atStop, atDesk := ready("A", Place(stop.ID)), ready("B", desk)
	visit := VisitID(string(stop.ID) + "_20261123")
	if _, err := s.Van.Delay(ctx, Op{}, visit, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, off := range []bool{true, true, false} { // restored: who was told to come later may
		if _, err := s.Van.CancelVisit(ctx, Op{}, visit, off); err != nil {
			t.Fatal(err)
		}
		if h, err := s.Holds.Get(ctx, atStop.ID); err != nil || !h.Deadline.Equal(endOf(30)) {
			t.Errorf("at the stop until %s, %v", h.Deadline, err)
		}
		if h, err := s.Holds.Get(ctx, atDesk.ID); err != nil || !h.Deadline.Equal(endOf(23)) {
			t.Errorf("at the desk until %s, %v", h.Deadline, err)
		}
		clean(t, s)
	}
	for _, tc := range []struct{ day, want int }{{24, 1}, {30, 0}, {31, 1}} {
		c.advance(endOf(tc.day - 1).Add(2 * time.Second).Sub(c.now()))
		if n, err := s.Holds.ExpireDue(ctx, c.now()); err != nil || n != tc.want {
			t.Errorf("on day %d: %d expire, %v; want %d", tc.day, n, err, tc.want)
		}
	}
}
