package store

import (
	"testing"
	"time"
)

// A state of schema 1, as a program of then left it in the middle of a broadcast, goes on where it stopped.
func TestSchema1BroadcastGoesOn(t *testing.T) {
	s, c := openTest(t)
	ctx, k, rdb := t.Context(), s.db.keys, s.db.rdb
	putMembers(t, s, 6)
	for id, doc := range map[string]string{
		"b1": `{"id":"b1","by":"mt0","state":"draft","text":"Sveiki","audience":{"kind":"activity","ref":"a1"},"chat":5,"message":6,"at":"2026-11-20T10:00:00Z","progress":{"Total":0}}`,
		"b2": `{"id":"b2","by":"mt0","state":"draft","text":"","photo":"P","audience":{"kind":"all"},"chat":0,"message":0,"at":"2026-11-20T10:00:00Z","progress":{}}`,
	} {
		if err := rdb.HSet(ctx, k.broadcasts(), id, doc).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		rdb.HSet(ctx, k.broadcastState("b1"), "state", "sending", "total", 6, "cursor", 4, "sent", 1, "unreachable", 1, "failed", 1).Err(),
		rdb.HSet(ctx, k.broadcastState("b2"), "state", "draft").Err(),
		rdb.SAdd(ctx, k.sending(), "b1").Err(),
		rdb.RPush(ctx, k.audience("b1"), "mt0", "mt1", "mt2", "mt3", "mt4", "mt5").Err(),
		rdb.Do(ctx, "ZADD", k.leases("b1"), c.now().Add(-time.Second).UnixMilli(), "mt1").Err(),
		rdb.HSet(ctx, k.copies("b1"), "mt0", "77").Err(),
		rdb.HSet(ctx, k.unreached("b1"), "mt2", "blocked", "mt3", "Bad Request: wrong file identifier").Err(),
		rdb.Set(ctx, k.schema(), 1, 0).Err(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // killed before it was noted, it is done again
		if err := rdb.Set(ctx, k.schema(), 1, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if err := s.db.migrate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	s.sound(t)
	x, err := s.Broadcasts.Get(ctx, "b1")
	if err != nil || x.Text("lv") != "Sveiki" || x.Audience.All[0] != (Criterion{AudienceParticipants, "a1"}) || x.Progress.Remaining() != 3 {
		t.Fatalf("b1: %+v, %v", x, err)
	}
	if rest := s.finishPass(t, "b1", DeliverySent); len(rest) != 3 {
		t.Errorf("served: %+v", rest)
	}
	if _, err := s.Broadcasts.Correct(ctx, Op{}, "b1", map[string]string{"lt": "x"}); err != nil {
		t.Fatal(err)
	}
	if first := s.take(t, "b1", 1); len(first) != 1 || first[0].Member != "mt0" || len(first[0].Messages) != 1 || first[0].Messages[0] != 77 {
		t.Errorf("the first copy: %+v", first)
	}
	if x, err := s.Broadcasts.Get(ctx, "b2"); err != nil || x.Photo != "P" || len(x.Texts) != 0 || len(x.Audience.All) != 0 {
		t.Errorf("b2: %+v, %v", x, err)
	}
}
