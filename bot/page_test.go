package main

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"versli/handlers/messages"
)

// reader is somebody at the page: their chat, and the words that the bot uses with them.
type reader struct {
	*screen
	id  int64
	p   *messages.Printer
	say func(key string, kv ...any) []string
}

func (s *screen) as(w *world, id int64, lang string) *reader {
	s.t.Helper()
	speaker := w.speaker(s.t, id, lang)
	return &reader{screen: s, id: id, p: speaker.p, say: speaker.say}
}

// enter opens the reader's chat, as on a phone or alone on a desktop.
func (r *reader) enter(theme string) {
	r.t.Helper()
	r.open(fmt.Sprintf("/?lang=%s&theme=%s#/chat/%d", r.p.Lang(), theme, r.id))
	r.see("part('chat')?.dataset.chat === %s", strconv.FormatInt(r.id, 10))
}

// begin presses START.
func (r *reader) begin() {
	r.t.Helper()
	r.see("part('start-card')")
	r.click("part('start')")
	r.see("all('.composer-form:not([hidden])').length")
}

// says writes a message in the composer.
func (r *reader) says(text string) {
	r.t.Helper()
	r.click("part('input')")
	r.write(text)
}

// presses a button of the bot by its label.
func (r *reader) presses(label string) {
	r.t.Helper()
	r.click("button(0, %s)", label)
}

// taps a button of the bot by its label's key.
func (r *reader) taps(key string, kv ...any) {
	r.t.Helper()
	r.presses(r.p.Plain(key, kv...))
}

// pressesFirst presses the first button under the message that says a text of the bot.
func (r *reader) pressesFirst(key string, kv ...any) {
	r.t.Helper()
	r.click("message(0, ...%s)?.querySelector('[data-testid=callback]')", r.say(key, kv...))
}

// reads waits for a message that says a text of the bot, and more words.
func (r *reader) reads(key string, kv ...any) {
	r.t.Helper()
	r.readsWords(r.say(key, kv...)...)
}

func (r *reader) readsWords(pieces ...string) {
	r.t.Helper()
	r.see("message(0, ...%s)", pieces)
}

// wakeAt moves the playground's clock to the next such hour, so that what is due does not depend on when the test runs.
func (w *world) wakeAt(t *testing.T, weekday time.Weekday, hour, minute int) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	now := w.now(t).In(zone)
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, zone)
	for at.Weekday() != weekday || !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	w.wait(t, at.Sub(now))
}

// byDay moves the playground's clock to the morning when it is night, so that nobody's quiet hours hold a broadcast back.
func (w *world) byDay(t *testing.T) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	const morning, evening = 8, 21
	now := w.now(t).In(zone)
	if now.Hour() >= morning && now.Hour() < evening {
		return
	}
	at := time.Date(now.Year(), now.Month(), now.Day(), morning, 0, 0, 0, zone)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	w.wait(t, at.Sub(now))
}

// now is the playground's time.
func (w *world) now(t *testing.T) time.Time {
	t.Helper()
	var state struct {
		Clock struct{ Now time.Time }
	}
	w.get(t, "/play/state", &state)
	return state.Clock.Now
}

// The chat page in a browser, pressed as people press it.
func TestPage(t *testing.T) {
	need(t, "chromium")
	w := start(t, t.TempDir())
	w.wakeAt(t, time.Monday, 10, 0)
	s := openScreen(t, w.addr)
	s.size(1280, 800)
	member := s.as(w, rasa, "lt")
	librarian := s.as(w, daiva, "lt")
	t.Run("book", func(t *testing.T) { s.t = t; reservesOnPage(member) })
	t.Run("commands", func(t *testing.T) { s.t = t; opensMenu(member) })
	t.Run("van", func(t *testing.T) { s.t = t; followsOnPage(member) })
	t.Run("location", func(t *testing.T) { s.t = t; sendsLocation(member) })
	t.Run("clock", func(t *testing.T) { s.t = t; meetsVan(member) })
	t.Run("broadcast", func(t *testing.T) { s.t = t; announcesOnPage(librarian, member) })
	t.Run("phone", func(t *testing.T) { s.t = t; usesPhone(w, s) })
	s.t = t
	s.clean()
}

func reservesOnPage(r *reader) {
	r.enter("light")
	r.begin()
	r.reads("start.member")
	r.says("mastymas greitas")
	r.readsWords("Mąstymas, greitas ir lėtas")
	r.presses("1")
	r.reads("card.where")
	r.taps("card.reserve")
	r.reads("holds.choose", "title", "§")
	r.presses("🏛")
	r.reads("holds.reserved", "title", "Mąstymas, greitas ir lėtas")
}

func opensMenu(r *reader) {
	r.click("part('menu')")
	r.see("part('commands')")
	r.see("all('[data-command]').length > 10")
	r.click("all('[data-command]').find((one) => one.dataset.command === %s)", "rezervacijos")
	r.reads("holds.head")
	r.see("!part('commands')")
}

func followsOnPage(r *reader) {
	r.taps("menu.van")
	r.reads("van.none_followed")
	r.taps("van.by_day")
	r.reads("van.days")
	r.pressesFirst("van.days")
	r.presses("1.")
	r.reads("van.stop_title", "stop", "§")
	r.taps("van.follow")
	r.see("part('toast')?.textContent === %s", r.p.Plain("van.followed_toast"))
	r.reads("van.following")
}

func sendsLocation(r *reader) {
	r.click("part('attach')")
	r.click("part('location')")
	r.see("part('location-dialog')")
	r.click("all('[data-place=\"Kamajai\"]')[0]")
	r.click("part('confirm')")
	r.see("!part('location-dialog')")
	r.reads("nearest.title")
	r.readsWords("Kamajai")
}

func meetsVan(r *reader) {
	r.click("part('clock-visit')")
	r.reads("van.notice_soon", "n", 30, "stop", "§", "span", "§")
	r.see("part('clock-bar')?.getAttribute('aria-busy') !== 'true'")
}

func announcesOnPage(r, member *reader) {
	const text = "Šeštadienį laukiame Jūsų Obelių turguje!"
	r.enter("light")
	r.begin()
	r.says("/pranesimas")
	r.reads("broadcast.ask")
	r.says(text)
	r.reads("broadcast.whom")
	r.taps("broadcast.to_members")
	r.reads("broadcast.confirm", "audience", "§")
	r.pressesFirst("broadcast.confirm", "audience", "§")
	r.reads("broadcast.state_sent")
	r.see("message(0, ...%s)?.querySelector('.edited')", r.say("broadcast.state_sent"))
	r.click("all('[data-person]').find((one) => one.dataset.person === %s)", strconv.FormatInt(member.id, 10))
	member.see("part('chat')?.dataset.chat === %s", strconv.FormatInt(member.id, 10))
	member.readsWords(text)
}

func usesPhone(w *world, s *screen) {
	partner := s.as(w, inese, "lv")
	s.size(390, 800)
	partner.enter("dark")
	partner.begin()
	partner.reads("start.member")
	partner.says("domāšana")
	partner.readsWords("Domāšana, ātrā un lēnā")
	s.see("document.documentElement.scrollWidth <= innerWidth")
	s.see("!part('people')")
	s.see("/^rgb.(\\d+)/.exec(getComputedStyle(part('message').querySelector('.bubble')).backgroundColor)[1] < 80")
}
