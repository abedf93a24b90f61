package handlers

import (
	"strings"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// training puts a training with so many seats, tomorrow 14.00–16.00.
func (w *world) training(name string, seats int) store.Activity {
	w.t.Helper()
	start := time.Date(2026, 11, 24, 14, 0, 0, 0, w.zone)
	x, err := w.store.Activities.Save(w.t.Context(), w.op(), store.Activity{
		Kind: store.KindTraining, Name: name, Venue: "Rokiškio biblioteka", Language: "lt", Seats: seats,
		Sessions: []store.Session{{Start: start, End: start.Add(2 * time.Hour)}},
	})
	w.check(err)
	return x
}

// found is the only member with such a name.
func (w *world) found(name string) store.Member {
	w.t.Helper()
	list, total, err := w.store.Members.Find(w.t.Context(), name, 0, 10)
	w.check(err)
	if total != 1 {
		w.t.Fatalf("%d people are called %q", total, name)
	}
	return list[0]
}

// A reader without a phone comes to the library: the librarian adds her, and
// does for her all that others do by themselves.
func TestStaffActForAMemberWithoutTelegram(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := newWorld(t)
			title := w.title("Etiketas", 1)
			w.stop("Juodupė")
			training := w.training("Skaitmeninė rinkodara", 1)
			p := w.person("Rasa", lang, store.RoleLibrarian)

			p.write("/people").press(p.label("people.add")).reads("people.add_name")
			p.write("Stasė <b>Petraitienė").write("ne numeris").reads("people.not_phone")
			p.write("8 612 34567").write("Obelių bendruomenė").press(capital(p.label("kind.ngo")))
			p.reads("people.add_check").sees("Stasė &lt;b&gt;Petraitienė", "8 612 34567", "Obelių bendruomenė")
			p.press(p.label("people.save")).sees("8 612 34567", "Obelių bendruomenė").reads("people.nothing")
			m := w.found("Petraitienė")
			if m.Chat != 0 || m.Phone != "8 612 34567" || m.Role != store.RoleMember || m.Organisation == "" {
				t.Fatalf("stored: %+v", m)
			}

			p.press(p.label("people.reserve")).write("nerasime šito").sees("nerasime šito")
			p.write("etiketas").press("1. Etiketas").press("Juodupė").sees("1.", "Etiketas", "Juodupė")
			hold, err := w.store.Holds.Of(t.Context(), title, m.ID)
			if err != nil || hold.State != store.HoldAllocated {
				t.Fatalf("the hold is %v, %v", hold.State, err)
			}
			p.press(p.label("people.reserve")).write("etiketas").press("1. Etiketas").press("🏛")
			if p.toast != p.label("people.has_it") {
				t.Errorf("the same book again: %q", p.toast)
			}

			p.press(p.label("people.register")).press("1. Skaitmeninė").sees("Skaitmeninė rinkodara")
			reg, err := w.store.Activities.Registration(t.Context(), training.ID, m.ID)
			if err != nil || reg.State != store.Confirmed {
				t.Fatalf("the registration is %v, %v", reg.State, err)
			}
			p.press("2. Skaitmeninė").press(p.label("people.unregister")).press(p.label("common.no")).
				press(p.label("people.unregister")).press(p.label("common.yes"))
			if _, err := w.store.Activities.Registration(t.Context(), training.ID, m.ID); err == nil || p.toast != p.label("people.unregistered") {
				t.Errorf("still registered: %v, toast %q", err, p.toast)
			}

			_, err = w.store.Holds.Collect(t.Context(), w.op(), hold.ID, w.app.endOfDayIn(30))
			w.check(err)
			p.pressData(7, "1|person|"+string(m.ID)).sees(w.words.In(lang).Weekday(w.at.AddDate(0, 0, 30)))
			if rows := p.messages[len(p.messages)-1].msg.Keyboard; !strings.Contains(rows[0][0].Data, "dloan") {
				t.Errorf("the loan's button is %+v", rows[0][0])
			}
		})
	}
}

