package handlers

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// stopsPage is how many stops the list of pickup places shows at a time.
const stopsPage = 8

// choosePlace asks where to pick a title up: libraries, the stops that the member follows, other stops.
func (h holds) choosePlace(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := h.words(r)
	id := store.TitleID(r.Arg(0))
	title, err := h.Store.Titles.Get(ctx, id)
	if err != nil {
		return fail("reserve", err)
	}
	my, err := h.standing(ctx, r, id)
	if err != nil {
		return chat.Reply{}, err
	}
	if my.hold != nil || my.loan != nil {
		reply, err := h.titleCard(ctx, r, id)
		return reply.WithToast(p.Plain("holds.have_it")), err
	}
	locations, err := h.Store.Titles.Locations(ctx)
	if err != nil {
		return fail("pickup places", err)
	}
	var rows [][]chat.Button
	for _, l := range locations {
		if !l.Van {
			rows = append(rows, chat.Row(chat.Press("🏛 "+short(locationName(p, l), 50), "pick", string(id), string(l.ID))))
		}
	}
	followed, err := h.Store.Van.Following(ctx, h.me(r))
	if err != nil {
		return fail("followed stops", err)
	}
	buttons, err := h.stopButtons(ctx, p, id, followed)
	if err != nil {
		return chat.Reply{}, err
	}
	rows = append(rows, buttons...)
	all, err := h.Store.Van.Stops(ctx, "")
	if err != nil {
		return fail("stops", err)
	}
	if len(all) > len(followed) {
		label := p.Plain("holds.stops")
		if len(followed) > 0 {
			label = p.Plain("holds.other_stops")
		}
		rows = append(rows, chat.Row(chat.Press(label, "stops4", string(id), "0")))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "title", r.Args...)))
	return chat.Change(r, p.HTML("holds.choose", "title", short(title.Name, 120)), rows...), nil
}

// stopButtons offers stops with the day on which the van can bring a book there.
func (h holds) stopButtons(ctx context.Context, p *messages.Printer, id store.TitleID, stops []store.Stop) ([][]chat.Button, error) {
	var rows [][]chat.Button
	for _, s := range stops {
		visit, ok, err := h.delivery(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		label := "🚐 " + short(stopLabel(s), 34)
		if ok {
			label += " · " + p.Day(h.local(visit.Arrival))
		}
		rows = append(rows, chat.Row(chat.Press(label, "pick", string(id), string(s.ID))))
	}
	return rows, nil
}

// chooseStop lists the stops that the member does not follow.
func (h holds) chooseStop(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := h.words(r)
	title, err := h.Store.Titles.Get(ctx, store.TitleID(r.Arg(0)))
	if err != nil {
		return fail("reserve", err)
	}
	stops, err := h.Store.Van.Stops(ctx, "")
	if err != nil {
		return fail("stops", err)
	}
	followed, err := h.Store.Van.Following(ctx, h.me(r))
	if err != nil {
		return fail("followed stops", err)
	}
	stops = slices.DeleteFunc(stops, func(s store.Stop) bool {
		return slices.ContainsFunc(followed, func(f store.Stop) bool { return f.ID == s.ID })
	})
	total := len(stops)
	page, offset := window(stops, offsetArg(r, 1, stopsPage), stopsPage)
	rows, err := h.stopButtons(ctx, p, title.ID, page)
	if err != nil {
		return chat.Reply{}, err
	}
	rows = append(rows, pager(p, offset, stopsPage, total, "stops4", string(title.ID))...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "reserve", string(title.ID))))
	return chat.Change(r, p.HTML("holds.choose_stop", "title", short(title.Name, 120)), rows...), nil
}

// place reserves. A second tap finds the title held at that very place, and is told the same as the first.
func (h holds) place(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id, pickup := store.TitleID(r.Arg(0)), store.Place(r.Arg(1))
	if err := h.isPickup(ctx, pickup); err != nil {
		return chat.Reply{}, err
	}
	hold, err := h.Store.Holds.Place(ctx, h.op(r), id, h.me(r), pickup)
	if errors.Is(err, store.ErrAlreadyHeld) {
		held, err := h.Store.Holds.Of(ctx, id, h.me(r))
		if err == nil && held.Pickup == pickup && held.State.Open() {
			return h.placed(ctx, r, held)
		}
		reply, err := h.titleCard(ctx, r, id)
		return reply.WithToast(h.words(r).Plain("holds.have_it")), err
	}
	if err != nil {
		return fail("reserve", err)
	}
	if isStop(pickup) { // who waits at a stop is told when the van comes, is late, or does not come
		if err := h.Store.Van.Follow(ctx, h.op(r), store.StopID(pickup), h.me(r), true); err != nil {
			return fail("follow the pickup stop", err)
		}
	}
	return h.placed(ctx, r, hold)
}

// placed says what happens next, or the place in the queue.
func (h holds) placed(ctx context.Context, r chat.Request, hold store.Hold) (chat.Reply, error) {
	p := h.words(r)
	title, err := h.titleName(ctx, p, hold.Title)
	if err != nil {
		return chat.Reply{}, err
	}
	where, err := h.placeName(ctx, p, hold.Pickup)
	if err != nil {
		return chat.Reply{}, err
	}
	next, err := h.whatNext(ctx, p, hold)
	if err != nil {
		return chat.Reply{}, err
	}
	head := p.HTML("holds.reserved", "title", title)
	var place, following chat.HTML
	if isStop(hold.Pickup) {
		following = p.HTML("van.following")
	}
	if hold.State == store.HoldPlaced {
		head = p.HTML("holds.queued", "title", title)
		place = p.HTML("holds.placed", "position", strconv.Itoa(max(1, hold.Position)))
	}
	return chat.Change(r, paragraphs(head, lines(place, p.HTML("holds.pickup", "place", where)), lines(next, following)),
		chat.Row(chat.Press(p.Plain("holds.cancel"), "unhold", string(hold.ID)), chat.Press(p.Plain("holds.all"), "holds")),
		chat.Row(chat.Press(p.Plain("holds.book"), "title", string(hold.Title)))), nil
}

// isPickup refuses a forged or vanished pickup place. The van is none: its stops are.
func (h holds) isPickup(ctx context.Context, place store.Place) error {
	if isStop(place) {
		_, err := h.Store.Van.Stop(ctx, store.StopID(place))
		return err
	}
	l, err := h.Store.Titles.Location(ctx, store.LocationID(place))
	if err == nil && l.Van {
		return store.ErrInvalid
	}
	return err
}
