package handlers

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// months is the calendar: a month's activities and the days on which the van goes out.
type months struct{ *App }

func (c months) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "calendar", Aliases: map[string][]string{"lt": {"kalendorius"}, "lv": {"kalendars"}},
		Role: chat.Guest, Help: "calendar.help", Group: true, View: true, Handler: c.show,
	})
	r.Action(chat.Action{Name: "calendar", Role: chat.Guest, Group: true, View: true, Handler: c.show})
}

const monthForm = "200601" // a month in callback data

// Bounds of a month's page.
const (
	calendarShown = 12 // activities with a button of their own
	monthsAhead   = 24
)

// show is a month, the present one when none is named.
func (c months) show(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := c.words(r)
	month := c.monthArg(r)
	next := month.AddDate(0, 1, 0)
	list, err := c.Store.Activities.Between(ctx, month, next)
	if err != nil {
		return fail("calendar", err)
	}
	vanDays, err := c.vanDays(ctx, month, next)
	if err != nil {
		return fail("calendar", err)
	}
	mine, err := c.myRegistrations(ctx, r)
	if err != nil {
		return fail("calendar", err)
	}
	var events []chat.HTML
	var buttons []chat.Button
	for i, x := range list[:min(len(list), calendarShown)] {
		start := c.local(firstIn(x, month, next))
		events = append(events, p.HTML("calendar.item", "day", p.ShortWeekday(start)+" "+strconv.Itoa(start.Day()),
			"clock", p.Clock(start), "name", stateMark(mine[x.ID].State)+activityName(p, x)))
		buttons = append(buttons, numbered(i+1, activityName(p, x), "training", string(x.ID)))
	}
	if rest := len(list) - calendarShown; rest > 0 {
		events = append(events, p.HTML("calendar.more", "n", rest))
	}
	if len(list) == 0 {
		events = append(events, p.HTML("calendar.no_events"))
	}
	van := p.HTML("calendar.no_van")
	var days []chat.Button
	if len(vanDays) > 0 {
		van = p.HTML("calendar.van")
	}
	for _, day := range vanDays {
		days = append(days, chat.Press(p.ShortWeekday(day)+" "+strconv.Itoa(day.Day()), "vday", day.Format(dayForm)))
	}
	rows := append(chat.Columns(1, buttons...), chat.Columns(5, days...)...)
	rows = append(rows, c.turn(p, month))
	return chat.Change(r, paragraphs(p.HTML("calendar.title", "month", p.Month(month)), lines(events...), van), rows...), nil
}

// turn is the row that turns the months.
func (c months) turn(p *messages.Printer, month time.Time) []chat.Button {
	now := c.today()
	this := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, c.Zone)
	var row []chat.Button
	if month.After(this) {
		before := month.AddDate(0, -1, 0)
		row = append(row, chat.Press("‹ "+p.Month(before), "calendar", before.Format(monthForm)))
	}
	if after := month.AddDate(0, 1, 0); after.Before(this.AddDate(0, monthsAhead, 0)) {
		row = append(row, chat.Press(p.Month(after)+" ›", "calendar", after.Format(monthForm)))
	}
	return row
}

// monthArg reads the month of a button; one that is forged or past is the present one.
func (c months) monthArg(r chat.Request) time.Time {
	now := c.today()
	this := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, c.Zone)
	month, err := time.ParseInLocation(monthForm, r.Arg(0), c.Zone)
	if err != nil || month.Before(this) || month.After(this.AddDate(0, monthsAhead, 0)) {
		return this
	}
	return month
}

// vanDays lists the days of a month, from today on, on which the van goes out.
func (c months) vanDays(ctx context.Context, from, to time.Time) ([]time.Time, error) {
	const longest = 31
	if now := c.today(); from.Before(now) {
		from = now
	}
	list, err := c.Store.Van.NextDays(ctx, from, longest)
	if err != nil {
		return nil, fmt.Errorf("van days: %w", err)
	}
	var days []time.Time
	for _, day := range list {
		if day = c.local(day); day.Before(to) {
			days = append(days, day)
		}
	}
	return days, nil
}

// firstIn is the start of an activity's first session in [from, to).
func firstIn(x store.Activity, from, to time.Time) time.Time {
	for _, s := range x.Sessions {
		if !s.Start.Before(from) && s.Start.Before(to) {
			return s.Start
		}
	}
	return x.Start()
}
