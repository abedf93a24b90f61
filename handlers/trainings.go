package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/handlers/paper"
	"versli/store"
)

// trainings lists what the cluster does together, and gives and frees seats.
type trainings struct{ *App }

func (t trainings) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "trainings", Aliases: map[string][]string{"lt": {"mokymai"}, "lv": {"apmacibas"}},
		Role: chat.Guest, Help: "training.help", Group: true, View: true, Handler: t.list,
	})
	r.Action(
		chat.Action{Name: "trainings", Role: chat.Guest, Group: true, View: true, Handler: t.list},
		chat.Action{Name: "training", Role: chat.Guest, Group: true, View: true, Handler: t.open},
		chat.Action{Name: "tjoin", Role: chat.Guest, Handler: t.join},
		chat.Action{Name: "tleave", Role: chat.Guest, Handler: t.leave},
		chat.Action{Name: "tics", Role: chat.Guest, Group: true, View: true, Handler: t.calendarFile},
		chat.Action{Name: "tvenue", Role: chat.Guest, Group: true, View: true, Handler: t.venue},
		chat.Action{Name: "tshare", Role: chat.Guest, Group: true, View: true, Handler: t.share},
	)
	r.Deeplink(chat.Deeplink{Prefix: "a_", Role: chat.Guest, Handler: func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		return t.card(ctx, r, store.ActivityID(r.Text))
	}})
}

// activityName is an activity's name in the reader's language, where it has one.
func activityName(p *messages.Printer, x store.Activity) string {
	if name := x.Names[p.Lang()]; name != "" {
		return name
	}
	return x.Name
}

// list shows upcoming activities, a page at a time, mine marked.
func (t trainings) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := t.words(r)
	offset := offsetArg(r, 0, pageSize)
	list, total, err := t.Store.Activities.Upcoming(ctx, t.Now(), offset, pageSize)
	if err == nil && len(list) == 0 && offset > 0 {
		offset = 0
		list, total, err = t.Store.Activities.Upcoming(ctx, t.Now(), 0, pageSize)
	}
	if err != nil {
		return fail("list trainings", err)
	}
	mine, err := t.myRegistrations(ctx, r)
	if err != nil {
		return fail("list trainings", err)
	}
	parts := []chat.HTML{p.HTML("training.title")}
	if total == 0 {
		parts = append(parts, p.HTML("training.none"))
	}
	var buttons []chat.Button
	seats, err := t.Store.Activities.SeatsOf(ctx, list)
	if err != nil {
		return fail("list trainings", err)
	}
	for i, x := range list {
		state := seatsLine(p, seats[i])
		switch {
		case stateMark(mine[x.ID].State) != "":
			state = p.HTML("training.state_" + string(mine[x.ID].State))
		case !x.Start().After(t.Now()):
			state = p.HTML("training.is_begun")
		}
		parts = append(parts, p.HTML("training.item", "i", offset+i+1, "name", activityName(p, x),
			"when", p.DayAndTime(t.local(x.Start())), "state", state))
		buttons = append(buttons, numbered(offset+i+1, stateMark(mine[x.ID].State)+activityName(p, x), "training", string(x.ID)))
	}
	rows := chat.Columns(1, buttons...)
	rows = append(rows, pager(p, offset, pageSize, total, "trainings")...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("training.calendar"), "calendar")))
	if r.Private && r.Actor.Role >= chat.Librarian {
		rows = append(rows, chat.Row(chat.Press(p.Plain("training.add"), "aadd")))
	}
	return chat.Change(r, paragraphs(parts...), rows...), nil
}

// myRegistrations are those of who asks, by activity; none in a group, where all read the answer.
func (a *App) myRegistrations(ctx context.Context, r chat.Request) (map[store.ActivityID]store.Registration, error) {
	if !r.Private {
		return map[store.ActivityID]store.Registration{}, nil
	}
	return a.mine(ctx, a.me(r))
}

