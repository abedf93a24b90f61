package handlers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// preview shows the announcement exactly as it will look, and under it who gets it.
func (b broadcasts) preview(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	if r.State == nil || r.State.Dialogue != "broadcast" || r.State.Step == "text" {
		return fail("preview", store.ErrStale)
	}
	audience := store.Audience{Kind: store.AudienceKind(r.Arg(0)), Ref: r.Arg(1)}
	if !knownAudience(audience) {
		return fail("preview", chat.ErrBadData)
	}
	count, leftOut, err := b.Store.Broadcasts.CountAudience(ctx, audience)
	if err != nil {
		return fail("preview", err)
	}
	me, err := b.Store.Members.Get(ctx, b.me(r))
	if err != nil {
		return fail("preview", err)
	}
	draft, err := b.Store.Broadcasts.Draft(ctx, b.op(r), store.Broadcast{
		By: b.me(r), Text: r.State.Data["text"], Photo: r.State.Data["photo"], Audience: audience, At: b.Now(),
	})
	if err != nil {
		return fail("preview", err)
	}
	shown := b.RenderBroadcast(draft, me)
	shown.Chat = 0
	text := []chat.HTML{
		p.HTML("broadcast.confirm", "audience", b.audienceName(ctx, p, audience)),
		p.HTML("broadcast.recipients", "n", count),
	}
	if leftOut > 0 {
		text = append(text, p.HTML("broadcast.left_out", "n", leftOut))
	}
	rows := [][]chat.Button{
		chat.Row(chat.Press(p.Plain("broadcast.edit"), "bnew"), chat.Press(p.Plain("broadcast.other_audience"), "baud")),
		chat.Row(chat.Press(p.Plain("common.cancel"), "bdrop", string(draft.ID))),
	}
	if count > 0 {
		rows = append([][]chat.Button{chat.Row(chat.Press(p.Plain("broadcast.send", "n", count), "bsend", string(draft.ID)))}, rows...)
	}
	reply := chat.Reply{Messages: []chat.Message{{Delete: r.Message}, shown, {Text: lines(text...), Keyboard: rows}}}
	return reply.Then(r.State.With("confirm", "draft", string(draft.ID))), nil
}

// RenderBroadcast is an announcement as one member gets it: the text as typed,
// and a small button that turns news off.
func (a *App) RenderBroadcast(b store.Broadcast, m store.Member) chat.Message {
	p := a.Words.In(m.Settings.Language)
	msg := chat.Message{
		Chat: m.Chat, Text: chat.Escape(b.Text),
		Keyboard: chat.Keyboard{chat.Row(chat.Press(p.Plain("broadcast.news_off"), "newsoff"))},
	}
	if b.Photo != "" {
		msg.Photo = &chat.Attachment{ID: b.Photo}
	}
	return msg
}

// send starts it; the message with the button becomes its progress. Pressed again, it shows how far it is.
func (b broadcasts) send(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id := store.BroadcastID(r.Arg(0))
	if r.State == nil || r.State.Dialogue != "broadcast" || r.State.Data["draft"] != string(id) {
		return b.open(ctx, r) // an older preview: its text is not what the dialogue holds now
	}
	started, err := b.Store.Broadcasts.Start(ctx, b.op(r), id, r.Chat, r.Message)
	if errors.Is(err, store.ErrStale) {
		return b.open(ctx, r)
	}
	if err != nil {
		return fail("start a broadcast", err)
	}
	return b.shown(r, started).End(), nil
}

// discard gives a draft up.
func (b broadcasts) discard(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if id := store.BroadcastID(r.Arg(0)); id != "" {
		x, err := b.Store.Broadcasts.Get(ctx, id)
		if err != nil {
			return fail("discard", err)
		}
		begun := x.Progress.Total > 0 || (x.State != store.BroadcastDraft && x.State != store.BroadcastCancelled)
		if begun {
			return b.shown(r, x), nil
		}
		if _, err := b.Store.Broadcasts.Cancel(ctx, b.op(r), id); err != nil && !errors.Is(err, store.ErrStale) {
			return fail("discard", err)
		}
	}
	return chat.Change(r, b.words(r).HTML("broadcast.discarded")).End(), nil
}

// open shows how far a broadcast is.
func (b broadcasts) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("broadcast", err)
	}
	return b.shown(r, x), nil
}

func (b broadcasts) shown(r chat.Request, x store.Broadcast) chat.Reply {
	if x.State == store.BroadcastDraft {
		return chat.Alert(b.words(r).Plain("error.stale"))
	}
	m := b.Progress(x, b.words(r))
	return chat.Change(r, m.Text, m.Keyboard...)
}

// change is pausing, resuming or ending: the message then shows the present state, whoever was first.
func (b broadcasts) change(
	ctx context.Context, r chat.Request, do func(context.Context, store.Op, store.BroadcastID) (store.Broadcast, error),
) (chat.Reply, error) {
	x, err := do(ctx, b.op(r), store.BroadcastID(r.Arg(0)))
	if errors.Is(err, store.ErrStale) {
		return b.open(ctx, r)
	}
	if err != nil {
		return fail("change a broadcast", err)
	}
	return b.shown(r, x), nil
}

func (b broadcasts) pause(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.change(ctx, r, b.Store.Broadcasts.Pause)
}

func (b broadcasts) resume(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.change(ctx, r, b.Store.Broadcasts.Resume)
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
	return chat.Change(r, p.HTML("broadcast.ask_stop", "n", x.Progress.Remaining()),
		chat.Row(chat.Press(p.Plain("broadcast.stop"), "bstop", string(x.ID), "yes"),
			chat.Press(p.Plain("common.no"), "bcast", string(x.ID)))), nil
}

