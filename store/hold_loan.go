package store

import (
	"context"
	"fmt"
	"time"
)

var (
	lendCopy   = newScript("loan_lend", "member", "hold")
	returnLoan = newScript("loan_return", "member", "hold")
	renewLoan  = newScript("loan_renew", "member", "hold")
	findCopy   = newScript("copy_found", "member", "hold")
)

// Return takes a loan back; the copy goes to the next in the queue, who is told. ErrStale when returned already.
func (h *Holds) Return(ctx context.Context, op Op, id LoanID) (Loan, error) {
	var loan Loan
	if err := h.decide(ctx, returnLoan, op, string(id), map[string]any{"table": HoldTable(), "id": id}, &loan); err != nil {
		return Loan{}, fmt.Errorf("return loan %s: %w", id, err)
	}
	return loan, nil
}

// Lend issues a free copy (or one allocated to this member) until the end of due's day. The member's own hold of the
// title, if a copy was promised to it, is collected with it. ErrStale when the copy is not free, ErrNotMember, ErrNotFound.
func (h *Holds) Lend(ctx context.Context, op Op, copyID CopyID, member MemberID, due time.Time) (Loan, error) {
	due = h.endOfDay(due)
	in := map[string]any{"table": HoldTable(), "copy": copyID, "member": member, "due": stamp(due), "due_ms": due.UnixMilli()}
	var loan Loan
	if err := h.decide(ctx, lendCopy, op, string(copyID)+":"+string(member), in, &loan); err != nil {
		return Loan{}, fmt.Errorf("lend copy %s: %w", copyID, err)
	}
	return loan, nil
}

// Renew moves a loan's due date to the end of due's day when nobody waits for the title. ErrStale, ErrInUse when somebody waits.
func (h *Holds) Renew(ctx context.Context, op Op, id LoanID, due time.Time) (Loan, error) {
	due = h.endOfDay(due)
	var loan Loan
	in := map[string]any{"id": id, "due": stamp(due), "due_ms": due.UnixMilli()}
	if err := h.decide(ctx, renewLoan, op, string(id), in, &loan); err != nil {
		return Loan{}, fmt.Errorf("renew loan %s: %w", id, err)
	}
	return loan, nil
}

// Found says that a missing copy turned up; it goes to the next in the queue. ErrNotFound, ErrStale when it is not missing.
func (h *Holds) Found(ctx context.Context, op Op, id CopyID) error {
	if err := h.decide(ctx, findCopy, op, string(id), map[string]any{"table": HoldTable(), "copy": id}, nil); err != nil {
		return fmt.Errorf("find copy %s: %w", id, err)
	}
	return nil
}

// Loan returns one. ErrNotFound.
func (h *Holds) Loan(ctx context.Context, id LoanID) (Loan, error) {
	return hashGet[Loan](ctx, h.db, h.keys.loans(), string(id))
}

// LoanOf returns the open loan of a copy. ErrNotFound when it is not on loan.
func (h *Holds) LoanOf(ctx context.Context, id CopyID) (Loan, error) {
	loan, err := h.lookup(ctx, h.keys.lent(), string(id))
	if err != nil {
		return Loan{}, err
	}
	return h.Loan(ctx, LoanID(loan))
}

// Loans lists what a member has on loan, the first due first.
func (h *Holds) Loans(ctx context.Context, id MemberID) ([]Loan, error) {
	ids, err := h.rdb.HKeys(ctx, h.keys.memberLent(id)).Result()
	if err != nil {
		return nil, fmt.Errorf("list loans of %s: %w", id, err)
	}
	list, err := hashMany[Loan](ctx, h.db, h.keys.loans(), ids)
	sortLoans(list)
	return list, err
}

// AllLoans lists all open loans, the first due first (for the desk and overdue).
func (h *Holds) AllLoans(ctx context.Context, offset, limit int) (list []Loan, total int, err error) {
	ids, total, err := h.page(ctx, h.keys.loansDue(), offset, limit)
	if err != nil {
		return nil, 0, err
	}
	list, err = hashMany[Loan](ctx, h.db, h.keys.loans(), ids)
	return list, total, err
}
