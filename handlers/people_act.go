package handlers

import (
	"context"
	"errors"
	"fmt"

	"versli/bot/chat"
	"versli/store"
)

// refusals says, to staff who act for somebody, why it could not be done.
func refusals() []struct {
	err error
	key string
} {
	return []struct {
		err error
		key string
	}{
		{store.ErrNotMember, "people.not_member"},
		{store.ErrAlreadyHeld, "people.has_it"},
		{store.ErrTooManyHolds, "people.too_many"},
		{store.ErrNoCopies, "people.no_copies"},
		{store.ErrAlreadyIn, "people.in_already"},
		{store.ErrClosed, "error.closed"},
		{store.ErrStale, "people.moved_on"},
	}
}

// acted shows the person after something was done for them, or why it was not.
func (f people) acted(ctx context.Context, r chat.Request, id store.MemberID, done string, failure error) (chat.Reply, error) {
	p := f.words(r)
	if failure == nil {
		reply, err := f.card(ctx, r, id)
		return reply.WithToast(p.Plain(done)), err
	}
	for _, x := range refusals() {
		if errors.Is(failure, x.err) {
			reply, err := f.card(ctx, r, id)
			reply.Toast, reply.Alert = p.Plain(x.key), true
			return reply, err
		}
	}
	return fail("act for a person", failure)
}

// askBook asks which book is wanted.
func (f people) askBook(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	m, err := f.Store.Members.Get(ctx, store.MemberID(r.Arg(0)))
	if err != nil {
		return fail("book for a person", err)
	}
	if !m.Role.AtLeast(store.RoleMember) {
		return f.acted(ctx, r, m.ID, "", store.ErrNotMember)
	}
	reply := chat.Change(r, p.HTML("people.ask_book", "name", m.Name), chat.Row(chat.Press(p.Plain("common.back"), "person", string(m.ID))))
	return reply.Then((&chat.State{Dialogue: bookForDialogue}).With("text", "member", string(m.ID))), nil
}

func (f people) bookTyped(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id := store.MemberID(r.State.Data["member"])
	query := cutQuery(r.Text)
	if r.Kind != chat.KindText || !searchable(query) {
		p := f.words(r)
		return chat.Say(p.HTML("search.nothing_to_search"), chat.Row(chat.Press(p.Plain("common.back"), "person", string(id)))), nil
	}
	return f.books(ctx, r, id, finding{text: query})
}

// turn opens a page of what was found. Arguments: the member, what was looked for, the offset.
func (f people) turn(ctx context.Context, r chat.Request) (chat.Reply, error) {
	query := cutQuery(r.Arg(1))
	if !searchable(query) {
		return fail("books for a person", chat.ErrBadData)
	}
	return f.books(ctx, r, store.MemberID(r.Arg(0)), finding{text: query, offset: min(lastOffset, offsetArg(r, 2, searchPage))})
}

// books lists titles to reserve for somebody.
func (f people) books(ctx context.Context, r chat.Request, id store.MemberID, q finding) (chat.Reply, error) {
	p := f.words(r)
	m, err := f.Store.Members.Get(ctx, id)
	if err != nil {
		return fail("books for a person", err)
	}
	back := chat.Row(chat.Press(p.Plain("common.back"), "person", string(id)))
	found := f.Index.Search(q.query())
	if len(found.Hits) == 0 && q.offset > 0 {
		q = q.first()
		found = f.Index.Search(q.query())
	}
	if len(found.Hits) == 0 {
		return chat.Change(r, p.HTML("people.no_book", "query", q.text), back), nil
	}
	ids := make([]store.TitleID, len(found.Hits))
	for i, h := range found.Hits {
		ids[i] = h.ID
	}
	titles, err := f.Store.Titles.Many(ctx, ids)
	if err != nil {
		return fail("books for a person", err)
	}
	shelves, err := f.Store.Titles.ManyShelves(ctx, ids)
	if err != nil {
		return fail("books for a person", err)
	}
	items := []chat.HTML{p.HTML("people.choose_book", "name", m.Name)}
	var buttons []chat.Button
	for i, t := range titles {
		n := q.offset + i + 1
		items = append(items, p.HTML("search.item", "number", n, "title", short(t.Name, 90), "by", byline(t)), availability(p, shelves[t.ID]))
		buttons = append(buttons, numbered(n, t.Name, "pplace", string(id), string(t.ID), "0"))
	}
	rows := append(chat.Columns(2, buttons...), pager(p, q.offset, searchPage, min(found.Total, lastOffset), "pfind", string(id), q.text)...)
	return chat.Change(r, lines(items...), append(rows, back)...), nil
}

// choosePlace asks where somebody will pick a title up. Arguments: the member, the title, the offset among the stops.
func (f people) choosePlace(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	m, err := f.Store.Members.Get(ctx, store.MemberID(r.Arg(0)))
	if err != nil {
		return fail("pickup for a person", err)
	}
	title, err := f.Store.Titles.Get(ctx, store.TitleID(r.Arg(1)))
	if err != nil {
		return fail("pickup for a person", err)
	}
	locations, err := f.Store.Titles.Locations(ctx)
	if err != nil {
		return fail("pickup for a person", err)
	}
	stops, err := f.Store.Van.Stops(ctx, "")
	if err != nil {
		return fail("pickup for a person", err)
	}
	put := func(label string, place string) []chat.Button {
		return chat.Row(chat.Press(label, "pput", string(m.ID), string(title.ID), place))
	}
	var rows [][]chat.Button
	for _, l := range locations {
		if !l.Van {
			rows = append(rows, put("🏛 "+short(locationName(p, l), 50), string(l.ID)))
		}
	}
	page, offset := window(stops, offsetArg(r, 2, stopsPage), stopsPage)
	for _, s := range page {
		rows = append(rows, put("🚐 "+short(stopLabel(s), 50), string(s.ID)))
	}
	rows = append(rows, pager(p, offset, stopsPage, len(stops), "pplace", string(m.ID), string(title.ID))...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "pbook", string(m.ID))))
	return chat.Change(r, p.HTML("people.choose_place", "title", short(title.Name, 120), "name", m.Name), rows...), nil
}

