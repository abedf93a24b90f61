package handlers

import (
	"strings"
	"testing"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func TestADraftIsComposedOnOneCard(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			training := w.activity("El. prekyba", 5)
			stop := w.stop("Juodupė")
			title := w.title("Verslo etiketas", 1)
			p := w.person("Lina", lang, store.RoleLibrarian)
			b := p.draft("Rudens mugė")
			at := chat.Venue{Point: chat.Point{Lat: 55.96, Lon: 25.58}, Title: "Rokiškio dvaras", Address: "Dvaro g. 5"}

			composesTexts(p)
			composesFileAndPlace(p, at)
			composesButtons(p)

			got := w.newest()
			if got.ID != b.ID {
				t.Fatalf("another draft: %s", got.ID)
			}
			other := map[string]string{"lt": "lv", "lv": "lt", "en": "lt"}[lang]
			if got.Texts[lang] != "Rudens mugė" || got.Texts[other] != "<Kita> kalba" || got.Default != other || len(got.Texts) != 2 {
				t.Errorf("texts %v, default %s", got.Texts, got.Default)
			}
			if got.Photo != "pic" || got.Document != "" || got.Place == nil || got.Place.Title != at.Title || got.Place.Lat != at.Lat {
				t.Errorf("attached: %+v", got.Content)
			}
			want := []store.BroadcastButton{
				{Kind: store.ButtonLink, Ref: "https://biblioteka.lt/programa?x=1", Label: "Visa programa"},
				{Kind: store.ButtonRegister, Ref: string(training.ID), Label: "El. prekyba"},
				{Kind: store.ButtonReserve, Ref: string(title), Label: "Verslo etiketas"},
				{Kind: store.ButtonTimetable, Ref: string(stop.ID), Label: stopLabel(stop)},
			}
			for i, x := range got.Buttons {
				if x != want[i] {
					t.Errorf("button %d: %+v, want %+v", i, x, want[i])
				}
			}
			cards := 0
			for _, m := range p.messages {
				if strings.Contains(string(m.msg.Text), strings.TrimSpace(string(w.words.In(lang).HTML("broadcast.state_draft")))) {
					cards++
				}
			}
			p.write("/broadcast").press(p.label("broadcast.to_list")).press("1. ").reads("broadcast.state_draft")
			if cards > 1 {
				t.Errorf("%d cards of one draft:\n%s", cards, p.screen())
			}
		})
	}
}

// composesTexts adds a second language, makes it the default, and loses nothing to what is refused.
func composesTexts(p *person) {
	p.w.t.Helper()
	other := map[string]string{"lt": "lv", "lv": "lt", "en": "lt"}[p.lang]
	p.press(p.label("draft.texts")).reads("draft.texts_head")
	p.press("▫️ " + p.label("language."+other))
	p.write(strings.Repeat("ą", 5000)).sees("5000", "4096")
	p.attach(chat.File{ID: "pic", Picture: true}, "").sees(p.label("language." + other))
	p.write("<Kita> kalba").reads("draft.text_taken").sees("&lt;Kita&gt; kalba", "Rudens mugė")
	p.press(p.label("draft.texts")).press(p.label("draft.make_default"))
	p.press(p.label("common.back")).sees(string(p.w.words.In(p.lang).HTML("draft.text_default", "language", p.label("language."+other), "text", "<Kita> kalba")))
	// The last text cannot be taken out as long as there is nothing else.
	third := map[string]string{"lt": "en", "lv": "en", "en": "lv"}[p.lang]
	p.press(p.label("draft.texts")).press("▫️ " + p.label("language."+third)).write("laikinas").reads("draft.text_taken")
	p.press(p.label("draft.texts")).press("btextx|" + string(p.w.newest().ID) + "|" + third)
	p.press(p.label("common.back"))
}

func composesFileAndPlace(p *person, at chat.Venue) {
	p.w.t.Helper()
	p.press(p.label("draft.file")).write("ne failas").reads("draft.only_file")
	p.attach(chat.File{ID: "doc", Name: "programa.pdf"}, "").reads("draft.file_taken").sees("programa.pdf")
	p.press(p.label("draft.file")).attach(chat.File{ID: "pic", Picture: true}, "").reads("draft.photo")
	p.press(p.label("draft.texts")).press(p.label("language."+p.lang)).write(strings.Repeat("a", 2000)).sees("2000", "1024")
	p.press(p.label("common.back"))
	p.press(p.label("draft.place_button")).write("Rokiškis").reads("draft.only_place")
	p.place(chat.Venue{Point: at.Point}).reads("draft.place_taken").sees("55.96000")
	p.press(p.label("draft.place_button")).place(at).sees("Rokiškio dvaras, Dvaro g. 5")
}

func composesButtons(p *person) {
	p.w.t.Helper()
	p.press(p.label("draft.buttons")).reads("draft.buttons_head")
	p.press(p.label("draft.add_link")).reads("draft.ask_link")
	p.write(strings.Repeat("ilgas ", 20)).sees(p.label("draft.bad_label", "limit", longestLabel))
	p.write("Programa").sees("Programa")
	for _, bad := range []string{"http://biblioteka.lt", "javascript:alert(1)", "https://", "https://a@b.lt/", "visai ne", "tg://user?id=1"} {
		p.write(bad).reads("draft.bad_address")
	}
	p.write("biblioteka.lt/programa").sees("https://biblioteka.lt/programa").press("✖️ Programa").reads("draft.buttons_head")
	p.press(p.label("draft.add_link")).write("Visa programa https://biblioteka.lt/programa?x=1").sees("Visa programa")
	p.press(p.label("draft.add_register")).press("El. prekyba").sees("El. prekyba")
	p.press(p.label("draft.add_reserve")).write("nesama knyga qqq").sees("qqq")
	p.write("etiketas").sees("Verslo etiketas").press("1. Verslo").sees("Verslo etiketas")
	p.press(p.label("draft.add_timetable")).press("Juodupė").reads("draft.buttons_full")
	p.press(p.label("common.back")).reads("broadcast.state_draft")
}

