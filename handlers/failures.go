package handlers

import (
	"context"
	"errors"

	"versli/bot/chat"
	"versli/store"
)

// sentences says what each failure means to a person: one place for all.
// The order counts where one error wraps another.
func sentences() []struct {
	err error
	key string
} {
	return []struct {
		err error
		key string
	}{
		{chat.ErrUnknown, "error.unknown"},
		{chat.ErrBadData, "error.stale"},
		{chat.ErrPrivateOnly, "error.private"},
		{chat.ErrForbidden, "error.forbidden"},
		{chat.ErrNotMember, "error.members_only"},
		{store.ErrForbidden, "error.forbidden"},
		{store.ErrNotMember, "error.members_only"},
		{store.ErrNotFound, "error.not_found"},
		{store.ErrStale, "error.stale"},
		{store.ErrInvalid, "error.invalid"},
		{store.ErrNoCopies, "error.no_copies"},
		{store.ErrAlreadyHeld, "error.already_held"},
		{store.ErrTooManyHolds, "error.too_many_holds"},
		{store.ErrClosed, "error.closed"},
		{store.ErrAlreadyIn, "error.already_in"},
		{store.ErrInvitationUsed, "error.invitation_used"},
		{store.ErrLastOwner, "error.last_owner"},
		{store.ErrHasLoans, "error.has_loans"},
		{store.ErrInUse, "error.in_use"},
	}
}

// known tells whether an error is a domain failure, which has a sentence.
func known(err error) bool {
	for _, s := range sentences() {
		if errors.Is(err, s.err) {
			return true
		}
	}
	return false
}

// failed answers an error: a press gets an alert, anything else a message.
func (a *App) failed(_ context.Context, r chat.Request, err error, incident string) chat.Reply {
	p := a.words(r)
	key := "error.incident"
	for _, s := range sentences() {
		if incident == "" && errors.Is(err, s.err) {
			key = s.key
			break
		}
	}
	if r.Kind == chat.KindPress && errors.Is(err, chat.ErrUnknown) {
		key = "error.stale"
	}
	if r.Kind == chat.KindPress {
		return chat.Alert(plainText(p.HTML(key, "incident", incident)))
	}
	return chat.Say(p.HTML(key, "incident", incident))
}
