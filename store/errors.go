package store

import "errors"

// Domain failures. Anything else that a method returns is a fault of the
// machinery (Redis away, a bug) and means nothing to a person.
var (
	ErrNotFound       = errors.New("not found")
	ErrForbidden      = errors.New("not allowed")
	ErrStale          = errors.New("the state has moved on")
	ErrInvalid        = errors.New("invalid value")
	ErrNoCopies       = errors.New("the title has no copies")
	ErrAlreadyHeld    = errors.New("the member holds this title already")
	ErrTooManyHolds   = errors.New("the member has as many holds as allowed")
	ErrNotMember      = errors.New("not a member")
	ErrClosed         = errors.New("closed for registration")
	ErrAlreadyIn      = errors.New("registered already")
	ErrInvitationUsed = errors.New("the invitation is used up or out of date")
	ErrLastOwner      = errors.New("the last owner stays")
	ErrHasLoans       = errors.New("books are not returned yet")
	ErrInUse          = errors.New("others depend on it")
	ErrNewerSchema    = errors.New("the state was written by a newer program")
)

// errAgain is what a script answers, without remembering it, when the state it was
// prepared for has changed meanwhile: the caller reads again and asks again.
var errAgain = errors.New("prepared for an older state")

// maxAgain bounds how often a decision is prepared anew.
const maxAgain = 20
