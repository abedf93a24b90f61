package store

import (
	"errors"
	"testing"
	"time"
)

func TestImportQueue(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	queue := func(key, name string) Import {
		x, err := s.Imports.Queue(ctx, Op{Key: key}, Import{By: "m1", Chat: 4503599627370495, File: "f", Name: name, Size: 12})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	first := queue("u1", "a.csv")
	if again := queue("u1", "a.csv"); again.ID != first.ID || again.Chat != 4503599627370495 {
		t.Errorf("the same update queued %+v, then %+v", first, again)
	}
	c.advance(time.Second)
	second := queue("u2", "b.csv")
	take := func(want ImportID) {
		t.Helper()
		got, err := s.Imports.Take(ctx, time.Minute)
		if want == "" {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("took %s, %v; want none", got.ID, err)
			}
			return
		}
		if err != nil || got.ID != want || got.State != ImportRunning {
			t.Errorf("took %s %s, %v; want %s", got.ID, got.State, err, want)
		}
	}
	take(first.ID)
	take(second.ID)
	take("")
	c.advance(50 * time.Second)
	if err := s.Imports.Extend(ctx, second.ID, time.Minute); err != nil {
		t.Fatal(err)
	}
	c.advance(20 * time.Second)
	take(first.ID) // its worker is gone
	take("")
	if err := s.Imports.SetMessage(ctx, first.ID, 77); err != nil {
		t.Fatal(err)
	}
	if err := s.Imports.Finish(ctx, first.ID, ImportDone, []byte(`{"added":1}`)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Imports.Get(ctx, first.ID)
	if err != nil || got.State != ImportDone || got.Message != 77 || string(got.Report) != `{"added":1}` {
		t.Errorf("finished: %+v, %v", got, err)
	}
	if err := s.Imports.Finish(ctx, first.ID, ImportFailed, nil); !errors.Is(err, ErrStale) {
		t.Errorf("finished twice: %v", err)
	}
	if err := s.Imports.Extend(ctx, first.ID, time.Minute); !errors.Is(err, ErrStale) {
		t.Errorf("extended after its end: %v", err)
	}
}

func TestRules(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	if empty, err := s.Rules.Empty(ctx); err != nil || !empty {
		t.Errorf("a new library is empty: %v, %v", empty, err)
	}
	b := DefaultRulebook()
	if got, err := s.Rules.Get(ctx); err != nil || got != b {
		t.Errorf("rulebook %+v, %v", got, err)
	}
	b.LoanDays = 14
	if err := s.Rules.Set(ctx, Op{}, b); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Rules.Get(ctx); got != b {
		t.Errorf("rulebook %+v", got)
	}
	b.LoanDays = 0
	if err := s.Rules.Set(ctx, Op{}, b); !errors.Is(err, ErrInvalid) {
		t.Errorf("loans of no days: %v", err)
	}
	if err := s.Rules.SetClockShift(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Rules.SetClockShift(ctx, time.Minute); !errors.Is(err, ErrInvalid) {
		t.Errorf("the clock goes back: %v", err)
	}
	if d, err := s.Rules.ClockShift(ctx); err != nil || d != time.Hour {
		t.Errorf("shift %v, %v", d, err)
	}
	if err := s.Rules.MarkSample(ctx, false); err != nil {
		t.Fatal(err)
	}
	if has, _ := s.Rules.HasSample(ctx); has {
		t.Error("a removed sample is there")
	}
	if empty, _ := s.Rules.Empty(ctx); empty {
		t.Error("a library that had a sample is empty")
	}
}

func TestSchema(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	reopen := func() error {
		_, err := Open(ctx, s.db.rdb, Options{Library: s.db.keys.library, Zone: s.db.zone, Now: c.now})
		return err
	}
	if err := reopen(); err != nil {
		t.Fatal(err)
	}
	places, err := s.Titles.Locations(ctx)
	if err != nil || len(places) != 2 || places[0].ID != MainLibrary || !places[1].Van || places[1].ID != VanLocation {
		t.Errorf("locations %v, %v", places, err)
	}
	if err := s.db.rdb.Set(ctx, s.db.keys.schema(), 99, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := reopen(); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("opened a newer state: %v", err)
	}
}
