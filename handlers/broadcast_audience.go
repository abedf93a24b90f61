package handlers

import (
	"context"
	"slices"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// What becomes of a criterion that was chosen; it travels in buttons.
const (
	sideOnly = "q" // it is the whole audience
	sideAll  = "a" // who gets it must meet it, too
	sideNot  = "n" // who meets it does not get it
)

// mostCriteria is how many an audience may have: more cannot be read on a phone.
const mostCriteria = 10

// whom asks for the audience again.
func (b broadcasts) whom(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return b.askWhom(r, x), nil
}

// askWhom offers the usual audiences in one tap, and all others behind one more.
func (b broadcasts) askWhom(r chat.Request, x store.Broadcast) chat.Reply {
	p := b.words(r)
	id := string(x.ID)
	only := func(label string, kind store.AudienceKind, ref string) chat.Button {
		return chat.Press(label, "bset", id, sideOnly, string(kind), ref)
	}
	pick := func(key string, kind store.AudienceKind) chat.Button {
		return chat.Press(p.Plain(key), "bref", id, sideOnly, string(kind), "0")
	}
	var languages []chat.Button
	for _, lang := range messages.Languages() {
		languages = append(languages, only(p.Plain("language."+lang), store.AudienceLanguage, lang))
	}
	state := (&chat.State{Dialogue: broadcastDialogue}).With(stepWhom, broadcastOf, id)
	return chat.Change(r, p.HTML("broadcast.whom"),
		chat.Row(chat.Press(p.Plain("broadcast.to_all"), "bevery", id, "1"), only(p.Plain("broadcast.to_members"), store.AudienceMembers, "")),
		languages,
		chat.Row(pick("broadcast.to_followers", store.AudienceFollowers), pick("broadcast.to_activity", store.AudienceParticipants)),
		chat.Row(chat.Press(p.Plain("audience.combine"), "baud", id), chat.Press(p.Plain("draft.more"), "bcast", id)),
		chat.Row(chat.Press(p.Plain("common.cancel"), "bdrop", id)),
	).Then(state)
}

// audience lists the criteria, each to be removed with one tap, and how many meet them.
func (b broadcasts) audience(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return b.audienceCard(ctx, r, x)
}

func (b broadcasts) audienceCard(ctx context.Context, r chat.Request, x store.Broadcast) (chat.Reply, error) {
	p := b.words(r)
	id := string(x.ID)
	count, err := b.Store.Broadcasts.CountAudience(ctx, x.Audience)
	if err != nil {
		return fail("count an audience", err)
	}
	text := []chat.HTML{p.HTML("audience.head")}
	var rows [][]chat.Button
	list := func(head chat.HTML, mark, side string, criteria []store.Criterion) {
		if len(criteria) == 0 {
			return
		}
		part := []chat.HTML{head}
		for _, c := range criteria {
			name := b.criterionName(ctx, p, c)
			part = append(part, p.HTML("audience.item", "mark", mark, "name", name))
			rows = append(rows, chat.Row(chat.Press("✖️ "+clip(capital(name), 40), "bunset", id, side, string(c.Kind), c.Ref)))
		}
		text = append(text, lines(part...))
	}
	if len(x.Audience.All) == 0 {
		text = append(text, p.HTML("audience.everybody"))
	}
	list(p.HTML("audience.meets_all"), "✅", sideAll, x.Audience.All)
	list(p.HTML("audience.but_not"), "🚫", sideNot, x.Audience.Not)
	text = append(text, countLines(p, count))
	rows = append(rows, chat.Row(
		chat.Press(p.Plain("audience.add"), "bkind", id, sideAll), chat.Press(p.Plain("audience.exclude"), "bkind", id, sideNot)))
	if len(x.Audience.All)+len(x.Audience.Not) > 0 {
		rows = append(rows, chat.Row(chat.Press(p.Plain("audience.clear"), "bevery", id, "0")))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("audience.ready"), "bcast", id)))
	return leaving(r, chat.Change(r, paragraphs(text...), rows...), broadcastDialogue), nil
}

