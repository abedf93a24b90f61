package handlers

import (
	"context"
	"fmt"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

const dayForm = "20060102" // a civil date in callback data

// dayArg reads a civil date; a forged one is ErrBadData.
func (a *App) dayArg(r chat.Request, i int) (time.Time, error) {
	day, err := time.ParseInLocation(dayForm, r.Arg(i), a.Zone)
	if err != nil {
		return time.Time{}, chat.ErrBadData
	}
	return day, nil
}

// today is the present civil day's midnight.
func (a *App) today() time.Time {
	y, m, d := a.local(a.Now()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, a.Zone)
}

// relativeDay names a day: today, tomorrow, else its date.
func (a *App) relativeDay(p *messages.Printer, t time.Time) string {
	day := a.local(t).Format(dayForm)
	switch day {
	case a.today().Format(dayForm):
		return p.Plain("van.today")
	case a.today().AddDate(0, 0, 1).Format(dayForm):
		return p.Plain("van.tomorrow")
	}
	return p.DayAndWeekday(a.local(t))
}

// daysShown is how many days with visits are listed.
const daysShown = 10

// days lists the next days on which the van goes out.
func (v van) days(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := v.words(r)
	days, err := v.Store.Van.NextDays(ctx, v.Now(), daysShown)
	if err != nil {
		return fail("days with visits", err)
	}
	var buttons []chat.Button
	for _, day := range days {
		day = v.local(day)
		buttons = append(buttons, chat.Press(p.ShortWeekday(day)+", "+p.Day(day), "vday", day.Format(dayForm)))
	}
	text := p.HTML("van.days")
	if len(days) == 0 {
		text = p.HTML("van.no_days")
	}
	rows := append(chat.Columns(2, buttons...), chat.Row(chat.Press(p.Plain("common.back"), "van")))
	return chat.Change(r, text, rows...), nil
}

// visitsPage is how many stops of a day a page has.
const visitsPage = 12

// day lists a day's stops by route.
func (v van) day(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := v.words(r)
	day, err := v.dayArg(r, 0)
	if err != nil {
		return fail("day", err)
	}
	visits, err := v.Store.Van.Day(ctx, day)
	if err != nil {
		return fail("day", err)
	}
	text := []chat.HTML{p.HTML("van.day_title", "day", p.Date(day))}
	if len(visits) == 0 {
		text = append(text, p.HTML("van.day_none"))
	}
	page, offset := window(visits, offsetArg(r, 1, visitsPage), visitsPage)
	names, err := v.routeNames(ctx)
	if err != nil {
		return fail("day", err)
	}
	var buttons []chat.Button
	for i, visit := range page {
		if i == 0 || page[i-1].Stop.Route != visit.Stop.Route {
			text = append(text, "", p.HTML("van.day_route", "route", names[visit.Stop.Route]))
		}
		text = append(text, v.dayLine(p, visit, offset+i+1))
		buttons = append(buttons, numbered(offset+i+1, visit.Stop.Community, "stop", string(visit.Stop.ID)))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows, pager(p, offset, visitsPage, len(visits), "vday", day.Format(dayForm))...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "vdays")))
	return chat.Change(r, spaced(text), rows...), nil
}

// dayLine is one stop of a day with its hours.
func (a *App) dayLine(p *messages.Printer, v store.Visit, i int) chat.HTML {
	when := p.Span(a.local(v.Arrival), a.local(v.Departure))
	switch {
	case v.Cancelled:
		return p.HTML("van.day_cancelled", "i", i, "when", when, "stop", stopLabel(v.Stop))
	case v.Delay > 0:
		return p.HTML("van.day_late", "i", i, "when", when, "stop", stopLabel(v.Stop), "n", int(v.Delay.Minutes()))
	}
	return p.HTML("van.day_line", "i", i, "when", when, "stop", stopLabel(v.Stop))
}

// routeNames reads the names of all routes.
func (a *App) routeNames(ctx context.Context) (map[store.RouteID]string, error) {
	routes, err := a.Store.Van.Routes(ctx)
	if err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	names := make(map[store.RouteID]string, len(routes))
	for _, route := range routes {
		names[route.ID] = route.Name
	}
	return names, nil
}

// spaced joins lines, where an empty one stays as a gap.
func spaced(list []chat.HTML) chat.HTML {
	var text chat.HTML
	for i, line := range list {
		if i > 0 {
			text += "\n"
		}
		text += line
	}
	return text
}
