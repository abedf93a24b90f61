package handlers

import (
	"context"
	"errors"
	"fmt"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// undelivered is what could not be told by message: to members without
// Telegram, or who cannot be reached. Staff call them, and tick it off.
type undelivered struct{ *App }

const (
	undeliveredPage = 5
	undeliveredMost = 1000 // the store keeps no more
	undeliveredText = 220  // letters shown of what was to be said
)

func (u undelivered) register(r *chat.Router) {
	r.Action(
		chat.Action{Name: "calls", Role: chat.Librarian, View: true, Handler: u.list},
		chat.Action{Name: "called", Role: chat.Librarian, Handler: u.tick},
	)
}

// list shows whom to call, and what to say to them.
func (u undelivered) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return u.page(ctx, r, offsetArg(r, 0, undeliveredPage))
}

func (u undelivered) page(ctx context.Context, r chat.Request, offset int) (chat.Reply, error) {
	p := u.words(r)
	all, err := u.Store.Outbox.Failures(ctx, undeliveredMost)
	if err != nil {
		return fail("undelivered notices", err)
	}
	page, offset := window(all, offset, undeliveredPage)
	text := []chat.HTML{p.HTML("calls.head", "n", len(all))}
	if len(all) == 0 {
		text = []chat.HTML{p.HTML("calls.none")}
	}
	var ticks []chat.Button
	for i, n := range page {
		entry, err := u.entry(ctx, p, offset+i+1, n)
		if err != nil {
			return fail("undelivered notices", err)
		}
		text = append(text, entry)
		ticks = append(ticks, chat.Press(p.Plain("calls.tick", "number", offset+i+1), "called", string(n.ID)))
	}
	rows := chat.Columns(undeliveredPage, ticks...)
	rows = append(rows, pager(p, offset, undeliveredPage, len(all), "calls")...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "staff")))
	return chat.Change(r, paragraphs(text...), rows...), nil
}

// entry says who is to be told, why the message did not go, and what it would say now.
func (u undelivered) entry(ctx context.Context, p *messages.Printer, number int, n store.FailedNotice) (chat.HTML, error) {
	m, err := u.Store.Members.Get(ctx, n.Member)
	if errors.Is(err, store.ErrNotFound) {
		return p.HTML("calls.gone", "number", number), nil
	}
	if err != nil {
		return "", fmt.Errorf("whom to call: %w", err)
	}
	what := p.Plain("stats.kind_" + string(n.Kind))
	if fn, ok := u.notices[n.Kind]; ok {
		msg, drop, err := fn(ctx, p, m, n.Notice)
		switch {
		case err != nil:
			return "", fmt.Errorf("what to say: %w", err)
		case drop != "":
			what = p.Plain("calls.untrue", "what", what)
		default:
			what = short(plainText(msg.Text), undeliveredText)
		}
	}
	return p.HTML("calls.item", "number", number, "name", m.Name, "contact", contact(m),
		"when", p.DayAndTime(u.local(n.At)), "what", what), nil
}

// tick takes one off the list; one that is gone already changes nothing.
func (u undelivered) tick(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if err := u.Store.Outbox.Attended(ctx, store.NoticeID(r.Arg(0))); err != nil {
		return fail("tick off a call", err)
	}
	reply, err := u.page(ctx, r, 0)
	return reply.WithToast(u.words(r).Plain("common.done")), err
}
