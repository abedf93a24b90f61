package handlers

import (
	"context"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
)

// nearest finds the stops close to a person: by their location, or by a village they type.
type nearest struct{ *App }

func (n nearest) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "nearest", Aliases: map[string][]string{"lt": {"arciausiai"}, "lv": {"tuvakie"}},
		Role: chat.Guest, Help: "nearest.help", Handler: n.ask,
	})
	r.Action(chat.Action{Name: "near", Role: chat.Guest, Handler: n.ask})
	r.Dialogue(chat.Dialogue{Name: "nearest", Version: 1, Role: chat.Guest, Handler: n.answer})
}

// ask shows a key that sends the location, and says that a village can be typed.
func (n nearest) ask(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Kind == chat.KindCommand && strings.TrimSpace(r.Text) != "" {
		return n.findStops(ctx, r, r.Text)
	}
	p := n.words(r)
	reply := chat.Say(p.HTML("nearest.ask"))
	reply.Messages[0].Menu = &chat.Menu{
		Rows:        [][]chat.Key{{{Label: p.Plain("nearest.send"), Location: true}}},
		Placeholder: p.Plain("nearest.placeholder"),
		OneTime:     true,
	}
	return reply.Then(&chat.State{Dialogue: "nearest", Step: "place"}), nil
}

// answer takes a location or a village's name.
func (n nearest) answer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	var reply chat.Reply
	var err error
	switch {
	case r.Point != nil:
		reply, err = n.nearestTo(ctx, r)
	case r.Kind == chat.KindText:
		reply, err = n.village(ctx, r)
	default:
		return chat.Say(n.words(r).HTML("nearest.again")), nil
	}
	if err != nil {
		return reply, err
	}
	if r.State.Step == "place" {
		reply.Messages = append([]chat.Message{n.menuBack(r)}, reply.Messages...)
	}
	return reply.End(), nil
}

// village answers a typed place; what is no place of ours is a search for a book, as typed text is everywhere.
func (n nearest) village(ctx context.Context, r chat.Request) (chat.Reply, error) {
	found, err := n.Store.Van.FindStops(ctx, strings.TrimSpace(r.Text))
	if err != nil {
		return fail("find stops", err)
	}
	if len(found) == 0 {
		return n.noSuchPlace(ctx, r)
	}
	return n.findStops(ctx, r, r.Text)
}

// nearestShown is how many stops a location gives.
const nearestShown = 5

// nearestTo answers a location: the nearest stops, how far they are, and when the van comes.
func (a *App) nearestTo(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := a.words(r)
	if r.Point == nil {
		return chat.Say(p.HTML("nearest.again")), nil
	}
	list, err := a.Store.Van.Nearest(ctx, r.Point.Lat, r.Point.Lon, nearestShown)
	if err != nil {
		return fail("nearest stops", err)
	}
	if len(list) == 0 {
		return chat.Say(p.HTML("nearest.none")), nil
	}
	parts := []chat.HTML{p.HTML("nearest.title")}
	var buttons []chat.Button
	for i, near := range list {
		visits, err := a.nextVisits(ctx, p, near.Stop.ID, 1)
		if err != nil {
			return fail("nearest stops", err)
		}
		head := p.HTML("nearest.line", "i", i+1, "stop", stopLabel(near.Stop), "distance", distance(p, near.Metres))
		parts = append(parts, lines(head, visits[0]))
		buttons = append(buttons, numbered(i+1, stopLabel(near.Stop), "stop", string(near.Stop.ID)))
	}
	return chat.Say(paragraphs(parts...), chat.Columns(1, buttons...)...), nil
}

// distance writes metres as people say them: "350 m", "2,3 km", "14 km".
func distance(p *messages.Printer, metres float64) string {
	switch {
	case metres < 950:
		return strconv.Itoa(int(metres/50+0.5)*50) + " m"
	case metres < 9_950:
		km := strconv.FormatFloat(metres/1000, 'f', 1, 64)
		if p.Lang() != "en" {
			km = strings.Replace(km, ".", ",", 1)
		}
		return km + " km"
	}
	return p.Number(int(metres/1000+0.5)) + " km"
}

// menuBack puts the usual keyboard back in place of the location key.
func (n nearest) menuBack(r chat.Request) chat.Message {
	p := n.words(r)
	return chat.Message{Text: p.HTML("nearest.thanks"), Menu: n.menu(p, r.Actor.Role), Silent: true}
}

// noSuchPlace answers what is no place of ours: as a search for a book when one
// is found by it, since that is what typed text means elsewhere.
func (n nearest) noSuchPlace(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if f := (finding{text: cutQuery(r.Text)}); searchable(f.text) && len(n.Index.Search(f.query()).Hits) > 0 {
		return searching(n).typed(ctx, r)
	}
	return n.findStops(ctx, r, r.Text)
}