// reserve places the hold and shows the person with it.
func (f people) reserve(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id, place := store.MemberID(r.Arg(0)), store.Place(r.Arg(2))
	err := holds(f).isPickup(ctx, place)
	if err == nil {
		_, err = f.Store.Holds.Place(ctx, f.op(r), store.TitleID(r.Arg(1)), id, place)
	}
	reply, err := f.acted(ctx, r, id, "people.reserved", err)
	return leaving(r, reply, bookForDialogue), err
}

// chooseTraining lists what somebody can be registered for. Arguments: the member, the offset.
func (f people) chooseTraining(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	m, err := f.Store.Members.Get(ctx, store.MemberID(r.Arg(0)))
	if err != nil {
		return fail("training for a person", err)
	}
	offset := offsetArg(r, 1, pageSize)
	list, total, err := f.Store.Activities.Upcoming(ctx, f.Now(), offset, pageSize)
	if err == nil && len(list) == 0 && offset > 0 {
		offset = 0
		list, total, err = f.Store.Activities.Upcoming(ctx, f.Now(), 0, pageSize)
	}
	if err != nil {
		return fail("training for a person", err)
	}
	mine, err := f.mine(ctx, m.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	text := []chat.HTML{p.HTML("people.choose_training", "name", m.Name)}
	if total == 0 {
		text = append(text, p.HTML("training.none"))
	}
	var buttons []chat.Button
	for i, x := range list {
		seats, err := f.Store.Activities.Seats(ctx, x.ID)
		if err != nil {
			return fail("training for a person", err)
		}
		action, state := "pjoin", seatsLine(p, seats)
		if reg, in := mine[x.ID]; in {
			action, state = "preg", f.placeLine(p, x, reg)
		}
		start := f.local(x.Start())
		text = append(text, p.HTML("training.item", "i", offset+i+1, "name", activityName(p, x),
			"when", p.DayAndTime(start), "state", state))
		buttons = append(buttons, numbered(offset+i+1, stateMark(mine[x.ID].State)+activityName(p, x), action, string(m.ID), string(x.ID)))
	}
	rows := append(chat.Columns(1, buttons...), pager(p, offset, pageSize, total, "ptrain", string(m.ID))...)
	return chat.Change(r, paragraphs(text...), append(rows, chat.Row(chat.Press(p.Plain("common.back"), "person", string(m.ID))))...), nil
}

func (f people) registerFor(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id := store.MemberID(r.Arg(0))
	reg, err := f.Store.Activities.Register(ctx, f.op(r), store.ActivityID(r.Arg(1)), id)
	done := "people.registered"
	if reg.State == store.Waitlisted {
		done = "people.waitlisted"
	}
	return f.acted(ctx, r, id, done, err)
}

// registrationOf reads a registration out of a button. ErrStale when it is gone.
func (f people) registrationOf(ctx context.Context, r chat.Request) (x store.Activity, reg store.Registration, err error) {
	if x, err = f.Store.Activities.Get(ctx, store.ActivityID(r.Arg(1))); err != nil {
		return x, reg, fmt.Errorf("activity of a registration: %w", err)
	}
	reg, err = f.Store.Activities.Registration(ctx, x.ID, store.MemberID(r.Arg(0)))
	if errors.Is(err, store.ErrNotFound) {
		return x, reg, store.ErrStale
	}
	if err != nil {
		return x, reg, fmt.Errorf("registration: %w", err)
	}
	return x, reg, nil
}

// registration shows somebody's place in an activity.
func (f people) registration(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p, id := f.words(r), store.MemberID(r.Arg(0))
	x, reg, err := f.registrationOf(ctx, r)
	if err != nil {
		return f.acted(ctx, r, id, "", err)
	}
	m, err := f.Store.Members.Get(ctx, id)
	if err != nil {
		return fail("registration", err)
	}
	text := lines(p.HTML("people.registration", "training", activityName(p, x), "name", m.Name), f.placeLine(p, x, reg),
		optional(p, "training.where", "venue", x.Venue))
	return chat.Change(r, text,
		chat.Row(chat.Press(p.Plain("people.unregister"), "pleave", string(id), string(x.ID)),
			chat.Press(p.Plain("training.open"), "training", string(x.ID))),
		chat.Row(chat.Press(p.Plain("common.back"), "person", string(id)))), nil
}

// unregister asks, then gives somebody's place up: the first who waits gets it at once.
func (f people) unregister(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id := store.MemberID(r.Arg(0))
	if r.Arg(2) == "yes" {
		_, err := f.Store.Activities.Unregister(ctx, f.op(r), store.ActivityID(r.Arg(1)), id)
		if errors.Is(err, store.ErrNotFound) {
			err = store.ErrStale
		}
		return f.acted(ctx, r, id, "people.unregistered", err)
	}
	x, _, err := f.registrationOf(ctx, r)
	if err != nil {
		return f.acted(ctx, r, id, "", err)
	}
	m, err := f.Store.Members.Get(ctx, id)
	if err != nil {
		return fail("unregister a person", err)
	}
	p := f.words(r)
	return chat.Change(r, p.HTML("people.ask_unregister", "name", m.Name, "training", activityName(p, x)), chat.Row(
		chat.Press(p.Plain("common.yes"), "pleave", string(id), string(x.ID), "yes"),
		chat.Press(p.Plain("common.no"), "preg", string(id), string(x.ID)))), nil
}
