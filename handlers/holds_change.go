package handlers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// cancel ends a hold at once: it can be taken back for ten minutes, so nothing is asked. It is asked where the copy goes
// to the next reader, which cannot be undone. Pressed again, it says the same.
func (h holds) cancel(ctx context.Context, r chat.Request) (chat.Reply, error) {
	const sure = "yes"
	if r.Arg(1) != sure {
		hold, ask, err := h.wanted(ctx, r)
		if err != nil {
			return fail("cancel a hold", err)
		}
		if ask {
			return h.askCancel(ctx, r, hold, sure)
		}
	}
	hold, err := h.Store.Holds.Cancel(ctx, h.op(r), store.HoldID(r.Arg(0)), h.me(r))
	stale := errors.Is(err, store.ErrStale)
	if stale {
		hold, err = h.mine(ctx, r)
	}
	if err != nil {
		return fail("cancel a hold", err)
	}
	rules, err := h.Store.Rules.Get(ctx)
	if err != nil {
		return fail("rules of undoing", err)
	}
	left := rules.UndoFor - h.Now().Sub(hold.ChangedAt)
	if stale && (hold.State != store.HoldCancelled || left <= 0) {
		return h.present(ctx, r)
	}
	p := h.words(r)
	title, err := h.titleName(ctx, p, hold.Title)
	if err != nil {
		return chat.Reply{}, err
	}
	all := chat.Row(chat.Press(p.Plain("holds.all"), "holds"))
	if r.Arg(1) == sure {
		return chat.Change(r, p.HTML("holds.cancel_given", "title", title), all), nil
	}
	return chat.Change(r, p.HTML("holds.cancel_done", "title", title, "n", int(math.Ceil(left.Minutes()))),
		chat.Row(chat.Press(p.Plain("common.undo"), "rehold", string(hold.ID))), all), nil
}

// wanted tells whether the pressed button's hold has a copy for which others wait.
func (h holds) wanted(ctx context.Context, r chat.Request) (hold store.Hold, wanted bool, err error) {
	hold, err = h.mine(ctx, r)
	if err != nil || !hold.State.Open() || hold.State == store.HoldPlaced {
		return hold, false, err
	}
	queue, err := h.Store.Holds.Queue(ctx, hold.Title)
	if err != nil {
		return hold, false, fmt.Errorf("who waits: %w", err)
	}
	return hold, queue > 0, nil
}

// askCancel asks before a copy goes to the next reader.
func (h holds) askCancel(ctx context.Context, r chat.Request, hold store.Hold, sure string) (chat.Reply, error) {
	p := h.words(r)
	title, err := h.titleName(ctx, p, hold.Title)
	if err != nil {
		return chat.Reply{}, err
	}
	id := string(hold.ID)
	return chat.Change(r, p.HTML("holds.ask_cancel", "title", title),
		chat.Row(chat.Press(p.Plain("common.yes"), "unhold", id, sure), chat.Press(p.Plain("common.no"), "hold", id))), nil
}

// undo takes a cancellation back; one taken back already stays so.
func (h holds) undo(ctx context.Context, r chat.Request) (chat.Reply, error) {
	hold, err := h.Store.Holds.Undo(ctx, h.op(r), store.HoldID(r.Arg(0)), h.me(r))
	if errors.Is(err, store.ErrStale) {
		if hold, err = h.mine(ctx, r); err == nil && !hold.State.Open() {
			reply, err := h.present(ctx, r)
			reply.Toast = h.words(r).Plain("holds.undo_late")
			return reply, err
		}
	}
	if err != nil {
		return fail("take a cancellation back", err)
	}
	reply, err := h.card(ctx, r, hold)
	return reply.WithToast(h.words(r).Plain("holds.undone")), err
}

// present shows the hold of an out-of-date button as it is now, and says that it changed.
func (h holds) present(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.open(ctx, r)
	reply.Toast, reply.Alert = h.words(r).Plain("holds.moved_on"), true
	return reply, err
}

// loanLine is a loan's due date in plain words.
func (a *App) loanLine(p *messages.Printer, l store.Loan) chat.HTML {
	day := p.DayAndWeekday(a.local(l.DueAt))
	if !l.ReturnedAt.IsZero() {
		return p.HTML("holds.returned")
	}
	if a.Now().After(l.DueAt) {
		return p.HTML("holds.overdue", "day", day)
	}
	return p.HTML("holds.due", "day", day)
}

func (h holds) openLoan(ctx context.Context, r chat.Request) (chat.Reply, error) {
	loan, err := h.myLoan(ctx, r)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.loanCard(ctx, r, loan)
}

// myLoan reads the pressed button's loan. That of another member is not there.
func (h holds) myLoan(ctx context.Context, r chat.Request) (store.Loan, error) {
	loan, err := h.Store.Holds.Loan(ctx, store.LoanID(r.Arg(0)))
	if err != nil {
		return loan, fmt.Errorf("read my loan: %w", err)
	}
	if loan.Member != h.me(r) {
		return loan, store.ErrNotFound
	}
	return loan, nil
}

func (h holds) loanCard(ctx context.Context, r chat.Request, l store.Loan) (chat.Reply, error) {
	p := h.words(r)
	title, err := h.titleName(ctx, p, l.Title)
	if err != nil {
		return chat.Reply{}, err
	}
	var rows [][]chat.Button
	if l.ReturnedAt.IsZero() {
		rows = append(rows, chat.Row(chat.Press(p.Plain("holds.renew"), "renew", string(l.ID))))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("holds.book"), "title", string(l.Title)), chat.Press(p.Plain("holds.all"), "holds")))
	return chat.Change(r, paragraphs(p.HTML("holds.loan_card", "title", title),
		lines(p.HTML("holds.issued", "day", p.Day(h.local(l.IssuedAt))), h.loanLine(p, l))), rows...), nil
}

// renew moves the due date to a whole loan's time from today, unless somebody waits for the book.
func (h holds) renew(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := h.words(r)
	loan, err := h.myLoan(ctx, r)
	if err != nil {
		return chat.Reply{}, err
	}
	rules, err := h.Store.Rules.Get(ctx)
	if err != nil {
		return fail("rules of loans", err)
	}
	due := h.endOfDayIn(rules.LoanDays)
	if loan.DueAt.After(due) {
		return chat.Alert(p.Plain("holds.renew_early", "day", p.Day(h.local(loan.DueAt)))), nil
	}
	loan, err = h.Store.Holds.Renew(ctx, h.op(r), loan.ID, due)
	switch {
	case errors.Is(err, store.ErrInUse):
		return chat.Alert(p.Plain("holds.renew_waited")), nil
	case errors.Is(err, store.ErrStale):
		return h.openLoan(ctx, r)
	case err != nil:
		return fail("renew a loan", err)
	}
	reply, err := h.loanCard(ctx, r, loan)
	return reply.WithToast(p.Plain("holds.renewed", "day", p.Day(h.local(loan.DueAt)))), err
}

// endOfDayIn is the last second of the library's day so many days from today.
func (a *App) endOfDayIn(days int) time.Time {
	y, m, d := a.local(a.Now()).Date()
	return time.Date(y, m, d+days, 23, 59, 59, 0, a.Zone)
}
