package handlers

import (
	"fmt"
	"strings"
	"testing"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func TestResultsArePagedInOneMessage(t *testing.T) {
	w := killedWorld(t)
	for i := range 14 {
		w.title(fmt.Sprintf("Mokesčių vadovas %02d", i), 1, func(r *store.Record) {
			r.Title.Topic = store.TopicTaxes
			if i == 5 {
				r.Copies[0].Location = "van"
			}
		})
	}
	for _, lang := range messages.Languages() {
		p := w.person("Asta", lang, store.RoleGuest)
		p.write("mokesciai").sees(p.label("search.head", "query", "mokesciai", "n", 14)[:20], "<b>1.</b>", "<b>6.</b>")
		p.press("›").sees("<b>7.</b>", "<b>12.</b>").press("›").sees("<b>14.</b>")
		if len(p.messages) != 1 {
			t.Errorf("paging made %d messages", len(p.messages))
		}
		p.press("13").press(p.label("card.back")).sees("<b>13.</b>")
		p.press("‹").sees("<b>7.</b>")
		p.write("/topics").press(p.label("topic.taxes")+" · 14").sees(p.label("topic.taxes"), "<b>6.</b>")
		p.write("/new").reads("search.head_new")
	}
}

// Who types a village where books are looked for is shown the van's stop there.
func TestAVillageIsNoBook(t *testing.T) {
	w := killedWorld(t)
	stop := w.stop("Juodupė")
	p := w.person("Asta", "lt", store.RoleGuest)
	p.write("juodupe").press("🚐 " + stopLabel(stop)).reads("van.next_visits")
}

func TestFilters(t *testing.T) {
	w := killedWorld(t)
	lent := w.title("Etiketas darbe", 1)
	w.title("Etiketas namuose", 1)
	place(t, w.person("Jonas", "lt", store.RoleMember), lent)
	w.reindex()
	p := w.person("Asta", "en", store.RoleMember)
	p.write("etiketas").sees("2 books").press(p.label("search.filter_now")).sees("1 book", "namuose")
	p.press(p.label("search.filter_van")).reads("search.none_filtered")
	p.press(p.label("search.filter_van")).press(p.label("search.filter_now")).sees("2 books")
}

func TestATypoGetsASuggestionAndNothingGetsTheLibrary(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		w.title("Psichologija kasdien", 1)
		p := w.person("Asta", lang, store.RoleGuest)
		p.write("psihologja").sees("Psichologija kasdien")
		p.write("qwertyuiop zxcvb").sees("qwertyuiop zxcvb").press(p.label("search.ask_library")).sees("qwertyuiop zxcvb")
		p.press(p.label("ask.send_book"))
		open, err := w.store.Questions.Open(t.Context())
		if w.check(err); len(open) != 1 || !strings.Contains(open[0].Text, "qwertyuiop zxcvb") {
			t.Errorf("asked: %+v", open)
		}
		if p.write("psichologija").sees("Psichologija kasdien"); len(open) != 1 {
			t.Error("the dialogue did not end")
		}
	}
}

// A result page of long ago, whose titles are gone, shows what there is.
func TestAnOldPageShowsTheCatalogueAsItIs(t *testing.T) {
	w := killedWorld(t)
	w.title("Teisė visiems", 1)
	p := w.person("Asta", "en", store.RoleGuest)
	p.pressData(55, "1|find||teise|600").sees("Teisė visiems", "1 book")
	if p.pressData(55, "1|title|tgone"); p.toast == "" || p.said != "" {
		t.Errorf("a title that is gone: %q, toast %q", p.said, p.toast)
	}
}

func TestWhatIsTypedIsEscaped(t *testing.T) {
	w := killedWorld(t)
	w.title("<script>alert(1)</script> & Co", 1)
	p := w.person("<i>Asta</i>", "lt", store.RoleMember)
	for _, text := range []string{"/start", "script alert", "<b>script</b>", "/profile", "/ask <u>kada?</u>"} {
		p.write(text)
		for _, raw := range []string{"<script", "<i>Asta", "<u>", "<b>script"} {
			if strings.Contains(p.said, raw) {
				t.Errorf("%q is answered with %q in it: %s", text, raw, p.said)
			}
		}
	}
}

func TestQRPictureAndSharing(t *testing.T) {
	w := killedWorld(t)
	id := w.title("Etiketas", 1)
	p := w.person("Asta", "en", store.RoleMember)
	p.write("/start t_" + string(id)).press(p.label("card.qr")).sees("https://t.me/versli_bot?start=t_" + string(id))
	photo := p.messages[len(p.messages)-1].msg.Photo
	if photo == nil || !strings.HasPrefix(string(photo.Bytes), "\x89PNG") {
		t.Error("no picture")
	}
	share := false
	for _, row := range p.messages[0].msg.Keyboard {
		for _, b := range row {
			share = share || strings.HasPrefix(b.URL, "https://t.me/share/url?") && strings.Contains(b.URL, "start%3Dt_"+string(id))
		}
	}
	if !share {
		t.Error("no button to share")
	}
	if _, err := chat.Encode("titleqr", string(id)); err != nil {
		t.Error(err)
	}
}
