package handlers

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
	"versli/store/search"
)

// worlds numbers the libraries of this test binary, so that tests share a server and no state.
var worlds atomic.Int64

// world is a library with its bot, a clock that stands still, and people who write to it.
type world struct {
	t      testing.TB
	store  *store.Store
	index  *search.Index
	words  *messages.Catalog
	router *chat.Router
	app    *App
	zone   *time.Location
	at     time.Time
	update int64
	people int64
	killed bool
	viewed map[string]int // how often each view was watched
}

// killedWorld is a world whose process is killed after every decision and before its answer goes out: Telegram
// delivers each update again, the effect is to happen once, and the person sees the second answer only.
func killedWorld(tb testing.TB) *world {
	tb.Helper()
	w := newWorld(tb)
	w.killed = true
	return w
}

// newWorld opens an empty library on Monday 23 November 2026, 9.00 in Vilnius.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		tb.Fatal(err)
	}
	options := &redis.Options{Network: "unix", Addr: redisSocket}
	if redisSocket == "" {
		options = &redis.Options{Addr: miniredis.RunT(tb).Addr()}
	}
	rdb := redis.NewClient(options)
	tb.Cleanup(func() { _ = rdb.Close() })
	w := &world{t: tb, zone: zone, at: time.Date(2026, 11, 23, 9, 0, 0, 0, zone), index: search.New(), people: 1000, viewed: map[string]int{}}
	now := func() time.Time { return w.at }
	library := fmt.Sprintf("handlers%d", worlds.Add(1))
	if w.store, err = store.Open(tb.Context(), rdb, store.Options{Library: library, Zone: zone, Now: now}); err != nil {
		tb.Fatal(err)
	}
	if w.words, err = messages.Load("lt"); err != nil {
		tb.Fatal(err)
	}
	w.router = chat.NewRouter(Actors{Members: w.store.Members, Fallback: "lt"}, w.store.Dialogues, slog.New(slog.DiscardHandler))
	w.app = New(Deps{
		Store: w.store, Index: w.index, Words: w.words, Now: now, Zone: zone,
		Username: func() string { return "versli_bot" }, Fallback: "lt",
	}, w.router)
	return w
}

// op is a decision of the test itself.
func (w *world) op() store.Op {
	w.update++
	return store.Op{Key: fmt.Sprintf("test%d", w.update), By: "m0"}
}

// title puts a title with so many copies in the main library, and into the index.
func (w *world) title(name string, copies int, change ...func(*store.Record)) store.TitleID {
	w.t.Helper()
	r := store.Record{Title: store.Title{Name: name, Authors: []string{"Daniel Kahneman"}, Year: 2015, Topic: store.TopicPsychology}}
	for i := range copies {
		r.Copies = append(r.Copies, store.RecordCopy{Barcode: fmt.Sprintf("%s-%d", name, i)})
	}
	for _, c := range change {
		c(&r)
	}
	_, ids, err := w.store.Titles.Put(w.t.Context(), w.op(), "", []store.Record{r})
	if err != nil {
		w.t.Fatal(err)
	}
	w.reindex()
	return ids[0]
}

