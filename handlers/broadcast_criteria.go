package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// criterionKinds are what people can be chosen by, in the order of the list.
func criterionKinds() []store.AudienceKind {
	return []store.AudienceKind{
		store.AudienceMembers, store.AudienceLanguage, store.AudienceOrganisation, store.AudienceTopic, store.AudienceFollowers,
		store.AudienceRoute, store.AudienceParticipants, store.AudienceWaitlist, store.AudienceSilent,
	}
}

// silences are the months of silence to choose from.
func silences() []string { return []string{"1", "3", "6", "12", "24"} }

// kinds lists what people can be chosen or left out by. Arguments: the broadcast, the side.
func (b broadcasts) kinds(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	id, side := r.Arg(0), r.Arg(1)
	if side != sideAll && side != sideNot {
		return fail("choose an audience", chat.ErrBadData)
	}
	var buttons []chat.Button
	for _, kind := range criterionKinds() {
		label := p.Plain("audience.kind_" + string(kind))
		if kind == store.AudienceMembers {
			buttons = append(buttons, chat.Press(label, "bset", id, side, string(kind), ""))
			continue
		}
		buttons = append(buttons, chat.Press(label, "bref", id, side, string(kind), "0"))
	}
	head := p.HTML("audience.by")
	if side == sideNot {
		head = p.HTML("audience.except")
	}
	return b.ifEditable(ctx, r, head, append(chat.Columns(2, buttons...), chat.Row(chat.Press(p.Plain("common.back"), "baud", id))))
}

// ifEditable shows a choice for a draft or a scheduled one; for any other its present state.
func (b broadcasts) ifEditable(ctx context.Context, r chat.Request, text chat.HTML, rows [][]chat.Button) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return chat.Change(r, text, rows...), nil
}

// refs lists what a criterion of a kind can refer to, a page at a time. Arguments: the broadcast, the side, the kind, the offset.
func (b broadcasts) refs(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	id, side, kind := r.Arg(0), r.Arg(1), store.AudienceKind(r.Arg(2))
	if !slices.Contains([]string{sideOnly, sideAll, sideNot}, side) {
		return fail("choose an audience", chat.ErrBadData)
	}
	list, total, offset, err := b.refsOf(ctx, p, kind, offsetArg(r, 3, pageSize))
	if err != nil {
		return fail("choose an audience", err)
	}
	var rows [][]chat.Button
	for _, o := range list {
		rows = append(rows, chat.Row(chat.Press(clip(o.label, 40), "bset", id, side, string(kind), o.value)))
	}
	rows = append(rows, pager(p, offset, pageSize, total, "bref", id, side, string(kind))...)
	back := chat.Press(p.Plain("common.back"), "bkind", id, side)
	if side == sideOnly {
		back = chat.Press(p.Plain("common.back"), "bwhom", id)
	}
	head := p.HTML("broadcast.pick")
	if total == 0 {
		head = p.HTML("common.nothing")
	}
	return b.ifEditable(ctx, r, head, append(rows, chat.Row(back)))
}

// refsOf is a page of what a kind of criterion can refer to.
func (b broadcasts) refsOf(ctx context.Context, p *messages.Printer, kind store.AudienceKind, offset int) ([]option, int, int, error) {
	var all []option
	switch kind {
	case store.AudienceLanguage:
		for _, lang := range messages.Languages() {
			all = append(all, option{p.Plain("language." + lang), lang})
		}
	case store.AudienceOrganisation:
		for _, k := range organisationKinds() {
			all = append(all, option{capital(p.Plain("kind." + string(k))), string(k)})
		}
	case store.AudienceTopic:
		for _, topic := range store.AllTopics() {
			all = append(all, option{p.Plain("topic." + string(topic)), string(topic)})
		}
	case store.AudienceSilent:
		for _, months := range silences() {
			all = append(all, option{p.Plain("audience.months", "n", number(months)), months})
		}
	case store.AudienceFollowers:
		stops, err := b.Store.Van.Stops(ctx, "")
		if err != nil {
			return nil, 0, 0, fmt.Errorf("list stops: %w", err)
		}
		for _, s := range stops {
			all = append(all, option{stopLabel(s), string(s.ID)})
		}
	case store.AudienceRoute:
		routes, err := b.Store.Van.Routes(ctx)
		if err != nil {
			return nil, 0, 0, fmt.Errorf("list routes: %w", err)
		}
		for _, route := range routes {
			all = append(all, option{route.Name, string(route.ID)})
		}
	case store.AudienceParticipants, store.AudienceWaitlist:
		return b.trainingOptions(ctx, p, offset)
	case store.AudienceMembers:
		return nil, 0, 0, chat.ErrBadData
	default:
		return nil, 0, 0, chat.ErrBadData
	}
	page, from := window(all, offset, pageSize)
	return page, len(all), from, nil
}

