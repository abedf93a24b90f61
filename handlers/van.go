package handlers

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// van is the mobile library's timetable: by stop, by day, and the stops a person follows.
type van struct{ *App }

func (v van) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "van", Aliases: map[string][]string{"lt": {"autobusas", "bibliobusas"}, "lv": {"bibliobuss"}},
		Role: chat.Guest, Help: "van.help", Group: true, View: true, Handler: v.home,
	})
	r.Action(
		chat.Action{Name: "van", Role: chat.Guest, Group: true, View: true, Handler: v.home},
		chat.Action{Name: "vcoms", Role: chat.Guest, Group: true, Handler: v.communities},
		chat.Action{Name: "vcom", Role: chat.Guest, Group: true, View: true, Handler: v.community},
		chat.Action{Name: "vdays", Role: chat.Guest, Group: true, View: true, Handler: v.days},
		chat.Action{Name: "vday", Role: chat.Guest, Group: true, View: true, Handler: v.day},
		chat.Action{Name: "stop", Role: chat.Guest, Group: true, View: true, Handler: v.stop},
		chat.Action{Name: "follow", Role: chat.Guest, Handler: v.follow},
		chat.Action{Name: "voff", Role: chat.Guest, Handler: v.off},
		chat.Action{Name: "vvenue", Role: chat.Guest, Group: true, View: true, Handler: v.venue},
		chat.Action{Name: "vshare", Role: chat.Guest, Group: true, View: true, Handler: v.share},
		chat.Action{Name: "vbook", Role: chat.Guest, Handler: v.book},
	)
	r.Deeplink(chat.Deeplink{Prefix: "s_", Role: chat.Guest, Handler: func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		return v.card(ctx, r, store.StopID(r.Text))
	}})
}

// followedShown bounds the stops on the first page of /van: who follows more finds them by stop or day.
const followedShown = 6

// home shows the followed stops with their next three visits.
func (v van) home(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Kind == chat.KindCommand && strings.TrimSpace(r.Text) != "" {
		return v.find(ctx, r, r.Text)
	}
	p := v.words(r)
	var followed []store.Stop // nobody's in a group, where all read the answer
	if r.Private {
		var err error
		if followed, err = v.Store.Van.Following(ctx, v.me(r)); err != nil {
			return fail("followed stops", err)
		}
	}
	parts := []chat.HTML{p.HTML("van.title")}
	if r.Private && len(followed) == 0 {
		parts = append(parts, p.HTML("van.none_followed"))
	}
	var buttons []chat.Button
	for i, s := range followed[:min(len(followed), followedShown)] {
		visits, err := v.nextVisits(ctx, p, s.ID, 3)
		if err != nil {
			return fail("next visits", err)
		}
		head := p.HTML("van.followed", "i", i+1, "stop", stopLabel(s))
		parts = append(parts, lines(append([]chat.HTML{head}, visits...)...))
		buttons = append(buttons, numbered(i+1, stopLabel(s), "stop", string(s.ID)))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows,
		chat.Row(chat.Press(p.Plain("van.by_stop"), "vcoms"), chat.Press(p.Plain("van.by_day"), "vdays")),
		chat.Row(chat.Press(p.Plain("van.near_me"), "near")))
	if r.Private && r.Actor.Role >= chat.Driver {
		rows = append([][]chat.Button{chat.Row(chat.Press(p.Plain("van.trip"), "trip"))}, rows...)
	}
	return chat.Change(r, paragraphs(parts...), rows...), nil
}

// nextVisits lists a stop's next visits, one a line.
func (a *App) nextVisits(ctx context.Context, p *messages.Printer, id store.StopID, n int) ([]chat.HTML, error) {
	visits, err := a.Store.Van.Visits(ctx, id, a.Now(), n)
	if err != nil {
		return nil, fmt.Errorf("next visits: %w", err)
	}
	if len(visits) == 0 {
		return []chat.HTML{p.HTML("van.no_visits")}, nil
	}
	list := make([]chat.HTML, len(visits))
	for i, visit := range visits {
		list[i] = a.visitLine(p, visit)
	}
	return list, nil
}