func TestPeopleAreFoundByTyping(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		w.person("Jonas", "lt", store.RoleMember)
	}
	w.person("Živilė Šakalytė", "lt", store.RoleMember)
	p := w.person("Rasa", "lt", store.RoleLibrarian)
	p.write("/zmones").sees("– 23").press("›").sees("<b>9.</b>", "Jonas").press("‹").sees("<b>1.</b>")
	p.write("zivile").sees("Živilė Šakalytė", "1 žmogus")
	p.write("jonas").sees("20 žmonių").press("›").sees("9.")
	p.write("jonas medis").sees("neradau")
	p.press(p.label("people.search_books")).sees("jonas medis")
	p.write("/people sakalyte").press("1. Živilė").sees("UAB Živilė Šakalytė")
	p.write("zivile").sees("🔎") // a search for books again
}

func TestAnApplicationIsDecidedFromTheList(t *testing.T) {
	w := newWorld(t)
	p := w.person("Rasa", "lt", store.RoleLibrarian)
	applicant := w.person("Asta", "lt", store.RoleApplicant)
	p.write("/people").press("Laukia 1 prašymas").sees("Asta", "UAB Asta").press("1. Asta").press(p.label("join.approve"))
	if role := applicant.member().Role; role != store.RoleMember {
		t.Errorf("the applicant is %s", role)
	}
	if p.write("/people"); strings.Contains(p.screen(), "Laukia 1 prašymas]\n[➕ Be") {
		t.Error("the application is still offered")
	}
}

func TestRolesAreGivenAndTakenByTheirRules(t *testing.T) {
	w := newWorld(t)
	owner := w.person("Ona", "lt", store.RoleOwner)
	librarian := w.person("Rasa", "lt", store.RoleLibrarian)
	member := w.person("Jonas", "lt", store.RoleMember)
	id := string(member.member().ID)
	is := func(role store.Role) {
		t.Helper()
		if got := member.member().Role; got != role {
			t.Fatalf("Jonas is %s, not %s", got, role)
		}
	}
	open := func(p *person, args ...string) {
		t.Helper()
		data, err := chat.Encode("prole", args...)
		w.check(err)
		p.pressData(7, data)
	}

	open(librarian, id)
	librarian.press(librarian.label("people.make_driver"))
	is(store.RoleDriver)
	open(librarian, id, "librarian")
	is(store.RoleDriver) // a librarian names no librarian, however the button came about
	open(owner, id)
	owner.press(owner.label("people.make_librarian"))
	is(store.RoleLibrarian)
	member.owed().sees("bibliotekos darbuotojo teisės")

	open(owner, id, "member")
	owner.sees("Atimti darbuotojo teises?").press(owner.label("common.no"))
	is(store.RoleLibrarian)
	open(owner, id, "member", "driver") // the question was asked when Jonas was a driver
	is(store.RoleLibrarian)
	owner.press(owner.label("common.yes"))
	is(store.RoleMember)
	open(owner, string(owner.member().ID), "member", "owner")
	if owner.member().Role != store.RoleOwner || owner.toast == "" {
		t.Errorf("the last owner is gone; toast %q", owner.toast)
	}
	open(member, id, "owner", "member")
	is(store.RoleMember)
}

func TestAnInvitationLetsPeopleInAtOnce(t *testing.T) {
	w := newWorld(t)
	p := w.person("Rasa", "en", store.RoleLibrarian)
	p.write("/people").press(p.label("people.invite")).press(p.label("people.for", "n", 10)).sees("For 10 people", "7 December 2026")
	if qr := p.messages[len(p.messages)-1].msg.Photo; qr == nil || len(qr.Bytes) == 0 {
		t.Error("there is no QR picture")
	}
	_, code, _ := strings.Cut(p.said, "?start=")
	code = strings.Fields(code)[0]
	guest := w.person("Ilze", "lv", store.RoleGuest)
	guest.write("/start " + code).write("Ilze Ozola").write("SIA Ozols").press(capital(guest.label("kind.business"))).press(guest.label("join.agree"))
	if guest.member().Role != store.RoleMember {
		t.Errorf("Ilze is %s", guest.member().Role)
	}
	w.at = w.at.AddDate(0, 0, 15)
	w.person("Late", "en", store.RoleGuest).write("/start " + code).reads("error.invitation_used")
}
