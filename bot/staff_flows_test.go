package main

import (
	"bytes"
	"image"
	"image/png"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"versli/handlers/messages"
)

// what staff make in the flows, and others then hold, wait for and attend.
const (
	madeTitle    = "Žirgas & <vežimas>"
	madeTraining = "Derybų <pradmenys>"
	madeVillage  = "Šetekšnai"
)

var invitationCode = regexp.MustCompile(`start=(i_[A-Za-z0-9_-]+)`)

// What staff do and what comes of it for others, in each language, with the program as a newcomer starts it.
func TestStaffFlows(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			w := start(t, t.TempDir())
			staff := w.speaker(t, daiva, lang)
			staff.types("/start").expect("/staff")
			staff.types("/language").expect("🌍") // in the language that she has so far
			staff.tap("language." + lang).told("start.language_set")
			addsTitle(staff)
			addsTraining(staff)
			addsStop(staff)
			asta, jonas := w.newcomer(t, lang, "Asta"), w.newcomer(t, lang, "Jonas")
			invites(t, staff, asta, jonas)
			queues(asta, jonas)
			waits(asta, jonas)
			chooses(asta)
			servesWithoutTelegram(staff)
			names(staff, asta)
			imports(staff)
			sendsPicture(t, staff, jonas)
			staff.types("/staff").told("staff.title")
			staff.tap("staff.remove_sample").told("staff.ask_sample")
			staff.tap("staff.remove_yes").told("staff.sample_gone")
			w.validCalls(t)
		})
	}
}

func addsTitle(staff *newcomer) {
	staff.t.Helper()
	staff.types("/staff").told("staff.title")
	staff.tap("staff.to_add_title").told("edit_title.ask_name")
	staff.types(madeTitle).expect()
	staff.types("Ona Onaitė").expect()
	staff.types("2021").expect()
	staff.tap("topic.business").expect()
	staff.tap("tongue.lt").expect()
	staff.tap("place.main").expect()
	staff.press("1").expect(madeTitle, "Ona Onaitė", "2021")
	staff.tap("form.save").expect(madeTitle)
}

func addsTraining(staff *newcomer) {
	staff.t.Helper()
	staff.types("/trainings").told("training.title")
	staff.tap("training.add").expect()
	staff.tap("training.kind_seminar").expect()
	staff.types(madeTraining).expect()
	staff.types("kada nors").told("aform.bad_when")
	staff.types(time.Now().AddDate(0, 0, 10).Format(time.DateOnly) + " 14:00–16:00").expect()
	staff.types("Obelių biblioteka").expect()
	staff.types("1").expect()
	staff.tap("language.lv").expect()
	for range 3 {
		staff.tap("common.skip").expect()
	}
	staff.expect(madeTraining, "Obelių biblioteka")
	staff.tap("form.save").expect(madeTraining)
}

func addsStop(staff *newcomer) {
	staff.t.Helper()
	staff.types("/staff").told("staff.title")
	staff.tap("staff.to_stops").expect()
	staff.tap("sform.add").expect()
	for _, typed := range []string{"Šiaurinis", madeVillage, "prie mokyklos"} {
		staff.types(typed).expect()
	}
	staff.tap("common.skip").expect()
	staff.post("location", map[string]any{"latitude": 56.07, "longitude": 25.36}).expect()
	staff.types("10:45–10:00").told("sform.bad_hours")
	staff.types("10.00–10.45").expect()
	staff.tap("sform.every_2").expect()
	staff.press(staff.p.ShortWeekday(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))).expect()
	staff.types("2027-01-05").expect(madeVillage, "Šiaurinis")
	staff.tap("form.save").expect(madeVillage)
}

func invites(t *testing.T, staff *newcomer, guests ...*newcomer) {
	t.Helper()
	staff.types("/people").expect()
	staff.tap("people.invite").told("people.ask_invite")
	staff.tap("people.for", "n", 10)
	found := invitationCode.FindStringSubmatch(staff.told("people.invitation", "link", "§").Text)
	if found == nil {
		t.Fatal("the invitation has no link")
	}
	for _, n := range guests {
		n.types("/start "+found[1]).told("join.name", "name", "§")
		n.tap("join.use_name", "name", "").told("join.organisation")
		n.types("MB Medis").expect()
		if n == guests[0] { // the second one's organisation is known, and so is its kind
			n.tap("kind.business").expect()
		}
		n.tap("join.agree").told("join.welcome")
	}
}

