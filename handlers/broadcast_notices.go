package handlers

import (
	"context"
	"errors"
	"fmt"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func (b broadcasts) renders() map[store.NoticeKind]render {
	return map[store.NoticeKind]render{
		store.NoticeBroadcastLate: b.late, store.NoticeBroadcastPaused: b.stopped, store.NoticeBroadcastSent: b.over,
	}
}

// late asks the author of a broadcast whose hour has passed while the bot was away.
func (b broadcasts) late(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (chat.Message, string, error) {
	x, drop, err := b.noticed(ctx, n)
	if drop != "" || err != nil {
		return chat.Message{}, drop, err
	}
	if x.State != store.BroadcastDraft {
		return chat.Message{}, dropUntrue, nil
	}
	id := string(x.ID)
	head := p.HTML("report.late")
	if !x.SendAt.IsZero() {
		head = p.HTML("report.late_at", "when", p.DateTime(b.local(x.SendAt)))
	}
	return chat.Message{
		Text: paragraphs(head, p.HTML("report.which", "text", headline(p, x)), p.HTML("report.late_what")),
		Keyboard: chat.Keyboard{
			chat.Row(chat.Press(p.Plain("report.now"), "bsend", id, draftMark(x))),
			chat.Row(chat.Press(p.Plain("schedule.other_time"), "bwhen", id), chat.Press(p.Plain("report.open"), "bcast", id)),
			chat.Row(chat.Press(p.Plain("report.give_up"), "bdrop", id)),
		},
	}, "", nil
}

// stopped tells the author of a broadcast that paused by itself.
func (b broadcasts) stopped(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (chat.Message, string, error) {
	x, drop, err := b.noticed(ctx, n)
	if drop != "" || err != nil {
		return chat.Message{}, drop, err
	}
	if x.State != store.BroadcastPaused || x.Paused == "" {
		return chat.Message{}, dropUntrue, nil
	}
	return b.report(p, x), "", nil
}

// over is the report of one that went out by itself.
func (b broadcasts) over(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (chat.Message, string, error) {
	x, drop, err := b.noticed(ctx, n)
	if drop != "" || err != nil {
		return chat.Message{}, drop, err
	}
	if x.State != store.BroadcastSent {
		return chat.Message{}, dropUntrue, nil
	}
	return b.report(p, x), "", nil
}

// report is the progress as a message of its own.
func (b broadcasts) report(p *messages.Printer, x store.Broadcast) chat.Message {
	msg := b.Progress(x, p)
	return chat.Message{Text: paragraphs(msg.Text, p.HTML("report.which", "text", headline(p, x))), Keyboard: msg.Keyboard}
}

func (b broadcasts) noticed(ctx context.Context, n store.Notice) (store.Broadcast, string, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(n.Ref))
	if errors.Is(err, store.ErrNotFound) {
		return x, dropGone, nil
	}
	if err != nil {
		return x, "", fmt.Errorf("broadcast of a notice: %w", err)
	}
	return x, "", nil
}
