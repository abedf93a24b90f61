package chat

import "errors"

// What the router refuses, and what a sender can be told.
var (
	ErrForbidden   = errors.New("not allowed for this role")
	ErrNotMember   = errors.New("only for members")
	ErrUnknown     = errors.New("no such command or button")
	ErrPrivateOnly = errors.New("only in a private chat")

	ErrUnreachable = errors.New("the person cannot be reached")           // blocked the bot, or gone
	ErrGone        = errors.New("the message cannot be changed any more") // removed by the person, or too old
)
