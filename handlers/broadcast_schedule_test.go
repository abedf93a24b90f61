package handlers

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"versli/handlers/messages"
	"versli/store"
)

func TestABroadcastIsScheduledMovedAndTakenBack(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			words := w.words.In(lang)
			p := w.person("Lina", lang, store.RoleLibrarian)
			b := p.draft("Mugė")
			at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, w.zone) }

			p.press(p.label("schedule.button")).reads("schedule.ask")
			p.press(p.label("schedule.tomorrow", "time", words.Clock(at(24, 9, 0)))).sees(words.DateTime(at(24, 9, 0)), words.Clock(at(24, 11, 0)))
			b, err := w.store.Broadcasts.Get(t.Context(), b.ID)
			w.check(err)
			if b.State != store.BroadcastScheduled || !b.SendAt.Equal(at(24, 9, 0)) || !b.SendBy.Equal(at(24, 11, 0)) || b.Message != p.last().id {
				t.Fatalf("scheduled: %+v", b)
			}

			p.press(p.label("schedule.other_time")).write("kažkada").reads("schedule.bad")
			p.write("2026-11-23 8:00").sees(words.DateTime(at(23, 8, 0)))
			p.write(map[string]string{"lt": "penktadienį 14.30", "lv": "piektdien plkst. 14.30", "en": "Friday 14:30"}[lang]).sees(words.DateTime(at(27, 14, 30)))
			p.press(p.label("schedule.yes")).sees(words.DateTime(at(27, 14, 30)))
			p.press(p.label("schedule.deadline")).press(p.label("schedule.by_day")).sees(words.Clock(at(27, 23, 59)))
			if b := w.newest(); !b.SendAt.Equal(at(27, 14, 30)) || !b.SendBy.Equal(at(27, 23, 59).Add(59*time.Second)) {
				t.Errorf("moved: %+v", b)
			}

			// Its text can be changed until it goes; the calendar shows it by its hour.
			p.press(p.label("draft.texts")).press(p.label("language."+lang)).write("Mugė kitur").sees("Mugė kitur", words.DateTime(at(27, 14, 30)))
			p.press(p.label("broadcast.to_list")).reads("broadcast.section_scheduled").sees(words.DayAndTime(at(27, 14, 30)), "Mugė kitur")
			p.press("1. ").press(p.label("schedule.back_to_draft")).reads("broadcast.state_draft")
			if b := w.newest(); b.State != store.BroadcastDraft {
				t.Errorf("taken back: %+v", b)
			}

			// An hour that has passed meanwhile asks again.
			p.press(p.label("schedule.button"))
			w.at = w.at.AddDate(0, 0, 10)
			if p.press(p.label("schedule.tomorrow", "time", words.Clock(at(24, 9, 0)))).reads("schedule.ask"); p.toast != p.label("schedule.gone") {
				t.Errorf("toast %q", p.toast)
			}
			p.press(p.label("schedule.monday", "time", words.Clock(at(24, 9, 0)))).press(p.label("schedule.cancel")).press(p.label("draft.drop_yes"))
			p.reads("broadcast.discarded")
		})
	}
}

func TestMomentsAreStillToCome(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		day, hour int
		want      []string
	}{
		{23, 9, []string{"23 18", "24 9", "30 9"}}, // a Monday
		{23, 18, []string{"24 9", "30 9"}},
		{29, 12, []string{"29 18", "30 9"}}, // a Sunday
		{27, 12, []string{"27 18", "28 9", "30 9"}},
	} {
		w.at = time.Date(2026, 11, c.day, c.hour, 0, 0, 0, w.zone)
		var got []string
		for _, m := range (broadcasts{w.app}).moments() {
			got = append(got, fmt.Sprintf("%d %d", m.at.Day(), m.at.Hour()))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("on the %d at %d: %v, want %v", c.day, c.hour, got, c.want)
		}
	}
}

// The author of one whose hour has passed is asked; each answer is one tap.
func TestALateBroadcastAsksItsAuthor(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		p.owed() // her new role
		b := p.draft("Mugė")
		owe := func(kind store.NoticeKind, revision int) {
			_, err := w.store.Outbox.Owe(t.Context(), w.op(), store.Notice{Kind: kind, Member: p.member().ID, Ref: string(b.ID), Revision: revision, Due: w.at})
			w.check(err)
		}
		// The bot is away when its hour comes, and back when it is too late.
		_, err := w.store.Broadcasts.Schedule(t.Context(), w.op(), b.ID, w.at.Add(time.Hour), w.at.Add(2*time.Hour), p.chat, p.last().id)
		w.check(err)
		missed := w.at.Add(time.Hour)
		w.at = w.at.Add(3 * time.Hour)
		started, late, err := w.store.Broadcasts.StartDue(t.Context(), w.at)
		if w.check(err); len(started) != 0 || len(late) != 1 {
			t.Fatalf("started %v, late %v", started, late)
		}
		p.owed().sees(w.words.In(lang).DateTime(missed))
		p.reads("report.late_what").sees("Mugė")
		p.press(p.label("schedule.other_time")).reads("schedule.ask").press(p.label("common.back")).reads("broadcast.state_draft")
		owe(store.NoticeBroadcastLate, 7)
		p.owed().press(p.label("report.now")).reads("broadcast.state_sending")
		owe(store.NoticeBroadcastLate, 8)
		if p.owed(); p.said != "" {
			t.Errorf("%s: asked although it goes out: %s", lang, p.said)
		}
		w.deliver(b.ID, everybody)
		owe(store.NoticeBroadcastSent, 7)
		p.owed().reads("broadcast.state_sent").sees("Mugė")
	}
}
