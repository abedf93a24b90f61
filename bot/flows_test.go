package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"versli/handlers/messages"
)

// newcomer is somebody who writes in one of the three languages.
type newcomer struct {
	*person
	lang string
	say  func(key string, kv ...any) []string // pieces of a text
	p    *messages.Printer
}

func (w *world) newcomer(t *testing.T, lang, first string) *newcomer {
	t.Helper()
	var made struct {
		ID int64 `json:"id"`
	}
	w.post(t, "/play/people", map[string]any{"first_name": first, "last_name": "Test", "language_code": lang}, &made)
	return w.speaker(t, made.ID, lang)
}

func (w *world) speaker(t *testing.T, id int64, lang string) *newcomer {
	t.Helper()
	catalog, err := messages.Load("lt")
	if err != nil {
		t.Fatal(err)
	}
	return &newcomer{person: w.person(t, id), lang: lang, say: w.words(t, lang), p: catalog.In(lang)}
}

// types types a text; tap presses a button by its label's key; told waits for a text by its key.
func (n *newcomer) types(text string) *newcomer { n.t.Helper(); n.person.say(text); return n }

func (n *newcomer) press(label string) *newcomer { n.t.Helper(); n.person.press(label); return n }

func (n *newcomer) post(what string, body map[string]any) *newcomer {
	n.t.Helper()
	n.person.post(what, body)
	return n
}

func (n *newcomer) photo(caption string, content []byte) *newcomer {
	n.t.Helper()
	n.attach("photo", "photo.png", caption, content)
	return n
}

func (n *newcomer) tap(key string, kv ...any) *newcomer {
	n.t.Helper()
	n.press(n.p.Plain(key, kv...))
	return n
}

func (n *newcomer) told(key string, kv ...any) bubble {
	n.t.Helper()
	return n.expect(n.say(key, kv...)...)
}

// Every flow of the issue, in each language, with the program as a newcomer starts it.
func TestFlows(t *testing.T) {
	w := start(t, t.TempDir())
	librarian := w.speaker(t, daiva, "lt")
	librarian.types("/start").told("start.staff")
	librarian.types("/staff").told("staff.calls", "count", 0) // nothing is owed before the first day
	books := map[string]string{"lt": "Mąstymas, greitas ir lėtas", "lv": "Domāšana, ātrā un lēnā", "en": "Thinking, Fast and Slow"}
	var people []*newcomer
	for _, lang := range messages.Languages() {
		n := w.newcomer(t, lang, map[string]string{"lt": "Ona", "lv": "Anna", "en": "Ann"}[lang])
		people = append(people, n)
		// Each step stands on the one before.
		ok := t.Run(lang+"/join", func(t *testing.T) { joins(t, n, librarian) }) &&
			t.Run(lang+"/book", func(t *testing.T) { reserves(t, n, librarian, books[lang]) }) &&
			t.Run(lang+"/training", func(t *testing.T) { trains(t, n) }) &&
			t.Run(lang+"/follow", func(t *testing.T) { follows(t, n) }) &&
			t.Run(lang+"/ask", func(t *testing.T) { asks(t, n, librarian) }) &&
			t.Run(lang+"/broadcast", func(t *testing.T) { announces(t, n, librarian) })
		if !ok {
			return
		}
	}
	t.Run("reminders", func(t *testing.T) {
		for _, n := range people {
			n.mark()
		}
		w.wait(t, 15*24*time.Hour)
		for _, n := range people {
			n.t = t
			n.told("van.notice_evening", "day", "§", "span", "§", "stop", "§")
			n.told("training.notice_day", "day", "§", "clock", "§")
			soon := 0
			for _, b := range n.fresh() {
				if containsAll(b.all(), n.say("van.notice_soon", "n", 30, "stop", "§", "span", "§")) {
					soon++
				}
			}
			if soon == 0 {
				t.Errorf("%s: no reminder half an hour before the van:\n%s", n.lang, describe(n.fresh()))
			}
		}
	})
	for _, n := range people {
		t.Run(n.lang+"/privacy", func(t *testing.T) { leaves(t, n, librarian) })
	}
	w.validCalls(t)
}

func joins(t *testing.T, n, librarian *newcomer) {
	t.Helper()
	n.t = t
	n.types("/start").told("start.guest")
	n.types("/holds").told("error.members_only")
	n.types("/start").told("start.guest")
	n.tap("start.join").told("join.name", "name", "§")
	n.tap("join.use_name", "name", "").told("join.organisation")
	n.types("UAB <Testas> & "+n.lang).told("join.kind", "organisation", "§")
	n.tap("kind.business").told("join.summary", "name", "§", "organisation", "UAB <Testas> & "+n.lang, "kind", n.p.Plain("kind.business"))
	librarian.mark()
	n.tap("join.agree").told("join.applied")
	librarian.told("notice.application", "name", "§", "organisation", "§", "kind", "§", "version", "§")
	n.mark()
	librarian.tap("join.approve").told("join.approved", "name", "§", "organisation", "§", "by", "§")
	n.told("notice.welcome", "organisation", "UAB <Testas> & "+n.lang)
}

