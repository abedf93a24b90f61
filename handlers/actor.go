package handlers

import (
	"context"
	"fmt"

	"versli/bot/chat"
	"versli/store"
)

// Actors tells the router who a person is, from the state and nothing else.
type Actors struct {
	Members  *store.Members
	Fallback string // language when Telegram names none that we have
}

// Actor implements chat.Actors. It makes a guest of a person not seen before.
func (a Actors) Actor(ctx context.Context, r chat.Request) (chat.Actor, error) {
	m, err := a.Members.Meet(ctx, store.Person{
		Chat: r.From.ID, Name: r.From.Name(), Username: r.From.Username, Language: r.From.Language,
	}, a.Fallback)
	if err != nil {
		return chat.Actor{}, fmt.Errorf("who asks: %w", err)
	}
	return chat.Actor{ID: string(m.ID), Role: RoleOf(m.Role), Language: m.Settings.Language}, nil
}

// RoleOf is a stored role in the words of a conversation.
func RoleOf(r store.Role) chat.Role {
	switch r {
	case store.RoleOwner:
		return chat.Owner
	case store.RoleLibrarian:
		return chat.Librarian
	case store.RoleDriver:
		return chat.Driver
	case store.RoleMember:
		return chat.Member
	case store.RoleApplicant:
		return chat.Applicant
	case store.RoleGuest:
	}
	return chat.Guest
}
