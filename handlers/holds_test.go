package handlers

import (
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// place reserves a title at the main library.
func place(t *testing.T, p *person, id store.TitleID) store.Hold {
	t.Helper()
	h, err := p.w.store.Holds.Place(t.Context(), p.w.op(), id, p.member().ID, store.Place(store.MainLibrary))
	p.w.check(err)
	return h
}

// The whole way of a book in each language: found, reserved at a stop, seen in
// the list, given up, taken back.
func TestReserveFromTheCard(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			w.title("Mąstymas, greitas ir lėtas", 1)
			stop := w.stop("Juodupė")
			p := w.person("Asta", lang, store.RoleMember)
			w.check(w.store.Van.Follow(t.Context(), w.op(), stop.ID, p.member().ID, true))

			p.write("mastymas greitas").sees("Mąstymas, greitas ir lėtas", "Daniel Kahneman, 2015")
			p.press("1").sees("<b>Mąstymas, greitas ir lėtas</b>", p.label("topic.psychology"))
			p.press(p.label("card.reserve"))
			day := w.words.In(lang).Day(time.Date(2026, 12, 3, 0, 0, 0, 0, w.zone))
			p.press("Juodupė, kultūros namai · "+day).sees(day, "Juodupė, kultūros namai")

			holds, err := w.store.Holds.OfMember(t.Context(), p.member().ID)
			w.check(err)
			if len(holds) != 1 || holds[0].State != store.HoldAllocated || holds[0].Pickup != store.Place(stop.ID) {
				t.Fatalf("stored: %+v", holds)
			}
			p.write("/holds").reads("holds.head", "holds.allocated").sees("Mąstymas")
			p.press("1. Mąstymas").press(p.label("holds.cancel")).sees("10")
			if left, _ := w.store.Holds.OfMember(t.Context(), p.member().ID); len(left) != 0 {
				t.Fatalf("not cancelled: %+v", left)
			}
			p.press(p.label("common.undo")).reads("holds.allocated")
			if back, _ := w.store.Holds.OfMember(t.Context(), p.member().ID); len(back) != 1 {
				t.Fatal("not taken back")
			}
			p.write("/holds").press("1. Mąstymas").press(p.label("holds.cancel"))
			w.at = w.at.Add(11 * time.Minute)
			if p.press(p.label("common.undo")).reads("holds.cancelled"); p.toast != p.label("holds.undo_late") {
				t.Errorf("a late undo says %q", p.toast)
			}
		})
	}
}

// A double tap acts once, and what it says is what the first tap said.
func TestTappedTwice(t *testing.T) {
	w := killedWorld(t)
	id := w.title("Etiketas", 1)
	p := w.person("Asta", "lt", store.RoleMember)
	p.write("/start t_" + string(id)).press(p.label("card.reserve"))
	twice := func(label, data string) {
		t.Helper()
		at := p.messages[len(p.messages)-1].id
		once := p.press(label).said
		if p.pressData(at, data); p.said != once || p.toast == p.label("holds.undo_late") {
			t.Errorf("%s says %q, then %q with %q", data, once, p.said, p.toast)
		}
	}
	twice("🏛", "1|pick|"+string(id)+"|"+string(store.MainLibrary))
	hold, err := w.store.Holds.Of(t.Context(), id, p.member().ID)
	w.check(err)
	twice(p.label("holds.cancel"), "1|unhold|"+string(hold.ID))
	twice(p.label("common.undo"), "1|rehold|"+string(hold.ID))
}

// Who reserves at a stop is told of the van's coming from then on, and when it stands there with the book.
func TestReservedAtAStop(t *testing.T) {
	w := killedWorld(t)
	id, stop := w.title("Etiketas", 1), w.stop("Juodupė")
	p := w.person("Asta", "lt", store.RoleMember)
	p.write("/start t_" + string(id)).press(p.label("card.reserve")).press(p.label("holds.stops")).press("Juodupė").reads("van.following")
	if list, err := w.store.Van.Following(t.Context(), p.member().ID); err != nil || len(list) != 1 {
		t.Fatalf("follows %+v, %v", list, err)
	}
	hold, err := w.store.Holds.Of(t.Context(), id, p.member().ID)
	w.check(err)
	boss := w.person("Daiva", "lt", store.RoleLibrarian)
	boss.write("/desk").press(boss.label("desk.list_allocated")).press("Etiketas").press("1|dact|" + string(hold.ID) + "|ready")
	p.owed().sees("gruodžio 3 d., ketvirtadienis, ", "Atsiimti iki: gruodžio 3 d.")
	_, err = w.store.Van.CancelVisit(t.Context(), w.op(), store.VisitID(string(stop.ID)+"_20261203"), true)
	w.check(err)
	w.at = time.Date(2026, 12, 4, 9, 0, 0, 0, w.zone)
	if n, err := w.store.Holds.ExpireDue(t.Context(), w.at); err != nil || n != 0 {
		t.Errorf("%d expired though the van never came: %v", n, err)
	}
}

