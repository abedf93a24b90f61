package handlers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// delivery says how a send to somebody ends.
type delivery func(store.Member) (d store.Delivery, reason string)

// everybody gets it.
func everybody(store.Member) (store.Delivery, string) { return store.DeliverySent, "" }

// deliver sends, corrects or recalls what is being sent, as the scheduler does; got are the people who were sent something.
func (w *world) deliver(id store.BroadcastID, how delivery) (b store.Broadcast, got map[store.MemberID]chat.Message) {
	w.t.Helper()
	return w.deliverSome(id, 1000, how)
}

// deliverSome does so with as many as that, and leaves the others.
func (w *world) deliverSome(id store.BroadcastID, most int, how delivery) (b store.Broadcast, got map[store.MemberID]chat.Message) {
	w.t.Helper()
	ctx := w.t.Context()
	got = map[store.MemberID]chat.Message{}
	batch, err := w.store.Broadcasts.Take(ctx, id, most, time.Minute)
	w.check(err)
	b, err = w.store.Broadcasts.Get(ctx, id)
	w.check(err)
	for _, to := range batch {
		m, err := w.store.Members.Get(ctx, to.Member)
		w.check(err)
		d, reason := how(m)
		var ids []int
		if d == store.DeliverySent {
			got[m.ID] = w.app.RenderBroadcast(b, m)
			ids = []int{7}
			if to.Pass == store.PassCorrect {
				got[m.ID] = w.app.RenderCorrection(b, m, 7)
			}
			w.sound(got[m.ID])
		}
		_, err = w.store.Broadcasts.Settle(ctx, id, to, d, ids, reason)
		w.check(err)
	}
	b, err = w.store.Broadcasts.Get(ctx, id)
	w.check(err)
	return b, got
}

// newest is the broadcast that was drafted last.
func (w *world) newest() store.Broadcast {
	w.t.Helper()
	list, err := w.store.Broadcasts.Recent(w.t.Context(), 1)
	w.check(err)
	if len(list) != 1 {
		w.t.Fatal("there is no broadcast")
	}
	return list[0]
}

// attach sends a picture or a document, place a venue.
func (p *person) attach(f chat.File, caption string) *person {
	p.w.t.Helper()
	r := p.request(chat.KindFile)
	r.File, r.Text = &f, caption
	return p.do(r)
}

func (p *person) place(v chat.Venue) *person {
	p.w.t.Helper()
	r := p.request(chat.KindLocation)
	r.Point = &v.Point
	if v.Title != "" {
		r.Venue = &v
	}
	return p.do(r)
}

// last is the newest message in the person's chat.
func (p *person) last() shown { return p.messages[len(p.messages)-1] }

// data is the callback data of the last button with a label.
func (p *person) data(label string) string {
	p.w.t.Helper()
	for _, m := range slices.Backward(p.messages) {
		for _, row := range m.msg.Keyboard {
			for _, b := range row {
				if strings.Contains(b.Label, label) {
					return b.Data
				}
			}
		}
	}
	p.w.t.Fatalf("%s sees no button %q in:\n%s", p.name, label, p.screen())
	return ""
}

// draft types an announcement to members, as far as the card.
func (p *person) draft(text string) store.Broadcast {
	p.w.t.Helper()
	p.write("/broadcast").reads("broadcast.ask")
	p.write(text).reads("broadcast.whom")
	p.press(p.label("broadcast.to_members")).reads("broadcast.confirm")
	return p.w.newest()
}

func TestABroadcastIsPreviewedConfirmedOnceAndReported(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p, reader := w.person("Lina", lang, store.RoleLibrarian), w.person("Asta", lang, store.RoleMember)
		p.draft("Rytoj <b>mugė</b> & šventė")
		p.sees("Rytoj &lt;b&gt;mugė&lt;/b&gt; &amp; šventė", p.label("broadcast.name_members"), p.label("broadcast.recipients", "n", 3))
		send := p.data("📣")
		message := p.last().id
		p.pressData(message, send).reads("broadcast.state_sending")
		p.pressData(message, send).reads("broadcast.state_sending") // a double tap
		b := w.newest()
		if b.State != store.BroadcastSending || b.Message != message || b.Chat != p.chat {
			t.Fatalf("%s: %+v", lang, b)
		}
		p.press(p.label("broadcast.pause")).reads("broadcast.state_paused")
		p.press(p.label("broadcast.resume")).reads("broadcast.state_sending")
		b, _ = w.deliver(b.ID, func(m store.Member) (store.Delivery, string) {
			if m.ID != reader.member().ID {
				return store.DeliverySent, ""
			}
			reader.show(w.app.RenderBroadcast(b, m))
			return store.DeliveryUnreachable, "Forbidden: bot was blocked by the user"
		})
		p.show(w.app.Progress(b, w.words.In(lang)))
		p.sees(p.label("broadcast.unreachable", "count", 1)).press(p.label("broadcast.who_failed"))
		p.sees("Asta", p.label("report.why_blocked"))
		if strings.Contains(p.said, "Forbidden") {
			t.Errorf("%s: Telegram's own words are shown:\n%s", lang, p.said)
		}
		reader.press(reader.label("broadcast.news_off")).reads("broadcast.news_are_off")
		if reader.member().Settings.News {
			t.Errorf("%s: one tap does not end the news", lang)
		}
		reader.press(reader.label("common.undo")).reads("broadcast.news_are_on")
	}
}

