package handlers

import (
	"slices"
	"testing"

	"versli/handlers/messages"
	"versli/store"
)

// What a member without Telegram is owed, staff say on the phone: the list names whom to call and what for.
func TestStaffSeeWhomToCall(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := newWorld(t)
			p := w.person("Daiva", lang, store.RoleLibrarian)
			p.write("/staff").press(p.label("staff.to_calls")).reads("calls.none")

			m, err := w.store.Members.Add(t.Context(), w.op(), "Stasė <b>", "8 612 34567", "", store.KindNGO)
			w.check(err)
			hold, err := w.store.Holds.Place(t.Context(), w.op(), w.title("Etiketas", 1), m.ID, store.Place(store.MainLibrary))
			w.check(err)
			_, err = w.store.Holds.Ready(t.Context(), w.op(), hold.ID, w.at.AddDate(0, 0, 7))
			w.check(err)
			owed, err := w.store.Outbox.Due(t.Context(), w.at, 10)
			w.check(err)
			owed = slices.DeleteFunc(owed, func(n store.Notice) bool { return n.Member != m.ID })
			if len(owed) != 1 {
				t.Fatalf("owed: %+v", owed)
			}
			w.check(w.store.Outbox.Failed(t.Context(), owed[0], "no_telegram"))

			p.write("/staff").press(p.label("staff.to_calls")).sees("Stasė &lt;b&gt;", "8 612 34567", "Etiketas")
			p.press(p.label("calls.tick", "number", 1)).reads("calls.none")
			if left, err := w.store.Outbox.CountFailures(t.Context()); err != nil || left != 0 {
				t.Errorf("%d left, %v", left, err)
			}
		})
	}
}
