package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"versli/bot/chat"
	"versli/bot/playground"
	"versli/handlers"
	"versli/handlers/messages"
	"versli/store"
)

// commands are those that the program has, from the router that /help derives from.
func commands(t *testing.T) []chat.Command {
	t.Helper()
	words, err := messages.Load("lt")
	if err != nil {
		t.Fatal(err)
	}
	router := chat.NewRouter(nil, nil, slog.New(slog.DiscardHandler))
	handlers.New(handlers.Deps{Words: words, Zone: time.UTC, Now: time.Now}, router)
	return router.Commands(chat.Owner)
}

// answer is what a command says first to a role: a text's key and its parameters.
type answer struct {
	key string
	kv  []any
}

// firstSaid is what each command says to a role that may ask for it.
func firstSaid(role store.Role) map[string]answer {
	begin, panel, desk := answer{key: "start.staff"}, answer{key: "staff.title"}, answer{key: "desk.title"}
	if role == store.RoleDriver { // the trip is both to a driver
		panel = answer{"driver.title", []any{"day", "§"}}
		desk = panel
	}
	if role == store.RoleGuest || role == store.RoleMember {
		begin.key = "start." + string(role)
	}
	return map[string]answer{
		"start": begin, "help": {key: "help.head"}, "cancel": {key: "help.cancelled"}, "language": {key: "start.choose_language"},
		"search": {key: "search.ask"}, "topics": {key: "search.topics_head"}, "new": {key: "search.head_new"},
		"holds": {key: "holds.none"}, "trainings": {key: "training.title"}, "calendar": {"calendar.title", []any{"month", "§"}},
		"van": {key: "van.title"}, "nearest": {key: "nearest.ask"}, "ask": {key: "ask.question"},
		"members": {"members.item", []any{"number", "§", "name", "MB „Kamajų sūriai“", "kind", "§"}},
		"profile": {"profile.role_" + string(role), nil}, "settings": {key: "settings.head"}, "pause": {key: "pause.ask"},
		"privacy": {key: "privacy.text"}, "export": {key: "privacy.exported"}, "forget": {key: "forget.ask"},
		"staff": panel, "import": {key: "import.how"}, "broadcast": {key: "broadcast.ask"}, "desk": desk,
		"people": {key: "people.type_name"}, "stats": {key: "stats.title"},
	}
}

// roles are those of the playground's people, with the role that the router knows.
func roles() map[store.Role]chat.Role {
	return map[store.Role]chat.Role{
		store.RoleGuest: chat.Guest, store.RoleMember: chat.Member, store.RoleDriver: chat.Driver,
		store.RoleLibrarian: chat.Librarian, store.RoleOwner: chat.Owner,
	}
}

// library is a running program whose state the test can look into.
type library struct {
	*world
	store *store.Store
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	server := miniredis.RunT(t)
	w := start(t, t.TempDir(), func(c *Config) {
		c.Redis = "redis://" + server.Addr()
		c.Limits = 1000
	})
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), rdb, store.Options{Library: "versli", Zone: zone, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &library{world: w, store: st}
}

// somebody is a new person with a role.
func (l *library) somebody(t *testing.T, lang string, role store.Role) *newcomer {
	t.Helper()
	n := l.newcomer(t, lang, strings.ToUpper(string(role[:1]))+string(role[1:]))
	who := playground.Person{ID: n.id, FirstName: string(role), LanguageCode: lang}
	owner, err := l.store.Members.ByChat(t.Context(), daiva)
	if err != nil {
		t.Fatal(err)
	}
	if role == store.RoleOwner {
		if _, err := meet(t.Context(), l.store, who); err != nil {
			t.Fatal(err)
		}
		if err := l.store.Members.MakeOwners(t.Context(), []int64{n.id}); err != nil {
			t.Fatal(err)
		}
	} else if role != store.RoleGuest {
		p := persona{person: who, role: role, org: "UAB " + lang, kind: store.KindBusiness}
		if err := enrol(t.Context(), l.store, p, owner, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func (l *library) member(t *testing.T, n *newcomer) store.Member {
	t.Helper()
	m, err := l.store.Members.ByChat(t.Context(), n.id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every command, under its name and its names in the person's language, for every role in every language: what is said
// or that it may not be asked for; and who that person is in the state afterwards.
func TestEveryCommandLanguageRole(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	list := commands(t)
	for _, lang := range messages.Languages() {
		for role, as := range roles() {
			t.Run(fmt.Sprintf("%s/%s", lang, role), func(t *testing.T) {
				t.Parallel()
				n := l.somebody(t, lang, role)
				answers := firstSaid(role)
				for _, c := range list {
					want, known := answers[c.Name]
					switch {
					case !known:
						t.Errorf("what does /%s say?", c.Name)
						continue
					case as < c.Role && c.Role <= chat.Member:
						want = answer{key: "error.members_only"}
					case as < c.Role:
						want = answer{key: "error.forbidden"}
					}
					for _, name := range append([]string{c.Name}, c.Aliases[lang]...) {
						n.types("/"+name).told(want.key, want.kv...)
					}
				}
				if m := l.member(t, n); m.Role != role || m.Settings.Language != lang || m.Name == "" {
					t.Errorf("stored as %+v, want a %s writing %s", m, role, lang)
				}
			})
		}
	}
}

// What commands change is in the state: a guest, a language, a pause, a question, and nothing after being forgotten.
func TestCommandsChangeTheState(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			n := l.newcomer(t, lang, "Newcomer")
			if _, err := l.store.Members.ByChat(t.Context(), n.id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("known before the first word: %v", err)
			}
			n.types("/start").told("start.guest")
			if m := l.member(t, n); m.Role != store.RoleGuest || m.Settings.Language != lang || m.Name != "Newcomer Test" {
				t.Errorf("/start made %+v", m)
			}
			other := map[string]string{"lt": "lv", "lv": "en", "en": "lt"}[lang]
			n.types("/language").told("start.choose_language")
			n.tap("language." + other)
			n.expect(l.words(t, other)("start.language_set")...)
			if m := l.member(t, n); m.Settings.Language != other {
				t.Errorf("/language left %q", m.Settings.Language)
			}
			n = l.speaker(t, n.id, other)
			n.types("/pause").told("pause.ask")
			n.tap("pause.for_week").told("pause.paused_until", "when", "§")
			if m := l.member(t, n); !m.Settings.PausedUntil.After(time.Now().AddDate(0, 0, 6)) {
				t.Errorf("/pause left %v", m.Settings.PausedUntil)
			}
			question := "Ar dirbate šeštadienį? " + lang
			n.types("/ask "+question).told("ask.sent", "question", question)
			if !slices.ContainsFunc(l.questions(t), func(q store.Question) bool { return q.Text == question }) {
				t.Error("/ask left no question")
			}
			n.types("/forget").told("forget.ask")
			n.tap("forget.yes").told("forget.done")
			if _, err := l.store.Members.ByChat(t.Context(), n.id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("still known after /forget: %v", err)
			}
			if slices.ContainsFunc(l.questions(t), func(q store.Question) bool { return q.Text == question }) {
				t.Error("the question is kept after /forget")
			}
		})
	}
}

func (l *library) questions(t *testing.T) []store.Question {
	t.Helper()
	list, err := l.store.Questions.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}
