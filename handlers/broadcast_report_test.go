package handlers

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func TestTheFailedAreListedInWordsAndOnlyTheyAreRetried(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			p := w.person("Lina", lang, store.RoleLibrarian)
			for i := range 12 {
				w.person("Skaitytojas"+strconv.Itoa(i), lang, store.RoleMember)
			}
			p.draft("Mugė")
			p.press("📣")
			at := p.last().id
			b, got := w.deliver(w.newest().ID, func(m store.Member) (store.Delivery, string) {
				if strings.HasPrefix(m.Name, "Skaitytojas") {
					return store.DeliveryFailed, "Bad Request: BUTTON_URL_INVALID"
				}
				return store.DeliverySent, ""
			})
			if len(got) != 2 {
				t.Fatalf("%d got it", len(got))
			}
			msg := w.app.Progress(b, w.words.In(lang))
			msg.Edit = at
			p.show(msg)
			p.sees(p.label("broadcast.failed", "count", 12))
			p.press(p.label("broadcast.who_failed")).sees(p.label("report.why_button")).press("›").sees("11.", "12.")
			if strings.Contains(p.said, "BUTTON_URL") {
				t.Errorf("Telegram's own words:\n%s", p.said)
			}
			p.press(p.label("report.retry", "count", 12)).reads("report.doing_retry")
			b, got = w.deliver(b.ID, everybody)
			if len(got) != 12 || b.Progress.Sent != 14 || b.Progress.Failed != 0 {
				t.Errorf("%d were tried again: %+v", len(got), b.Progress)
			}
		})
	}
}

func TestReasonsAreSentences(t *testing.T) {
	for reason, want := range map[string]string{
		"blocked": "report.why_blocked", "gone": "report.why_gone", "": "report.why_refused",
		"Forbidden: user is deactivated":                         "report.why_deactivated",
		"Bad Request: chat not found":                            "report.why_deactivated",
		"the message cannot be changed any more":                 "report.why_removed",
		"Bad Request: message can't be edited":                   "report.why_old",
		"Bad Request: message to edit not found":                 "report.why_removed",
		"Bad Request: wrong file identifier/HTTP URL specified":  "report.why_file",
		"Forbidden: bot can't initiate conversation with a user": "report.why_never",
		"Bad Request: something that nobody has heard of":        "report.why_refused",
		"Bad Request: message is too long":                       "report.why_long",
	} {
		if got := reasonKey(reason); got != want {
			t.Errorf("%q is %s, want %s", reason, got, want)
		}
	}
}

func TestADeliveredTextIsCorrectedAndRecalled(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			p, reader := w.person("Lina", lang, store.RoleLibrarian), w.person("Asta", "lt", store.RoleMember)
			b := p.draft("Mugė <penktadienį>")
			other := map[string]string{"lt": "lv", "lv": "en", "en": "lv"}[lang]
			p.press(p.label("draft.texts")).press(p.label("language." + other)).write("Kita kalba").press("📣")
			b, _ = w.deliver(b.ID, everybody)
			p.show(w.app.Progress(b, w.words.In(lang)))

			p.press(p.label("report.correct")).reads("report.which_text").press(p.label("language." + lang)).sees("Mugė &lt;penktadienį&gt;")
			p.write(strings.Repeat("x", 4097)).sees("4097", "4096")
			p.write("Mugė šeštadienį").sees("Mugė šeštadienį")
			p.press(p.label("report.other_text")).press("▫️ " + p.label("language."+other)).write("Kita diena").sees("Kita diena")
			if w.newest().Texts[lang] != "Mugė <penktadienį>" {
				t.Error("corrected before that is confirmed")
			}
			confirm, message := p.data(p.label("report.correct_yes", "count", 3)), p.last().id
			p.pressData(message, confirm).reads("report.doing_correct")
			p.pressData(message, confirm) // a double tap
			b, got := w.deliver(b.ID, everybody)
			edit := got[reader.member().ID]
			if b.Edition != 1 || b.Texts[lang] != "Mugė šeštadienį" || b.Texts[other] != "Kita diena" || edit.Edit != 7 || !edit.InPlace || edit.Captioned {
				t.Errorf("corrected: %+v %+v", b, edit)
			}
			p.show(w.app.Progress(b, w.words.In(lang)))
			p.reads("report.done_correct").sees(p.label("report.changed_correct", "done", 3, "total", 3))

			p.press(p.label("report.recall")).sees(string(w.words.In(lang).HTML("report.ask_recall", "n", 3))).press(p.label("common.no"))
			p.press(p.label("report.recall")).press(p.label("report.recall_yes", "count", 3)).reads("report.doing_recall")
			b, _ = w.deliver(b.ID, everybody)
			p.show(w.app.Progress(b, w.words.In(lang)))
			p.reads("report.done_recall").sees(p.label("report.changed_recall", "done", 3, "total", 3))
			for _, data := range []string{"brecall|" + string(b.ID) + "|yes", "bfix|" + string(b.ID), "bfixed|" + string(b.ID)} {
				if p.pressData(message, "1|"+data); p.toast != p.label("report.too_late") {
					t.Errorf("%s after a recall: %q", data, p.toast)
				}
			}
		})
	}
}

