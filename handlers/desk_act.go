package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func (d desk) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	h, err := d.Store.Holds.Get(ctx, store.HoldID(r.Arg(0)))
	if err != nil {
		return fail("open a hold", err)
	}
	return d.card(ctx, r, h)
}

// card shows a hold to staff: the copy to take, for whom, and where it goes.
func (d desk) card(ctx context.Context, r chat.Request, h store.Hold) (chat.Reply, error) {
	p := d.words(r)
	titles, members, err := d.ofHolds(ctx, []store.Hold{h})
	if err != nil {
		return fail("hold card", err)
	}
	place, err := d.placeName(ctx, p, h.Pickup)
	if err != nil {
		return fail("hold card", err)
	}
	m := members[h.Member]
	text := []chat.HTML{
		p.HTML("desk.hold_title", "title", titles[h.Title].Name),
		p.HTML("desk.hold_state", "state", p.HTML("desk.state_"+string(h.State))),
		p.HTML("desk.hold_member", "member", m.Name, "contact", contact(m)),
		p.HTML("desk.hold_place", "place", place),
	}
	if h.Copy != "" {
		line, err := d.copyLine(ctx, p, h.Copy)
		if err != nil {
			return fail("hold card", err)
		}
		text = append(text, line)
	}
	if h.State == store.HoldReady && !h.Deadline.IsZero() {
		text = append(text, p.HTML("desk.hold_until", "day", p.DayAndWeekday(d.local(h.Deadline))))
	}
	rows := holdRows(p, h)
	var last []chat.Button
	if r.Actor.Role >= chat.Librarian {
		rows = append(rows, chat.Row(chat.Press(p.Plain("desk.person"), "person", string(h.Member))))
		if h.State.Open() && h.State != store.HoldPlaced {
			last = append(last, chat.Press(p.Plain("common.back"), "dlist", string(h.State), "0"))
		}
	}
	rows = append(rows, append(last, chat.Press(p.Plain("desk.home"), "desk")))
	return chat.Change(r, lines(text...), rows...), nil
}

// copyLine says which copy it is and on which shelf to look.
func (d desk) copyLine(ctx context.Context, p *messages.Printer, id store.CopyID) (chat.HTML, error) {
	c, err := d.Store.Titles.Copy(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("copy: %w", err)
	}
	shelf, err := d.placeName(ctx, p, store.Place(c.Location))
	if err != nil {
		return "", err
	}
	return lines(p.HTML("desk.copy_at", "place", shelf), optional(p, "desk.copy_call", "call", c.CallNumber),
		optional(p, "desk.copy_barcode", "barcode", c.Barcode)), nil
}

// holdRows are what staff can do with a hold in its present state.
func holdRows(p *messages.Printer, h store.Hold) [][]chat.Button {
	act := func(key, what string) chat.Button { return chat.Press(p.Plain(key), "dact", string(h.ID), what) }
	switch h.State {
	case store.HoldAllocated:
		other := chat.Row(act("desk.missing", "miss?"), act("desk.cancel", "cancel?"))
		if isStop(h.Pickup) {
			return [][]chat.Button{
				chat.Row(act("desk.send", "send"), act("desk.ready_stop", "ready")), chat.Row(act("desk.collect", "collect")), other,
			}
		}
		return [][]chat.Button{chat.Row(act("desk.ready", "ready"), act("desk.collect", "collect")), other}
	case store.HoldInTransit:
		return [][]chat.Button{
			chat.Row(act("desk.ready", "ready"), act("desk.collect", "collect")),
			chat.Row(act("desk.missing", "miss?"), act("desk.cancel", "cancel?")),
		}
	case store.HoldReady:
		return [][]chat.Button{chat.Row(act("desk.collect", "collect")), chat.Row(act("desk.missing", "miss?"), act("desk.cancel", "cancel?"))}
	case store.HoldPlaced:
		return [][]chat.Button{chat.Row(act("desk.cancel", "cancel?"))}
	case store.HoldCollected, store.HoldCancelled, store.HoldExpired, store.HoldUnfilled:
	}
	return nil
}

