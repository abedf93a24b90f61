package handlers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// trainingEditing lets librarians add, change and call off an activity, and see who comes.
type trainingEditing struct{ *App }

func (e trainingEditing) register(r *chat.Router) {
	e.form().register(r)
	r.Action(
		chat.Action{Name: "aadd", Role: chat.Librarian, Handler: e.add},
		chat.Action{Name: "aedit", Role: chat.Librarian, Handler: e.edit},
		chat.Action{Name: "acancel", Role: chat.Librarian, Handler: e.callOff},
		chat.Action{Name: "apeople", Role: chat.Librarian, View: true, Handler: e.participants},
	)
}

func (e trainingEditing) form() form {
	return form{App: e.App, name: "aform", preview: e.preview, save: e.save, more: e.more, fields: []field{
		{name: "kind", choices: e.kinds, columns: 2},
		{name: "title", read: readLine(150)},
		{name: "when", read: e.readSessions},
		{name: "venue", read: readLine(200)},
		{name: "seats", read: readSeats, choices: e.seats, columns: 4},
		{name: "language", choices: languageChoices, columns: 3},
		{name: "about", read: readText(1500), optional: true},
		{name: "lecturer", read: readLine(120), optional: true},
		{name: "place", read: readPoint, optional: true},
	}}
}

func (e trainingEditing) add(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return e.form().begin(ctx, r)
}

func (e trainingEditing) edit(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := e.Store.Activities.Get(ctx, store.ActivityID(r.Arg(0)))
	if err != nil {
		return fail("edit training", err)
	}
	if x.Cancelled {
		return fail("edit training", store.ErrStale)
	}
	sessions := make([]string, len(x.Sessions))
	for i, s := range x.Sessions {
		sessions[i] = writeSession(s)
	}
	return e.form().edit(ctx, r, map[string]string{
		"id": string(x.ID), "kind": string(x.Kind), "title": x.Name, "when": strings.Join(sessions, "\n"), "venue": x.Venue,
		"seats": strconv.Itoa(x.Seats), "language": x.Language, "about": x.About, "lecturer": x.Lecturer, "place": writePoint(x.Lat, x.Lon),
	})
}

func (e trainingEditing) kinds(_ context.Context, p *messages.Printer, _ map[string]string) ([]option, error) {
	var list []option
	for _, k := range store.AllActivityKinds() {
		list = append(list, option{p.Plain("training.kind_" + string(k)), string(k)})
	}
	return list, nil
}

func (e trainingEditing) seats(_ context.Context, p *messages.Printer, _ map[string]string) ([]option, error) {
	list := []option{{"10", "10"}, {"15", "15"}, {"20", "20"}, {"30", "30"}}
	return append(list, option{p.Plain("aform.no_limit"), "0"}), nil
}

// readSeats takes a number of seats; 0 is without limit.
func readSeats(r chat.Request) (string, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(r.Text))
	return strconv.Itoa(n), err == nil && n >= 0 && n <= 10_000
}

func languageChoices(_ context.Context, p *messages.Printer, _ map[string]string) ([]option, error) {
	var list []option
	for _, lang := range messages.Languages() {
		list = append(list, option{p.Plain("language." + lang), lang})
	}
	return list, nil
}

// readSessions takes one session a line. None may have begun.
func (e trainingEditing) readSessions(r chat.Request) (string, bool) {
	const most = 30
	var list []string
	var before time.Time
	for line := range strings.Lines(r.Text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		start, end, ok := readWhen(line, e.today())
		if !ok || !start.After(e.Now()) || start.Before(before) || len(list) == most {
			return "", false
		}
		before = end
		list = append(list, writeSession(store.Session{Start: start, End: end}))
	}
	return strings.Join(list, "\n"), len(list) > 0
}

// writeSession keeps a session as text in a dialogue.
func writeSession(s store.Session) string {
	return s.Start.Format(time.RFC3339) + " " + s.End.Format(time.RFC3339)
}

func readStoredSessions(text string) ([]store.Session, error) {
	var list []store.Session
	for line := range strings.Lines(text) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), " ")
		start, errStart := time.Parse(time.RFC3339, from)
		end, errEnd := time.Parse(time.RFC3339, to)
		if err := errors.Join(errStart, errEnd); err != nil {
			return nil, fmt.Errorf("session of a form: %w", err)
		}
		list = append(list, store.Session{Start: start, End: end})
	}
	return list, nil
}

// readPoint takes a location that was sent.
func readPoint(r chat.Request) (string, bool) {
	if r.Point == nil {
		return "", false
	}
	return writePoint(r.Point.Lat, r.Point.Lon), true
}

func writePoint(lat, lon float64) string {
	if lat == 0 && lon == 0 {
		return ""
	}
	return strconv.FormatFloat(lat, 'f', 6, 64) + " " + strconv.FormatFloat(lon, 'f', 6, 64)
}

// readStoredPoint is the point that writePoint wrote; zeros for none.
func readStoredPoint(text string) (lat, lon float64) {
	a, b, _ := strings.Cut(text, " ")
	lat, errLat := strconv.ParseFloat(a, 64)
	lon, errLon := strconv.ParseFloat(b, 64)
	if errLat != nil || errLon != nil {
		return 0, 0
	}
	return lat, lon
}