func TestTheCaptionOfAPictureIsCorrected(t *testing.T) {
	w := newWorld(t)
	p := w.person("Lina", "lt", store.RoleLibrarian)
	m := w.app.RenderCorrection(store.Broadcast{Content: store.Content{
		Texts: map[string]string{"lt": "a & b"}, Default: "lt", Document: "doc", Place: &store.BroadcastPlace{Title: "x"},
	}}, p.member(), 9)
	if !m.Captioned || !m.InPlace || m.Edit != 9 || m.Text != "a &amp; b" || m.Venue != nil || m.Document != nil || len(m.Keyboard) != 1 {
		t.Errorf("%+v", m)
	}
}

// Progress says what is being done, how far it is and how long it will take, by its own rate.
func TestProgressInWords(t *testing.T) {
	w := newWorld(t)
	b := store.Broadcast{
		ID: "b1", State: store.BroadcastSending, Pass: store.PassSend, StartedAt: w.at.Add(-10 * time.Minute), Chat: 5, Message: 6,
		Progress: store.Progress{Total: 10_000, Sent: 2400, Unreachable: 60, Failed: 30, Left: 10, Waiting: 500},
	}
	golden := map[string]string{
		"lt": "📣 Siunčiama…\n▰▰▱▱▱▱▱▱▱▱\n\nGavo: 2 400 iš 10 000\nNepasiekiami: 60\nNepavyko: 30\nNebesiunčiama, nes išjungė naujienas ar išėjo: 10\n" +
			"🌙 Gaus po tylos valandų: 500\nLiko: 7 000, apie 28 min.",
		"lv": "📣 Sūtu…\n▰▰▱▱▱▱▱▱▱▱\n\nSaņēma: 2 400 no 10 000\nNav sasniedzami: 60\nNeizdevās: 30\nVairs nesūtu, jo izslēdza jaunumus vai aizgāja: 10\n" +
			"🌙 Saņems pēc klusuma stundām: 500\nAtlicis: 7 000, apmēram 28 min",
		"en": "📣 Sending…\n▰▰▱▱▱▱▱▱▱▱\n\nReceived: 2,400 of 10,000\nUnreachable: 60\nFailed: 30\nDropped, as they turned news off or left: 10\n" +
			"🌙 After their quiet hours: 500\nRemaining: 7,000, about 28 min",
	}
	spaces := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
	for _, lang := range messages.Languages() {
		m := w.app.Progress(b, w.words.In(lang))
		if got := spaces.Replace(plainText(m.Text)); got != golden[lang] || m.Chat != 5 || m.Edit != 6 {
			t.Errorf("%s:\n%s\nwant\n%s", lang, got, golden[lang])
		}
		w.sound(m)
		paused := b
		paused.State, paused.Paused = store.BroadcastPaused, store.PausedFailing
		m = w.app.Progress(paused, w.words.In(lang))
		if w.sound(m); !strings.Contains(string(m.Text), string(w.words.In(lang).HTML("report.paused_failing"))) || !hasAction(m, "bresume") || !hasAction(m, "bfails") {
			t.Errorf("%s: paused by itself: %s", lang, m.Text)
		}
	}
}

func hasAction(m chat.Message, action string) bool {
	for _, row := range m.Keyboard {
		for _, b := range row {
			if name, _, err := chat.Decode(b.Data); err == nil && name == action {
				return true
			}
		}
	}
	return false
}

