package store

import (
	"context"
	"testing"
	"time"
)

func turn(t *testing.T, b *Inbox, chat, update int64, owner string) string {
	t.Helper()
	got, err := b.Begin(t.Context(), chat, update, chat, owner, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestUpdateHasOneTurn(t *testing.T) {
	s, _ := openTest(t)
	ctx, b := t.Context(), s.Inbox
	for _, step := range []struct {
		what string
		do   func() error
		chat int64
		up   int64
		who  string
		want string
	}{
		{"the first asks", nil, 7, 1, "a", TurnMine},
		{"another process", nil, 7, 1, "b", TurnTaken},
		{"who has it asks again", nil, 7, 1, "a", TurnMine},
		{"another chat is free", nil, 8, 2, "b", TurnMine},
		{"done", func() error { return b.Finish(ctx, 7, 1, "a") }, 7, 1, "b", TurnDone},
		{"the next of the chat", nil, 7, 3, "b", TurnMine},
		{"finished by one without the lease", func() error { return b.Finish(ctx, 7, 4, "a") }, 7, 5, "a", TurnTaken},
		{"given back", func() error { return b.Prolong(ctx, 7, "b", 0) }, 7, 5, "a", TurnMine},
		{"not the other's to give back", func() error { return b.Prolong(ctx, 7, "b", 0) }, 7, 6, "c", TurnTaken},
		{"prolonged to an end", func() error { return b.Prolong(ctx, 7, "a", time.Millisecond) }, 0, 0, "", ""},
	} {
		if step.do != nil {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.what, err)
			}
		}
		if step.want == "" {
			continue
		}
		if got := turn(t, b, step.chat, step.up, step.who); got != step.want {
			t.Errorf("%s: %s, want %s", step.what, got, step.want)
		}
	}
}

// A burst is fine; a machine gun is told so once.
func TestMachineGunIsWarnedOnce(t *testing.T) {
	s, _ := openTest(t)
	count := map[string]int{}
	for i := range int64(3 * floodBurst) {
		got := turn(t, s.Inbox, 7, i, "a")
		count[got]++
		if i < floodBurst && got != TurnMine {
			t.Fatalf("update %d of a burst: %s", i, got)
		}
		if got == TurnMine {
			if err := s.Inbox.Finish(t.Context(), 7, i, "a"); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Real time goes on meanwhile, and frees a few.
	if count[TurnWarn] != 1 || count[TurnMine] > floodBurst+10 || count[TurnDrop] < floodBurst {
		t.Errorf("%v", count)
	}
	if got := turn(t, s.Inbox, 8, 1, "a"); got != TurnMine {
		t.Errorf("somebody else: %s", got)
	}
	s.Inbox.Scale(0)
	if got := turn(t, s.Inbox, 7, 1_000_000, "a"); got != TurnMine {
		t.Errorf("without a limit: %s", got)
	}
}

func TestUpdatesAreKeptUntilReleased(t *testing.T) {
	s, _ := openTest(t)
	ctx, b := context.Background(), s.Inbox
	for _, raw := range []string{`{"update_id":5}`, `{"update_id":5}`} { // kept twice is kept once
		if err := b.Keep(ctx, 5, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := b.Kept(ctx)
	if err != nil || len(list) != 1 || string(list[0]) != `{"update_id":5}` {
		t.Fatalf("kept: %q, %v", list, err)
	}
	if err := b.Release(ctx, 5); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Kept(ctx); err != nil || len(list) != 0 {
		t.Errorf("kept after the release: %q, %v", list, err)
	}
}