func TestTheNextInTheQueueIsTold(t *testing.T) {
	w := killedWorld(t)
	id := w.title("Etiketas", 1)
	first, second := w.person("Asta", "lt", store.RoleMember), w.person("Ilze", "lv", store.RoleMember)
	place(t, first, id)
	second.write("/start t_" + string(id)).press(second.label("card.queue_up")).press("🏛")
	second.sees(second.label("holds.placed", "position", 1), "Etiketas")
	second.reads("holds.next_queue")

	first.write("/holds").press("1. Etiketas").press(first.label("holds.cancel")).sees("Knygos laukia ir kiti")
	if _, err := w.store.Holds.Of(t.Context(), id, first.member().ID); err != nil {
		t.Fatalf("given up before the answer: %v", err)
	}
	first.press(first.label("common.yes")).sees("Knyga atiteks kitam skaitytojui")
	second.owed().sees("Pienākusi Jūsu kārta", "Etiketas")
	second.press(second.label("holds.not_needed")).sees("Atcelta: Etiketas")

	place(t, first, id)
	hold, err := w.store.Holds.Of(t.Context(), id, first.member().ID)
	w.check(err)
	_, err = w.store.Holds.Ready(t.Context(), w.op(), hold.ID, w.at.AddDate(0, 0, 7))
	w.check(err)
	first.owed().sees("Jūsų laukia: Etiketas", "lapkričio 30 d., pirmadienis")
	w.at = w.at.AddDate(0, 0, 8)
	_, err = w.store.Holds.ExpireDue(t.Context(), w.at)
	w.check(err)
	first.owed().sees("Rezervacija baigėsi: Etiketas")
	first.press(first.label("holds.again")).sees("<b>Etiketas</b>")
}

func TestLoansAreRenewedUnlessSomebodyWaits(t *testing.T) {
	w := killedWorld(t)
	id := w.title("Etiketas", 1)
	p := w.person("Asta", "en", store.RoleMember)
	hold := place(t, p, id)
	_, err := w.store.Holds.Ready(t.Context(), w.op(), hold.ID, w.at.AddDate(0, 0, 7))
	w.check(err)
	loan, err := w.store.Holds.Collect(t.Context(), w.op(), hold.ID, w.app.endOfDayIn(30))
	w.check(err)

	p.write("/holds").sees("Due back: Wednesday 23 December")
	p.write("etiketas").press("1").sees("You have this book. Due back: 23 December")
	p.press(p.label("card.my_loan"))
	w.at = w.at.AddDate(0, 0, 20)
	p.press(p.label("holds.renew")).sees("Due back: Tuesday 12 January")
	place(t, w.person("Ilze", "lv", store.RoleMember), id)
	w.at = w.at.AddDate(0, 0, 5)
	if p.press(p.label("holds.renew")); p.toast != p.label("holds.renew_waited") {
		t.Errorf("renewed though somebody waits: %q", p.toast)
	}
	w.at = w.at.AddDate(0, 1, 0)
	p.write("/holds").sees("It was due: Tuesday 12 January")
	p.write("/forget").reads("forget.not_yet").sees("1 book")
	_, err = w.store.Holds.Return(t.Context(), w.op(), loan.ID)
	w.check(err)
	p.write("/holds").reads("holds.none")
}

func TestAGuestIsInvitedToJoinFromTheCard(t *testing.T) {
	w := killedWorld(t)
	id := w.title("Etiketas", 1)
	p := w.person("Asta", "en", store.RoleGuest)
	p.write("/start t_" + string(id)).press(p.label("card.join_to_reserve")).sees("Joining: step 1 of 3")
	data, err := chat.Encode("pick", string(id), "l1")
	w.check(err)
	if p.pressData(101, data); p.toast == "" {
		t.Error("a guest may reserve with a forged button")
	}
	if _, err := w.store.Holds.Of(t.Context(), id, p.member().ID); err == nil {
		t.Error("a guest has reserved")
	}
}

func TestAnotherMembersHoldIsNotShown(t *testing.T) {
	w := killedWorld(t)
	hold := place(t, w.person("Asta", "lt", store.RoleMember), w.title("Etiketas", 1))
	p := w.person("Jonas", "lt", store.RoleMember)
	for _, action := range []string{"hold", "unhold", "rehold"} {
		data, err := chat.Encode(action, string(hold.ID))
		w.check(err)
		if p.pressData(101, data); p.said != "" || p.toast == "" {
			t.Errorf("%s of another's hold says %q, toast %q", action, p.said, p.toast)
		}
	}
	if h, err := w.store.Holds.Get(t.Context(), hold.ID); err != nil || h.State != store.HoldAllocated {
		t.Errorf("another's hold is %v, %v", h.State, err)
	}
}
