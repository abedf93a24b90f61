package handlers

import (
	"context"
	"errors"
	"fmt"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// affairs are what somebody holds, has at home, and is registered for.
type affairs struct {
	holds         []store.Hold
	loans         []store.Loan
	registrations []store.Registration
	titles        map[store.TitleID]store.Title
}

// shownAffairs bounds each of the three lists on a card.
const shownAffairs = 10

func (f people) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := f.card(ctx, r, store.MemberID(r.Arg(0)))
	return leaving(r, reply, findPersonDialogue, bookForDialogue), err
}

// card shows a person to staff: who they are, how to reach them, and what they have with the library.
func (f people) card(ctx context.Context, r chat.Request, id store.MemberID) (chat.Reply, error) {
	p := f.words(r)
	m, err := f.Store.Members.Get(ctx, id)
	if err != nil {
		return fail("person", err)
	}
	if m.Role == store.RoleApplicant {
		return f.applicantCard(ctx, r, m)
	}
	organisation, err := f.organisationName(ctx, m)
	if err != nil {
		return chat.Reply{}, err
	}
	has, err := f.affairs(ctx, id)
	if err != nil {
		return chat.Reply{}, err
	}
	list, buttons, err := f.listAffairs(ctx, p, m, has)
	if err != nil {
		return chat.Reply{}, err
	}
	head := lines(p.HTML("people.card", "mark", roleMark(m), "name", m.Name), p.HTML("profile.role_"+string(m.Role)),
		optional(p, "people.organisation", "organisation", organisation), reach(p, m))
	rows := chat.Columns(1, buttons...)
	if m.Role.AtLeast(store.RoleMember) {
		rows = append(rows, chat.Row(chat.Press(p.Plain("people.reserve"), "pbook", string(id)),
			chat.Press(p.Plain("people.register"), "ptrain", string(id), "0")))
	}
	if len(rolesFor(r.Actor.Role, m)) > 0 {
		rows = append(rows, chat.Row(chat.Press(p.Plain("people.rights"), "prole", string(id))))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("people.all"), "people", "0")))
	return chat.Change(r, paragraphs(append([]chat.HTML{head}, list...)...), rows...), nil
}

// reach says how to reach somebody: by Telegram, or by phone.
func reach(p *messages.Printer, m store.Member) chat.HTML {
	switch {
	case m.Chat == 0 && m.Phone != "":
		return p.HTML("people.call", "phone", m.Phone)
	case m.Chat == 0:
		return p.HTML("people.no_phone")
	case m.Unreachable:
		return lines(p.HTML("people.unreachable"), optional(p, "people.phone", "phone", m.Phone))
	}
	return p.HTML("people.telegram", "contact", contact(m))
}

// applicantCard shows an application with the two buttons that decide it.
func (f people) applicantCard(ctx context.Context, r chat.Request, m store.Member) (chat.Reply, error) {
	p := f.words(r)
	all, err := f.Store.Members.Applications(ctx)
	if err != nil {
		return fail("applications", err)
	}
	back := chat.Row(chat.Press(p.Plain("common.back"), "papps", "0"))
	for _, x := range all {
		if x.Member == m.ID {
			text := p.HTML("notice.application", "name", x.Name, "organisation", x.Organisation,
				"kind", p.Plain("kind."+string(x.Kind)), "version", x.Agreement)
			return chat.Change(r, lines(text, reach(p, m)), chat.Row(
				chat.Press(p.Plain("join.approve"), "approve", string(m.ID)), chat.Press(p.Plain("join.decline"), "decline", string(m.ID)),
			), back), nil
		}
	}
	text := lines(p.HTML("people.card", "mark", roleMark(m), "name", m.Name), p.HTML("profile.role_"+string(m.Role)), reach(p, m))
	return chat.Change(r, text, back), nil
}

