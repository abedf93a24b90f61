package store

import (
	"testing"
	"time"
)

func TestDialogueStartsAgainFromBefore(t *testing.T) {
	s, _ := openTest(t)
	ctx, d := t.Context(), s.Dialogues
	for _, step := range []struct {
		update int64
		load   string // what the update sees
		save   string // what it leads to; "" ends the dialogue
	}{
		{1, "", "name"},
		{1, "", "name"}, // killed after the save: worked on again, it starts from the same state
		{2, "name", "organisation"},
		{2, "name", "kind"},
		{3, "kind", ""},
		{3, "kind", ""},
		{4, "", "other"},
	} {
		got, err := d.Load(ctx, 7, step.update)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != step.load {
			t.Errorf("update %d sees %q, want %q", step.update, got, step.load)
		}
		var state []byte
		if step.save != "" {
			state = []byte(step.save)
		}
		if err := d.Save(ctx, 7, step.update, state); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUpdateIsRememberedDone(t *testing.T) {
	s, _ := openTest(t)
	for _, want := range []bool{false, true} {
		done, err := s.Updates.Done(t.Context(), 42)
		if err != nil || done != want {
			t.Fatalf("done: %v, %v; want %v", done, err, want)
		}
		if err := s.Updates.MarkDone(t.Context(), 42); err != nil {
			t.Fatal(err)
		}
	}
}

func TestChatLeaseHasOneOwner(t *testing.T) {
	s, _ := openTest(t)
	ctx, u := t.Context(), s.Updates
	lock := func(owner string, want bool) {
		t.Helper()
		if got, err := u.LockChat(ctx, 7, owner, time.Minute); err != nil || got != want {
			t.Fatalf("%s: %v, %v; want %v", owner, got, err, want)
		}
	}
	lock("a", true)
	lock("b", false)
	lock("a", true)
	if err := u.UnlockChat(ctx, 7, "b"); err != nil {
		t.Fatal(err)
	}
	lock("b", false)
	if err := u.UnlockChat(ctx, 7, "a"); err != nil {
		t.Fatal(err)
	}
	lock("b", true)
}

func TestMarkGivesEachSlotOnce(t *testing.T) {
	s, _ := openTest(t)
	ctx, m := t.Context(), s.Marks
	take := func(slot int64, owner string, want bool) {
		t.Helper()
		if got, err := m.Take(ctx, "tick", slot, owner, time.Minute); err != nil || got != want {
			t.Fatalf("%s takes %d: %v, %v; want %v", owner, slot, got, err, want)
		}
	}
	take(1, "a", true)
	take(1, "b", false)
	take(2, "b", false) // a is still at it
	if err := m.Done(ctx, "tick", 1, "a"); err != nil {
		t.Fatal(err)
	}
	take(1, "b", false)
	take(2, "b", true)
	if err := m.Done(ctx, "tick", 2, "b"); err != nil {
		t.Fatal(err)
	}
	take(1, "a", false)
	for _, want := range []bool{true, false} {
		if got, err := m.Once(ctx, "progress", time.Minute); err != nil || got != want {
			t.Fatalf("once: %v, %v; want %v", got, err, want)
		}
	}
}
