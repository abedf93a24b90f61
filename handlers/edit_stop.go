package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// stopEditing lets librarians add, change and remove a stop of the van.
type stopEditing struct{ *App }

func (e stopEditing) register(r *chat.Router) {
	e.form().register(r)
	r.Action(
		chat.Action{Name: "stops", Role: chat.Librarian, View: true, Handler: e.list},
		chat.Action{Name: "sadd", Role: chat.Librarian, Handler: e.add},
		chat.Action{Name: "sedit", Role: chat.Librarian, Handler: e.edit},
		chat.Action{Name: "sdel", Role: chat.Librarian, Handler: e.remove},
	)
}

func (e stopEditing) form() form {
	return form{App: e.App, name: "sform", preview: e.preview, save: e.save, more: e.more, fields: []field{
		{name: "route", read: readLine(80), choices: e.routes},
		{name: "community", read: readLine(80)},
		{name: "spot", read: readLine(120), optional: true},
		{name: "address", read: readLine(200), optional: true},
		{name: "place", read: readPoint, optional: true},
		{name: "hours", read: readStay},
		{name: "every", choices: everyChoices, columns: 2},
		{name: "weekday", choices: weekdayChoices, columns: 4},
		{name: "start", read: e.readStart, choices: e.starts, columns: 2},
	}}
}

// list shows all stops, a page at a time, to be opened and changed.
func (e stopEditing) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := e.words(r)
	stops, err := e.Store.Van.Stops(ctx, "")
	if err != nil {
		return fail("stops", err)
	}
	page, offset := window(stops, offsetArg(r, 0, stopsShown), stopsShown)
	var buttons []chat.Button
	for _, s := range page {
		buttons = append(buttons, chat.Press(clip(stopLabel(s), 30), "sedit", string(s.ID)))
	}
	rows := append([][]chat.Button{chat.Row(chat.Press(p.Plain("sform.add"), "sadd"))}, chat.Columns(2, buttons...)...)
	rows = append(rows, pager(p, offset, stopsShown, len(stops), "stops")...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "staff")))
	return chat.Change(r, p.HTML("sform.list", "count", len(stops)), rows...), nil
}

func (e stopEditing) add(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return e.form().begin(ctx, r)
}

func (e stopEditing) edit(ctx context.Context, r chat.Request) (chat.Reply, error) {
	s, err := e.Store.Van.Stop(ctx, store.StopID(r.Arg(0)))
	if err != nil {
		return fail("edit stop", err)
	}
	every, weekday := readRule(s)
	return e.form().edit(ctx, r, map[string]string{
		"id": string(s.ID), "route": string(s.Route), "community": s.Community, "spot": s.Name, "address": s.Address,
		"place": writePoint(s.Lat, s.Lon), "hours": writeStay(s.Arrival, s.Departure), "every": every, "weekday": weekday, "start": s.Start,
	})
}

func (e stopEditing) routes(ctx context.Context, _ *messages.Printer, _ map[string]string) ([]option, error) {
	const most = 20
	routes, err := e.Store.Van.Routes(ctx)
	if err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	var list []option
	for _, route := range routes[:min(len(routes), most)] {
		list = append(list, option{route.Name, string(route.ID)})
	}
	return list, nil
}

// readStay takes an arrival and a departure: "10:00–10:45".
func readStay(r chat.Request) (string, bool) {
	from, to, ok := readHours(r.Text)
	return writeStay(from, to), ok && to > from
}

func writeStay(from, to int) string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60)
}

// How often the van comes: every n weeks, or on a month's nth weekday ("m2", "m-1" is the last). A rule that is neither
// (of an imported timetable) stays as it is under "keep".
const (
	everyKeep    = "keep"
	everyMonthly = "m"
)

