package handlers

import (
	"context"
	"errors"
	"slices"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// preview shows the announcement exactly as it will come to who asks.
func (b broadcasts) preview(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return b.previewed(ctx, r, x)
}

// previewed is the announcement, and under it the card, which moves down.
func (b broadcasts) previewed(ctx context.Context, r chat.Request, x store.Broadcast) (chat.Reply, error) {
	return b.shownAbove(ctx, r, x, b.words(r).HTML("broadcast.confirm"), r.Actor.Language)
}

// shownAbove is the announcement in some languages as members get it, then the card.
func (b broadcasts) shownAbove(
	ctx context.Context, r chat.Request, x store.Broadcast, note chat.HTML, languages ...string,
) (chat.Reply, error) {
	below := r
	below.Kind = chat.KindText // a new message, not a change of the pressed one
	card, err := b.card(ctx, below, x, note)
	if err != nil {
		return chat.Reply{}, err
	}
	var list []chat.Message
	if r.Kind == chat.KindPress {
		list = append(list, chat.Message{Delete: r.Message})
	}
	for _, lang := range languages {
		list = append(list, b.RenderBroadcast(x, store.Member{Settings: store.Settings{Language: lang}}))
	}
	card.Messages = append(list, card.Messages...)
	return leaving(r, card, broadcastDialogue), nil
}

// test sends the announcement to who asks, exactly as members get it, in one language or in each. Arguments: the broadcast, the language.
func (b broadcasts) test(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("test", err)
	}
	id, lang := string(x.ID), r.Arg(1)
	switch {
	case !editable(x):
		return b.overtaken(ctx, r)
	case lang == "all":
		return b.shownAbove(ctx, r, x, p.HTML("draft.tested"), messages.Languages()...)
	case slices.Contains(messages.Languages(), lang):
		return b.shownAbove(ctx, r, x, p.HTML("draft.tested"), lang)
	}
	var buttons []chat.Button
	for _, lang := range messages.Languages() {
		buttons = append(buttons, chat.Press(p.Plain("language."+lang), "btest", id, lang))
	}
	return leaving(r, chat.Change(r, p.HTML("draft.ask_test"), buttons,
		chat.Row(chat.Press(p.Plain("draft.test_all"), "btest", id, "all")),
		chat.Row(chat.Press(p.Plain("common.back"), "bcast", id))), broadcastDialogue), nil
}

// send starts it; the message with the button becomes its progress. A button of a card that shows something else than what
// the draft says now sends nothing. To everybody is asked once more. Arguments: the broadcast, the card's mark, "yes".
func (b broadcasts) send(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("send", err)
	}
	mark := draftMark(x)
	switch {
	case !editable(x):
		return b.shown(ctx, r, x)
	case r.Arg(1) != mark:
		reply, err := b.card(ctx, r, x, "")
		reply.Toast, reply.Alert = p.Plain("broadcast.changed_since"), true
		return reply, err
	case len(x.Audience.All) == 0 && r.Arg(2) != "yes":
		count, err := b.Store.Broadcasts.CountAudience(ctx, x.Audience)
		if err != nil {
			return fail("count an audience", err)
		}
		return chat.Change(r, paragraphs(p.HTML("broadcast.ask_all"),
			lines(p.HTML("draft.whom", "audience", b.audienceName(ctx, p, x.Audience)), countLines(p, count))),
			chat.Row(chat.Press(p.Plain("broadcast.send_all", "count", p.Number(count.Count)), "bsend", string(x.ID), mark, "yes")),
			chat.Row(chat.Press(p.Plain("common.no"), "bcast", string(x.ID)))), nil
	}
	started, err := b.Store.Broadcasts.Start(ctx, b.op(r), x.ID, r.Chat, r.Message)
	if errors.Is(err, store.ErrStale) {
		return b.open(ctx, r)
	}
	if err != nil {
		return fail("start a broadcast", err)
	}
	return b.shown(ctx, r, started)
}

// discard gives a draft or a scheduled one up, after it has asked.
func (b broadcasts) discard(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("discard", err)
	}
	id := string(x.ID)
	if x.State == store.BroadcastCancelled && x.Progress.Total == 0 {
		return b.discarded(r), nil
	}
	if !editable(x) {
		return b.overtaken(ctx, r)
	}
	if r.Arg(1) != "yes" {
		question := p.HTML("draft.ask_drop")
		if x.State == store.BroadcastScheduled {
			question = p.HTML("schedule.ask_cancel", "when", p.DateTime(b.local(x.SendAt)))
		}
		reply := chat.Change(r, question, chat.Row(chat.Press(p.Plain("draft.drop_yes"), "bdrop", id, "yes"),
			chat.Press(p.Plain("common.no"), "bcast", id)))
		return leaving(r, reply, broadcastDialogue), nil
	}
	_, err = b.Store.Broadcasts.Cancel(ctx, b.op(r), x.ID)
	if errors.Is(err, store.ErrStale) {
		return b.overtaken(ctx, r)
	}
	if err != nil {
		return fail("discard", err)
	}
	return b.discarded(r), nil
}

func (b broadcasts) discarded(r chat.Request) chat.Reply {
	p := b.words(r)
	return leaving(r, chat.Change(r, p.HTML("broadcast.discarded"),
		chat.Row(chat.Press(p.Plain("broadcast.new"), "bnew"), chat.Press(p.Plain("broadcast.to_list"), "blist", "0"))), broadcastDialogue)
}

// change is one decision about a broadcast: the message then shows the present state, whoever was first.
func (b broadcasts) change(
	ctx context.Context, r chat.Request, do func(context.Context, store.Op, store.BroadcastID) (store.Broadcast, error),
) (chat.Reply, error) {
	id := store.BroadcastID(r.Arg(0))
	x, err := b.Store.Broadcasts.Watch(ctx, b.op(r), id, r.Chat, r.Message) // from now on, progress is shown where this was decided
	if err == nil {
		x, err = do(ctx, b.op(r), id)
	}
	if errors.Is(err, store.ErrStale) {
		return b.overtaken(ctx, r)
	}
	if err != nil {
		return fail("change a broadcast", err)
	}
	return b.shown(ctx, r, x)
}

func (b broadcasts) pause(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.change(ctx, r, b.Store.Broadcasts.Pause)
}

func (b broadcasts) resume(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.change(ctx, r, b.Store.Broadcasts.Resume)
}

// retry tries those again whom it failed to reach, and nobody else.
func (b broadcasts) retry(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.change(ctx, r, b.Store.Broadcasts.Retry)
}

// stop asks before it ends a broadcast for good.
func (b broadcasts) stop(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Arg(1) == "yes" {
		return b.change(ctx, r, b.Store.Broadcasts.Cancel)
	}
	p := b.words(r)
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("broadcast", err)
	}
	if x.State != store.BroadcastSending && x.State != store.BroadcastPaused {
		return b.overtaken(ctx, r)
	}
	done, total := passDone(x)
	question := p.HTML("broadcast.ask_stop", "n", total-done)
	if isAfterwards(x.Pass) {
		question = p.HTML("report.ask_stop_copies", "n", total-done)
	}
	return chat.Change(r, question,
		chat.Row(chat.Press(p.Plain("broadcast.stop"), "bstop", string(x.ID), "yes"),
			chat.Press(p.Plain("common.no"), "bcast", string(x.ID)))), nil
}
