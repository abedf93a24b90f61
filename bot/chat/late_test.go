package chat

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// asked is a member's request of after an outage.
func asked(k Kind, name string) Request {
	return Request{
		Update: 9, Kind: k, Command: name, Action: name, Text: "", At: time.Unix(1_800_000_000, 0),
		Chat: member, Private: true, From: Person{ID: member}, Late: true,
	}
}

// newLateRouter has a view and a decision of each kind, and says when it was away.
func newLateRouter(m *memory) *Router {
	r := NewRouter(roles{member: Member}, m, slog.New(slog.DiscardHandler))
	silent := func(context.Context, Request) (Reply, error) { return Reply{}, nil }
	r.Command(
		Command{Name: "van", View: true, Handler: says("van")},
		Command{Name: "cancel", Handler: says("cancel")},
	)
	r.Action(
		Action{Name: "title", View: true, Handler: says("title")},
		Action{Name: "noop", View: true, Handler: silent},
		Action{Name: "pick", Handler: says("pick")},
	)
	r.Dialogue(Dialogue{Name: "ask", Version: 1, Handler: says("ask")})
	r.Otherwise(Fallbacks{
		Text: says("text"), Location: says("location"), File: says("file"), Other: says("other"), Presence: says("presence"),
		Failed: func(_ context.Context, _ Request, err error, _ string) Reply { return Say(HTML(err.Error())) },
		Late:   func(Request) Message { return Message{Text: "away"} },
	})
	return r
}

func TestLateViews(t *testing.T) {
	for _, c := range []struct {
		kind              Kind
		name              string
		last, more, fresh string // answers to the last late request, to one that more have followed, and to one in time
	}{
		{KindCommand, "van", "away; van", "", "van"},
		{KindCommand, "cancel", "cancel", "cancel", "cancel"},
		{KindPress, "title", "away; title", "", "title"},
		{KindPress, "noop", "", "", ""},
		{KindPress, "pick", "pick", "pick", "pick"},
		{KindText, "", "away; text", "", "text"},
		{KindLocation, "", "away; location", "", "location"},
		{KindFile, "", "file", "file", "file"},
		{KindBlocked, "", "presence", "presence", "presence"},
	} {
		r := newLateRouter(&memory{states: map[int64][]byte{}})
		req := asked(c.kind, c.name)
		if reply, err := r.Handle(t.Context(), req); err != nil || reply.text() != c.last {
			t.Errorf("the last late %v %q was answered %q, %v; want %q", c.kind, c.name, reply.text(), err, c.last)
		}
		req.Superseded = true
		if reply, err := r.Handle(t.Context(), req); err != nil || reply.text() != c.more {
			t.Errorf("a superseded %v %q was answered %q, %v; want %q", c.kind, c.name, reply.text(), err, c.more)
		}
		req.Late, req.Superseded = false, false
		if reply, err := r.Handle(t.Context(), req); err != nil || reply.text() != c.fresh {
			t.Errorf("a fresh %v %q was answered %q, %v", c.kind, c.name, reply.text(), err)
		}
	}
}

// What a dialogue asked for is an answer, however late: it is no view.
func TestLateDialogue(t *testing.T) {
	m := &memory{states: map[int64][]byte{}}
	r := newLateRouter(m)
	begin := func() {
		m.states[member] = []byte(`{"dialogue":"ask","step":"one","version":1,"at":"2027-01-15T08:00:00Z"}`)
	}
	begin()
	req := asked(KindText, "")
	req.Superseded = true
	if reply, err := r.Handle(t.Context(), req); err != nil || reply.text() != "ask at one" {
		t.Errorf("a late answer got %q, %v", reply.text(), err)
	}
	begin()
	req = asked(KindCommand, "van")
	req.Superseded = true
	if reply, err := r.Handle(t.Context(), req); err != nil || reply.text() != "" {
		t.Errorf("a superseded command got %q, %v", reply.text(), err)
	}
	if m.states[member] != nil {
		t.Error("a command that need not be answered left its person in the dialogue")
	}
}
