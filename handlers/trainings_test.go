package handlers

import (
	"strings"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// activity puts a training on 3 December 2026, 14.00–16.00.
func (w *world) activity(name string, seats int) store.Activity {
	w.t.Helper()
	start := time.Date(2026, 12, 3, 14, 0, 0, 0, w.zone)
	x, err := w.store.Activities.Save(w.t.Context(), w.op(), store.Activity{
		Kind: store.KindTraining, Name: name, Sessions: []store.Session{{Start: start, End: start.Add(2 * time.Hour)}},
		Venue: "Rokiškio biblioteka", Language: "lt", Seats: seats, Lat: 55.96, Lon: 25.58,
	})
	w.check(err)
	return x
}

func TestASeatIsTakenWaitedForAndPassedOn(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		x := w.activity("El. prekyba", 1)
		first, second := w.person("Asta", lang, store.RoleMember), w.person("Rasa", lang, store.RoleMember)

		first.write("/trainings").sees("El. prekyba").press("1. El. prekyba").sees("Rokiškio biblioteka")
		first.press(first.label("training.join")).reads("training.my_seat")
		second.write("/start a_" + string(x.ID)).press(second.label("training.join_wait"))
		if reg, err := w.store.Activities.Registration(t.Context(), x.ID, second.member().ID); err != nil || reg.Position != 1 {
			t.Fatalf("%s: waits as %+v, %v", lang, reg, err)
		}
		first.press(first.label("training.leave")) // somebody waits: asked first
		if _, err := w.store.Activities.Registration(t.Context(), x.ID, first.member().ID); err != nil {
			t.Fatalf("%s: the seat is gone without a question", lang)
		}
		first.press(first.label("training.leave_yes"))
		second.owed().reads("training.promoted").sees("El. prekyba")
		w.clock(2, 18, 0)
		second.owed().sees(second.label("van.tomorrow"))
		w.clock(3, 13, 0)
		second.owed().sees(second.label("training.notice_soon_hours", "n", 1)).press(second.label("training.cannot"))
		if _, err := w.store.Activities.Registration(t.Context(), x.ID, second.member().ID); err == nil {
			t.Fatalf("%s: one tap in the reminder does not free the seat", lang)
		}
	}
}

func TestGuestsSeeTrainingsButDoNotRegister(t *testing.T) {
	w := newWorld(t)
	x := w.activity("El. prekyba", 1)
	p := w.person("Guoda", "en", store.RoleGuest)
	p.write("/start a_" + string(x.ID)).press(p.label("training.join"))
	if !strings.Contains(p.toast, "/start") {
		t.Errorf("a guest is told %q", p.toast)
	}
}

func TestCalendarFileNamesTheEventForGood(t *testing.T) {
	w := newWorld(t)
	x := w.activity("El. prekyba", 1)
	p := w.person("Asta", "lt", store.RoleMember)
	p.write("/start a_" + string(x.ID)).press(p.label("training.ics"))
	doc := string(p.messages[len(p.messages)-1].msg.Document.Bytes)
	for _, part := range []string{
		"UID:" + string(x.ID) + "-1@versli_bot", "SEQUENCE:0", "DTSTART:20261203T120000Z", "DTEND:20261203T140000Z", "SUMMARY:El. prekyba",
	} {
		if !strings.Contains(doc, part+"\r\n") {
			t.Errorf("no line %q in\n%s", part, doc)
		}
	}
}

func TestLibrarianAddsMovesAndCallsOffATraining(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p, reader := w.person("Lina", lang, store.RoleLibrarian), w.person("Asta", lang, store.RoleMember)
		p.write("/trainings").press(p.label("training.add")).press(p.label("training.kind_seminar"))
		p.write("Mokesčių naujienos")
		p.write("kada nors").reads("aform.bad_when")
		p.write("2026-12-10 14:00–16:00")
		p.write("Obelių biblioteka").press("20").press(p.label("language.lv")).press(p.label("common.skip")).press(p.label("common.skip"))
		p.press(p.label("common.skip")).reads("form.preview").sees("Mokesčių naujienos", "Obelių biblioteka", "20")
		p.press(p.label("form.save")).sees("Mokesčių naujienos")
		list, total, err := w.store.Activities.Upcoming(t.Context(), w.at, 0, 10)
		if w.check(err); total != 1 || list[0].Seats != 20 || list[0].Language != "lv" || list[0].Kind != store.KindSeminar {
			t.Fatalf("%s: saved %+v", lang, list)
		}
		p.press(p.label("training.join"))
		reader.write("/start a_" + string(list[0].ID)).press(reader.label("training.join"))

		p.press(p.label("training.edit")).press(p.label("aform.field_when"))
		p.write("2026-12-11 10:00-12:00").press(p.label("form.save"))
		reader.owed().reads("training.changed")
		p.press(p.label("training.people")).sees("Asta", "Lina").press(p.label("common.back"))
		p.press(p.label("training.edit")).press(p.label("aform.call_off")).press(p.label("aform.call_off_yes")).reads("training.is_cancelled")
		reader.owed().sees("Mokesčių naujienos").press(reader.label("training.others")).reads("training.none")
	}
}

