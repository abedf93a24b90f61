package chat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// roles are actors whose id names their role.
type roles map[int64]Role

func (r roles) Actor(_ context.Context, req Request) (Actor, error) {
	role, ok := r[req.From.ID]
	if !ok {
		return Actor{}, errAway
	}
	return Actor{ID: fmt.Sprint("m", req.From.ID), Role: role, Language: "lt"}, nil
}

var (
	errAway  = errors.New("the state is away")
	errKnown = errors.New("no copies")
)

// memory keeps dialogues.
type memory struct {
	states map[int64][]byte
	err    error
}

func (m *memory) Load(_ context.Context, chat, _ int64) ([]byte, error) { return m.states[chat], m.err }

func (m *memory) Save(_ context.Context, chat, _ int64, state []byte) error {
	if state == nil {
		delete(m.states, chat)
		return m.err
	}
	m.states[chat] = state
	return m.err
}

// says is a handler that tells its name and what it was given.
func says(name string) Handler {
	return func(_ context.Context, r Request) (Reply, error) {
		text := name
		if r.Text != "" {
			text += " " + r.Text
		}
		if r.State != nil {
			text += " at " + r.State.Step
		}
		return Say(HTML(text)), nil
	}
}

func fails(err error) Handler {
	return func(context.Context, Request) (Reply, error) { return Reply{}, err }
}

const (
	guest     = int64(1)
	member    = int64(2)
	librarian = int64(3)
	stranger  = int64(4) // of whom the state tells nothing
)

func newRouter(m *memory, log *slog.Logger) *Router {
	r := NewRouter(roles{guest: Guest, member: Member, librarian: Librarian}, m, log)
	r.Command(
		Command{Name: "search", Aliases: map[string][]string{"lt": {"paieska"}, "lv": {"meklet"}}, Group: true, Handler: says("search")},
		Command{Name: "start", Handler: says("start")},
		Command{Name: "holds", Role: Member, Handler: says("holds")},
		Command{Name: "staff", Role: Librarian, Handler: says("staff")},
		Command{Name: "join", Handler: func(context.Context, Request) (Reply, error) {
			return Say("name?").Then(&State{Dialogue: "join", Step: "name"}), nil
		}},
		Command{Name: "broken", Handler: func(context.Context, Request) (Reply, error) { panic("a bug") }},
		Command{Name: "none", Handler: fails(fmt.Errorf("reserve: %w", errKnown))},
		Command{Name: "away", Handler: fails(errAway)},
	)
	r.Action(
		Action{Name: "hold", Role: Member, Handler: func(_ context.Context, r Request) (Reply, error) {
			return Change(r, HTML("hold "+r.Arg(0)+r.Arg(5))), nil
		}},
		Action{Name: "page", Group: true, Handler: says("page")},
	)
	r.Dialogue(Dialogue{Name: "join", Version: 2, Handler: func(_ context.Context, r Request) (Reply, error) {
		if r.State.Step == "name" {
			return Say("organisation?").Then(r.State.With("organisation", "name", r.Text)), nil
		}
		return Say(HTML(r.State.Data["name"] + " of " + r.Text)).End(), nil
	}})
	r.Deeplink(Deeplink{Prefix: "t_", Handler: says("title")})
	r.Phrase("Mano knygos", "holds")
	r.Otherwise(Fallbacks{
		Text: says("text"), Location: says("location"), File: says("file"), Other: says("other"), Presence: says("presence"),
		Failed: func(_ context.Context, _ Request, err error, incident string) Reply {
			return Say(HTML(fmt.Sprintf("failed (%v) %s", err, incident)))
		},
		Known: func(err error) bool { return errors.Is(err, errKnown) },
	})
	return r
}

func (r Reply) text() string {
	texts := make([]string, len(r.Messages))
	for i, m := range r.Messages {
		texts[i] = string(m.Text)
	}
	return strings.Join(texts, "; ")
}