// trainingOptions is a page of what is coming, by date.
func (b broadcasts) trainingOptions(ctx context.Context, p *messages.Printer, offset int) ([]option, int, int, error) {
	list, total, err := b.Store.Activities.Upcoming(ctx, b.Now(), offset, pageSize)
	if err == nil && len(list) == 0 && offset > 0 {
		offset = 0
		list, total, err = b.Store.Activities.Upcoming(ctx, b.Now(), 0, pageSize)
	}
	if err != nil {
		return nil, 0, 0, fmt.Errorf("list trainings: %w", err)
	}
	var options []option
	for _, x := range list {
		options = append(options, option{p.Day(b.local(x.Start())) + " " + activityName(p, x), string(x.ID)})
	}
	return options, total, offset, nil
}

// number reads a number that is one of ours; 0 when it is not.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// criterionName says in words whom a criterion means.
func (b broadcasts) criterionName(ctx context.Context, p *messages.Printer, c store.Criterion) string {
	gone := p.Plain("broadcast.name_gone")
	switch c.Kind {
	case store.AudienceMembers:
		return p.Plain("broadcast.name_members")
	case store.AudienceLanguage:
		return p.Plain("broadcast.name_language", "language", p.Plain("language."+c.Ref))
	case store.AudienceOrganisation:
		return p.Plain("audience.name_organisation", "kind", p.Plain("kind."+c.Ref))
	case store.AudienceTopic:
		return p.Plain("audience.name_topic", "topic", p.Plain("topic."+c.Ref))
	case store.AudienceFollowers:
		s, err := b.Store.Van.Stop(ctx, store.StopID(c.Ref))
		if err != nil {
			return gone
		}
		return p.Plain("broadcast.name_followers", "stop", stopLabel(s))
	case store.AudienceRoute:
		route, err := b.Store.Van.Route(ctx, store.RouteID(c.Ref))
		if err != nil {
			return gone
		}
		return p.Plain("audience.name_route", "route", route.Name)
	case store.AudienceParticipants, store.AudienceWaitlist:
		x, err := b.Store.Activities.Get(ctx, store.ActivityID(c.Ref))
		if err != nil {
			return gone
		}
		if c.Kind == store.AudienceWaitlist {
			return p.Plain("audience.name_waitlist", "training", activityName(p, x))
		}
		return p.Plain("broadcast.name_activity", "training", activityName(p, x))
	case store.AudienceSilent:
		return p.Plain("audience.name_silent", "n", number(c.Ref))
	}
	return gone
}

// audienceName says in one line who gets it, and who does not.
func (b broadcasts) audienceName(ctx context.Context, p *messages.Printer, a store.Audience) string {
	names := func(list []store.Criterion, between string) string {
		words := make([]string, len(list))
		for i, c := range list {
			words[i] = b.criterionName(ctx, p, c)
		}
		return strings.Join(words, between)
	}
	who := p.Plain("broadcast.name_all")
	if len(a.All) > 0 {
		who = names(a.All, " + ")
	}
	if len(a.Not) > 0 {
		return p.Plain("audience.name_except", "who", who, "others", names(a.Not, "; "))
	}
	return who
}