func TestLibrarianAddsAndChangesAStop(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		p.write("/staff").press(p.label("staff.to_stops")).press(p.label("sform.add"))
		p.write("Šiaurinis")
		p.write("Čedasai")
		p.write("prie mokyklos").press(p.label("common.skip"))
		here := p.request(chat.KindLocation)
		here.Point = &chat.Point{Lat: 56.07, Lon: 25.36}
		p.do(here)
		p.write("10:45–10:00").reads("sform.bad_hours")
		p.write("10.00–10.45").press(p.label("sform.every_2")).press("1|sform_set|weekday|TU")
		p.write("2026-12-01").reads("form.preview").sees("Čedasai", "Šiaurinis")
		p.press(p.label("form.save")).sees("Čedasai")
		stops, err := w.store.Van.FindStops(t.Context(), "cedasai")
		if w.check(err); len(stops) != 1 || stops[0].Rule != "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU" || stops[0].Arrival != 600 || stops[0].Lat != 56.07 {
			t.Fatalf("%s: saved %+v", lang, stops)
		}
		p.press(p.label("van.edit")).press(p.label("sform.field_community"))
		p.write("Čedasų kaimas").press(p.label("form.save"))
		if s, err := w.store.Van.Stop(t.Context(), stops[0].ID); err != nil || s.Community != "Čedasų kaimas" || s.Rule != stops[0].Rule {
			t.Fatalf("%s: changed to %+v, %v", lang, s, err)
		}
		p.press(p.label("van.edit")).press(p.label("sform.remove")).press(p.label("sform.remove_yes"))
		if _, err := w.store.Van.Stop(t.Context(), stops[0].ID); err == nil {
			t.Fatalf("%s: the stop is still there", lang)
		}
	}
}

func TestARuleSurvivesTheForm(t *testing.T) {
	for rule, want := range map[string][2]string{
		"FREQ=WEEKLY":                         {"1", "TH"},
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU":     {"2", "TU"},
		"FREQ=MONTHLY;BYDAY=-1WE":             {"m-1", "WE"},
		"FREQ=MONTHLY;BYDAY=2FR":              {"m2", "FR"},
		"FREQ=WEEKLY;INTERVAL=6":              {"keep", "TH"},
		"FREQ=WEEKLY;BYDAY=MO,TU":             {"keep", "TH"},
		"FREQ=MONTHLY;BYMONTHDAY=3":           {"keep", "TH"},
		"FREQ=WEEKLY;UNTIL=20270101;BYDAY=TU": {"keep", "TH"},
	} {
		every, weekday := readRule(store.Stop{Rule: rule, Start: "2026-12-03"})
		if every != want[0] || (every != everyKeep && weekday != want[1]) {
			t.Errorf("%s is read as %q, %q", rule, every, weekday)
		}
	}
}

func TestAFormSavesOnceAndItsOldButtonsAreStale(t *testing.T) {
	w := newWorld(t)
	p := w.person("Lina", "en", store.RoleLibrarian)
	p.write("/trainings").press(p.label("training.add")).press(p.label("training.kind_fair"))
	p.write("Fair")
	p.write("2026-12-10 10-12")
	p.write("Rokiškis").press(p.label("aform.no_limit")).press(p.label("language.en"))
	for range 3 {
		p.press(p.label("common.skip"))
	}
	save, err := chat.Encode("aform_save")
	w.check(err)
	p.pressData(101, save).sees("Fair")
	p.pressData(101, save)
	if p.toast != p.label("error.stale") {
		t.Errorf("saved twice: %q", p.toast)
	}
	if _, total, err := w.store.Activities.Upcoming(t.Context(), w.at, 0, 10); err != nil || total != 1 {
		t.Errorf("%d activities, %v", total, err)
	}
	set, err := chat.Encode("aform_set", "kind", "training")
	w.check(err)
	if p.pressData(101, set); p.toast != p.label("error.stale") {
		t.Errorf("a form that is over takes an answer: %q", p.toast)
	}
}