// countLines says how many will get it, how many will not and why, and how many later.
func countLines(p *messages.Printer, n store.AudienceCount) chat.HTML {
	text := []chat.HTML{p.HTML("broadcast.recipients", "n", n.Count)}
	if n.Quiet > 0 {
		text = append(text, p.HTML("broadcast.after_quiet", "n", n.Quiet))
	}
	if n.LeftOut > 0 {
		text = append(text, p.HTML("broadcast.left_out", "n", n.LeftOut))
	}
	return lines(text...)
}

// toEverybody takes all criteria away. With a second argument of "1" it goes on to the preview.
func (b broadcasts) toEverybody(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.edited(ctx, r, func(x *store.Broadcast) { x.Audience = store.Audience{} }, func(x store.Broadcast) (chat.Reply, error) {
		if r.Arg(1) == "1" {
			return b.previewed(ctx, r, x)
		}
		return b.audienceCard(ctx, r, x)
	})
}

// setCriterion takes a criterion on. Arguments: the broadcast, the side, the kind, what it refers to.
func (b broadcasts) setCriterion(ctx context.Context, r chat.Request) (chat.Reply, error) {
	c := store.Criterion{Kind: store.AudienceKind(r.Arg(2)), Ref: r.Arg(3)}
	side := r.Arg(1)
	if !slices.Contains([]string{sideOnly, sideAll, sideNot}, side) || !(store.Audience{All: []store.Criterion{c}}).Valid() {
		return fail("choose an audience", chat.ErrBadData)
	}
	change := func(x *store.Broadcast) {
		if a := withCriterion(x.Audience, side, c); len(a.All)+len(a.Not) <= mostCriteria {
			x.Audience = a
		}
	}
	return b.edited(ctx, r, change, func(x store.Broadcast) (chat.Reply, error) {
		if side == sideOnly {
			return b.previewed(ctx, r, x)
		}
		reply, err := b.audienceCard(ctx, r, x)
		if !slices.Contains(append(slices.Clone(x.Audience.All), x.Audience.Not...), c) {
			reply.Toast, reply.Alert = b.words(r).Plain("audience.full"), true
		}
		return reply, err
	})
}

// withCriterion is an audience with one more criterion. A person has one language and one organisation, so that another
// one of these takes the place of the first; and nothing is both asked for and excluded.
func withCriterion(a store.Audience, side string, c store.Criterion) store.Audience {
	if side == sideOnly {
		return store.Audience{All: []store.Criterion{c}}
	}
	a = withoutCriterion(withoutCriterion(a, sideAll, c), sideNot, c)
	if side == sideNot {
		a.Not = append(a.Not, c)
		return a
	}
	single := c.Kind == store.AudienceLanguage || c.Kind == store.AudienceOrganisation || c.Kind == store.AudienceSilent
	if single {
		a.All = slices.DeleteFunc(a.All, func(other store.Criterion) bool { return other.Kind == c.Kind })
	}
	a.All = append(a.All, c)
	return a
}

func withoutCriterion(a store.Audience, side string, c store.Criterion) store.Audience {
	same := func(other store.Criterion) bool { return other == c }
	if side == sideNot {
		a.Not = slices.DeleteFunc(slices.Clone(a.Not), same)
		return a
	}
	a.All = slices.DeleteFunc(slices.Clone(a.All), same)
	return a
}

// dropCriterion takes one off again; one that is off already changes nothing.
func (b broadcasts) dropCriterion(ctx context.Context, r chat.Request) (chat.Reply, error) {
	c := store.Criterion{Kind: store.AudienceKind(r.Arg(2)), Ref: r.Arg(3)}
	change := func(x *store.Broadcast) { x.Audience = withoutCriterion(x.Audience, r.Arg(1), c) }
	return b.edited(ctx, r, change, func(x store.Broadcast) (chat.Reply, error) { return b.audienceCard(ctx, r, x) })
}
