package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"versli/handlers/messages"
)

// What a newsletter needs, from the first word to the recall, in each language and through the real program: two texts, an
// audience with an exception, a button, a test, an hour, the report, a correction.
func TestAnnouncementsWithCare(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			w := start(t, t.TempDir())
			staff := w.speaker(t, daiva, lang)
			staff.types("/start").expect("/staff")
			staff.types("/language").expect("🌍")
			staff.tap("language." + lang).told("start.language_set")
			other := map[string]string{"lt": "lv", "lv": "lt", "en": "lv"}[lang]
			a := announcement{staff: staff, same: w.newcomer(t, lang, "Asta"), other: w.newcomer(t, other, "Otto"), follower: w.newcomer(t, lang, "Jonas")}
			a.chooseTopics()
			a.compose("Mokesčių diena <šeštadienį>", "Nodokļu diena <sestdien>")
			a.sendTomorrow("Mokesčių diena <šeštadienį>", "Nodokļu diena <sestdien>")
			a.correct("Nodokļu diena svētdien")
			a.recall("Mokesčių diena <šeštadienį>", "Nodokļu diena svētdien")
			w.validCalls(t)
		})
	}
}

// announcement is who takes part: two who are to get it, each in their language, and one who is not.
type announcement struct{ staff, same, other, follower *newcomer }

func (a announcement) chooseTopics() {
	a.staff.t.Helper()
	for _, n := range []*newcomer{a.same, a.other, a.follower} {
		n.types("/start").told("start.guest")
		n.types("/settings").told("settings.head")
		n.tap("settings.button_interests").told("settings.choose_interests")
		n.tap("topic.taxes").expect("✅ " + n.p.Plain("topic.taxes"))
	}
	a.follower.types("/van Juodupė").told("van.stop_title", "stop", "§")
	a.follower.tap("van.follow").told("van.following")
}

func (a announcement) compose(text, translated string) {
	staff := a.staff
	staff.t.Helper()
	staff.types("/broadcast").told("broadcast.ask")
	staff.types(text).told("broadcast.whom")
	staff.tap("audience.combine").told("audience.head")
	staff.tap("audience.add").told("audience.by")
	staff.tap("audience.kind_topic").told("broadcast.pick")
	staff.tap("topic.taxes").told("broadcast.recipients", "n", 3)
	staff.tap("audience.exclude").told("audience.except")
	staff.tap("audience.kind_followers").told("broadcast.pick")
	staff.press("Juodupė").told("broadcast.recipients", "n", 2)
	staff.tap("audience.ready").told("broadcast.state_draft")

	staff.tap("draft.texts").told("draft.texts_head")
	staff.press("▫️ "+staff.p.Plain("language."+a.other.lang)).told("draft.ask_text", "language", staff.p.Plain("language."+a.other.lang), "limit", "4096")
	staff.types(translated).told("draft.text_taken")
	staff.tap("draft.buttons").told("draft.buttons_head")
	staff.tap("draft.add_timetable").told("draft.choose_timetable")
	staff.tap("draft.whole_timetable").expect("✖️ " + staff.p.Plain("draft.do_timetable"))
	staff.tap("common.back").told("broadcast.state_draft")

	staff.tap("draft.test").told("draft.ask_test")
	staff.tap("draft.test_all").told("draft.tested")
	copies := 0
	for _, b := range staff.fresh() {
		if b.Text == text || b.Text == translated {
			copies++
		}
	}
	if copies != len(messages.Languages()) {
		staff.t.Errorf("a test in each language is %d messages:\n%s", copies, describe(staff.fresh()))
	}
}

// sendTomorrow: the clock is moved past the hour; everybody gets their language, and who is excluded gets nothing.
func (a announcement) sendTomorrow(text, translated string) {
	staff := a.staff
	staff.t.Helper()
	staff.tap("schedule.button").told("schedule.ask")
	staff.tap("schedule.tomorrow", "time", staff.p.MinuteOfDay(9*60)).told("schedule.at", "when", "§")
	for _, n := range []*newcomer{staff, a.same, a.other, a.follower} {
		n.mark()
	}
	const untilTomorrow = 34 * time.Hour // from any hour of today past 9.00 of tomorrow
	staff.w.wait(staff.t, untilTomorrow)
	a.same.expect(text)
	a.other.expect(translated)
	staff.told("broadcast.state_sent")
	if a.follower.has(text) || a.follower.has(translated) {
		staff.t.Errorf("who is excluded got it:\n%s", describe(a.follower.fresh()))
	}
	a.other.tap("draft.do_timetable").told("van.title")
}

func (a announcement) correct(text string) {
	staff := a.staff
	staff.t.Helper()
	a.other.mark()
	staff.tap("report.correct").told("report.which_text")
	staff.tap("language."+a.other.lang).told("report.ask_text", "language", staff.p.Plain("language."+a.other.lang), "limit", "4096")
	staff.types(text).told("report.ask_correct", "n", 2)
	staff.tap("report.correct_yes", "count", 2).told("report.done_correct")
	a.other.expect(text)
}

func (a announcement) recall(texts ...string) {
	staff := a.staff
	staff.t.Helper()
	staff.tap("report.recall").told("report.ask_recall", "n", 2)
	staff.tap("report.recall_yes", "count", 2).told("report.done_recall")
	for _, n := range []*newcomer{a.same, a.other} {
		for _, text := range texts {
			if n.has(text) {
				staff.t.Errorf("a copy stays after the recall:\n%s", describe(n.chat()))
			}
		}
	}
}

// has tells whether a message with this text stands in the chat.
func (n *newcomer) has(text string) bool {
	n.t.Helper()
	return slices.ContainsFunc(n.chat(), func(b bubble) bool { return b.FromBot && strings.Contains(b.Text, text) })
}
