package handlers

import (
	"strings"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// plan turns what is due of the timetable into notices, as the scheduler does at each tick.
func (w *world) plan() {
	w.t.Helper()
	_, _, err := w.store.Van.PlanDue(w.t.Context(), w.at)
	w.check(err)
}

func (w *world) clock(day, hour, minute int) {
	w.at = time.Date(2026, 12, day, hour, minute, 0, 0, w.zone)
}

func TestFollowedStopRemindsTheEveningBeforeAndBeforeTheArrival(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p := w.person("Asta", lang, store.RoleMember)
		s := w.stop("Juodupė")
		title := w.title("Etiketas", 1)
		h, err := w.store.Holds.Place(t.Context(), w.op(), title, p.member().ID, store.Place(s.ID))
		w.check(err)
		_, err = w.store.Holds.Send(t.Context(), w.op(), h.ID)
		w.check(err)

		p.write("/van").reads("van.title", "van.none_followed")
		p.press("1|vcoms")
		p.press("Juodupė").sees("Juodupė", w.words.In(lang).Day(time.Date(2026, 12, 3, 0, 0, 0, 0, w.zone)))
		p.press(p.label("van.follow"))
		following, err := w.store.Van.Following(t.Context(), p.member().ID)
		if w.check(err); len(following) != 1 || p.toast != p.label("van.followed_toast") {
			t.Fatalf("%s: follows %v, toast %q", lang, following, p.toast)
		}

		w.clock(2, 18, 0)
		w.plan()
		p.owed().sees(p.label("van.tomorrow"), "Juodupė").reads("van.errand_get").sees("Etiketas")
		w.clock(3, 14, 0)
		w.plan()
		p.owed().sees("30", "Juodupė", "Etiketas")
		p.press(p.label("van.off_here"))
		following, err = w.store.Van.Following(t.Context(), p.member().ID)
		if w.check(err); len(following) != 0 {
			t.Fatalf("%s: one tap in the reminder does not end it", lang)
		}
		p.press(p.label("common.undo"))
		if following, err = w.store.Van.Following(t.Context(), p.member().ID); err != nil || len(following) != 1 {
			t.Fatalf("%s: undo does not bring it back: %v", lang, err)
		}
	}
}

func TestReminderIsDroppedWhenItIsNoLongerTrue(t *testing.T) {
	visit := store.VisitID("")
	for name, change := range map[string]func(w *world, p *person, s store.Stop){
		"cancelled": func(w *world, _ *person, _ store.Stop) {
			_, err := w.store.Van.CancelVisit(w.t.Context(), w.op(), visit, true)
			w.check(err)
		},
		"departed": func(w *world, _ *person, _ store.Stop) { w.clock(3, 15, 0) },
		"unfollowed": func(w *world, p *person, s store.Stop) {
			w.check(w.store.Van.Follow(w.t.Context(), w.op(), s.ID, p.member().ID, false))
		},
		"off": func(w *world, p *person, _ store.Stop) {
			m := p.member()
			m.Settings.VisitReminders = false
			w.check(w.store.Members.SetSettings(w.t.Context(), w.op(), m.ID, m.Settings))
		},
		"paused": func(w *world, p *person, _ store.Stop) {
			m := p.member()
			m.Settings.PausedUntil = w.at.AddDate(0, 0, 7)
			w.check(w.store.Members.SetSettings(w.t.Context(), w.op(), m.ID, m.Settings))
		},
	} {
		w := newWorld(t)
		p := w.person("Asta", "lt", store.RoleMember)
		s := w.stop("Obeliai")
		w.check(w.store.Van.Follow(t.Context(), w.op(), s.ID, p.member().ID, true))
		w.clock(3, 14, 0)
		visits, err := w.store.Van.Visits(t.Context(), s.ID, w.at, 1)
		w.check(err)
		visit = visits[0].ID
		change(w, p, s)
		_, _, drop, err := w.app.Render(t.Context(), store.Notice{Kind: store.NoticeVisitSoon, Member: p.member().ID, Ref: string(visit)})
		if w.check(err); drop == "" {
			t.Errorf("%s: the reminder is sent", name)
		}
	}
}

// The driver turns from trip to trip, not over the days between.
func TestTripsBeforeAndAfter(t *testing.T) {
	w := newWorld(t)
	driver := w.person("Jonas", "lt", store.RoleDriver)
	w.stop("Pandėlys")
	w.clock(5, 9, 0)
	driver.write("/desk").sees("gruodžio 10 d.").press("Kt 17 ›").sees("gruodžio 17 d.", "Pandėlys").press("‹ Kt 10").press("‹ Kt 3").sees("Pandėlys")
}

func TestDriverTellsOfADelayAndACancellationOnce(t *testing.T) {
	w := newWorld(t)
	driver := w.person("Jonas", "lt", store.RoleDriver)
	reader := w.person("Mārtiņš", "lv", store.RoleMember)
	s := w.stop("Pandėlys")
	w.check(w.store.Van.Follow(t.Context(), w.op(), s.ID, reader.member().ID, true))
	w.clock(3, 9, 0)

	driver.write("/desk").sees("Pandėlys")
	driver.press("1. Pandėlys").reads("driver.nobody")
	driver.press("+20 min").sees("14.50", "1 žmogui")
	driver.press(driver.label("driver.do"))
	reader.owed().sees("20", "14.50")
	driver.press(driver.label("driver.cancel")).press(driver.label("driver.do"))
	reader.owed().sees("nebrauks", "Pandėlys")
	driver.press(driver.label("driver.restore")).press(driver.label("driver.do"))
	reader.owed().sees("14.50", "kavējas")

	w.clock(3, 15, 30)
	visits, err := w.store.Van.Day(t.Context(), w.at)
	w.check(err)
	data, err := chat.Encode("vdo", string(visits[0].ID), "cancel")
	w.check(err)
	driver.pressData(3, data)
	if driver.toast != driver.label("error.stale") {
		t.Errorf("a visit that is over is cancelled: %q", driver.toast)
	}
	reader.write("/van")
	if reader.pressData(3, data); !strings.Contains(reader.toast, reader.label("error.forbidden")) {
		t.Errorf("a member cancels a visit: %q", reader.toast)
	}
}

func TestNearestByLocationAndByTyping(t *testing.T) {
	w := newWorld(t)
	w.stop("Juodupė")
	w.title("Atomic Habits", 1)
	for lang, far := range map[string]string{"lt": "2,3 km", "lv": "2,3 km", "en": "2.3 km"} {
		p := w.person("Asta", lang, store.RoleGuest)
		p.write("/nearest").reads("nearest.ask")
		here := p.request(chat.KindLocation)
		here.Point = &chat.Point{Lat: 56.1007, Lon: 25.6}
		p.do(here).reads("nearest.title").sees("Juodupė", far)
		if len(p.menu.Rows) < 2 {
			t.Error("the usual keyboard does not come back")
		}
		p.do(here).reads("nearest.title") // outside the dialogue as well
		p.write("/nearest")
		p.write("juodupe").sees("Juodupė")
		p.write("/nearest")
		p.write("atomic habits").sees("Atomic Habits")
	}
}

func TestDistance(t *testing.T) {
	words, err := messages.Load("lt")
	if err != nil {
		t.Fatal(err)
	}
	for metres, want := range map[float64]string{340: "350 m", 2300: "2,3 km", 9960: "10 km", 14_400: "14 km"} {
		if got := distance(words.In("lt"), metres); got != want {
			t.Errorf("%v m is written %q, want %q", metres, got, want)
		}
	}
}