func everyChoices(_ context.Context, p *messages.Printer, data map[string]string) ([]option, error) {
	var list []option
	for _, v := range []string{"1", "2", "3", "4", "m1", "m2", "m3", "m4", "m-1"} {
		list = append(list, option{p.Plain("sform." + everyKey(v)), v})
	}
	if data["id"] != "" {
		list = append(list, option{p.Plain("sform.every_keep"), everyKeep})
	}
	return list, nil
}

func everyKey(v string) string {
	if n, ok := strings.CutPrefix(v, everyMonthly); ok {
		return "monthly_" + strings.Replace(n, "-1", "last", 1)
	}
	return "every_" + v
}

// weekdayCodes are RFC 5545's weekdays, from Monday.
func weekdayCodes() []string { return []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"} }

func weekdayChoices(_ context.Context, p *messages.Printer, _ map[string]string) ([]option, error) {
	monday := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var list []option
	for i, code := range weekdayCodes() {
		list = append(list, option{p.ShortWeekday(monday.AddDate(0, 0, i)), code})
	}
	return list, nil
}

// starts offers the next dates on the chosen weekday.
func (e stopEditing) starts(_ context.Context, p *messages.Printer, data map[string]string) ([]option, error) {
	const offered, horizon = 4, 28
	var list []option
	for i := range horizon {
		day := e.today().AddDate(0, 0, i)
		if code := weekdayCodes()[(int(day.Weekday())+6)%7]; data["weekday"] != "" && code != data["weekday"] {
			continue
		}
		if len(list) < offered {
			list = append(list, option{p.ShortWeekday(day) + ", " + p.Day(day), day.Format(time.DateOnly)})
		}
	}
	return list, nil
}

func (e stopEditing) readStart(r chat.Request) (string, bool) {
	day, _, ok := readDate(r.Text, e.today())
	return day.Format(time.DateOnly), ok
}

// readRule reads a stop's rule as the form has it.
func readRule(s store.Stop) (every, weekday string) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToUpper(s.Rule), "RRULE:"), ";") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	if start, err := time.Parse(time.DateOnly, s.Start); err == nil {
		weekday = weekdayCodes()[(int(start.Weekday())+6)%7]
	}
	freq, interval, by := parts["FREQ"], parts["INTERVAL"], parts["BYDAY"]
	counts := []string{"1", "2", "3", "4"}
	if interval == "" {
		interval = "1"
	}
	delete(parts, "FREQ")
	delete(parts, "INTERVAL")
	delete(parts, "BYDAY")
	delete(parts, "WKST")
	n, code := strings.TrimRight(by, "MOTUWEHFRSA"), strings.TrimLeft(by, "+-0123456789")
	switch {
	case len(parts) > 0 || len(code) > 2:
	case freq == "WEEKLY" && n == "" && slices.Contains(counts, interval):
		if code != "" {
			weekday = code
		}
		return interval, weekday
	case freq == "MONTHLY" && interval == "1" && (n == "-1" || slices.Contains(counts, n)):
		return everyMonthly + n, code
	}
	return everyKeep, weekday
}

// writeRule is the RRULE of the form's answers.
func writeRule(every, weekday string) string {
	if n, ok := strings.CutPrefix(every, everyMonthly); ok {
		return "FREQ=MONTHLY;BYDAY=" + n + weekday
	}
	return "FREQ=WEEKLY;INTERVAL=" + every + ";BYDAY=" + weekday
}

// filled puts a form's values over a stop. A route that is typed is a name, not an id.
func (e stopEditing) filled(ctx context.Context, s store.Stop, data map[string]string) (_ store.Stop, newRoute string, err error) {
	from, to, _ := readHours(data["hours"])
	s.Community, s.Name, s.Address, s.Arrival, s.Departure = data["community"], data["spot"], data["address"], from, to
	s.Start = data["start"]
	s.Lat, s.Lon = readStoredPoint(data["place"])
	if data["every"] != everyKeep {
		s.Rule = writeRule(data["every"], data["weekday"])
	}
	route, err := e.Store.Van.Route(ctx, store.RouteID(data["route"]))
	switch {
	case err == nil:
		s.Route = route.ID
	case errors.Is(err, store.ErrNotFound):
		newRoute = data["route"]
	default:
		return s, "", fmt.Errorf("route: %w", err)
	}
	return s, newRoute, nil
}