// reindex brings the index up to date, as the program does from the stream of changes.
func (w *world) reindex() {
	w.t.Helper()
	err := w.store.Titles.Each(w.t.Context(), func(t store.Title, copies []store.Copy) error {
		w.index.Put(search.NewDoc(t, copies))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// stop puts a stop with a visit every Thursday, 14.30–15.00, from 3 December 2026 on.
func (w *world) stop(community string) store.Stop {
	w.t.Helper()
	s, err := w.store.Van.SaveStop(w.t.Context(), w.op(), store.Stop{
		Community: community, Name: "kultūros namai", Lat: 56.08, Lon: 25.6, Arrival: 14*60 + 30, Departure: 15 * 60,
		Rule: "FREQ=WEEKLY", Start: "2026-12-03",
	}, "Šiaurinis")
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// person is somebody with a chat, and what they see in it.
type person struct {
	w        *world
	chat     int64
	name     string
	lang     string
	messages []shown // the latest last
	menu     *chat.Menu
	toast    string
	said     string // all texts of the last answer
	next     int    // message id
}

type shown struct {
	id  int
	msg chat.Message
}

// person makes somebody of a role, as the state has it.
func (w *world) person(name, lang string, role store.Role) *person {
	w.t.Helper()
	w.people++
	p := &person{w: w, chat: w.people, name: name, lang: lang}
	ctx := w.t.Context()
	if role == store.RoleGuest {
		return p
	}
	m, err := w.store.Members.Meet(ctx, store.Person{Chat: p.chat, Name: name, Language: lang}, "lt")
	if err != nil {
		w.t.Fatal(err)
	}
	application := store.Application{Member: m.ID, Name: name, Organisation: "UAB " + name, Kind: store.KindBusiness, Agreement: "1", At: w.at}
	if role == store.RoleApplicant {
		w.check(w.store.Members.Apply(ctx, w.op(), application))
		return p
	}
	i, err := w.store.Members.Invite(ctx, w.op(), store.RoleMember, 1, w.at.AddDate(0, 0, 7))
	w.check(err)
	_, err = w.store.Members.Accept(ctx, w.op(), i.Code, application)
	w.check(err)
	switch role {
	case store.RoleOwner:
		w.check(w.store.Members.MakeOwners(ctx, []int64{p.chat}))
	case store.RoleDriver, store.RoleLibrarian:
		w.check(w.store.Members.SetRole(ctx, store.Op{Key: w.op().Key, By: w.boss()}, m.ID, role))
	case store.RoleGuest, store.RoleApplicant, store.RoleMember:
	}
	return p
}

// boss is the id of an owner, made when there is none.
func (w *world) boss() store.MemberID {
	w.t.Helper()
	owners, err := w.store.Members.WithRole(w.t.Context(), store.RoleOwner)
	w.check(err)
	if len(owners) > 0 {
		return owners[0].ID
	}
	return w.person("Ona", "lt", store.RoleOwner).member().ID
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// member is the person as the state has them.
func (p *person) member() store.Member {
	p.w.t.Helper()
	m, err := p.w.store.Members.ByChat(p.w.t.Context(), p.chat)
	p.w.check(err)
	return m
}

func (p *person) request(kind chat.Kind) chat.Request {
	p.w.update++
	return chat.Request{
		Update: p.w.update, Kind: kind, Chat: p.chat, Private: true, At: p.w.at, Message: 1,
		From: chat.Person{ID: p.chat, FirstName: p.name, Language: p.lang},
	}
}

// write types something: a command, or text.
func (p *person) write(text string) *person {
	p.w.t.Helper()
	r := p.request(chat.KindText)
	r.Text = text
	if rest, ok := strings.CutPrefix(text, "/"); ok {
		r.Kind = chat.KindCommand
		r.Command, r.Text, _ = strings.Cut(rest, " ")
	}
	return p.do(r)
}

// press presses the last button whose label contains text, or whose data is it.
func (p *person) press(label string) *person {
	p.w.t.Helper()
	for _, m := range slices.Backward(p.messages) {
		for _, row := range m.msg.Keyboard {
			for _, b := range row {
				if b.Data != "" && (strings.Contains(b.Label, label) || b.Data == label || b.Data == "1|"+label) {
					return p.pressData(m.id, b.Data)
				}
			}
		}
	}
	p.w.t.Fatalf("%s sees no button %q in:\n%s", p.name, label, p.screen())
	return p
}

// pressData presses a button of a message, which may be out of date or forged.
func (p *person) pressData(message int, data string) *person {
	p.w.t.Helper()
	r := p.request(chat.KindPress)
	r.Message, r.Raw, r.Query = message, data, "q"
	r.Action, r.Args, _ = chat.Decode(data)
	return p.do(r)
}

// do asks, and shows the answer in the person's chat as Telegram does.
func (p *person) do(r chat.Request) *person {
	p.w.t.Helper()
	if p.w.killed {
		_, err := p.w.router.Handle(p.w.t.Context(), r)
		p.w.check(err)
	}
	unchanged := p.w.watch(r)
	reply, err := p.w.router.Handle(p.w.t.Context(), r)
	p.w.check(err)
	unchanged(reply)
	p.toast, p.said = reply.Toast, ""
	for _, m := range reply.Messages {
		p.show(m)
	}
	if strings.Contains(p.said+p.toast, r.Key()) {
		p.w.t.Fatalf("%s got an incident for %+v:\n%s", p.name, r, p.said+p.toast)
	}
	return p
}

func (p *person) show(m chat.Message) {
	p.w.t.Helper()
	p.w.sound(m)
	if m.Delete != 0 {
		for i, s := range p.messages {
			if s.id == m.Delete {
				p.messages = append(p.messages[:i:i], p.messages[i+1:]...)
				break
			}
		}
		return
	}
	p.said += string(m.Text) + "\n"
	if m.Menu != nil {
		p.menu = m.Menu
	}
	for i, s := range p.messages {
		if m.Edit != 0 && s.id == m.Edit {
			p.messages[i].msg = m
			return
		}
	}
	p.next++
	p.messages = append(p.messages, shown{id: p.next + 100, msg: m})
}

// sound holds what is true of every message: Telegram would take it, its buttons are ours, and it has no key of a text in it.
func (w *world) sound(m chat.Message) {
	w.t.Helper()
	if m.Delete != 0 {
		return
	}
	if m.Text == "" && m.Photo == nil && m.Document == nil && m.Venue == nil {
		w.t.Error("a message says nothing")
	}
	longest := 4096
	if m.Photo != nil || m.Document != nil {
		longest = 1024
	}
	if n := len([]rune(plainText(m.Text))); n > longest {
		w.t.Errorf("a message of %d characters", n)
	}
	if len(m.Keyboard) > 0 && m.Menu != nil {
		w.t.Errorf("a message has both kinds of keyboard, and Telegram takes one: %s", m.Text)
	}
	if key := w.unresolved(string(m.Text)); key != "" {
		w.t.Errorf("a message shows the key %q: %s", key, m.Text)
	}
	for _, row := range m.Keyboard {
		for _, b := range row {
			if b.Label == "" || w.unresolved(b.Label) != "" {
				w.t.Errorf("a button is labelled %q", b.Label)
			}
			if b.URL != "" {
				continue
			}
			action, _, err := chat.Decode(b.Data)
			if err != nil || !strings.Contains(" "+strings.Join(w.router.Actions(), " ")+" ", " "+action+" ") {
				w.t.Errorf("the button %q asks for %q: no such action (%v)", b.Label, b.Data, err)
			}
		}
	}
}

// owed delivers what is due for a person, as the scheduler does.
func (p *person) owed() *person {
	p.w.t.Helper()
	ctx := p.w.t.Context()
	due, err := p.w.store.Outbox.Due(ctx, p.w.at, 1000)
	p.w.check(err)
	id := p.member().ID
	p.said = ""
	for _, n := range due {
		if n.Member != id {
			continue
		}
		p.w.check(p.w.store.Outbox.HandedOver(ctx, n.ID))
		msg, _, drop, err := p.w.app.Render(ctx, n)
		p.w.check(err)
		if drop != "" {
			p.w.check(p.w.store.Outbox.Dropped(ctx, n, drop))
			continue
		}
		p.show(msg)
		p.w.check(p.w.store.Outbox.Sent(ctx, n))
	}
	return p
}

// sees fails unless the last answer has all of these in it.
func (p *person) sees(parts ...string) *person {
	p.w.t.Helper()
	for _, part := range parts {
		if !strings.Contains(p.said, part) {
			p.w.t.Fatalf("%s does not see %q in:\n%s\ntoast: %s", p.name, part, p.said, p.toast)
		}
	}
	return p
}

// reads fails unless the last answer has these texts of the catalogue in it (those without parameters).
func (p *person) reads(keys ...string) *person {
	p.w.t.Helper()
	words := p.w.words.In(p.lang)
	for _, key := range keys {
		p.sees(strings.TrimSpace(string(words.HTML(key))))
	}
	return p
}

// label is a button's label in the person's language.
func (p *person) label(key string, kv ...any) string { return p.w.words.In(p.lang).Plain(key, kv...) }

// screen is the chat as text, for a failure.
func (p *person) screen() string {
	var b strings.Builder
	for _, s := range p.messages {
		fmt.Fprintf(&b, "--- %d\n%s\n", s.id, s.msg.Text)
		for _, row := range s.msg.Keyboard {
			for _, button := range row {
				fmt.Fprintf(&b, "[%s] ", button.Label)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
