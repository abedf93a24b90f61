package handlers

import (
	"strings"
	"testing"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func TestCalendarTurnsMonthsInPlaceAndOpensWhatIsInIt(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		w.activity("El. prekyba", 5)
		w.stop("Juodupė")
		p := w.person("Asta", lang, store.RoleMember)
		p.write("/calendar").reads("calendar.no_events")
		before := len(p.messages)
		p.press("calendar|202612").sees("El. prekyba").reads("calendar.van")
		if len(p.messages) != before {
			t.Errorf("%s: the month is not turned in place", lang)
		}
		p.press("1. El. prekyba").sees("Rokiškio biblioteka")
		p.write("/calendar").press("calendar|202612").press(" 10").sees("Juodupė")
	}
}

func TestInAGroupNobodyReadsWhatAMemberFollowsOrJoined(t *testing.T) {
	w := newWorld(t)
	p := w.person("Lina", "lt", store.RoleLibrarian)
	s := w.stop("Juodupė")
	x := w.activity("El. prekyba", 5)
	w.check(w.store.Van.Follow(t.Context(), w.op(), s.ID, p.member().ID, true))
	_, err := w.store.Activities.Register(t.Context(), w.op(), x.ID, p.member().ID)
	w.check(err)
	for _, name := range []string{"van", "trainings", "calendar"} {
		r := p.request(chat.KindCommand)
		r.Private, r.Chat, r.Command = false, -100, name
		p.do(r)
		if p.said == "" || strings.Contains(p.said, "✅") || strings.Contains(p.said, "Juodupė") {
			t.Errorf("/%s in a group says:\n%s", name, p.said)
		}
	}
	open := p.request(chat.KindPress)
	open.Private, open.Chat, open.Action, open.Args = false, -100, "training", []string{string(x.ID)}
	if p.do(open).sees("El. prekyba"); strings.Contains(p.said, p.label("training.my_seat")) {
		t.Errorf("a group reads of a member's seat:\n%s", p.said)
	}
}