// perMinute is about how many a broadcast reaches in a minute, while answers to people go first.
const perMinute = 1200

// Progress is a broadcast's message for its author: how far it is while it is sent, a report when it is over.
func (a *App) Progress(b store.Broadcast, p *messages.Printer) chat.Message {
	n := b.Progress
	counts := lines(
		p.HTML("broadcast.sent", "done", p.Number(n.Sent), "total", p.Number(n.Total)),
		countLine(p, "broadcast.unreachable", n.Unreachable),
		countLine(p, "broadcast.failed", n.Failed))
	id := string(b.ID)
	msg := chat.Message{Chat: b.Chat, Edit: b.Message}
	head := p.HTML("broadcast.state_" + string(b.State))
	switch b.State {
	case store.BroadcastSending, store.BroadcastPaused:
		left := p.HTML("broadcast.remaining", "count", p.Number(n.Remaining()), "minutes", (n.Remaining()+perMinute-1)/perMinute)
		msg.Text = paragraphs(lines(head, bar(n)), lines(counts, left))
		toggle := chat.Press(p.Plain("broadcast.pause"), "bpause", id)
		if b.State == store.BroadcastPaused {
			toggle = chat.Press(p.Plain("broadcast.resume"), "bresume", id)
		}
		msg.Keyboard = chat.Keyboard{chat.Row(toggle, chat.Press(p.Plain("broadcast.stop"), "bstop", id))}
	case store.BroadcastSent, store.BroadcastCancelled:
		took := chat.HTML("")
		if !b.EndedAt.IsZero() {
			took = p.HTML("broadcast.ended", "when", p.DateTime(a.local(b.EndedAt)), "seconds", max(1, int(b.EndedAt.Sub(b.At)/time.Second)))
		}
		msg.Text = paragraphs(head, lines(counts, took))
	case store.BroadcastDraft:
		msg.Text = head
	}
	if n.Failed+n.Unreachable > 0 {
		msg.Keyboard = append(msg.Keyboard, chat.Row(chat.Press(p.Plain("broadcast.who_failed"), "bfails", id)))
	}
	return msg
}

// countLine is a line only when there is something to count.
func countLine(p *messages.Printer, key string, n int) chat.HTML {
	if n == 0 {
		return ""
	}
	return p.HTML(key, "count", p.Number(n))
}

// bar draws progress in ten squares.
func bar(n store.Progress) chat.HTML {
	const squares = 10
	done := squares
	if n.Total > 0 {
		done = (n.Total - n.Remaining()) * squares / n.Total
	}
	return chat.HTML(strings.Repeat("▰", done) + strings.Repeat("▱", squares-done))
}

// failuresShown bounds the list of people whom a broadcast did not reach.
const failuresShown = 50

// failures lists whom it did not reach, why, and how else to reach them.
func (b broadcasts) failures(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	why, err := b.Store.Broadcasts.Failures(ctx, store.BroadcastID(r.Arg(0)), failuresShown)
	if err != nil {
		return fail("failures", err)
	}
	ids := make([]store.MemberID, 0, len(why))
	for id := range why {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	people, err := b.membersOf(ctx, ids)
	if err != nil {
		return fail("failures", err)
	}
	list := []chat.HTML{p.HTML("broadcast.failures")}
	for _, id := range ids {
		m, ok := people[id]
		if !ok {
			continue
		}
		list = append(list, p.HTML("broadcast.failure", "name", m.Name, "contact", contact(m), "reason", clip(why[id], 80)))
	}
	if len(list) == 1 {
		return chat.Toast(p.Plain("common.nothing")), nil
	}
	return chat.Say(lines(list...), chat.Row(chat.Press(p.Plain("common.close"), "close"))), nil
}

// recent lists the newest broadcasts.
func (b broadcasts) recent(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	list, err := b.Store.Broadcasts.Recent(ctx, pageSize)
	if err != nil {
		return fail("recent broadcasts", err)
	}
	text := []chat.HTML{p.HTML("broadcast.recent_title")}
	var rows [][]chat.Button
	for _, x := range list {
		if x.State == store.BroadcastDraft {
			continue
		}
		label := p.Day(b.local(x.At)) + " " + x.Text
		rows = append(rows, chat.Row(chat.Press(clip(strings.ReplaceAll(label, "\n", " "), 40), "bcast", string(x.ID))))
	}
	if len(rows) == 0 {
		text = append(text, p.HTML("common.nothing"))
	}
	return chat.Change(r, lines(text...), append(rows, chat.Row(chat.Press(p.Plain("broadcast.new"), "bnew")))...), nil
}

func (b broadcasts) newsOff(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.news(ctx, r, false)
}

func (b broadcasts) newsOn(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.news(ctx, r, true)
}

// news turns announcements off from within one, or on again; the announcement itself stays readable.
func (b broadcasts) news(ctx context.Context, r chat.Request, on bool) (chat.Reply, error) {
	p := b.words(r)
	me, err := b.Store.Members.Get(ctx, b.me(r))
	if err != nil {
		return fail("news", err)
	}
	s := me.Settings
	s.News = on
	if err := b.Store.Members.SetSettings(ctx, b.op(r), me.ID, s); err != nil {
		return fail("news", err)
	}
	if on {
		return chat.Change(r, p.HTML("broadcast.news_are_on")), nil
	}
	return chat.Say(p.HTML("broadcast.news_are_off"), chat.Row(chat.Press(p.Plain("common.undo"), "newson"))).
		WithToast(p.Plain("broadcast.news_off_toast")), nil
}
