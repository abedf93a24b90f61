package handlers

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func TestAnAudienceIsCombinedFromCriteriaAndExceptions(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			stop := w.stop("Juodupė")
			p := w.person("Lina", lang, store.RoleLibrarian)
			nobodys := map[string]string{"lt": "lv", "lv": "en", "en": "lv"}[lang]
			follower, other := w.person("Asta", "lt", store.RoleMember), w.person("Jonas", "lt", store.RoleMember)
			w.check(w.store.Van.Follow(t.Context(), w.op(), stop.ID, follower.member().ID, true))
			for _, one := range []*person{follower, other} {
				one.write("/settings").press(one.label("settings.button_interests")).press(one.label("topic.taxes"))
			}
			p.write("/broadcast").write("Mokesčiai").press(p.label("audience.combine")).reads("audience.head", "audience.everybody")
			p.press(p.label("audience.add")).reads("audience.by").press(p.label("audience.kind_members")).sees(p.label("broadcast.name_members"))
			p.press(p.label("audience.add")).press(p.label("audience.kind_language")).press(p.label("language." + nobodys)).sees(p.label("broadcast.recipients", "n", 0))
			p.press(p.label("audience.add")).press(p.label("audience.kind_language")).press(p.label("language.lt"))
			p.press(p.label("audience.add")).press(p.label("audience.kind_topic")).press(p.label("topic.taxes"))
			p.sees(p.label("audience.name_topic", "topic", p.label("topic.taxes")), p.label("broadcast.recipients", "n", 2))
			p.press(p.label("audience.exclude")).reads("audience.except").press(p.label("audience.kind_followers")).press("Juodupė")
			p.sees(p.label("broadcast.name_followers", "stop", stopLabel(stop)), p.label("broadcast.recipients", "n", 1))
			got := w.newest().Audience
			want := store.Audience{All: []store.Criterion{
				{Kind: store.AudienceMembers}, {Kind: store.AudienceLanguage, Ref: "lt"}, {Kind: store.AudienceTopic, Ref: "taxes"},
			}, Not: []store.Criterion{{Kind: store.AudienceFollowers, Ref: string(stop.ID)}}}
			if !slices.Equal(got.All, want.All) || !slices.Equal(got.Not, want.Not) {
				t.Errorf("audience %+v", got)
			}
			// What is asked for is excluded no more, and a second tap takes nothing else out.
			p.press(p.label("audience.add")).press(p.label("audience.kind_followers")).press("Juodupė").sees(p.label("broadcast.recipients", "n", 1))
			if got := w.newest().Audience; len(got.All) != 4 || len(got.Not) != 0 {
				t.Errorf("audience %+v", got)
			}
			data, message := p.data("✖️ "+capital(p.label("broadcast.name_members"))), p.last().id
			p.pressData(message, data)
			p.pressData(message, data)
			if got := w.newest().Audience; len(got.All) != 3 {
				t.Errorf("audience %+v", got)
			}
			p.press(p.label("audience.ready")).reads("broadcast.state_draft").press("📣")
			b, gets := w.deliver(w.newest().ID, everybody)
			if _, ok := gets[follower.member().ID]; !ok || len(gets) != 1 || b.State != store.BroadcastSent {
				t.Errorf("%d got it: %+v", len(gets), b)
			}
		})
	}
}

// Every kind of criterion can be chosen, is named in words, and its list is paged.
func TestEveryCriterionHasWords(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		for i := range 12 {
			w.stop("Kaimas " + strconv.Itoa(i))
		}
		w.activity("El. prekyba", 5)
		p := w.person("Lina", lang, store.RoleLibrarian)
		p.write("/broadcast").write("Mugė").press(p.label("audience.combine"))
		for _, kind := range criterionKinds() {
			p.press(p.label("audience.add")).press(p.label("audience.kind_" + string(kind)))
			if kind == store.AudienceFollowers {
				p.sees().press("›")
			}
			if kind != store.AudienceMembers {
				p.pressData(p.last().id, p.last().msg.Keyboard[0][0].Data)
			}
			p.reads("audience.head")
		}
		p.press(p.label("audience.ready"))
		if a := w.newest().Audience; len(a.All) != len(criterionKinds()) {
			t.Errorf("%s: %d criteria", lang, len(a.All))
		}
		for _, n := range []string{"1", "3", "12"} {
			if name := (broadcasts{w.app}).criterionName(t.Context(), w.words.In(lang), store.Criterion{Kind: store.AudienceSilent, Ref: n}); !strings.Contains(name, n) {
				t.Errorf("%s: %q", lang, name)
			}
		}
		// More than can be read on a phone is refused in words.
		id := string(w.newest().ID)
		stops, err := w.store.Van.Stops(t.Context(), "")
		w.check(err)
		for _, s := range stops[:4] {
			p.pressData(p.last().id, "1|bset|"+id+"|n|followers|"+string(s.ID))
		}
		if p.toast != p.label("audience.full") {
			t.Errorf("%s: toast %q", lang, p.toast)
		}
		p.press(p.label("audience.clear")).reads("audience.everybody")
	}
}

func TestLongAudiencesFitTheirButtons(t *testing.T) {
	for _, kind := range criterionKinds() {
		for _, action := range []string{"bset", "bunset", "bref"} {
			if _, err := chat.Encode(action, "bzzzzzzzz", "a", string(kind), "s"+strings.Repeat("z", 10)); err != nil {
				t.Errorf("%s %s: %v", action, kind, err)
			}
		}
	}
}

// Who sleeps is counted: they get it when their quiet hours end. Who opted out is counted, too.
func TestTheCountSaysWhoGetsItLater(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		for i := range 3 {
			w.person("Skaitytojas"+strconv.Itoa(i), lang, store.RoleMember)
		}
		off := w.person("Asta", lang, store.RoleMember)
		off.pressData(1, "1|newsoff")
		w.at = w.at.Add(14 * time.Hour) // 23.00
		p.draft("Mugė")
		p.sees(p.label("broadcast.recipients", "n", 5), p.label("broadcast.after_quiet", "n", 5), p.label("broadcast.left_out", "n", 1))
	}
}
