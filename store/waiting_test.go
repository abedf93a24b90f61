package store

import (
	"testing"
	"time"
)

func TestLoadCountsByKind(t *testing.T) {
	s, c := openTest(t)
	ctx, now := t.Context(), c.now()
	for _, n := range []Notice{
		{Kind: NoticeQuestion, Member: "m1", Ref: "q1", Due: now.Add(-time.Minute)},
		{Kind: NoticeQuestion, Member: "m2", Ref: "q1", Due: now},
		{Kind: NoticeTrainingDay, Member: "m1", Ref: "a1", Due: now.Add(time.Hour)},
		{Kind: NoticeAnswer, Member: "m1", Ref: "q1", Due: now},
	} {
		id, err := s.Outbox.Owe(ctx, Op{}, n)
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind == NoticeAnswer {
			if err := s.Outbox.HandedOver(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Inbox.Keep(ctx, 7, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Imports.Queue(ctx, Op{}, Import{By: "m1", File: "f"}); err != nil {
		t.Fatal(err)
	}
	l, err := s.Load(ctx, now)
	if err != nil || l.Owed != 3 || l.UnderWay != 1 || l.Kept != 1 || l.Imports != 1 || len(l.Due) != 1 || len(l.Handed) != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	if w := l.Due[NoticeQuestion]; w.Count != 2 || !w.Since.Equal(now.Add(-time.Minute).Truncate(time.Millisecond)) {
		t.Errorf("questions that are due: %+v", w)
	}
	if w := l.Handed[NoticeAnswer]; w.Count != 1 || w.Since.IsZero() {
		t.Errorf("answers under way: %+v", w)
	}
}

func TestLastMark(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	if slot, err := s.Marks.Last(ctx, "tick"); slot != 0 || err != nil {
		t.Errorf("before any: %d, %v", slot, err)
	}
	for _, slot := range []int64{41, 40} { // one that ends late does not turn it back
		if err := s.Marks.Done(ctx, "tick", slot, "me"); err != nil {
			t.Fatal(err)
		}
	}
	if slot, err := s.Marks.Last(ctx, "tick"); slot != 41 || err != nil {
		t.Errorf("%d, %v", slot, err)
	}
}