// mine are a member's registrations by activity.
func (a *App) mine(ctx context.Context, member store.MemberID) (map[store.ActivityID]store.Registration, error) {
	list, err := a.Store.Activities.OfMember(ctx, member)
	if err != nil {
		return nil, fmt.Errorf("my registrations: %w", err)
	}
	byID := make(map[store.ActivityID]store.Registration, len(list))
	for _, reg := range list {
		byID[reg.Activity] = reg
	}
	return byID, nil
}

func stateMark(s store.RegistrationState) string {
	switch s {
	case store.Confirmed:
		return "✅ "
	case store.Waitlisted, store.Offered:
		return "⏳ "
	case store.RegistrationCancelled, store.Attended, store.NoShow:
	}
	return ""
}

// seatsLine says how many seats are left, and how many wait.
func seatsLine(p *messages.Printer, s store.Seats) chat.HTML {
	switch free := s.Free(); {
	case free < 0:
		return p.HTML("training.seats_open")
	case free > 0 && s.Waiting == 0:
		return p.HTML("training.seats_free", "n", free)
	case s.Waiting > 0:
		return p.HTML("training.seats_waiting", "n", s.Waiting)
	}
	return p.HTML("training.seats_none")
}

func (t trainings) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return t.card(ctx, r, store.ActivityID(r.Arg(0)))
}

// card shows an activity: when, where, what, seats, and my place in it.
func (t trainings) card(ctx context.Context, r chat.Request, id store.ActivityID) (chat.Reply, error) {
	p := t.words(r)
	x, err := t.Store.Activities.Get(ctx, id)
	if err != nil {
		return fail("open training", err)
	}
	seats, err := t.Store.Activities.Seats(ctx, id)
	if err != nil {
		return fail("open training", err)
	}
	reg, err := t.myRegistration(ctx, r, id)
	if err != nil {
		return fail("open training", err)
	}
	parts := []chat.HTML{t.activityText(p, x)}
	switch {
	case x.Cancelled:
		parts = append(parts, p.HTML("training.is_cancelled"))
	case !x.Start().After(t.Now()):
		parts = append(parts, p.HTML("training.is_begun"))
	default:
		parts = append(parts, lines(seatsLine(p, seats), myPlace(p, reg)))
	}
	return chat.Change(r, paragraphs(parts...), t.cardRows(r, x, seats, reg)...), nil
}

// myRegistration is the place of who asks; the zero one when there is none, or in a group, where all read the answer.
func (t trainings) myRegistration(ctx context.Context, r chat.Request, id store.ActivityID) (store.Registration, error) {
	if !r.Private {
		return store.Registration{}, nil
	}
	reg, err := t.Store.Activities.Registration(ctx, id, t.me(r))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return reg, fmt.Errorf("my registration: %w", err)
	}
	return reg, nil
}

// myPlace says whether I have a seat, or where I wait.
func myPlace(p *messages.Printer, reg store.Registration) chat.HTML {
	switch reg.State {
	case store.Confirmed:
		return p.HTML("training.my_seat")
	case store.Waitlisted, store.Offered:
		return p.HTML("training.my_wait", "position", reg.Position)
	case store.RegistrationCancelled, store.Attended, store.NoShow:
	}
	return ""
}

// activityText says what an activity is, when and where.
func (a *App) activityText(p *messages.Printer, x store.Activity) chat.HTML {
	var when []chat.HTML
	for _, s := range x.Sessions {
		when = append(when, p.HTML("training.when", "when", p.Date(a.local(s.Start)), "hours", p.Span(a.local(s.Start), a.local(s.End))))
	}
	facts := slices.Concat(when, []chat.HTML{optional(p, "training.where", "venue", x.Venue)})
	if _, ok := messages.Has(x.Language); ok {
		facts = append(facts, p.HTML("training.in_language", "language", tongue(p, x.Language)))
	}
	facts = append(facts, optional(p, "training.lecturer", "lecturer", x.Lecturer))
	head := p.HTML("training.head", "name", activityName(p, x), "kind", p.Plain("training.kind_"+string(x.Kind)))
	return paragraphs(head, lines(facts...), chat.Escape(clip(x.About, 1500)))
}

// optional is a line that is there when its value is.
func optional(p *messages.Printer, key, name, value string) chat.HTML {
	if value == "" {
		return ""
	}
	return p.HTML(key, name, value)
}