// When too many fail it stops by itself, says why in a notice, and goes on from there; progress follows to where that was decided.
func TestABroadcastThatFailsTooOftenAsks(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p, colleague := w.person("Lina", lang, store.RoleLibrarian), w.person("Ilze", "lv", store.RoleLibrarian)
		for i := range 24 {
			w.person("Skaitytojas"+strconv.Itoa(i), lang, store.RoleMember)
		}
		p.owed() // her new role
		p.draft("Mugė")
		p.press("📣")
		const wrong = "Bad Request: wrong file identifier"
		b, _ := w.deliverSome(w.newest().ID, 20, func(store.Member) (store.Delivery, string) { return store.DeliveryFailed, wrong })
		if b.State != store.BroadcastPaused || b.Paused != store.PausedFailing {
			t.Fatalf("%s: %s %q %+v", lang, b.State, b.Paused, b.Progress)
		}
		p.owed().reads("report.paused_failing").sees("Mugė").press(p.label("broadcast.who_failed")).sees(p.label("report.why_file"))
		p.press(p.label("common.back")).press(p.label("report.retry", "count", b.Progress.Failed)).reads("report.doing_retry")
		if b := w.newest(); b.Message != p.last().id || b.Chat != p.chat {
			t.Errorf("%s: progress is shown in %d/%d, want %d/%d", lang, b.Chat, b.Message, p.chat, p.last().id)
		}
		colleague.write("/broadcast").press(colleague.label("broadcast.to_list")).press("1. Mugė").press(colleague.label("broadcast.pause"))
		if b := w.newest(); b.Chat != colleague.chat {
			t.Errorf("%s: progress stays in %d", lang, b.Chat)
		}
	}
}

// One that paused by itself tells its author why, and what to do.
func TestAPausedBroadcastTellsItsAuthor(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		p.owed() // her new role
		p.draft("Mugė")
		p.press("📣")
		b := w.newest()
		owe := func(revision int) {
			_, err := w.store.Outbox.Owe(t.Context(), w.op(), store.Notice{Kind: store.NoticeBroadcastPaused, Member: p.member().ID, Ref: string(b.ID), Revision: revision, Due: w.at})
			w.check(err)
		}
		p.press(p.label("broadcast.pause"))
		owe(1)
		if p.owed(); p.said != "" {
			t.Errorf("%s: told of their own pause: %s", lang, p.said)
		}
		p.press(p.label("broadcast.resume")).press(p.label("broadcast.stop")).sees(p.label("broadcast.ask_stop", "n", 2))
		p.press(p.label("broadcast.stop")).reads("broadcast.state_cancelled")
	}
}

func TestTheCalendarIsPagedAndOrdered(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		var ids []store.BroadcastID
		for i := range 12 {
			b, err := w.store.Broadcasts.Draft(t.Context(), w.op(), store.Broadcast{By: p.member().ID, Content: store.Content{
				Texts: map[string]string{"lt": "Pranešimas " + strconv.Itoa(i)}, Default: "lt",
			}})
			w.check(err)
			ids = append(ids, b.ID)
		}
		for i, hours := range []int{5, 3} {
			_, err := w.store.Broadcasts.Schedule(t.Context(), w.op(), ids[i], w.at.Add(time.Duration(hours)*time.Hour), w.at.Add(9*time.Hour), 0, 0)
			w.check(err)
		}
		_, err := w.store.Broadcasts.Start(t.Context(), w.op(), ids[2], p.chat, 1)
		w.check(err)
		p.write("/broadcast").press(p.label("broadcast.to_list"))
		at := func(text string) int { return strings.Index(p.said, text) }
		order := []string{
			p.label("broadcast.section_sending"), "Pranešimas 2", "Pranešimas 1\n", "Pranešimas 0\n", "Pranešimas 11",
		}
		for i := 1; i < len(order); i++ {
			if at(plainText(chat.HTML(order[i]))) < 0 && at(order[i]) < 0 || at(order[i-1]) > at(order[i]) {
				t.Errorf("%s: %q does not stand after %q:\n%s", lang, order[i], order[i-1], p.said)
			}
		}
		p.press("›").sees("Pranešimas 3")
		p.press("9. Pranešimas").reads("broadcast.state_draft")
	}
}