// act does one thing to a hold. Done already, by a second tap or a colleague, it shows the present state.
func (d desk) act(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	h, err := d.Store.Holds.Get(ctx, store.HoldID(r.Arg(0)))
	if err != nil {
		return fail("desk", err)
	}
	what := r.Arg(1)
	if what == "miss?" || what == "cancel?" {
		if !h.State.Open() {
			return d.card(ctx, r, h)
		}
		question, yes := "desk.ask_cancel", "cancel"
		if what == "miss?" {
			question, yes = "desk.ask_missing", "miss"
		}
		return chat.Change(r, p.HTML(question),
			chat.Row(chat.Press(p.Plain("common.yes"), "dact", string(h.ID), yes), chat.Press(p.Plain("common.no"), "dhold", string(h.ID)))), nil
	}
	err = d.happen(ctx, r, h, what)
	stale := errors.Is(err, store.ErrStale)
	if err != nil && !stale {
		return fail("desk", err)
	}
	if h, err = d.Store.Holds.Get(ctx, h.ID); err != nil {
		return fail("desk", err)
	}
	reply, err := d.card(ctx, r, h)
	if stale {
		return reply.WithToast(p.Plain("desk.stale")), err
	}
	return reply.WithToast(p.Plain("common.done")), err
}

func (d desk) happen(ctx context.Context, r chat.Request, h store.Hold, what string) error {
	var err error
	switch what {
	case "send":
		_, err = d.Store.Holds.Send(ctx, d.op(r), h.ID)
	case "ready":
		var until time.Time
		if until, err = d.shelfDeadline(ctx, h.Pickup); err == nil {
			_, err = d.Store.Holds.Ready(ctx, d.op(r), h.ID, until)
		}
	case "collect":
		var rules store.Rulebook
		if rules, err = d.Store.Rules.Get(ctx); err == nil {
			_, err = d.Store.Holds.Collect(ctx, d.op(r), h.ID, d.endOfDayIn(rules.LoanDays))
		}
	case "miss":
		_, err = d.Store.Holds.Missing(ctx, d.op(r), h.ID)
	case "cancel":
		_, err = d.Store.Holds.Cancel(ctx, d.op(r), h.ID, h.Member)
	default:
		return chat.ErrBadData
	}
	if err != nil {
		return fmt.Errorf("%s a hold: %w", what, err)
	}
	return nil
}

// shelfDeadline is until when a ready hold waits: at a stop until the end of
// the day of the van's next visit, so that it does not expire while the van is late, in a library for the rulebook's days.
func (a *App) shelfDeadline(ctx context.Context, place store.Place) (time.Time, error) {
	rules, err := a.Store.Rules.Get(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("shelf days: %w", err)
	}
	byRule := a.endOfDayIn(rules.ShelfDays)
	if !isStop(place) {
		return byRule, nil
	}
	const look = 8
	visits, err := a.Store.Van.Visits(ctx, store.StopID(place), a.Now(), look)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return time.Time{}, fmt.Errorf("next visit: %w", err)
	}
	for _, v := range visits {
		if !v.Cancelled && v.Departure.After(a.Now()) {
			y, m, d := a.local(v.Departure).Date()
			return time.Date(y, m, d, 23, 59, 59, 0, a.Zone), nil
		}
	}
	return byRule, nil
}

func (d desk) openLoan(ctx context.Context, r chat.Request) (chat.Reply, error) {
	l, err := d.Store.Holds.Loan(ctx, store.LoanID(r.Arg(0)))
	if err != nil {
		return fail("open a loan", err)
	}
	return d.loanCard(ctx, r, l)
}