func reserves(t *testing.T, n, librarian *newcomer, book string) {
	t.Helper()
	n.t, librarian.t = t, t
	n.types(strings.ToLower(book)).expect(book)
	n.press("1").expect("📖", book)
	n.tap("card.reserve").told("holds.choose", "title", "§")
	n.press("🏛").told("holds.reserved", "title", book)
	n.types("/holds").told("holds.head")
	n.press("1").told("holds.allocated")
	n.tap("holds.cancel").expect(book)
	n.tap("common.undo").told("holds.allocated")

	librarian.types("/desk").told("desk.title")
	librarian.press(librarian.p.Plain("desk.list_allocated")).expect(book)
	librarian.press("1").expect(book)
	n.mark()
	librarian.tap("desk.ready")
	n.told("notice.hold_ready", "title", book, "place", "§", "day", "§")
	librarian.tap("desk.collect").expect(book)
	n.types("/holds").told("holds.loans_head")
}

func trains(t *testing.T, n *newcomer) {
	t.Helper()
	n.t = t
	n.types("/trainings").told("training.title")
	n.press("1").told("training.head", "name", "§", "kind", "§")
	n.tap("training.join").told("training.my_seat")
}

func follows(t *testing.T, n *newcomer) {
	t.Helper()
	n.t = t
	n.types("/van").told("van.title")
	n.tap("van.by_stop").told("van.communities")
	n.press("Kamajai").told("van.next_visits")
	n.tap("van.follow").told("van.following")
	n.post("location", map[string]any{"latitude": 55.81, "longitude": 25.50}).told("nearest.title")
}

func asks(t *testing.T, n, librarian *newcomer) {
	t.Helper()
	n.t, librarian.t = t, t
	librarian.mark()
	n.types("/ask").told("ask.question")
	n.types("Ar turite <b>"+n.lang+"</b>?").told("ask.sent", "question", "§")
	librarian.told("notice.question", "name", "§", "question", "Ar turite <b>"+n.lang+"</b>?")
	librarian.tap("ask.answer").told("ask.answer_to", "name", "§", "question", "§")
	n.mark()
	librarian.types("Taip & dar daugiau").told("ask.answer_sent", "name", "§")
	n.told("notice.answer", "question", "§", "answer", "Taip & dar daugiau")
}

func announces(t *testing.T, n, librarian *newcomer) {
	t.Helper()
	n.t, librarian.t = t, t
	n.w.byDay(t)
	text := "Mugė <šeštadienį> – " + n.lang
	librarian.types("/broadcast").told("broadcast.ask")
	librarian.types(text).told("broadcast.whom")
	librarian.press(librarian.p.Plain("language."+n.lang)).told("broadcast.confirm", "audience", "§")
	librarian.expect(text)
	n.mark()
	librarian.press("📣")
	n.expect(text)
	librarian.told("broadcast.state_sent")
}

func leaves(t *testing.T, n, librarian *newcomer) {
	t.Helper()
	n.t, librarian.t = t, t
	n.types("/export")
	export := n.download(n.expectDocument())
	var data map[string]any
	if err := json.Unmarshal(export, &data); err != nil {
		t.Fatalf("export is no JSON: %v", err)
	}
	if !strings.Contains(string(export), "Testas") {
		t.Errorf("the export lacks the organisation: %s", export)
	}
	n.types("/forget").told("forget.loans", "n", 1)
	librarian.types("/desk").told("desk.title")
	librarian.press(librarian.p.Plain("desk.list_loans")).expect("1.")
	librarian.press("1").told("desk.loan_issued", "day", "§")
	librarian.tap("desk.return").told("desk.loan_returned", "day", "§")
	n.types("/forget").told("forget.ask")
	n.tap("forget.yes").told("forget.done")
	n.types("/profile").told("profile.role_guest")
}

// expectDocument waits for a message with a file.
func (n *newcomer) expectDocument() bubble {
	n.t.Helper()
	deadline := time.After(patience)
	for {
		moved := n.w.next()
		for _, b := range n.fresh() {
			if b.Document != nil {
				return b
			}
		}
		select {
		case <-moved:
		case <-deadline:
			n.t.Fatalf("no file came:\n%s", describe(n.fresh()))
		}
	}
}