// filled puts a form's values over an activity.
func (e trainingEditing) filled(x store.Activity, data map[string]string) (store.Activity, error) {
	sessions, err := readStoredSessions(data["when"])
	if err != nil {
		return x, err
	}
	seats, err := strconv.Atoi(data["seats"])
	if err != nil {
		return x, fmt.Errorf("seats of a form: %w", err)
	}
	if x.Name != data["title"] {
		x.Names = nil // they are translations of another name
	}
	x.Kind, x.Name, x.Sessions, x.Venue, x.Seats = store.ActivityKind(data["kind"]), data["title"], sessions, data["venue"], seats
	x.Language, x.About, x.Lecturer = data["language"], data["about"], data["lecturer"]
	x.Lat, x.Lon = readStoredPoint(data["place"])
	return x, nil
}

// preview shows the card as people will see it.
func (e trainingEditing) preview(_ context.Context, p *messages.Printer, data map[string]string) (chat.HTML, error) {
	x, err := e.filled(store.Activity{}, data)
	if err != nil {
		return "", err
	}
	seats := p.HTML("aform.seats_open")
	if x.Seats > 0 {
		seats = p.HTML("aform.seats", "count", x.Seats)
	}
	return paragraphs(e.activityText(p, x), seats), nil
}

func (e trainingEditing) more(p *messages.Printer, data map[string]string) [][]chat.Button {
	if data["id"] == "" {
		return nil
	}
	return [][]chat.Button{chat.Row(chat.Press(p.Plain("aform.call_off"), "acancel", data["id"]))}
}

// save adds or changes the activity. Those registered are told of another time or place.
func (e trainingEditing) save(ctx context.Context, r chat.Request, data map[string]string) (chat.Reply, error) {
	var x store.Activity
	var err error
	if id := store.ActivityID(data["id"]); id != "" {
		if x, err = e.Store.Activities.Get(ctx, id); err != nil {
			return fail("save training", err)
		}
	}
	if x, err = e.filled(x, data); err != nil {
		return chat.Reply{}, err
	}
	if x, err = e.Store.Activities.Save(ctx, e.op(r), x); err != nil {
		return fail("save training", err)
	}
	reply, err := trainings(e).card(ctx, r, x.ID)
	return reply.WithToast(e.words(r).Plain("form.saved")), err
}

// callOff asks, with how many are told, then cancels the activity.
func (e trainingEditing) callOff(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := e.words(r)
	x, err := e.Store.Activities.Get(ctx, store.ActivityID(r.Arg(0)))
	if err != nil {
		return fail("call off", err)
	}
	if r.Arg(1) != "yes" {
		if x.Cancelled {
			return trainings(e).card(ctx, r, x.ID)
		}
		seats, err := e.Store.Activities.Seats(ctx, x.ID)
		if err != nil {
			return fail("call off", err)
		}
		return chat.Change(r, p.HTML("aform.ask_call_off", "name", activityName(p, x), "n", seats.Confirmed+seats.Waiting),
			chat.Row(chat.Press(p.Plain("aform.call_off_yes"), "acancel", string(x.ID), "yes"),
				chat.Press(p.Plain("common.no"), "training", string(x.ID)))), nil
	}
	told, err := e.Store.Activities.Cancel(ctx, e.op(r), x.ID)
	if err != nil {
		return fail("call off", err)
	}
	reply, err := trainings(e).card(ctx, r, x.ID)
	return reply.End().WithToast(p.Plain("driver.done", "n", told)), err
}

// participantsPage is how many people a page of participants has.
const participantsPage = 15

// participants lists who comes and who waits, and how to reach them.
func (e trainingEditing) participants(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := e.words(r)
	x, err := e.Store.Activities.Get(ctx, store.ActivityID(r.Arg(0)))
	if err != nil {
		return fail("participants", err)
	}
	regs, err := e.Store.Activities.Registrations(ctx, x.ID)
	if err != nil {
		return fail("participants", err)
	}
	page, offset := window(regs, offsetArg(r, 1, participantsPage), participantsPage)
	ids := make([]store.MemberID, len(page))
	for i, reg := range page {
		ids[i] = reg.Member
	}
	who, err := e.membersOf(ctx, ids)
	if err != nil {
		return fail("participants", err)
	}
	text := []chat.HTML{p.HTML("aform.participants", "name", activityName(p, x), "count", len(regs)), ""}
	if len(regs) == 0 {
		text = append(text, p.HTML("common.nothing"))
	}
	var buttons []chat.Button
	for i, reg := range page {
		m := who[reg.Member]
		text = append(text, p.HTML("aform.participant", "i", offset+i+1, "mark", stateMark(reg.State), "name", m.Name, "contact", contact(m)))
		buttons = append(buttons, numbered(offset+i+1, m.Name, "person", string(reg.Member)))
	}
	rows := chat.Columns(3, buttons...)
	rows = append(rows, pager(p, offset, participantsPage, len(regs), "apeople", string(x.ID))...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "training", string(x.ID))))
	return chat.Change(r, spaced(text), rows...), nil
}
