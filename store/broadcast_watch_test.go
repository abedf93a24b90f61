package store

import (
	"errors"
	"testing"
)

// Progress is shown where somebody watches, in whatever state; nothing else changes, and asked again it is the same.
func TestProgressFollowsWhoWatches(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	putMembers(t, s, 3)
	started := s.start(t)
	for range 2 {
		x, err := s.Broadcasts.Watch(ctx, Op{Key: "watching"}, started.ID, 77, 8)
		if err != nil || x.Chat != 77 || x.Message != 8 || x.State != BroadcastSending || x.Progress.Total != started.Progress.Total {
			t.Fatalf("watched: %+v, %v", x, err)
		}
	}
	if _, err := s.Broadcasts.Cancel(ctx, Op{Key: "end"}, started.ID); err != nil {
		t.Fatal(err)
	}
	if x, err := s.Broadcasts.Watch(ctx, Op{}, started.ID, 78, 9); err != nil || x.Chat != 78 || x.State != BroadcastCancelled || x.EndedAt.IsZero() {
		t.Errorf("watched after its end: %+v, %v", x, err)
	}
	if _, err := s.Broadcasts.Watch(ctx, Op{}, "bnone", 1, 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("watch none: %v", err)
	}
}
