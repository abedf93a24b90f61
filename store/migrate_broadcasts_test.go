package store

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// oldBroadcasts is what schema 1 wrote of a draft, of one being sent, and of one that was sent.
func oldBroadcasts(t *testing.T, do func(args ...any)) {
	t.Helper()
	for _, args := range [][]any{
		{"SET", "schema", 1},
		{"HSET", "ids", "b", 3, "l", 2},
		{"HSET", "broadcasts", "b1", `{"id":"b1","by":"m1","state":"draft","text":"Juodraštis","audience":{"kind":"all"},` +
			`"chat":5,"message":0,"at":"2026-11-20T08:00:00Z","progress":{"Total":0,"Sent":0,"Unreachable":0,"Failed":0}}`},
		{"HSET", "broadcasts", "b2", `{"id":"b2","by":"m1","state":"draft","text":"Siunčiama","photo":"F1",` +
			`"audience":{"kind":"activity","ref":"a7"},"chat":5,"message":77,"at":"2026-11-23T06:00:00Z",` +
			`"progress":{"Total":0,"Sent":0,"Unreachable":0,"Failed":0}}`},
		{"HSET", "broadcasts", "b3", `{"id":"b3","by":"m1","state":"draft","text":"","photo":"F2",` +
			`"audience":{"kind":"language","ref":"lv"},"chat":5,"message":78,"at":"2026-11-22T06:00:00Z",` +
			`"progress":{"Total":0,"Sent":0,"Unreachable":0,"Failed":0}}`},
		{"ZADD", "broadcastat", 1, "b1", 2, "b2", 3, "b3"},
		{"SADD", "sending", "b2"},
		{"HSET", "broadcast:b1", "state", "draft"},
		{"HSET", "broadcast:b2", "state", "sending", "total", 6, "cursor", 4, "sent", 1, "unreachable", 1, "failed", 1},
		{"RPUSH", "audience:b2", "mt0", "mt1", "mt2", "mt3", "mt4", "mt5"},
		{"ZADD", "leases:b2", 1, "mt3"}, // its lease ended with the old program
		{"HSET", "copies:b2", "mt0", 4001},
		{"HSET", "unreached:b2", "mt1", "blocked", "mt2", "Bad Request"},
		{"HSET", "broadcast:b3", "state", "sent", "ended_at", "2026-11-23T06:00:00Z", "total", 2, "cursor", 2, "sent", 2},
		{"RPUSH", "audience:b3", "mt0", "mt1"},
		{"HSET", "copies:b3", "mt0", 4002, "mt1", 4003},
		{"EXPIRE", "audience:b3", 90000},
		{"EXPIRE", "copies:b3", 90000},
	} {
		do(args...)
	}
}

// TestMigrateBroadcasts: a state of schema 1 opens, and a broadcast that was being sent goes on where it stood.
func TestMigrateBroadcasts(t *testing.T) {
	first, _ := openTest(t)
	rdb, library := first.db.rdb, fmt.Sprintf("old%d", libraries.Add(1))
	oldBroadcasts(t, func(args ...any) {
		args[1] = newKeys(library).prefix() + fmt.Sprint(args[1])
		if err := rdb.Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(args, err)
		}
	})
	s, c := openOn(t, rdb, library)
	putMembers(t, s, 6)
	s.sound(t)
	if err := indexAudiences(t.Context(), s.db); err != nil { // killed before the schema was noted
		t.Fatal(err)
	}
	s.sound(t)
	ctx, b := t.Context(), s.Broadcasts
	x, err := b.Get(ctx, "b1")
	if err != nil || x.Text("lv") != "Juodraštis" || len(x.Audience.All) != 0 || x.State != BroadcastDraft {
		t.Errorf("the draft: %+v, %v", x, err)
	}
	x, err = b.Get(ctx, "b2")
	if err != nil || x.State != BroadcastSending || x.Message != 77 || x.Photo != "F1" || x.Pass != PassSend ||
		!slices.Equal(x.Audience.All, []Criterion{{AudienceParticipants, "a7"}}) ||
		x.Progress != (Progress{Total: 6, Sent: 1, Unreachable: 1, Failed: 1}) {
		t.Errorf("the one being sent: %+v, %v", x, err)
	}
	if list, total, err := b.Failures(ctx, "b2", 0, 10); err != nil || total != 2 ||
		!slices.Equal(list, []Failure{{"mt1", "blocked"}, {"mt2", "Bad Request"}}) {
		t.Errorf("whom it did not reach: %v, %v", list, err)
	}
	var rest []MemberID
	for _, r := range s.finishPass(t, "b2", DeliverySent) {
		rest = append(rest, r.Member)
	}
	if !slices.Equal(rest, []MemberID{"mt3", "mt4", "mt5"}) {
		t.Errorf("served afterwards: %v", rest)
	}
	x, err = b.Get(ctx, "b3")
	if err != nil || x.State != BroadcastSent || x.Text("lt") != "" || x.Photo != "F2" || !x.Correctable(c.now()) {
		t.Errorf("the one that was sent: %+v, %v", x, err)
	}
	if ttl := rdb.TTL(ctx, s.db.keys.copies("b3")).Val(); ttl <= 24*time.Hour || ttl > 25*time.Hour {
		t.Errorf("its copies are kept for %s", ttl)
	}
	if _, err := b.Recall(ctx, Op{}, "b3"); err != nil {
		t.Fatal(err)
	}
	list := s.finishPass(t, "b3", DeliverySent)
	if len(list) != 2 || !slices.Equal(list[1].Messages, []int{4003}) {
		t.Errorf("recalled: %+v", list)
	}
	s.sound(t)
}