func TestRouter(t *testing.T) {
	command := func(who int64, name, text string) Request {
		return Request{Update: 9, Kind: KindCommand, Command: name, Text: text, Chat: who, Private: true, From: Person{ID: who}}
	}
	pressed := func(who int64, action string, args ...string) Request {
		return Request{Update: 9, Kind: KindPress, Action: action, Args: args, Message: 5, Chat: who, Private: true, From: Person{ID: who}}
	}
	kind := func(k Kind, text string) Request {
		return Request{Update: 9, Kind: k, Text: text, Chat: member, Private: true, From: Person{ID: member}}
	}
	inGroup := func(r Request) Request {
		r.Chat, r.Private = -7, false
		return r
	}
	addressed := func(r Request) Request {
		r.Addressed = true
		return r
	}
	for _, c := range []struct {
		name    string
		request Request
		want    string
		logged  bool
	}{
		{"a command", command(guest, "search", "sodai"), "search sodai", false},
		{"its alias", command(guest, "paieska", ""), "search", false},
		{"an alias of another language", command(guest, "meklet", ""), "search", false},
		{"for members, by a member", command(member, "holds", ""), "holds", false},
		{"for members, by a librarian", command(librarian, "holds", ""), "holds", false},
		{"for members, by a guest", command(guest, "holds", ""), "failed (only for members) ", false},
		{"for staff, by a member", command(member, "staff", ""), "failed (not allowed for this role) ", false},
		{"no such command", command(guest, "fly", ""), "failed (no such command or button) ", false},
		{"a deep link", command(guest, "start", "t_1a"), "title 1a", false},
		{"a deep link of nobody's", command(guest, "start", "zzz"), "start zzz", false},
		{"a phrase", kind(KindText, " mano KNYGOS "), "holds", false},
		{"text", kind(KindText, "Žemaitė"), "text Žemaitė", false},
		{"a place", kind(KindLocation, ""), "location", false},
		{"a file", kind(KindFile, ""), "file", false},
		{"a sticker", kind(KindOther, ""), "other", false},
		{"gone", kind(KindBlocked, ""), "presence", false},
		{"a press", pressed(member, "hold", "t1"), "hold t1", false},
		{"a press by a guest", pressed(guest, "hold", "t1"), "failed (only for members) ", false},
		{"a forged press", pressed(member, "drop", "all"), "failed (no such command or button) ", false},
		{"a press that cannot be read", pressed(member, ""), "failed (no such command or button) ", false},
		{"a command in a group", inGroup(command(guest, "search", "x")), "search x", false},
		{"a private command in a group", inGroup(command(member, "holds", "")), "failed (only in a private chat) ", false},
		{"an unknown command in a group", inGroup(command(guest, "fly", "")), "", false},
		{"an unknown command to this bot", addressed(inGroup(command(guest, "fly", ""))), "failed (no such command or button) ", false},
		{"talk in a group", inGroup(kind(KindText, "labas")), "", false},
		{"a press in a group", inGroup(pressed(guest, "page")), "page", false},
		{"a private press in a group", inGroup(pressed(member, "hold", "t1")), "failed (only in a private chat) ", false},
		{"a domain failure", command(guest, "none", ""), "failed (reserve: no copies) ", false},
		{"the state is away", command(guest, "away", ""), "failed (the state is away) u9", true},
		{"nobody knows who it is", command(stranger, "search", ""), "failed (the state is away) u9", true},
		{"a bug", command(guest, "broken", ""), "failed (panic: a bug) u9", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			r := newRouter(&memory{states: map[int64][]byte{}}, slog.New(slog.NewTextHandler(&log, nil)))
			reply, err := r.Handle(t.Context(), c.request)
			if err != nil || reply.text() != c.want {
				t.Errorf("%q, %v; want %q", reply.text(), err, c.want)
			}
			if logged := strings.Contains(log.String(), "incident=u9"); logged != c.logged {
				t.Errorf("logged: %s", log.String())
			}
			if c.name == "a bug" && !strings.Contains(log.String(), "router_test.go") {
				t.Errorf("the log does not say where: %s", log.String())
			}
		})
	}
}

func TestDialogue(t *testing.T) {
	m := &memory{states: map[int64][]byte{}}
	r := newRouter(m, slog.New(slog.DiscardHandler))
	update := int64(0)
	tell := func(k Kind, command, text, want string) {
		t.Helper()
		update++
		reply, err := r.Handle(t.Context(), Request{
			Update: update, Kind: k, Command: command, Text: text, Chat: guest, Private: true, From: Person{ID: guest},
		})
		if err != nil || reply.text() != want {
			t.Errorf("%s%s: %q, %v; want %q", command, text, reply.text(), err, want)
		}
	}
	tell(KindText, "", "Ona", "text Ona")
	tell(KindCommand, "join", "", "name?")
	tell(KindText, "", "Ona", "organisation?")
	tell(KindText, "", "Sodininkai", "Ona of Sodininkai")
	tell(KindText, "", "Ona", "text Ona") // it has ended

	tell(KindCommand, "join", "", "name?")
	tell(KindCommand, "search", "x", "search x") // a command leaves it
	tell(KindText, "", "Ona", "text Ona")

	tell(KindCommand, "join", "", "name?")
	m.states[guest] = bytes.Replace(m.states[guest], []byte(`"version":2`), []byte(`"version":1`), 1)
	tell(KindText, "", "Ona", "text Ona") // its form has changed meanwhile

	m.states[guest] = []byte("nonsense")
	tell(KindText, "", "Ona", "text Ona")

	m.err = errAway
	tell(KindText, "", "Ona", fmt.Sprintf("failed (load dialogue: the state is away) u%d", update+1))
}

func TestRegisteringTwiceIsABug(t *testing.T) {
	for name, register := range map[string]func(*Router){
		"command":   func(r *Router) { r.Command(Command{Name: "search"}) },
		"alias":     func(r *Router) { r.Command(Command{Name: "find", Aliases: map[string][]string{"lv": {"paieska"}}}) },
		"action":    func(r *Router) { r.Action(Action{Name: "hold"}) },
		"dialogue":  func(r *Router) { r.Dialogue(Dialogue{Name: "join"}) },
		"deep link": func(r *Router) { r.Deeplink(Deeplink{Prefix: "t_1"}) },
		"phrase":    func(r *Router) { r.Phrase("MANO knygos", "search") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRouter(&memory{}, slog.New(slog.DiscardHandler))
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			register(r)
		})
	}
}

func TestCommandsOfARole(t *testing.T) {
	r := newRouter(&memory{}, slog.New(slog.DiscardHandler))
	has := func(role Role, name string) bool {
		return slices.ContainsFunc(r.Commands(role), func(c Command) bool { return c.Name == name })
	}
	if has(Guest, "holds") || !has(Member, "holds") || has(Member, "staff") || !has(Owner, "staff") {
		t.Errorf("a guest has %v", r.Commands(Guest))
	}
}
