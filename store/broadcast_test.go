package store

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// said is the content of a plain announcement.
func said(text string) Content {
	return Content{Texts: map[string]string{"lt": text}, Default: "lt"}
}

// start drafts and starts a broadcast to everybody.
func (s *Store) start(t *testing.T) Broadcast {
	t.Helper()
	x, err := s.Broadcasts.Draft(t.Context(), Op{}, Broadcast{By: "mt0", Content: said("Sveiki")})
	if err != nil {
		t.Fatal(err)
	}
	if x, err = s.Broadcasts.Start(t.Context(), Op{}, x.ID, 1, 1); err != nil {
		t.Fatal(err)
	}
	return x
}

// take takes recipients, whose lease is a minute.
func (s *Store) take(t *testing.T, id BroadcastID, limit int) []Recipient {
	t.Helper()
	list, err := s.Broadcasts.Take(t.Context(), id, limit, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// settle settles one, whose copy gets the messages 1000+index and 2000+index.
func (s *Store) settle(t *testing.T, id BroadcastID, r Recipient, d Delivery) Broadcast {
	t.Helper()
	x, err := s.Broadcasts.Settle(t.Context(), id, r, d, []int{1000 + r.Index, 2000 + r.Index}, "blocked")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// finishPass takes and settles all that is left of a pass.
func (s *Store) finishPass(t *testing.T, id BroadcastID, d Delivery) (served []Recipient) {
	t.Helper()
	for {
		list := s.take(t, id, 7)
		if len(list) == 0 {
			return served
		}
		for _, r := range list {
			s.settle(t, id, r, d)
		}
		served = append(served, list...)
	}
}

func (s *Store) sound(t *testing.T) {
	t.Helper()
	problems, err := s.checkBroadcasts(t.Context(), nil)
	if err != nil || len(problems) > 0 {
		t.Errorf("check: %v, %v", problems, err)
	}
}

func TestBroadcast(t *testing.T) {
	s, c := openTest(t)
	ctx, b := t.Context(), s.Broadcasts
	putMembers(t, s, 25)
	draft, err := b.Draft(ctx, Op{Key: "d"}, Broadcast{By: "mt0", Content: said("Sveiki"), Chat: 9007199254740991})
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Start(ctx, Op{Key: "s"}, draft.ID, 9007199254740991, 7)
	if err != nil || x.State != BroadcastSending || x.Progress.Total != 25 || x.Chat != 9007199254740991 || x.StartedAt.IsZero() {
		t.Fatalf("start: %+v, %v", x, err)
	}
	if same, err := b.Start(ctx, Op{Key: "s"}, draft.ID, 1, 1); err != nil || same.Progress.Total != 25 {
		t.Errorf("start again with the same update: %+v, %v", same, err)
	}
	if _, err := b.Start(ctx, Op{}, draft.ID, 1, 1); !errors.Is(err, ErrStale) {
		t.Errorf("start twice: %v", err)
	}
	putMember(t, s, Member{ID: "later", Chat: 99, Role: RoleMember}) // is not in the audience any more
	first := s.take(t, draft.ID, 10)
	s.settle(t, draft.ID, first[0], DeliverySent)
	s.settle(t, draft.ID, first[0], DeliverySent)
	if x := s.settle(t, draft.ID, first[1], DeliveryUnreachable); x.Progress.Sent != 1 || x.Progress.Remaining() != 23 {
		t.Errorf("progress: %+v", x.Progress)
	}
	if _, err := b.Pause(ctx, Op{}, draft.ID); err != nil {
		t.Fatal(err)
	}
	if list := s.take(t, draft.ID, 10); len(list) != 0 {
		t.Errorf("taken while paused: %v", list)
	}
	s.sound(t)
	if _, err := b.Resume(ctx, Op{}, draft.ID); err != nil {
		t.Fatal(err)
	}
	c.advance(2 * time.Minute) // the taker died: eight leases end
	seen := map[MemberID]int{}
	for _, r := range s.finishPass(t, draft.ID, DeliverySent) {
		seen[r.Member]++
	}
	if x, err = b.Get(ctx, draft.ID); err != nil || x.State != BroadcastSent || x.Progress.Sent != 24 || x.EndedAt.IsZero() || x.Message != 7 {
		t.Errorf("at the end: %+v, %v", x, err)
	}
	if len(seen) != 23 || seen["later"] != 0 {
		t.Errorf("%d were served afterwards: %v", len(seen), seen)
	}
	if f, total, err := b.Failures(ctx, draft.ID, 0, 10); err != nil || total != 1 || f[0] != (Failure{first[1].Member, "blocked"}) {
		t.Errorf("failures: %v of %d, %v", f, total, err)
	}
	if list, err := b.Sending(ctx); err != nil || len(list) != 0 {
		t.Errorf("being sent: %v, %v", list, err)
	}
	for _, key := range []string{s.db.keys.audience(draft.ID), s.db.keys.copies(draft.ID), s.db.keys.unreached(draft.ID), s.db.keys.results(draft.ID)} {
		if ttl, err := s.db.rdb.TTL(ctx, key).Result(); err != nil || ttl <= 0 || ttl > keepAudience {
			t.Errorf("%s is kept for %s, %v", key, ttl, err)
		}
	}
	if _, err := b.Cancel(ctx, Op{}, draft.ID); !errors.Is(err, ErrStale) {
		t.Errorf("cancel what is sent: %v", err)
	}
	s.sound(t)
}

// Only the failed are retried, what was delivered is corrected, then removed; each pass ends where it began.
func TestPasses(t *testing.T) {
	s, c := openTest(t)
	ctx, b := t.Context(), s.Broadcasts
	putMembers(t, s, 30)
	x := s.start(t)
	for i, r := range s.take(t, x.ID, 30) {
		d := DeliverySent
		switch {
		case i < 3:
			d = DeliveryFailed
		case i < 5:
			d = DeliveryUnreachable
		}
		s.settle(t, x.ID, r, d)
	}
	if _, err := b.Retry(ctx, Op{}, x.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Correct(ctx, Op{}, x.ID, map[string]string{"lt": "x"}); !errors.Is(err, ErrStale) {
		t.Errorf("corrected while it is retried: %v", err)
	}
	s.sound(t)
	retried := s.take(t, x.ID, 10)
	if len(retried) != 3 || retried[0].Pass != PassRetry {
		t.Fatalf("retried: %+v", retried)
	}
	s.settle(t, x.ID, retried[0], DeliverySent)
	s.settle(t, x.ID, retried[1], DeliveryFailed)
	if x, _ = b.Get(ctx, x.ID); x.State != BroadcastSending || x.Progress.PassTotal != 3 || x.Progress.PassDone != 1 || x.Progress.PassFailed != 1 {
		t.Errorf("under way: %+v", x)
	}
	if x, _ = b.Cancel(ctx, Op{}, x.ID); x.State != BroadcastSent || x.Progress.Failed != 2 {
		t.Errorf("a retry given up: %+v", x)
	}
	if x = s.settle(t, x.ID, retried[2], DeliverySent); x.Progress.Failed != 1 || x.Progress.Sent != 27 { // it was on its way
		t.Errorf("a retry that arrives all the same: %+v", x.Progress)
	}
	s.settle(t, x.ID, retried[2], DeliverySent)
	s.sound(t)

	x, err := b.Correct(ctx, Op{}, x.ID, map[string]string{"lt": "Taisyta", "lv": "Labots"})
	if err != nil || x.Edition != 1 || x.Text("lv") != "Labots" || x.Text("en") != "Taisyta" || x.State != BroadcastSending {
		t.Fatalf("correct: %+v, %v", x, err)
	}
	corrected := s.finishPass(t, x.ID, DeliverySent)
	if len(corrected) != 27 || fmt.Sprint(corrected[0].Messages) != fmt.Sprint([]int{1000 + corrected[0].Index, 2000 + corrected[0].Index}) {
		t.Errorf("corrected: %d, %+v", len(corrected), corrected[0])
	}
	if x, _ = b.Get(ctx, x.ID); x.State != BroadcastSent || x.Pass != PassCorrect || x.Progress.Sent != 27 {
		t.Errorf("after the correction: %+v", x)
	}
	if _, err := b.Recall(ctx, Op{}, x.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(s.finishPass(t, x.ID, DeliverySent)); n != 27 {
		t.Errorf("recalled: %d", n)
	}
	if x, _ = b.Get(ctx, x.ID); x.State != BroadcastSent || x.Progress.Recalled != 27 || x.Correctable(c.now()) {
		t.Errorf("after the recall: %+v", x)
	}
	if _, err := b.Recall(ctx, Op{}, x.ID); !errors.Is(err, ErrStale) {
		t.Errorf("recalled twice: %v", err)
	}
	if _, err := b.Retry(ctx, Op{}, x.ID); !errors.Is(err, ErrStale) {
		t.Errorf("sent to the rest after a recall: %v", err)
	}
	s.sound(t)
}

// A recall stops a broadcast; a copy that arrives meanwhile is removed too.
func TestRecallWhileSending(t *testing.T) {
	s, _ := openTest(t)
	ctx, b := t.Context(), s.Broadcasts
	putMembers(t, s, 20)
	x := s.start(t)
	list := s.take(t, x.ID, 6)
	for _, r := range list[:4] {
		s.settle(t, x.ID, r, DeliverySent)
	}
	if _, err := b.Recall(ctx, Op{}, x.ID); err != nil {
		t.Fatal(err)
	}
	s.settle(t, x.ID, list[4], DeliverySent)
	if n := len(s.finishPass(t, x.ID, DeliverySent)); n != 5 {
		t.Errorf("recalled: %d", n)
	}
	if x, _ = b.Get(ctx, x.ID); x.State != BroadcastCancelled {
		t.Errorf("after the recall: %+v", x)
	}
	s.settle(t, x.ID, list[5], DeliverySent)
	if n := len(s.finishPass(t, x.ID, DeliverySent)); n != 1 {
		t.Errorf("recalled afterwards: %d", n)
	}
	if x, _ = b.Get(ctx, x.ID); x.State != BroadcastCancelled || x.Progress.Recalled != 6 || x.Progress.Remaining() != 14 {
		t.Errorf("in the end: %+v", x)
	}
	s.sound(t)
}

// A correction of a paused broadcast goes back to the pause, and the rest gets the new text.
func TestCorrectWhilePaused(t *testing.T) {
	s, _ := openTest(t)
	ctx, b := t.Context(), s.Broadcasts
	putMembers(t, s, 10)
	x := s.start(t)
	list := s.take(t, x.ID, 4)
	s.settle(t, x.ID, list[0], DeliverySent)
	if _, err := b.Pause(ctx, Op{}, x.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Correct(ctx, Op{}, x.ID, map[string]string{"lt": "x"}); !errors.Is(err, ErrStale) {
		t.Errorf("corrected while three are served: %v", err)
	}
	for _, r := range list[1:] {
		s.settle(t, x.ID, r, DeliverySent)
	}
	if _, err := b.Correct(ctx, Op{}, x.ID, map[string]string{"lt": "x"}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.finishPass(t, x.ID, DeliverySent)); n != 4 {
		t.Errorf("corrected: %d", n)
	}
	if x, _ = b.Get(ctx, x.ID); x.State != BroadcastPaused || x.Pass != PassSend {
		t.Errorf("after the correction: %+v", x)
	}
	if _, err := b.Resume(ctx, Op{}, x.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(s.finishPass(t, x.ID, DeliverySent)); n != 6 {
		t.Errorf("sent afterwards: %d", n)
	}
	s.sound(t)
}

func TestPausesByItselfWhenTooManyFail(t *testing.T) {
	s, _ := openTest(t)
	putMembers(t, s, 60)
	x := s.start(t)
	for i, r := range s.take(t, x.ID, 60) {
		d := DeliverySent
		if i >= 30 {
			d = DeliveryFailed
		}
		x = s.settle(t, x.ID, r, d)
		if want := i < 49; (x.State == BroadcastSending) != want && i < 59 {
			t.Fatalf("after %d: %+v", i+1, x)
		}
	}
	if x.Paused != PausedFailing && x.State != BroadcastSent {
		t.Errorf("in the end: %+v", x)
	}
	due, err := s.Outbox.Due(t.Context(), s.db.now(), 10)
	if err != nil || len(due) != 1 || due[0].Kind != NoticeBroadcastPaused || due[0].Member != "mt0" {
		t.Errorf("owed: %+v, %v", due, err)
	}
	s.sound(t)
}

// A scheduled one is sent in its time, and by itself never after it: then its author is asked.
func TestSchedule(t *testing.T) {
	s, c := openTest(t)
	ctx, b := t.Context(), s.Broadcasts
	putMembers(t, s, 3)
	draft := func() Broadcast {
		x, err := b.Draft(ctx, Op{}, Broadcast{By: "mt0", Content: said("Sveiki")})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	now := c.now()
	inTime, late, back := draft(), draft(), draft()
	for _, x := range []Broadcast{inTime, late, back} {
		y, err := b.Schedule(ctx, Op{}, x.ID, now.Add(time.Hour), now.Add(3*time.Hour), 5, 6)
		if err != nil || y.State != BroadcastScheduled || !y.SendAt.Equal(now.Add(time.Hour)) || y.Message != 6 {
			t.Fatalf("schedule: %+v, %v", y, err)
		}
	}
	if _, err := b.Schedule(ctx, Op{}, late.ID, now.Add(-time.Hour), now, 5, 6); !errors.Is(err, ErrInvalid) {
		t.Errorf("scheduled for the past: %v", err)
	}
	if _, err := b.Schedule(ctx, Op{}, late.ID, now.Add(30*time.Minute), now.Add(40*time.Minute), 5, 6); err != nil {
		t.Errorf("another time: %v", err)
	}
	if _, err := b.Edit(ctx, Op{}, inTime.ID, func(x *Broadcast) { x.Texts = map[string]string{"lt": "Naujas"} }); err != nil {
		t.Errorf("edit: %v", err)
	}
	if x, err := b.Unschedule(ctx, Op{}, back.ID); err != nil || x.State != BroadcastDraft {
		t.Errorf("take back: %+v, %v", x, err)
	}
	if next, err := b.NextScheduled(ctx); err != nil || !next.Equal(now.Add(30*time.Minute)) {
		t.Errorf("next: %v, %v", next, err)
	}
	if list, err := b.Scheduled(ctx); err != nil || len(list) != 2 || list[0].ID != late.ID {
		t.Errorf("scheduled: %+v, %v", list, err)
	}
	s.sound(t)
	c.advance(2 * time.Hour) // the program was down
	started, asked, err := b.StartDue(ctx, c.now())
	if err != nil || len(started) != 1 || started[0] != inTime.ID || len(asked) != 1 || asked[0] != late.ID {
		t.Fatalf("started %v, asked about %v, %v", started, asked, err)
	}
	if x, _ := b.Get(ctx, late.ID); x.State != BroadcastDraft {
		t.Errorf("late: %+v", x)
	}
	s.finishPass(t, inTime.ID, DeliverySent)
	due, err := s.Outbox.Due(ctx, c.now(), 10)
	kinds := map[NoticeKind]string{}
	for _, n := range due {
		kinds[n.Kind] = n.Ref
	}
	if err != nil || kinds[NoticeBroadcastLate] != string(late.ID) || kinds[NoticeBroadcastSent] != string(inTime.ID) {
		t.Errorf("owed: %v, %v", kinds, err)
	}
	s.sound(t)
}

// Quiet hours postpone a recipient; whoever is forgotten is not served any more.
func TestPostponedAndForgotten(t *testing.T) {
	s, c := openTest(t)
	ctx, b := t.Context(), s.Broadcasts
	putMembers(t, s, 4)
	x := s.start(t)
	list := s.take(t, x.ID, 2)
	morning := c.now().Add(8 * time.Hour)
	if err := b.Postpone(ctx, x.ID, list[0], morning); err != nil {
		t.Fatal(err)
	}
	s.settle(t, x.ID, list[1], DeliverySent)
	if x, err := b.Get(ctx, x.ID); err != nil || x.Progress.Waiting != 1 {
		t.Errorf("waiting: %+v, %v", x.Progress, err)
	}
	gone := list[0].Member
	for i := range 4 {
		if id := MemberID(fmt.Sprintf("mt%d", i)); id != gone && id != list[1].Member {
			if err := s.sweepBroadcasts(ctx, id); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if rest := s.finishPass(t, x.ID, DeliverySent); len(rest) != 1 {
		t.Errorf("the rest: %+v", rest)
	}
	if next, err := b.NextScheduled(ctx); err != nil || !next.Equal(morning) {
		t.Errorf("next: %v, %v", next, err)
	}
	c.advance(8 * time.Hour)
	if rest := s.finishPass(t, x.ID, DeliverySent); len(rest) != 1 || rest[0].Member != gone {
		t.Errorf("in the morning: %+v", rest)
	}
	if x, err := b.Get(ctx, x.ID); err != nil || x.State != BroadcastSent || x.Progress.Sent != 3 || x.Progress.Left != 1 {
		t.Errorf("in the end: %+v, %v", x, err)
	}
	s.sound(t)
}
