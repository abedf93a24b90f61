package handlers

import (
	"context"
	"slices"

	"versli/bot/chat"
	"versli/store"
)

// rolesFor lists what a person could be made by who asks. The store decides; this only chooses buttons.
// An applicant is approved or declined instead, and rights are of no use without Telegram.
func rolesFor(by chat.Role, m store.Member) []store.Role {
	var roles []store.Role
	switch {
	case m.Chat == 0 || m.Role == store.RoleApplicant:
		return nil
	case by >= chat.Owner:
		roles = []store.Role{store.RoleMember, store.RoleDriver, store.RoleLibrarian, store.RoleOwner}
	case m.Role == store.RoleMember, m.Role == store.RoleDriver:
		roles = []store.Role{store.RoleMember, store.RoleDriver}
	}
	return slices.DeleteFunc(roles, func(x store.Role) bool { return x == m.Role })
}

// setRole offers roles, and gives one. Taking rights away, and naming an owner, is asked first.
// Arguments: the member; the new role; the role that they had when it was asked.
func (f people) setRole(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	m, err := f.Store.Members.Get(ctx, store.MemberID(r.Arg(0)))
	if err != nil {
		return fail("rights", err)
	}
	id, role := string(m.ID), store.Role(r.Arg(1))
	if role == m.Role {
		reply, err := f.card(ctx, r, m.ID)
		return reply.WithToast(p.Plain("people.role_is")), err
	}
	choices := rolesFor(r.Actor.Role, m)
	if role == "" {
		var buttons []chat.Button
		for _, x := range choices {
			buttons = append(buttons, chat.Press(p.Plain("people.make_"+string(x)), "prole", id, string(x)))
		}
		text := lines(p.HTML("people.card", "mark", roleMark(m), "name", m.Name), p.HTML("profile.role_"+string(m.Role)))
		rows := append(chat.Columns(1, buttons...), chat.Row(chat.Press(p.Plain("common.back"), "person", id)))
		return chat.Change(r, paragraphs(text, p.HTML("people.which_rights")), rows...), nil
	}
	if !slices.Contains(choices, role) {
		return fail("rights", chat.ErrForbidden)
	}
	if (m.Role.AtLeast(role) || role == store.RoleOwner) && r.Arg(2) != string(m.Role) {
		return chat.Change(r, p.HTML("people.ask_"+string(role), "name", m.Name), chat.Row(
			chat.Press(p.Plain("common.yes"), "prole", id, string(role), string(m.Role)), chat.Press(p.Plain("common.no"), "person", id))), nil
	}
	if err := f.Store.Members.SetRole(ctx, f.op(r), m.ID, role); err != nil {
		return fail("rights", err)
	}
	reply, err := f.card(ctx, r, m.ID)
	return reply.WithToast(p.Plain("people.role_set")), err
}
