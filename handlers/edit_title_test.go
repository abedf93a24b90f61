package handlers

import (
	"strings"
	"testing"

	"versli/handlers/messages"
	"versli/store"
)

// only is the only title of the library.
func (w *world) only() store.Title {
	w.t.Helper()
	var list []store.Title
	w.check(w.store.Titles.Each(w.t.Context(), func(t store.Title, _ []store.Copy) error {
		list = append(list, t)
		return nil
	}))
	if len(list) != 1 {
		w.t.Fatalf("%d titles: %+v", len(list), list)
	}
	return list[0]
}

func TestATitleIsAddedInTheChat(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := newWorld(t)
			p := w.person("Rasa", lang, store.RoleLibrarian)
			p.write("/staff").press(p.label("staff.to_add_title")).reads("edit_title.ask_name")
			p.write("Nudge <postūmis>").reads("edit_title.ask_authors").write("Richard Thaler,  Cass Sunstein")
			p.write("18").reads("edit_title.bad_year").write("2021").press(p.label("topic.psychology")).press(p.label("tongue.lt"))
			p.press(p.label("place.van")).press("3").sees("Nudge &lt;postūmis&gt;", "Richard Thaler, Cass Sunstein", "2021", "3 ")
			p.press(p.label("form.save"))
			if p.toast != p.label("edit_title.added") {
				t.Errorf("saved: %q", p.toast)
			}
			title := w.only()
			if title.Name != "Nudge <postūmis>" || len(title.Authors) != 2 || title.Year != 2021 || title.Topic != store.TopicPsychology ||
				title.Language != "lt" || title.Source != "" {
				t.Errorf("stored: %+v", title)
			}
			shelves, err := w.store.Titles.Shelves(t.Context(), title.ID)
			if w.check(err); len(shelves) != 1 || shelves[0].Location != store.VanLocation || shelves[0].Copies != 3 {
				t.Errorf("copies: %+v", shelves)
			}
			p.press(p.label("edit_title.done")).sees("Nudge").press(p.label("edit_title.open")).reads("edit_title.choose")
		})
	}
}

func TestWhatTheCatalogueHasIsNotDoubled(t *testing.T) {
	w := newWorld(t)
	w.title("Mąstymas, greitas ir lėtas", 2)
	p := w.person("Rasa", "lt", store.RoleLibrarian)
	p.pressData(7, "1|tnew").write("Mąstymas, greitas ir lėtas").write("Daniel Kahneman").write("2015").
		press(p.label("common.skip")).press(p.label("tongue.lt")).press("1|edit_title_set|shelf|l1").press("1").press(p.label("form.save"))
	if p.toast != p.label("edit_title.known") {
		t.Errorf("saved: %q", p.toast)
	}
	if title := w.only(); title.Language != "lt" || title.Topic != store.TopicPsychology {
		t.Errorf("stored: %+v", title)
	}
}

func TestEachFieldOfATitleIsEdited(t *testing.T) {
	w := newWorld(t)
	id := w.title("Etiketas", 1)
	p := w.person("Rasa", "lt", store.RoleLibrarian)
	p.pressData(7, "1|tedit|"+string(id))
	for _, edit := range []struct{ name, typed, refused string }{
		{"name", "Etiketas šiandien", "—"},
		{"subtitle", "Vadovas", strings.Repeat("ilga ", 100)},
		{"authors", "Arminas Lydeka; Ona Onaitė", "!!!"},
		{"year", "2019", "3019"},
		{"isbn", "ISBN 978-0-306-40615-7", "978-0-306-40615-8"},
		{"publisher", "Alma littera", strings.Repeat("ilga ", 100)},
		{"about", "Kaip elgtis <svečiuose>.", strings.Repeat("ilgas ", 500)},
	} {
		p.press("1|tefield|" + string(id) + "|" + edit.name).reads("edit_title.ask_" + edit.name).
			write(edit.refused).reads("edit_title.bad_" + edit.name).
			write(edit.typed).reads("edit_title.choose")
	}
	p.press(p.label("edit_title.field_topic")).press(p.label("topic.etiquette"))
	p.press(p.label("edit_title.field_language")).press(p.label("tongue.ru"))
	got := w.only()
	if got.Name != "Etiketas šiandien" || got.Subtitle != "Vadovas" || len(got.Authors) != 2 || got.Year != 2019 ||
		got.Publisher != "Alma littera" || len(got.ISBNs) != 1 || got.ISBNs[0] != "9780306406157" || got.About != "Kaip elgtis <svečiuose>." ||
		got.Topic != store.TopicEtiquette || got.Language != "ru" {
		t.Errorf("stored: %+v", got)
	}
	p.press("1|tefield|" + string(id) + "|isbn").sees("9780306406157").press(p.label("edit_title.clear"))
	if isbns := w.only().ISBNs; len(isbns) != 0 {
		t.Errorf("not cleared: %v", isbns)
	}
	p.write("etiketas").sees("🔎") // no dialogue is left behind
}

func TestCopiesAreAddedOncePerQuestion(t *testing.T) {
	w := newWorld(t)
	id := w.title("Etiketas", 1)
	p := w.person("Rasa", "lt", store.RoleLibrarian)
	p.pressData(7, "1|tecopies|"+string(id)).press("➕ " + p.label("place.van"))
	question := p.messages[len(p.messages)-1]
	twice := question.msg.Keyboard[0][1].Data // "2"
	p.pressData(question.id, twice).sees(p.label("place.van") + " – laisvų 2 iš 2")
	p.pressData(question.id, twice)
	copies, err := w.store.Titles.Copies(t.Context(), id)
	if w.check(err); len(copies) != 3 || p.toast != p.label("edit_title.copies_added", "n", 2) {
		t.Errorf("%d copies after a double tap, toast %q", len(copies), p.toast)
	}
}

func TestATitleInUseIsNotRemoved(t *testing.T) {
	w := newWorld(t)
	id := w.title("Etiketas", 1)
	member, p := w.person("Asta", "lt", store.RoleMember), w.person("Rasa", "lt", store.RoleLibrarian)
	hold := place(t, member, id)
	p.pressData(7, "1|tedit|"+string(id)).press(p.label("edit_title.remove")).sees("1 egzemplioriumi")
	p.press(p.label("edit_title.remove_yes")).sees("kol kas negalima")
	_, err := w.store.Holds.Cancel(t.Context(), w.op(), hold.ID, member.member().ID)
	w.check(err)
	p.press(p.label("common.back")).press(p.label("edit_title.remove")).press(p.label("edit_title.remove_yes")).sees("Pašalinta: ")
	if titles, copies, err := w.store.Titles.Count(t.Context()); err != nil || titles+copies != 0 {
		t.Errorf("%d titles and %d copies are left, %v", titles, copies, err)
	}
}
