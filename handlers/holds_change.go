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

// cancel ends a hold at once: it can be taken back for ten minutes, so nothing is asked.
func (h holds) cancel(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := h.words(r)
	hold, err := h.Store.Holds.Cancel(ctx, h.op(r), store.HoldID(r.Arg(0)), h.me(r))
	if errors.Is(err, store.ErrStale) {
		return h.present(ctx, r)
	}
	if err != nil {
		return fail("cancel a hold", err)
	}
	title, err := h.titleName(ctx, p, hold.Title)
	if err != nil {
		return chat.Reply{}, err
	}
	rules, err := h.Store.Rules.Get(ctx)
	if err != nil {
		return fail("rules of undoing", err)
	}
	return chat.Change(r, p.HTML("holds.cancel_done", "title", title, "n", int(rules.UndoFor/time.Minute)),
		chat.Row(chat.Press(p.Plain("common.undo"), "rehold", string(hold.ID))),
		chat.Row(chat.Press(p.Plain("holds.all"), "holds"))), nil
}

// undo takes a cancellation back.
func (h holds) undo(ctx context.Context, r chat.Request) (chat.Reply, error) {
	hold, err := h.Store.Holds.Undo(ctx, h.op(r), store.HoldID(r.Arg(0)), h.me(r))
	if errors.Is(err, store.ErrStale) {
		reply, err := h.present(ctx, r)
		reply.Toast = h.words(r).Plain("holds.undo_late")
		return reply, err
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
