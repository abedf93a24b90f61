package handlers

import (
	"context"
	"maps"
	"slices"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// correctedText names a new text in the dialogue's state, by language.
func correctedText(lang string) string { return "text_" + lang }

// changeable tells whether copies of a broadcast can still be changed: Telegram lets a bot do so for 48 hours.
func (a *App) changeable(x store.Broadcast) bool {
	recalling := x.Pass == store.PassRecall && x.State == store.BroadcastSending
	return x.Correctable(a.Now()) && !recalling
}

// copies is how many are with people.
func copies(x store.Broadcast) int { return x.Progress.Sent - x.Progress.Recalled }

// tooLate shows the present state of one whose copies stay as they are.
func (b broadcasts) tooLate(ctx context.Context, r chat.Request, x store.Broadcast) (chat.Reply, error) {
	reply, err := b.shown(ctx, r, x)
	reply.Toast, reply.Alert = b.words(r).Plain("report.too_late"), true
	return reply, err
}

// askCorrection asks which language's text to correct, then for the text. Arguments: the broadcast, the language.
func (b broadcasts) askCorrection(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("broadcast", err)
	}
	if !b.changeable(x) {
		return b.tooLate(ctx, r, x)
	}
	p := b.words(r)
	have := textLanguages(x.Content)
	lang := r.Arg(1)
	if len(have) == 1 {
		lang = have[0]
	}
	state := &chat.State{Dialogue: broadcastDialogue}
	if id, ok := b.asked(r, stepCorrect); ok && id == x.ID {
		state = r.State // what was typed for other languages stays
	}
	if !slices.Contains(have, lang) {
		var buttons []chat.Button
		for _, l := range have {
			typed := state.Data[correctedText(l)] != ""
			buttons = append(buttons, chat.Press(tick(typed, p.Plain("language."+l)), "bfix", string(x.ID), l))
		}
		return chat.Change(r, p.HTML("report.which_text"), buttons, chat.Row(chat.Press(p.Plain("common.back"), "bcast", string(x.ID)))), nil
	}
	question := p.HTML("report.ask_text", "language", p.Plain("language."+lang), "limit", longestText(x.Content))
	text := paragraphs(question, toCopy(p, x.Texts[lang]))
	reply := b.begin(r, x, stepCorrect, text)
	next := state.With(stepCorrect, broadcastLang, lang).With(stepCorrect, broadcastOf, string(x.ID))
	return reply.Then(next.With(stepCorrect, broadcastCard, reply.Next.Data[broadcastCard])), nil
}

// corrected is the broadcast with the texts that were typed in the dialogue.
func corrected(x store.Broadcast, state *chat.State) store.Broadcast {
	x.Texts = maps.Clone(x.Texts)
	for _, lang := range messages.Languages() {
		if text := state.Data[correctedText(lang)]; text != "" && x.Texts[lang] != "" {
			x.Texts[lang] = text
		}
	}
	return x
}

// typedCorrection takes the new text, shows how it will look, and asks with the count of copies.
func (b broadcasts) typedCorrection(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	lang, text := r.State.Data[broadcastLang], strings.TrimSpace(r.Text)
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.State.Data[broadcastOf]))
	if err != nil {
		return fail("broadcast", err)
	}
	if !b.changeable(x) {
		reply, err := b.shown(ctx, r, x)
		return reply.And(chat.Message{Text: p.HTML("report.too_late")}).End(), err
	}
	if r.Kind != chat.KindText || text == "" {
		return b.again(r, p.HTML("draft.only_text", "language", p.Plain("language."+lang)))
	}
	if n, limit := width(text), longestText(x.Content); n > limit {
		return b.again(r, p.HTML("broadcast.too_long", "count", n, "limit", limit))
	}
	state := r.State.With(stepCorrect, correctedText(lang), text).With(stepCorrect, broadcastCard, "0")
	looks := b.RenderBroadcast(corrected(x, state), store.Member{Settings: store.Settings{Language: lang}})
	looks.Venue = nil // the place stays as it is
	id := string(x.ID)
	rows := [][]chat.Button{chat.Row(chat.Press(p.Plain("report.correct_yes", "count", p.Number(copies(x))), "bfixed", id))}
	if len(textLanguages(x.Content)) > 1 {
		rows = append(rows, chat.Row(chat.Press(p.Plain("report.other_text"), "bfix", id)))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.no"), "bcast", id)))
	ask := chat.Message{Text: p.HTML("report.ask_correct", "n", copies(x)), Keyboard: rows}
	return b.instead(r, chat.Reply{Messages: []chat.Message{looks, ask}}).Then(state), nil
}

// correct changes all delivered copies. A button whose texts the dialogue has no more shows the present state.
func (b broadcasts) correct(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("broadcast", err)
	}
	if !b.changeable(x) {
		return b.tooLate(ctx, r, x)
	}
	if id, ok := b.asked(r, stepCorrect); !ok || id != x.ID {
		return b.overtaken(ctx, r)
	}
	texts := corrected(x, r.State).Texts
	return b.change(ctx, r, func(ctx context.Context, op store.Op, id store.BroadcastID) (store.Broadcast, error) {
		return b.Store.Broadcasts.Correct(ctx, op, id, texts)
	})
}

// recall deletes all delivered copies, after it has asked with their count.
func (b broadcasts) recall(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("broadcast", err)
	}
	if !b.changeable(x) {
		return b.tooLate(ctx, r, x)
	}
	if r.Arg(1) == "yes" {
		return b.change(ctx, r, b.Store.Broadcasts.Recall)
	}
	p := b.words(r)
	question := p.HTML("report.ask_recall", "n", copies(x))
	if x.State == store.BroadcastSending {
		question = lines(question, p.HTML("report.recall_stops"))
	}
	return chat.Change(r, question,
		chat.Row(chat.Press(p.Plain("report.recall_yes", "count", p.Number(copies(x))), "brecall", string(x.ID), "yes")),
		chat.Row(chat.Press(p.Plain("common.no"), "bcast", string(x.ID)))), nil
}