// queues: two want the only copy; the first gives it up, and the next is told.
func queues(first, next *newcomer) {
	first.t.Helper()
	for _, n := range []*newcomer{first, next} {
		n.types(madeTitle).expect(madeTitle)
		n.press("1").expect("📖", madeTitle)
	}
	first.tap("card.reserve").expect()
	first.press("🏛").told("holds.reserved", "title", madeTitle)
	next.types(madeTitle).expect(madeTitle)
	next.press("1").expect("📖", madeTitle)
	next.tap("card.queue_up").expect()
	next.press("🏛").told("holds.queued", "title", madeTitle)
	first.types("/holds").told("holds.head")
	first.press("1").told("holds.allocated")
	first.tap("holds.cancel").expect()
	next.mark()
	first.tap("common.yes").expect(madeTitle)
	next.told("notice.hold_allocated", "title", madeTitle, "place", "§")
}

// waits: the only seat is taken; who gives it up lets the next one in, who is told.
func waits(first, next *newcomer) {
	first.t.Helper()
	for _, n := range []*newcomer{first, next} {
		n.types("/trainings").told("training.title")
		n.press("Derybų").expect(madeTraining)
		if n == first {
			n.tap("training.join").told("training.my_seat")
		} else {
			n.tap("training.join_wait").told("training.my_wait", "position", 1)
		}
	}
	next.mark()
	first.tap("training.leave").expect()
	first.tap("training.leave_yes").expect()
	next.told("training.promoted")
}

func chooses(n *newcomer) {
	n.t.Helper()
	n.types("/settings").told("settings.head")
	n.tap("settings.button_evening").told("settings.choose_evening")
	n.press(n.p.MinuteOfDay(20 * 60)).expect(n.p.MinuteOfDay(20 * 60))
	n.types("/pause").told("pause.ask")
	n.tap("pause.for_week").expect()
	n.tap("pause.resume").told("pause.resumed")
	n.types("/cancel").told("help.cancelled")
}

func servesWithoutTelegram(staff *newcomer) {
	staff.t.Helper()
	staff.types("/people").expect()
	staff.tap("people.add").told("people.add_name")
	for _, typed := range []string{"Stasė <b>", "8 612 34567", "MB Medis"} {
		staff.types(typed).expect()
	}
	staff.expect("Stasė <b>", "8 612 34567", "MB Medis")
	staff.tap("people.save").expect("8 612 34567")
	staff.tap("people.reserve").expect()
	staff.types("etiketas").expect("1.")
	staff.press("1.").expect()
	staff.press("🏛").expect("Stasė <b>")
}

func names(staff, driver *newcomer) {
	staff.t.Helper()
	staff.types("/people").expect()
	staff.types("Asta").expect("Asta")
	staff.press("Asta").expect("Asta")
	staff.tap("people.rights").expect()
	driver.mark()
	staff.tap("people.make_driver").expect()
	driver.told("notice.role_driver")
	driver.types("/desk").told("driver.title", "day", "§")
}

func imports(staff *newcomer) {
	staff.t.Helper()
	staff.upload("knygos.csv", []byte("title;author\nNaktis ir žibintas;Eva\n;Nobody\n"))
	staff.told("import.done_catalogue", "name", "knygos.csv")
	staff.types("zibintas naktis").expect("Naktis ir žibintas")
}

// sendsPicture: a picture with a caption to the members, previewed as it will look.
func sendsPicture(t *testing.T, staff, reader *newcomer) {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	const caption = "Mugė & <muzika>"
	staff.w.byDay(t)
	staff.types("/broadcast").told("broadcast.ask")
	staff.photo(caption, picture.Bytes()).told("broadcast.whom")
	staff.tap("broadcast.to_members").told("broadcast.confirm", "audience", "§")
	if !slices.ContainsFunc(staff.fresh(), func(b bubble) bool { return b.Photo != nil && strings.Contains(b.Text, caption) }) {
		t.Errorf("the preview has no picture with its caption:\n%s", describe(staff.fresh()))
	}
	reader.mark()
	staff.press("📣")
	if got := reader.expect(caption); got.Photo == nil {
		t.Errorf("the picture did not arrive: %s", got.all())
	}
	staff.told("broadcast.state_sent")
}
