package store

import (
	"errors"
	"testing"
)

func TestQuestion(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	from := putMembers(t, s, 1)[0]
	for _, m := range []Member{{ID: "lib", Role: RoleLibrarian}, {ID: "own", Role: RoleOwner}, {ID: "drv", Role: RoleDriver}} {
		putMember(t, s, m)
	}
	q, err := s.Questions.Ask(ctx, Op{Key: "u1"}, from, "Ar turite <b>?")
	if err != nil {
		t.Fatal(err)
	}
	if same, err := s.Questions.Ask(ctx, Op{Key: "u1"}, from, "Ar turite <b>?"); err != nil || same.ID != q.ID {
		t.Errorf("asked again with the same update: %+v, %v", same, err)
	}
	sameList(t, "asked", owedList(t, s), "question:"+string(q.ID)+":lib:0 11-23 09:00", "question:"+string(q.ID)+":own:0 11-23 09:00")
	if open, err := s.Questions.Open(ctx); err != nil || len(open) != 1 || open[0].Text != q.Text {
		t.Errorf("open: %+v, %v", open, err)
	}
	if a, err := s.Questions.Answer(ctx, Op{}, q.ID, "lib", "Taip."); err != nil || a.AnsweredBy != "lib" || a.Text != q.Text {
		t.Errorf("answer: %+v, %v", a, err)
	}
	if _, err := s.Questions.Answer(ctx, Op{}, q.ID, "own", "Ne."); !errors.Is(err, ErrStale) {
		t.Errorf("answered twice: %v", err)
	}
	sameList(t, "answered", owedList(t, s), "answer:"+string(q.ID)+":"+string(from)+":0 11-23 09:00")
	if open, err := s.Questions.Open(ctx); err != nil || len(open) != 0 {
		t.Errorf("open: %+v, %v", open, err)
	}
	if _, err := s.Questions.Answer(ctx, Op{}, "qx", "own", "Ne."); !errors.Is(err, ErrNotFound) {
		t.Errorf("answer to nothing: %v", err)
	}
}
