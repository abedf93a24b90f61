package handlers

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"versli/handlers/messages"
	"versli/store"
)

func TestSettingsAreChangedByButtons(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			p := w.person("Asta", lang, store.RoleMember)
			p.write("/settings").press(p.label("settings.button_visits"))
			p.press(p.label("settings.button_evening")).press(w.words.In(lang).MinuteOfDay(20 * 60))
			p.press(p.label("settings.button_lead")).press(p.label("settings.minutes", "count", 15))
			p.press(p.label("settings.button_ahead")).press(p.label("settings.off"))
			p.press(p.label("settings.button_quiet")).press(w.words.In(lang).MinuteOfDay(21 * 60))
			p.press(p.label("settings.button_news"))
			got := p.member().Settings
			want := store.Settings{
				Language: lang, VisitReminders: false, VisitEvening: 20 * 60, VisitLead: 15, TrainingReminder: true,
				TrainingLead: -1, QuietFrom: 21 * 60, QuietTo: 7 * 60, News: false,
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("stored\n%+v, want\n%+v", got, want)
			}
			if len(p.messages) != 1 {
				t.Errorf("%d messages, want one that is edited", len(p.messages))
			}
		})
	}
}

// A switch says what it sets: a double tap, or an old message, does not turn it back.
func TestAnOldSwitchDoesTheSameTwice(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Asta", "lt", store.RoleMember)
	p.write("/settings")
	for range 2 {
		p.pressData(101, "1|set|news|0")
	}
	if p.member().Settings.News {
		t.Error("pressed twice, it is on again")
	}
	before := p.member().Settings
	for _, forged := range []string{"1|set|lead|-50", "1|set|quiet|9999-1", "1|set|nosuch|1", "1|set|evening", "1|lang|xx|start"} {
		if p.pressData(101, forged); p.toast == "" || !reflect.DeepEqual(p.member().Settings, before) {
			t.Errorf("%s: toast %q, settings %+v", forged, p.toast, p.member().Settings)
		}
	}
}

func TestMuteIsOneTapInANotice(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Asta", "en", store.RoleMember)
	if p.pressData(101, "1|mute|visits"); p.toast != p.label("settings.muted") || p.member().Settings.VisitReminders || p.said != "" {
		t.Errorf("toast %q, said %q, settings %+v", p.toast, p.said, p.member().Settings)
	}
}

func TestPauseAndResume(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Asta", lang, store.RoleMember)
		p.write("/pause").reads("pause.ask").press(p.label("pause.for_week"))
		if got := p.member().Settings.PausedUntil; !got.Equal(w.at.AddDate(0, 0, 7)) {
			t.Errorf("paused until %v", got)
		}
		p.sees(w.words.In(lang).Day(w.at.AddDate(0, 0, 7)))
		p.press(p.label("pause.resume")).reads("pause.resumed")
		if !p.member().Settings.PausedUntil.IsZero() {
			t.Error("still paused")
		}
		p.write("/pause").press(p.label("pause.for_ever")).reads("pause.paused")
		w.at = w.at.AddDate(50, 0, 0)
		p.write("/settings").reads("pause.paused")
	}
}

func TestTheDirectoryShowsWhoWishesToBeFound(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p, other := w.person("Asta", lang, store.RoleMember), w.person("Medis", "lt", store.RoleMember)
		p.write("/members").reads("members.none")
		p.press(p.label("members.mine")).press(p.label("profile.edit_about")).write("Kepame <ruginę> duoną")
		p.sees("Kepame &lt;ruginę&gt; duoną").press(p.label("profile.listed"))
		other.write("/members").sees("UAB Asta").press("1. UAB Asta").sees("Kepame &lt;ruginę&gt; duoną")
		other.press(other.label("common.back")).press(other.label("members.kind_ngo")).reads("members.none")
		if strings.Contains(other.said, "UAB Medis") {
			t.Error("an organisation is listed that did not ask for it")
		}
	}
}

func TestTopicsOfInterestAreTicked(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Asta", lang, store.RoleMember)
		p.write("/settings").sees(p.label("settings.no_interests")).press(p.label("settings.button_interests")).reads("settings.choose_interests")
		p.press(p.label("topic.taxes")).press(p.label("topic.business")).press(p.label("topic.law"))
		p.press(p.label("topic.law"))
		if got := p.member().Settings.Topics; !slices.Equal(got, []store.Topic{store.TopicBusiness, store.TopicTaxes}) {
			t.Errorf("%s: stored %v", lang, got)
		}
		p.press(p.label("common.back")).sees(p.label("topic.business") + ", " + p.label("topic.taxes"))
		for _, forged := range []string{"1|interest|nosuch|1", "1|interest|law|2", "1|interest"} {
			if p.pressData(101, forged); p.toast == "" || len(p.member().Settings.Topics) != 2 {
				t.Errorf("%s: toast %q, topics %v", forged, p.toast, p.member().Settings.Topics)
			}
		}
		if doc := p.write("/export").messages[len(p.messages)-1].msg.Document; !strings.Contains(string(doc.Bytes), `"taxes"`) {
			t.Errorf("%s: the export lacks topics: %s", lang, doc.Bytes)
		}
	}
}

func TestExportIsAllThatIsMine(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Asta", "lt", store.RoleMember)
	place(t, p, w.title("Etiketas", 1))
	p.write("/export").reads("privacy.exported")
	doc := p.messages[len(p.messages)-1].msg.Document
	var all map[string]any
	if err := json.Unmarshal(doc.Bytes, &all); err != nil || !strings.Contains(string(doc.Bytes), "Asta") || len(all) < 2 {
		t.Errorf("exported %s: %v", doc.Bytes, err)
	}
}

func TestForgetAsksSaysWhatGoesAndDeletes(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			id := w.title("Etiketas", 1)
			p, next := w.person("Asta", lang, store.RoleMember), w.person("Ilze", "lv", store.RoleMember)
			place(t, p, id)
			place(t, next, id)
			p.write("/forget").reads("forget.ask").sees(p.label("forget.holds", "n", 1))
			p.press(p.label("forget.no"))
			if p.member().Role != store.RoleMember {
				t.Fatal("forgotten without a yes")
			}
			was := p.member().ID
			p.write("/forget").press(p.label("forget.yes")).reads("forget.done", "forget.bye")
			if _, err := w.store.Members.Get(t.Context(), was); err == nil {
				t.Error("still there")
			}
			next.owed().sees("Pienākusi Jūsu kārta")
			p.write("/start").reads("start.guest")
		})
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Ona", "lt", store.RoleOwner)
	p.write("/forget").reads("forget.not_yet", "forget.last_owner")
	if p.pressData(101, "1|forget_yes").reads("forget.last_owner"); p.member().Role != store.RoleOwner {
		t.Error("the last owner is gone")
	}
}

func TestANewRoleIsTold(t *testing.T) {
	w := killedWorld(t)
	w.boss()
	p := w.person("Rasa", "lv", store.RoleLibrarian)
	w.at = w.at.Add(time.Minute)
	if p.owed().sees(p.label("notice.role_librarian")); len(p.menu.Rows) != 3 {
		t.Error("the keyboard lacks the staff panel")
	}
}
