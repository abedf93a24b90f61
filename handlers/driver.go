package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// driver is the day's trip of the van: whom to meet at which stop, and "late", "cancelled", "restored".
type driver struct{ *App }

func (d driver) register(r *chat.Router) {
	r.Action(
		chat.Action{Name: "trip", Role: chat.Driver, View: true, Handler: d.trip},
		chat.Action{Name: "visit", Role: chat.Driver, View: true, Handler: d.visit},
		chat.Action{Name: "vask", Role: chat.Driver, Handler: d.ask},
		chat.Action{Name: "vdo", Role: chat.Driver, Handler: d.do},
	)
}

// trip lists the visits of a day, today's when none is named; when the van rests today, the next day's.
func (d driver) trip(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	day, err := d.tripDay(ctx, r)
	if err != nil {
		return fail("trip", err)
	}
	visits, err := d.Store.Van.Day(ctx, day)
	if err != nil {
		return fail("trip", err)
	}
	text := []chat.HTML{p.HTML("driver.title", "day", p.Date(day))}
	if len(visits) == 0 {
		text = append(text, p.HTML("van.day_none"))
	}
	page, offset := window(visits, offsetArg(r, 1, visitsPage), visitsPage)
	var buttons []chat.Button
	for i, visit := range page {
		holds, err := d.Store.Holds.ForPickup(ctx, store.Place(visit.Stop.ID))
		if err != nil {
			return fail("trip", err)
		}
		line := d.dayLine(p, visit, offset+i+1)
		if len(holds) > 0 {
			line += p.HTML("driver.books", "n", len(holds))
		}
		text = append(text, line)
		buttons = append(buttons, numbered(offset+i+1, visit.Stop.Community, "visit", string(visit.ID)))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows, pager(p, offset, visitsPage, len(visits), "trip", day.Format(dayForm))...)
	others, err := d.otherDays(ctx, p, day)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(others) > 0 {
		rows = append(rows, others)
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "van")))
	return chat.Change(r, spaced(text), rows...), nil
}

// otherDays opens the day of the trip before and of the one after, as far as there are.
func (d driver) otherDays(ctx context.Context, p *messages.Printer, day time.Time) ([]chat.Button, error) {
	const look = 14 // days back; a van that rested longer is found through the timetable
	var row []chat.Button
	for back := 1; back <= look && len(row) == 0; back++ {
		before := day.AddDate(0, 0, -back)
		visits, err := d.Store.Van.Day(ctx, before)
		if err != nil {
			return nil, fmt.Errorf("trip before: %w", err)
		}
		if len(visits) > 0 {
			row = append(row, chat.Press("‹ "+p.ShortWeekday(before)+" "+strconv.Itoa(before.Day()), "trip", before.Format(dayForm)))
		}
	}
	next, err := d.Store.Van.NextDays(ctx, day.AddDate(0, 0, 1), 1)
	if err != nil {
		return nil, fmt.Errorf("trip after: %w", err)
	}
	for _, t := range next {
		after := d.local(t)
		row = append(row, chat.Press(p.ShortWeekday(after)+" "+strconv.Itoa(after.Day())+" ›", "trip", after.Format(dayForm)))
	}
	return row, nil
}

func (d driver) tripDay(ctx context.Context, r chat.Request) (time.Time, error) {
	if r.Arg(0) != "" && r.Kind == chat.KindPress && r.Action == "trip" {
		return d.dayArg(r, 0)
	}
	days, err := d.Store.Van.NextDays(ctx, d.today(), 1)
	if err != nil {
		return time.Time{}, fmt.Errorf("next trip: %w", err)
	}
	if len(days) == 0 {
		return d.today(), nil
	}
	return d.local(days[0]), nil
}

// visit shows one visit: who collects what there, and what can be told of it.
func (d driver) visit(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return d.visitCard(ctx, r, store.VisitID(r.Arg(0)))
}

func (d driver) visitCard(ctx context.Context, r chat.Request, id store.VisitID) (chat.Reply, error) {
	p := d.words(r)
	v, err := d.Store.Van.Visit(ctx, id)
	if err != nil {
		return fail("visit", err)
	}
	people, handing, err := d.collectors(ctx, p, v.Stop.ID)
	if err != nil {
		return fail("visit", err)
	}
	followers, err := d.Store.Van.Followers(ctx, v.Stop.ID)
	if err != nil {
		return fail("visit", err)
	}
	head := lines(p.HTML("van.stop_title", "stop", stopLabel(v.Stop)), d.visitLine(p, v), p.HTML("driver.followers", "n", followers))
	back := chat.Row(chat.Press(p.Plain("common.back"), "trip", d.local(v.Arrival).Format(dayForm)))
	if !v.Departure.After(d.Now()) {
		return chat.Change(r, paragraphs(head, people, p.HTML("driver.over")), append(handing, back)...), nil
	}
	rows := slices.Concat(handing, d.visitRows(p, v))
	rows = append(rows, chat.Row(chat.Press(p.Plain("desk.scan"), "dscan")), back)
	return chat.Change(r, paragraphs(head, people), rows...), nil
}