// loanCard shows a loan to staff.
func (d desk) loanCard(ctx context.Context, r chat.Request, l store.Loan) (chat.Reply, error) {
	p := d.words(r)
	titles, members, err := d.ofHolds(ctx, []store.Hold{{Title: l.Title, Member: l.Member}})
	if err != nil {
		return fail("loan card", err)
	}
	m := members[l.Member]
	text := []chat.HTML{
		p.HTML("desk.hold_title", "title", titles[l.Title].Name),
		p.HTML("desk.hold_member", "member", m.Name, "contact", contact(m)),
		p.HTML("desk.loan_issued", "day", p.Date(d.local(l.IssuedAt))),
	}
	var rows [][]chat.Button
	switch {
	case !l.ReturnedAt.IsZero():
		text = append(text, p.HTML("desk.loan_returned", "day", p.DateTime(d.local(l.ReturnedAt))))
	case l.DueAt.After(d.Now()):
		text = append(text, p.HTML("desk.loan_due", "day", p.Date(d.local(l.DueAt))))
	default:
		text = append(text, p.HTML("desk.loan_overdue", "day", p.Date(d.local(l.DueAt))))
	}
	if l.ReturnedAt.IsZero() {
		row := chat.Row(chat.Press(p.Plain("desk.return"), "dreturn", string(l.ID)))
		if r.Actor.Role >= chat.Librarian {
			row = append(row, chat.Press(p.Plain("desk.renew"), "drenew", string(l.ID), l.DueAt.UTC().Format(dayForm)))
		}
		rows = append(rows, row)
	}
	if r.Actor.Role >= chat.Librarian {
		rows = append(rows, chat.Row(chat.Press(p.Plain("desk.person"), "person", string(l.Member))),
			chat.Row(chat.Press(p.Plain("common.back"), "dloans", "0")))
	}
	return chat.Change(r, lines(text...), rows...), nil
}

// takeBack takes a loan back, and says where the copy goes next.
func (d desk) takeBack(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	id := store.LoanID(r.Arg(0))
	l, err := d.Store.Holds.Return(ctx, d.op(r), id)
	if errors.Is(err, store.ErrStale) {
		reply, err := d.openLoan(ctx, r)
		return reply.WithToast(p.Plain("desk.stale")), err
	}
	if err != nil {
		return fail("take back", err)
	}
	reply, err := d.loanCard(ctx, r, l)
	if err != nil {
		return reply, err
	}
	next, err := d.Store.Holds.OfCopy(ctx, l.Copy)
	if errors.Is(err, store.ErrNotFound) {
		return reply.WithToast(p.Plain("desk.to_shelf")), nil
	}
	if err != nil {
		return fail("next in the queue", err)
	}
	waiting, err := d.card(ctx, chat.Request{Actor: r.Actor}, next)
	if err != nil {
		return reply, err
	}
	return reply.And(chat.Message{Text: p.HTML("desk.next_waits")}).And(waiting.Messages...), nil
}

// renew moves a loan's day, once for each day it had: a second tap finds another due day and shows it.
func (d desk) renew(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	l, err := d.Store.Holds.Loan(ctx, store.LoanID(r.Arg(0)))
	if err != nil {
		return fail("renew", err)
	}
	if l.DueAt.UTC().Format(dayForm) != r.Arg(1) || !l.ReturnedAt.IsZero() {
		return d.loanCard(ctx, r, l)
	}
	rules, err := d.Store.Rules.Get(ctx)
	if err != nil {
		return fail("renew", err)
	}
	l, err = d.Store.Holds.Renew(ctx, d.op(r), l.ID, d.endOfDayIn(rules.LoanDays))
	switch {
	case errors.Is(err, store.ErrInUse):
		return chat.Alert(p.Plain("desk.somebody_waits")), nil
	case errors.Is(err, store.ErrStale):
		return d.openLoan(ctx, r)
	case err != nil:
		return fail("renew", err)
	}
	reply, err := d.loanCard(ctx, r, l)
	return reply.WithToast(p.Plain("common.done")), err
}

// found puts a missing copy back on its shelf.
func (d desk) found(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	id := store.CopyID(r.Arg(0))
	if err := d.Store.Holds.Found(ctx, d.op(r), id); err != nil && !errors.Is(err, store.ErrStale) {
		return fail("found", err)
	}
	c, err := d.Store.Titles.Copy(ctx, id)
	if err != nil {
		return fail("found", err)
	}
	reply, err := d.copyCard(ctx, r, p, c)
	return reply.WithToast(p.Plain("common.done")), err
}
