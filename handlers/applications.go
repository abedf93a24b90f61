package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// applications lets a librarian decide who joins, with one tap, and tells the applicant.
type applications struct{ *App }

func (a applications) register(r *chat.Router) {
	r.Action(
		chat.Action{Name: "approve", Role: chat.Librarian, Handler: a.approve},
		chat.Action{Name: "decline", Role: chat.Librarian, Handler: a.decline},
	)
}

func (a applications) renders() map[store.NoticeKind]render {
	return map[store.NoticeKind]render{
		store.NoticeApplication: a.asked,
		store.NoticeWelcome:     a.welcome,
		store.NoticeDeclined:    a.declined,
		store.NoticeRole:        a.role,
	}
}

// asked brings an application to a librarian, as long as nobody has decided.
func (a applications) asked(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (chat.Message, string, error) {
	waiting, err := a.Store.Members.Applications(ctx)
	if err != nil {
		return chat.Message{}, "", fmt.Errorf("application of a notice: %w", err)
	}
	for _, x := range waiting {
		if string(x.Member) == n.Ref {
			return chat.Message{
				Text: p.HTML("notice.application", "name", x.Name, "organisation", x.Organisation,
					"kind", p.Plain("kind."+string(x.Kind)), "version", x.Agreement),
				Keyboard: chat.Keyboard{chat.Row(
					chat.Press(p.Plain("join.approve"), "approve", n.Ref), chat.Press(p.Plain("join.decline"), "decline", n.Ref),
				)},
			}, "", nil
		}
	}
	return chat.Message{}, dropUntrue, nil
}

func (a applications) approve(ctx context.Context, r chat.Request) (chat.Reply, error) {
	m, err := a.Store.Members.Approve(ctx, a.op(r), store.MemberID(r.Arg(0)))
	if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrNotFound) {
		return a.decided(ctx, r)
	}
	if err != nil {
		return fail("approve", err)
	}
	return a.done(ctx, r, m, "join.approved")
}

func (a applications) decline(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id := store.MemberID(r.Arg(0))
	err := a.Store.Members.Decline(ctx, a.op(r), id)
	if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrNotFound) {
		return a.decided(ctx, r)
	}
	if err != nil {
		return fail("decline", err)
	}
	m, err := a.Store.Members.Get(ctx, id)
	if err != nil {
		return fail("decline", err)
	}
	return a.done(ctx, r, m, "join.turned_down")
}

// done writes the decision in place of the notice.
func (a applications) done(ctx context.Context, r chat.Request, m store.Member, key string) (chat.Reply, error) {
	organisation, err := a.organisationName(ctx, m)
	if err != nil {
		return chat.Reply{}, err
	}
	by, err := a.Store.Members.Get(ctx, a.me(r))
	if err != nil {
		return fail("who decided", err)
	}
	return chat.Change(r, a.words(r).HTML(key, "name", m.Name, "organisation", organisation, "by", by.Name)), nil
}

// decided shows what another librarian has decided.
func (a applications) decided(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := a.words(r)
	m, err := a.Store.Members.Get(ctx, store.MemberID(r.Arg(0)))
	if errors.Is(err, store.ErrNotFound) {
		return chat.Change(r, p.HTML("join.decided_gone")), nil
	}
	if err != nil {
		return fail("what was decided", err)
	}
	key := "join.decided_no"
	if RoleOf(m.Role) >= chat.Member {
		key = "join.decided_yes"
	}
	return chat.Change(r, p.HTML(key, "name", m.Name)).WithToast(p.Plain("join.decided")), nil
}

// organisationName is the name of a member's organisation; "" when there is none.
func (a *App) organisationName(ctx context.Context, m store.Member) (string, error) {
	if m.Organisation == "" {
		return "", nil
	}
	o, err := a.Store.Members.Organisation(ctx, m.Organisation)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("organisation of %s: %w", m.ID, err)
	}
	return o.Name, nil
}

func (a applications) welcome(ctx context.Context, p *messages.Printer, m store.Member, _ store.Notice) (chat.Message, string, error) {
	if RoleOf(m.Role) < chat.Member {
		return chat.Message{}, dropUntrue, nil
	}
	organisation, err := a.organisationName(ctx, m)
	if err != nil {
		return chat.Message{}, "", err
	}
	return chat.Message{
		Text: p.HTML("notice.welcome", "organisation", organisation),
		Menu: a.menu(p, RoleOf(m.Role)),
	}, "", nil
}

func (a applications) declined(_ context.Context, p *messages.Printer, m store.Member, _ store.Notice) (chat.Message, string, error) {
	if RoleOf(m.Role) >= chat.Member {
		return chat.Message{}, dropUntrue, nil
	}
	return chat.Message{
		Text:     p.HTML("notice.declined"),
		Keyboard: chat.Keyboard{chat.Row(chat.Press(p.Plain("fallback.ask"), "ask"), chat.Press(p.Plain("start.search"), "search"))},
	}, "", nil
}

// role tells of a new role, as it is now, with the keyboard that belongs to it.
func (a applications) role(_ context.Context, p *messages.Printer, m store.Member, n store.Notice) (chat.Message, string, error) {
	if !strings.EqualFold(n.Ref, string(m.Role)) {
		return chat.Message{}, dropUntrue, nil
	}
	return chat.Message{Text: p.HTML("notice.role_" + string(m.Role)), Menu: a.menu(p, RoleOf(m.Role))}, "", nil
}