// What members get: their own language or the default's, and buttons that do what the features do, below the announcement.
func TestEveryoneGetsTheirLanguageAndButtonsThatWork(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		training := w.activity("El. prekyba", 5)
		stop := w.stop("Juodupė")
		title := w.title("Verslo etiketas", 1)
		p, reader := w.person("Lina", "lt", store.RoleLibrarian), w.person("Asta", lang, store.RoleMember)
		b, err := w.store.Broadcasts.Draft(t.Context(), w.op(), store.Broadcast{By: p.member().ID, Content: store.Content{
			Texts: map[string]string{"lt": "Mugė", "lv": "Gadatirgus"}, Default: "lv",
			Place: &store.BroadcastPlace{Lat: 55.9, Lon: 25.5, Title: "Dvaras"},
			Buttons: []store.BroadcastButton{
				{Kind: store.ButtonRegister, Ref: string(training.ID), Label: "El. prekyba"},
				{Kind: store.ButtonReserve, Ref: string(title), Label: "Verslo etiketas"},
				{Kind: store.ButtonTimetable, Ref: string(stop.ID), Label: "Juodupė"},
				{Kind: store.ButtonTimetable},
			},
		}})
		w.check(err)
		msg := w.app.RenderBroadcast(b, reader.member())
		if want := map[string]chat.HTML{"lt": "Mugė", "lv": "Gadatirgus", "en": "Gadatirgus"}[lang]; msg.Text != want || msg.Venue == nil {
			t.Errorf("%s gets %q", lang, msg.Text)
		}
		reader.show(msg)
		at := reader.last().id
		reader.pressData(at, msg.Keyboard[0][0].Data).sees("El. prekyba").reads("training.my_seat")
		reader.pressData(at, msg.Keyboard[1][0].Data).sees("Verslo etiketas")
		reader.pressData(at, msg.Keyboard[2][0].Data).sees("Juodupė")
		reader.pressData(at, msg.Keyboard[3][0].Data).reads("van.title")
		if reader.messages[0].msg.Text != msg.Text || len(reader.messages) != 5 {
			t.Errorf("%s: the announcement is gone:\n%s", lang, reader.screen())
		}
		guest := w.person("Svečias", lang, store.RoleGuest)
		if guest.pressData(1, msg.Keyboard[0][0].Data); guest.toast != guest.label("error.members_only") {
			t.Errorf("%s: a guest registers: %q", lang, guest.toast)
		}
	}
}

func TestATestComesOnlyToWhoAsks(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		p.draft("Mugė")
		p.press(p.label("draft.test")).reads("draft.ask_test").press(p.label("language.lv")).reads("draft.tested")
		p.press(p.label("draft.test")).press(p.label("draft.test_all")).reads("draft.tested")
		copies := 0
		for _, m := range p.messages {
			if m.msg.Text == "Mugė" {
				copies++
			}
		}
		if copies != 5 { // the preview, one language, all three
			t.Errorf("%s: %d copies:\n%s", lang, copies, p.screen())
		}
		p.press(p.label("draft.preview")).reads("broadcast.confirm")
		if w.newest().State != store.BroadcastDraft {
			t.Error("a test starts it")
		}
	}
}

// A picture or a document begins an announcement as well, also without a text; its texts are captions then.
func TestAPictureOrADocumentBeginsIt(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Lina", "en", store.RoleLibrarian)
	p.write("/broadcast").attach(chat.File{ID: "pic", Picture: true}, strings.Repeat("x", 1025)).sees("1025", "1024")
	p.attach(chat.File{ID: "pic", Picture: true}, "").reads("broadcast.whom")
	p.attach(chat.File{ID: "doc", Name: "a.pdf"}, "Programme").reads("broadcast.whom") // it replaces the picture
	p.press(p.label("broadcast.to_members")).sees("Programme", "a.pdf")
	if b := w.newest(); b.Photo != "" || b.Document != "doc" || b.Texts["en"] != "Programme" {
		t.Errorf("%+v", b.Content)
	}
	p.press(p.label("draft.texts")).press("🗑").press(p.label("common.back")).reads("draft.no_text")
	if p.press(p.label("draft.file")).press(p.label("draft.drop_file")); p.toast != p.label("draft.something_must_stay") {
		t.Errorf("toast %q", p.toast)
	}
}

func TestReadLink(t *testing.T) {
	for typed, want := range map[string]string{
		"https://biblioteka.lt":                     "https://biblioteka.lt",
		"biblioteka.lt/a?b=c#d":                     "https://biblioteka.lt/a?b=c#d",
		"https://rokiškis.lt/ąžuolas":               "https://rokiškis.lt/ąžuolas",
		"https://a.lt:8443/x":                       "https://a.lt:8443/x",
		"http://biblioteka.lt":                      "",
		"ftp://biblioteka.lt":                       "",
		"https://localhost/":                        "",
		"https://vardas@biblioteka.lt":              "",
		"vardas@biblioteka.lt":                      "",
		"tg://resolve?domain=x":                     "",
		"https://a.lt/" + string(make([]byte, 600)): "",
		"3.12": "",
		"":     "",
	} {
		if got, ok := readLink(typed); got != want || ok != (want != "") {
			t.Errorf("%q is read as %q, %v", typed, got, ok)
		}
	}
}