// A button of an earlier card sends nothing that was written since; it shows the present state.
func TestAnOldSendButtonSendsNothingElse(t *testing.T) {
	w := killedWorld(t)
	p, colleague := w.person("Lina", "lt", store.RoleLibrarian), w.person("Ilze", "lv", store.RoleLibrarian)
	b := p.draft("Mugė šeštadienį")
	old, message := p.data("📣"), p.last().id

	// A colleague goes on with it from the list.
	colleague.write("/broadcast").press(colleague.label("broadcast.to_list")).reads("broadcast.section_drafts")
	colleague.press("1. Mugė").sees(colleague.label("draft.author", "name", "Lina"))
	colleague.press(colleague.label("draft.texts")).press(p.label("language.lt")).write("Mugė sekmadienį").reads("draft.text_taken")

	p.pressData(message, old).sees("Mugė sekmadienį")
	if p.toast != p.label("broadcast.changed_since") || w.newest().State != store.BroadcastDraft {
		t.Errorf("toast %q, state %s", p.toast, w.newest().State)
	}
	p.press("📣").reads("broadcast.state_sending")
	// Whoever still has the draft's buttons sees what became of it.
	for _, data := range []string{
		"btexts|" + string(b.ID), "bfile|" + string(b.ID), "bset|" + string(b.ID) + "|q|members|", "bat|" + string(b.ID) + "|1", "bdrop|" + string(b.ID) + "|yes",
		"baud|" + string(b.ID), "bback|" + string(b.ID), "bby|" + string(b.ID) + "|1h", "blook|" + string(b.ID), "btest|" + string(b.ID) + "|all",
		"badd|" + string(b.ID) + "|timetable|", "bmain|" + string(b.ID) + "|lv", "bwhom|" + string(b.ID), "bkind|" + string(b.ID) + "|a",
	} {
		if colleague.pressData(102, "1|"+data); !strings.Contains(colleague.said, colleague.label("broadcast.sent", "done", 0, "total", 3)) {
			t.Errorf("%s: %s %q", data, colleague.said, colleague.toast)
		}
	}
}

// A forged button changes nothing, and none is an incident.
func TestForgedBroadcastButtons(t *testing.T) {
	w := killedWorld(t)
	p, reader := w.person("Lina", "lt", store.RoleLibrarian), w.person("Asta", "lt", store.RoleMember)
	b := p.draft("Mugė")
	for _, name := range w.router.Actions() {
		if !strings.HasPrefix(name, "b") {
			continue
		}
		for _, args := range []string{"", "|nosuch", "|" + string(b.ID) + "|x|y|z", "|" + string(b.ID) + "|a|nosuch|-1", "|" + string(b.ID) + "|q|language|ru"} {
			if name == "bdrop" || name == "bevery" || name == "bnew" {
				continue // these need no more than the draft
			}
			if p.pressData(101, "1|"+name+args); p.said == "" && p.toast == "" {
				t.Errorf("%s%s is not answered", name, args)
			}
		}
		if name == "bgo" {
			continue
		}
		if reader.pressData(101, "1|"+name+"|"+string(b.ID)); reader.toast != reader.label("error.forbidden") {
			t.Errorf("a member may press %s: %q", name, reader.toast)
		}
	}
	after := w.newest()
	if after.State != store.BroadcastDraft || after.Texts["lt"] != "Mugė" || len(after.Audience.All) != 1 || after.Audience.All[0].Kind != store.AudienceMembers {
		t.Errorf("after forged buttons: %+v", after)
	}
}

// To everybody is asked once more.
func TestToEverybodyIsAskedTwice(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		w.person("Asta", lang, store.RoleMember)
		p.write("/broadcast").write("Mugė").press(p.label("broadcast.to_all")).reads("broadcast.confirm")
		p.press("📣").reads("broadcast.ask_all").sees(p.label("broadcast.recipients", "n", 3))
		p.press(p.label("common.no")).reads("broadcast.state_draft")
		p.press("📣").press(p.label("broadcast.send_all", "count", 3)).reads("broadcast.state_sending")
	}
}

// A command leaves a step; what was typed before it stays in the draft, and what is typed after it is a search.
func TestACommandLeavesAStep(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Lina", "lt", store.RoleLibrarian)
	p.draft("Mugė")
	p.press(p.label("draft.texts")).press(p.label("language.lv")).sees(p.label("language.lv"))
	p.write("/cancel").reads("help.cancelled")
	p.write("Gadatirgus")
	if b := w.newest(); b.Texts["lv"] != "" || b.Texts["lt"] != "Mugė" {
		t.Errorf("texts %v", b.Texts)
	}
	p.write("/broadcast").write("/staff").reads("staff.title")
	p.write("Etiketas")
	if list, err := w.store.Broadcasts.Recent(t.Context(), 10); err != nil || len(list) != 1 {
		t.Errorf("%d broadcasts, %v", len(list), err)
	}
}

func TestADraftIsDeletedWhenThatIsConfirmed(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		p.draft("Mugė")
		p.press(p.label("draft.drop")).reads("draft.ask_drop").press(p.label("common.no")).reads("broadcast.state_draft")
		p.press(p.label("draft.drop")).press(p.label("draft.drop_yes")).reads("broadcast.discarded")
		p.press(p.label("broadcast.to_list")).reads("broadcast.list_title", "common.nothing")
		p.press(p.label("broadcast.new")).reads("broadcast.ask")
	}
}