// cardRows are what one can do with an activity in its present state.
func (t trainings) cardRows(r chat.Request, x store.Activity, seats store.Seats, reg store.Registration) [][]chat.Button {
	p, id := t.words(r), string(x.ID)
	var rows [][]chat.Button
	begun := x.Cancelled || !x.Start().After(t.Now())
	switch {
	case reg.State == store.Confirmed && x.End().After(t.Now()) && !x.Cancelled:
		rows = append(rows, chat.Row(chat.Press(p.Plain("training.leave"), "tleave", id)))
	case reg.State == store.Waitlisted && !begun:
		rows = append(rows, chat.Row(chat.Press(p.Plain("training.leave_wait"), "tleave", id)))
	case begun:
	case seats.Free() != 0:
		rows = append(rows, chat.Row(chat.Press(p.Plain("training.join"), "tjoin", id)))
	default:
		rows = append(rows, chat.Row(chat.Press(p.Plain("training.join_wait"), "tjoin", id)))
	}
	var extras []chat.Button
	if !x.Cancelled {
		extras = append(extras, chat.Press(p.Plain("training.ics"), "tics", id))
	}
	if x.Lat != 0 || x.Lon != 0 {
		extras = append(extras, chat.Press(p.Plain("van.map"), "tvenue", id))
	}
	extras = append(extras, chat.Press(p.Plain("van.share"), "tshare", id))
	rows = append(rows, extras)
	if r.Private && r.Actor.Role >= chat.Librarian {
		rows = append(rows, chat.Row(chat.Press(p.Plain("training.people"), "apeople", id, "0"),
			chat.Press(p.Plain("training.edit"), "aedit", id)))
	}
	return append(rows, chat.Row(chat.Press(p.Plain("common.back"), "trainings", "0")))
}

// calendarFile sends an activity for the person's own calendar.
func (t trainings) calendarFile(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := t.words(r)
	x, err := t.Store.Activities.Get(ctx, store.ActivityID(r.Arg(0)))
	if err != nil {
		return fail("calendar file", err)
	}
	link := t.deepLink("a_" + string(x.ID))
	events := make([]paper.Event, len(x.Sessions))
	for i, s := range x.Sessions {
		events[i] = paper.Event{
			UID: string(x.ID) + "-" + strconv.Itoa(i+1) + "@" + t.Username(), Sequence: x.Revision, Start: s.Start, End: s.End,
			Summary: activityName(p, x), About: x.About, Place: x.Venue, Lat: x.Lat, Lon: x.Lon, URL: link, Off: x.Cancelled,
		}
	}
	return chat.Reply{Messages: []chat.Message{{
		Text:     p.HTML("training.ics_text", "name", activityName(p, x)),
		Document: &chat.Attachment{Name: string(x.ID) + ".ics", Bytes: paper.ICS(t.Now(), events...)},
	}}}, nil
}

func (t trainings) venue(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := t.Store.Activities.Get(ctx, store.ActivityID(r.Arg(0)))
	if err != nil {
		return fail("show on a map", err)
	}
	if x.Lat == 0 && x.Lon == 0 {
		return chat.Toast(t.words(r).Plain("van.no_map")), nil
	}
	venue := x.Venue
	if venue == "" {
		venue = activityName(t.words(r), x)
	}
	return chat.Reply{Messages: []chat.Message{{Venue: &chat.Venue{
		Point: chat.Point{Lat: x.Lat, Lon: x.Lon}, Title: activityName(t.words(r), x), Address: venue,
	}}}}, nil
}

// share sends a message to forward, with the activity's deep link.
func (t trainings) share(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := t.words(r)
	x, err := t.Store.Activities.Get(ctx, store.ActivityID(r.Arg(0)))
	if err != nil {
		return fail("share a training", err)
	}
	return chat.Say(p.HTML("training.share_text", "name", activityName(p, x), "when", p.DateTime(t.local(x.Start())), "venue", x.Venue,
		"link", t.deepLink("a_"+string(x.ID)))), nil
}