func (f people) affairs(ctx context.Context, id store.MemberID) (affairs, error) {
	var has affairs
	var err error
	if has.holds, err = f.Store.Holds.OfMember(ctx, id); err != nil {
		return has, fmt.Errorf("holds of a person: %w", err)
	}
	if has.loans, err = f.Store.Holds.Loans(ctx, id); err != nil {
		return has, fmt.Errorf("loans of a person: %w", err)
	}
	if has.registrations, err = f.Store.Activities.OfMember(ctx, id); err != nil {
		return has, fmt.Errorf("registrations of a person: %w", err)
	}
	has.holds = has.holds[:min(len(has.holds), shownAffairs)]
	has.loans = has.loans[:min(len(has.loans), shownAffairs)]
	has.registrations = has.registrations[:min(len(has.registrations), shownAffairs)]
	ids := make([]store.TitleID, 0, len(has.holds)+len(has.loans))
	for _, h := range has.holds {
		ids = append(ids, h.Title)
	}
	for _, l := range has.loans {
		ids = append(ids, l.Title)
	}
	has.titles, err = f.titlesOf(ctx, ids)
	return has, err
}

// listAffairs writes the three lists, numbered through, and makes the buttons
// that open each: what can be done with a hold or a loan is done at the desk's cards.
func (f people) listAffairs(ctx context.Context, p *messages.Printer, m store.Member, has affairs) ([]chat.HTML, []chat.Button, error) {
	var holds, loans, trainings []chat.HTML
	var buttons []chat.Button
	for _, h := range has.holds {
		state, err := f.staffHoldLine(ctx, p, h)
		if err != nil {
			return nil, nil, err
		}
		n, name := len(buttons)+1, has.titles[h.Title].Name
		holds = append(holds, p.HTML("people.entry", "number", n, "what", short(name, 80), "state", state))
		buttons = append(buttons, numbered(n, name, "dhold", string(h.ID)))
	}
	for _, l := range has.loans {
		key := "people.due"
		if !l.DueAt.After(f.Now()) {
			key = "people.overdue"
		}
		n, name := len(buttons)+1, has.titles[l.Title].Name
		state := p.HTML(key, "day", p.DayAndWeekday(f.local(l.DueAt)))
		loans = append(loans, p.HTML("people.entry", "number", n, "what", short(name, 80), "state", state))
		buttons = append(buttons, numbered(n, name, "dloan", string(l.ID)))
	}
	for _, reg := range has.registrations {
		x, err := f.Store.Activities.Get(ctx, reg.Activity)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("activity of a person: %w", err)
		}
		n, name := len(buttons)+1, activityName(p, x)
		trainings = append(trainings, p.HTML("people.entry", "number", n, "what", short(name, 80), "state", f.placeLine(p, x, reg)))
		buttons = append(buttons, numbered(n, name, "preg", string(m.ID), string(x.ID)))
	}
	var list []chat.HTML
	for _, part := range []struct {
		head  chat.HTML
		items []chat.HTML
	}{{p.HTML("people.holds"), holds}, {p.HTML("people.loans"), loans}, {p.HTML("people.trainings"), trainings}} {
		if len(part.items) > 0 {
			list = append(list, lines(append([]chat.HTML{part.head}, part.items...)...))
		}
	}
	if len(list) == 0 && m.Role.AtLeast(store.RoleMember) {
		list = []chat.HTML{p.HTML("people.nothing")}
	}
	return list, buttons, nil
}

// staffHoldLine is a hold's state as staff read it.
func (f people) staffHoldLine(ctx context.Context, p *messages.Printer, h store.Hold) (chat.HTML, error) {
	if h.State == store.HoldPlaced {
		return p.HTML("people.hold_placed", "position", max(1, h.Position)), nil
	}
	place, err := f.placeName(ctx, p, h.Pickup)
	if err != nil {
		return "", err
	}
	switch h.State {
	case store.HoldAllocated:
		return p.HTML("people.hold_allocated", "place", place), nil
	case store.HoldInTransit:
		return p.HTML("people.hold_in_transit", "place", place), nil
	case store.HoldReady:
		return p.HTML("people.hold_ready", "place", place, "day", p.Day(f.local(h.Deadline))), nil
	case store.HoldPlaced, store.HoldCollected, store.HoldCancelled, store.HoldExpired, store.HoldUnfilled:
	}
	return "", nil
}

// placeLine is when an activity is, and whether somebody has a seat in it.
func (f people) placeLine(p *messages.Printer, x store.Activity, reg store.Registration) chat.HTML {
	start := f.local(x.Start())
	when := p.DayAndTime(start)
	if reg.State == store.Confirmed {
		return p.HTML("people.has_seat", "when", when)
	}
	return p.HTML("people.waits", "when", when, "position", max(1, reg.Position))
}