// visitLine is a visit's day and hours, and what has changed.
func (a *App) visitLine(p *messages.Printer, v store.Visit) chat.HTML {
	from, to := a.local(v.Arrival), a.local(v.Departure)
	when := p.DayAndWeekday(from) + ", " + p.Span(from, to)
	switch {
	case v.Cancelled:
		return p.HTML("van.line_cancelled", "when", when)
	case v.Delay > 0:
		return p.HTML("van.line_late", "when", when, "n", int(v.Delay.Minutes()))
	}
	return p.HTML("van.line", "when", when)
}

// communitiesPage is how many villages a page has: two columns of buttons.
const communitiesPage = 20

// communities lists the villages, a page at a time; a village's name can be typed too.
func (v van) communities(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := v.words(r)
	stops, err := v.Store.Van.Stops(ctx, "")
	if err != nil {
		return fail("stops", err)
	}
	var first []store.Stop // of each community
	for _, s := range stops {
		if len(first) == 0 || first[len(first)-1].Community != s.Community {
			first = append(first, s)
		}
	}
	page, offset := window(first, offsetArg(r, 0, communitiesPage), communitiesPage)
	buttons := make([]chat.Button, len(page))
	for i, s := range page {
		buttons[i] = chat.Press(clip(s.Community, 24), "vcom", string(s.ID))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows, pager(p, offset, communitiesPage, len(first), "vcoms")...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "van")))
	text := p.HTML("van.communities")
	if len(first) == 0 {
		text = p.HTML("van.no_stops")
	}
	return chat.Change(r, text, rows...).Then(&chat.State{Dialogue: "nearest", Step: "village"}), nil
}

// community opens the only stop of a village, or lists its stops. The village is
// named by one of its stops, since its name may not fit a button.
func (v van) community(ctx context.Context, r chat.Request) (chat.Reply, error) {
	s, err := v.Store.Van.Stop(ctx, store.StopID(r.Arg(0)))
	if err != nil {
		return fail("village", err)
	}
	all, err := v.Store.Van.Stops(ctx, "")
	if err != nil {
		return fail("stops", err)
	}
	var here []store.Stop
	for _, other := range all {
		if other.Community == s.Community {
			here = append(here, other)
		}
	}
	if len(here) == 1 {
		return v.card(ctx, r, s.ID)
	}
	return v.choose(r, v.words(r).HTML("van.community", "place", s.Community, "n", len(here)), here), nil
}

// find lists the stops that a typed place may mean.
func (a *App) findStops(ctx context.Context, r chat.Request, text string) (chat.Reply, error) {
	return van{a}.find(ctx, r, text)
}

func (v van) find(ctx context.Context, r chat.Request, text string) (chat.Reply, error) {
	p := v.words(r)
	found, err := v.Store.Van.FindStops(ctx, strings.TrimSpace(text))
	if err != nil {
		return fail("find stops", err)
	}
	switch len(found) {
	case 0:
		return chat.Say(p.HTML("van.not_found", "text", clip(text, 60)),
			chat.Row(chat.Press(p.Plain("van.by_stop"), "vcoms"), chat.Press(p.Plain("van.near_me"), "near"))), nil
	case 1:
		return v.card(ctx, r, found[0].ID)
	}
	return v.choose(r, p.HTML("van.found", "n", len(found)), found), nil
}

// stopsShown bounds a list of stops to choose from.
const stopsShown = 20

func (v van) choose(r chat.Request, title chat.HTML, stops []store.Stop) chat.Reply {
	p := v.words(r)
	var buttons []chat.Button
	for _, s := range stops[:min(len(stops), stopsShown)] {
		label := s.Name
		if label == "" || stops[0].Community != stops[len(stops)-1].Community {
			label = stopLabel(s)
		}
		buttons = append(buttons, chat.Press(clip(label, 40), "stop", string(s.ID)))
	}
	if rest := len(stops) - len(buttons); rest > 0 {
		title = lines(title, p.HTML("van.more", "n", rest))
	}
	rows := append(chat.Columns(1, buttons...), chat.Row(chat.Press(p.Plain("common.back"), "vcoms")))
	return chat.Change(r, title, rows...)
}

// numberArg reads a number out of a button; 0 when it is none.
func numberArg(r chat.Request, i int) int {
	n, err := strconv.Atoi(r.Arg(i))
	if err != nil {
		return 0
	}
	return n
}
