package store

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestAudience(t *testing.T) {
	s, c := openTest(t)
	with := func(change func(*Settings)) Settings {
		x := plainSettings()
		change(&x)
		return x
	}
	for i, m := range []Member{
		{Chat: 1, Role: RoleMember},
		{Chat: 2, Role: RoleMember, Settings: with(func(x *Settings) { x.Language = "lv" })},
		{Chat: 3, Role: RoleOwner},
		{Chat: 4, Role: RoleGuest},
		{Chat: 5, Role: RoleMember, Settings: with(func(x *Settings) { x.News = false })},
		{Chat: 6, Role: RoleMember, Settings: with(func(x *Settings) { x.PausedUntil = c.now().Add(time.Hour) })},
		{Chat: 7, Role: RoleMember, Settings: with(func(x *Settings) { x.PausedUntil = c.now().Add(-time.Hour) })},
		{Chat: 8, Role: RoleMember, Unreachable: true},
		{Role: RoleMember},
	} {
		m.ID = MemberID(fmt.Sprintf("m%d", i))
		putMember(t, s, m)
	}
	for _, x := range []struct {
		audience       Audience
		count, leftOut int
	}{
		{Audience{Kind: AudienceAll}, 5, 4},
		{Audience{Kind: AudienceMembers}, 4, 4},
		{Audience{Kind: AudienceLanguage, Ref: "lv"}, 1, 0},
		{Audience{Kind: AudienceFollowers, Ref: "s1"}, 0, 0},
		{Audience{Kind: AudienceActivity, Ref: "a1"}, 0, 0},
	} {
		count, leftOut, err := s.Broadcasts.CountAudience(t.Context(), x.audience)
		if err != nil || count != x.count || leftOut != x.leftOut {
			t.Errorf("%+v: %d, %d left out, %v; want %d, %d", x.audience, count, leftOut, err, x.count, x.leftOut)
		}
	}
	if _, _, err := s.Broadcasts.CountAudience(t.Context(), Audience{Kind: "x"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no such audience: %v", err)
	}
}

func TestBroadcast(t *testing.T) {
	s, c := openTest(t)
	ctx, b := t.Context(), s.Broadcasts
	putMembers(t, s, 25)
	draft, err := b.Draft(ctx, Op{Key: "d"}, Broadcast{By: "mt0", Text: "Sveiki", Audience: Audience{Kind: AudienceAll}, Chat: 9007199254740991})
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Start(ctx, Op{Key: "s"}, draft.ID, 9007199254740991, 7)
	if err != nil || x.State != BroadcastSending || x.Progress.Total != 25 || x.Chat != 9007199254740991 {
		t.Fatalf("start: %+v, %v", x, err)
	}
	if same, err := b.Start(ctx, Op{Key: "s"}, draft.ID, 1, 1); err != nil || same.Progress.Total != 25 {
		t.Errorf("start again with the same update: %+v, %v", same, err)
	}
	if _, err := b.Start(ctx, Op{}, draft.ID, 1, 1); !errors.Is(err, ErrStale) {
		t.Errorf("start twice: %v", err)
	}
	putMember(t, s, Member{ID: "later", Chat: 99, Role: RoleMember}) // is not in the audience any more

	seen := map[MemberID]int{}
	take := func(limit int) []MemberID {
		t.Helper()
		list, err := b.Take(ctx, draft.ID, limit, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			seen[m]++
		}
		return list
	}
	settle := func(m MemberID, d Delivery) Broadcast {
		t.Helper()
		x, err := b.Settle(ctx, draft.ID, m, d, 100, "blocked")
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	first := take(10)
	settle(first[0], DeliverySent)
	settle(first[0], DeliverySent)
	if x := settle(first[1], DeliveryUnreachable); x.Progress != (Progress{25, 1, 1, 0}) || x.Progress.Remaining() != 23 {
		t.Errorf("progress: %+v", x.Progress)
	}
	if _, err := b.Pause(ctx, Op{}, draft.ID); err != nil {
		t.Fatal(err)
	}
	if list := take(10); len(list) != 0 {
		t.Errorf("taken while paused: %v", list)
	}
	if _, err := b.Resume(ctx, Op{}, draft.ID); err != nil {
		t.Fatal(err)
	}
	c.advance(2 * time.Minute) // the taker died: eight leases end
	for {
		list := take(6)
		if len(list) == 0 {
			break
		}
		for _, m := range list {
			x = settle(m, DeliverySent)
		}
	}
	if x.State != BroadcastSent || x.Progress != (Progress{25, 24, 1, 0}) || x.EndedAt.IsZero() || x.Message != 7 {
		t.Errorf("at the end: %+v", x)
	}
	for m, times := range seen {
		if want := 1; times != want && (times != 2 || m == first[0] || m == first[1]) {
			t.Errorf("%s was taken %d times", m, times)
		}
	}
	if len(seen) != 25 || seen["later"] != 0 {
		t.Errorf("%d recipients: %v", len(seen), seen)
	}
	if f, err := b.Failures(ctx, draft.ID, 10); err != nil || len(f) != 1 || f[first[1]] != "blocked" {
		t.Errorf("failures: %v, %v", f, err)
	}
	if list, err := b.Sending(ctx); err != nil || len(list) != 0 {
		t.Errorf("being sent: %v, %v", list, err)
	}
	if list, err := b.Recent(ctx, 5); err != nil || len(list) != 1 || list[0].State != BroadcastSent {
		t.Errorf("recent: %+v, %v", list, err)
	}
	for _, key := range []string{s.db.keys.audience(draft.ID), s.db.keys.copies(draft.ID), s.db.keys.unreached(draft.ID)} {
		if ttl, err := s.db.rdb.TTL(ctx, key).Result(); err != nil || ttl <= 0 || ttl > keepAudience {
			t.Errorf("%s is kept for %s, %v", key, ttl, err)
		}
	}
	if _, err := b.Cancel(ctx, Op{}, draft.ID); !errors.Is(err, ErrStale) {
		t.Errorf("cancel what is sent: %v", err)
	}
}