// visitRows are what can be told of a visit that is not over.
func (d driver) visitRows(p *messages.Printer, v store.Visit) [][]chat.Button {
	ask := func(label, what string) chat.Button { return chat.Press(label, "vask", string(v.ID), what) }
	if v.Cancelled {
		return [][]chat.Button{chat.Row(ask(p.Plain("driver.restore"), "restore"))}
	}
	var late []chat.Button
	for _, minutes := range delays() {
		late = append(late, ask("+"+strconv.Itoa(minutes)+" min", strconv.Itoa(minutes)))
	}
	rows := [][]chat.Button{late}
	second := chat.Row(ask(p.Plain("driver.cancel"), "cancel"))
	if v.Delay > 0 {
		second = append(second, ask(p.Plain("driver.on_time"), "0"))
	}
	return append(rows, second)
}

// delays are the minutes that can be told with one button, counted from the plan.
func delays() []int { return []int{10, 20, 30, 60} }

// Bounds of a stop's holds: those listed, and those with a button of their own.
const (
	collectorsShown = 25
	handingShown    = 12
)

// collectors lists who collects what at a stop and how to reach them, with a button for each to hand it over.
func (d driver) collectors(ctx context.Context, p *messages.Printer, id store.StopID) (chat.HTML, [][]chat.Button, error) {
	holds, err := d.Store.Holds.ForPickup(ctx, store.Place(id))
	if err != nil {
		return "", nil, fmt.Errorf("holds of a stop: %w", err)
	}
	if len(holds) == 0 {
		return p.HTML("driver.nobody"), nil, nil
	}
	titles, members, err := d.ofHolds(ctx, holds)
	if err != nil {
		return "", nil, err
	}
	text := []chat.HTML{p.HTML("driver.who")}
	var buttons []chat.Button
	for i, h := range holds[:min(len(holds), collectorsShown)] {
		text = append(text, p.HTML("driver.hold", "i", i+1, "title", clip(titles[h.Title].Name, 60), "member", members[h.Member].Name,
			"contact", contact(members[h.Member]), "state", p.HTML("desk.state_"+string(h.State))))
		if i < handingShown {
			buttons = append(buttons, numbered(i+1, members[h.Member].Name, "dhold", string(h.ID)))
		}
	}
	if rest := len(holds) - collectorsShown; rest > 0 {
		text = append(text, p.HTML("driver.more", "n", rest))
	}
	return lines(text...), chat.Columns(2, buttons...), nil
}

// ask asks once before people are told.
func (d driver) ask(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	v, err := d.Store.Van.Visit(ctx, store.VisitID(r.Arg(0)))
	if err != nil {
		return fail("visit", err)
	}
	followers, err := d.Store.Van.Followers(ctx, v.Stop.ID)
	if err != nil {
		return fail("visit", err)
	}
	what := r.Arg(1)
	if !v.Departure.After(d.Now()) || v.Cancelled != (what == "restore") {
		return d.visitCard(ctx, r, v.ID) // of an older message: this is how it stands now
	}
	key, known := map[string]string{"cancel": "driver.ask_cancel", "restore": "driver.ask_restore", "0": "driver.ask_on_time"}[what]
	minutes := numberArg(r, 1)
	if !known {
		if minutes <= 0 || minutes > 600 {
			return fail("visit", chat.ErrBadData)
		}
		key = "driver.ask_late"
	}
	planned := v.Arrival
	if what != "restore" {
		planned = v.Arrival.Add(-v.Delay + time.Duration(minutes)*time.Minute)
	}
	text := p.HTML(key, "stop", stopLabel(v.Stop), "day", d.relativeDay(p, v.Arrival), "minutes", minutes, "clock", p.Clock(d.local(planned)))
	return chat.Change(r, paragraphs(text, p.HTML("driver.told", "n", followers)),
		chat.Row(chat.Press(p.Plain("driver.do"), "vdo", string(v.ID), what), chat.Press(p.Plain("common.no"), "visit", string(v.ID)))), nil
}

// do tells the followers, and shows the visit as it is then.
func (d driver) do(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id := store.VisitID(r.Arg(0))
	v, err := d.Store.Van.Visit(ctx, id)
	if err != nil {
		return fail("change a visit", err)
	}
	if !v.Departure.After(d.Now()) {
		return fail("change a visit", store.ErrStale)
	}
	told := 0
	switch what := r.Arg(1); what {
	case "cancel", "restore":
		told, err = d.Store.Van.CancelVisit(ctx, d.op(r), id, what == "cancel")
	default:
		minutes, bad := strconv.Atoi(what)
		if bad != nil || minutes < 0 || minutes > 600 {
			return fail("change a visit", chat.ErrBadData)
		}
		told, err = d.Store.Van.Delay(ctx, d.op(r), id, time.Duration(minutes)*time.Minute)
	}
	if err != nil {
		return fail("change a visit", err)
	}
	reply, err := d.visitCard(ctx, r, id)
	return reply.WithToast(d.words(r).Plain("driver.done", "n", told)), err
}