// preview says the stop in words.
func (e stopEditing) preview(ctx context.Context, p *messages.Printer, data map[string]string) (chat.HTML, error) {
	s, route, err := e.filled(ctx, store.Stop{}, data)
	if err != nil {
		return "", err
	}
	if route == "" {
		found, err := e.Store.Van.Route(ctx, s.Route)
		if err != nil {
			return "", fmt.Errorf("route: %w", err)
		}
		route = found.Name
	}
	rule := p.HTML("sform." + everyKey(data["every"]))
	if i := slices.Index(weekdayCodes(), data["weekday"]); i >= 0 && data["every"] != everyKeep {
		day := time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC)
		rule = p.HTML("sform.rule", "every", rule, "weekday", p.Weekday(day))
	}
	first := s.Start
	if day, err := time.Parse(time.DateOnly, s.Start); err == nil {
		first = p.Date(day)
	}
	where := chat.HTML("")
	if data["place"] != "" {
		where = p.HTML("sform.on_map", "point", data["place"])
	}
	return lines(p.HTML("van.stop_title", "stop", stopLabel(s)), optional(p, "van.address", "address", s.Address),
		p.HTML("van.route", "route", route), p.HTML("sform.stay", "from", p.MinuteOfDay(s.Arrival), "to", p.MinuteOfDay(s.Departure)),
		rule, p.HTML("sform.first", "day", first), where), nil
}

func (e stopEditing) more(p *messages.Printer, data map[string]string) [][]chat.Button {
	if data["id"] == "" {
		return nil
	}
	return [][]chat.Button{chat.Row(chat.Press(p.Plain("sform.remove"), "sdel", data["id"]))}
}

// save adds or changes the stop; its followers' reminders follow.
func (e stopEditing) save(ctx context.Context, r chat.Request, data map[string]string) (chat.Reply, error) {
	var s store.Stop
	var err error
	if id := store.StopID(data["id"]); id != "" {
		if s, err = e.Store.Van.Stop(ctx, id); err != nil {
			return fail("save stop", err)
		}
	}
	s, route, err := e.filled(ctx, s, data)
	if err != nil {
		return chat.Reply{}, err
	}
	if s, err = e.Store.Van.SaveStop(ctx, e.op(r), s, route); err != nil {
		return fail("save stop", err)
	}
	reply, err := van(e).card(ctx, r, s.ID)
	return reply.WithToast(e.words(r).Plain("form.saved")), err
}

// remove asks, with how many follow, then deletes the stop. Holds to be picked up there stand against it.
func (e stopEditing) remove(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := e.words(r)
	id := store.StopID(r.Arg(0))
	if r.Arg(1) != "yes" {
		s, err := e.Store.Van.Stop(ctx, id)
		if err != nil {
			return fail("remove stop", err)
		}
		followers, err := e.Store.Van.Followers(ctx, s.ID)
		if err != nil {
			return fail("remove stop", err)
		}
		return chat.Change(r, p.HTML("sform.ask_remove", "stop", stopLabel(s), "n", followers),
			chat.Row(chat.Press(p.Plain("sform.remove_yes"), "sdel", string(s.ID), "yes"),
				chat.Press(p.Plain("common.no"), "stop", string(s.ID)))), nil
	}
	err := e.Store.Van.RemoveStop(ctx, e.op(r), id, true)
	if errors.Is(err, store.ErrInUse) {
		return chat.Alert(p.Plain("sform.held")), nil
	}
	if err != nil {
		return fail("remove stop", err)
	}
	return chat.Change(r, p.HTML("sform.removed"),
		chat.Row(chat.Press(p.Plain("staff.to_stops"), "stops", "0"))).End(), nil
}
