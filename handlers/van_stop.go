package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func (v van) stop(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return v.card(ctx, r, store.StopID(r.Arg(0)))
}

// card shows a stop: where it is, when the van comes, and whether I follow it.
func (v van) card(ctx context.Context, r chat.Request, id store.StopID) (chat.Reply, error) {
	p := v.words(r)
	s, err := v.Store.Van.Stop(ctx, id)
	if err != nil {
		return fail("open stop", err)
	}
	text, err := v.stopText(ctx, p, s)
	if err != nil {
		return fail("open stop", err)
	}
	following := false // not told in a group, where all read the answer
	if r.Private {
		if following, err = v.follows(ctx, v.me(r), s.ID); err != nil {
			return fail("open stop", err)
		}
	}
	follow := chat.Press(p.Plain("van.follow"), "follow", string(s.ID), "1")
	if following {
		text = paragraphs(text, p.HTML("van.following"))
		follow = chat.Press(p.Plain("van.unfollow"), "follow", string(s.ID), "0")
	}
	rows := [][]chat.Button{chat.Row(follow)}
	second := []chat.Button{chat.Press(p.Plain("van.share"), "vshare", string(s.ID))}
	if s.Lat != 0 || s.Lon != 0 {
		second = append(second, chat.Press(p.Plain("van.map"), "vvenue", string(s.ID)))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("van.book_here"), "vbook", string(s.ID))), second)
	if r.Private && r.Actor.Role >= chat.Librarian {
		rows = append(rows, chat.Row(chat.Press(p.Plain("van.edit"), "sedit", string(s.ID))))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "van")))
	return chat.Change(r, text, rows...), nil
}

// stopText says where a stop is and when the van comes next.
func (a *App) stopText(ctx context.Context, p *messages.Printer, s store.Stop) (chat.HTML, error) {
	visits, err := a.nextVisits(ctx, p, s.ID, 5)
	if err != nil {
		return "", err
	}
	route := ""
	found, err := a.Store.Van.Route(ctx, s.Route)
	switch {
	case err == nil:
		route = found.Name
	case !errors.Is(err, store.ErrNotFound):
		return "", fmt.Errorf("read route: %w", err)
	}
	where := []chat.HTML{p.HTML("van.stop_title", "stop", stopLabel(s))}
	if s.Address != "" && !strings.EqualFold(s.Address, s.Name) {
		where = append(where, p.HTML("van.address", "address", s.Address))
	}
	if route != "" {
		where = append(where, p.HTML("van.route", "route", route))
	}
	when := append([]chat.HTML{p.HTML("van.next_visits")}, visits...)
	return paragraphs(lines(where...), lines(when...)), nil
}

// follows tells whether a member follows a stop.
func (a *App) follows(ctx context.Context, member store.MemberID, id store.StopID) (bool, error) {
	stops, err := a.Store.Van.Following(ctx, member)
	if err != nil {
		return false, fmt.Errorf("followed stops: %w", err)
	}
	for _, s := range stops {
		if s.ID == id {
			return true, nil
		}
	}
	return false, nil
}

// follow begins or ends following; the card then shows the present state.
func (v van) follow(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id, on := store.StopID(r.Arg(0)), r.Arg(1) == "1"
	if err := v.Store.Van.Follow(ctx, v.op(r), id, v.me(r), on); err != nil {
		return fail("follow a stop", err)
	}
	reply, err := v.card(ctx, r, id)
	toast := "van.unfollowed_toast"
	if on {
		toast = "van.followed_toast"
	}
	return reply.WithToast(v.words(r).Plain(toast)), err
}

// off ends the reminders of a stop from within one, which stays readable; it can be taken back.
func (v van) off(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := v.words(r)
	s, err := v.Store.Van.Stop(ctx, store.StopID(r.Arg(0)))
	if err != nil {
		return fail("reminders off", err)
	}
	if err := v.Store.Van.Follow(ctx, v.op(r), s.ID, v.me(r), false); err != nil {
		return fail("reminders off", err)
	}
	return chat.Say(p.HTML("van.off", "stop", stopLabel(s)),
		chat.Row(chat.Press(p.Plain("common.undo"), "follow", string(s.ID), "1"))).WithToast(p.Plain("van.unfollowed_toast")), nil
}

// venue sends a stop's place, which opens in maps.
func (v van) venue(ctx context.Context, r chat.Request) (chat.Reply, error) {
	s, err := v.Store.Van.Stop(ctx, store.StopID(r.Arg(0)))
	if err != nil {
		return fail("show on a map", err)
	}
	if s.Lat == 0 && s.Lon == 0 {
		return chat.Toast(v.words(r).Plain("van.no_map")), nil
	}
	address := s.Address
	if address == "" {
		address = s.Community
	}
	return chat.Reply{Messages: []chat.Message{{Venue: &chat.Venue{
		Point: chat.Point{Lat: s.Lat, Lon: s.Lon}, Title: stopLabel(s), Address: address,
	}}}}, nil
}

// share sends a message to forward, with the stop's deep link.
func (v van) share(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := v.words(r)
	s, err := v.Store.Van.Stop(ctx, store.StopID(r.Arg(0)))
	if err != nil {
		return fail("share a stop", err)
	}
	visits, err := v.nextVisits(ctx, p, s.ID, 1)
	if err != nil {
		return fail("share a stop", err)
	}
	return chat.Say(p.HTML("van.share_text", "stop", stopLabel(s), "visit", visits[0], "link", v.deepLink("s_"+string(s.ID)))), nil
}

// book says how a book gets to this stop. Guests are told how to join first.
func (v van) book(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Actor.Role < chat.Member {
		return fail("book at a stop", store.ErrNotMember)
	}
	p := v.words(r)
	s, err := v.Store.Van.Stop(ctx, store.StopID(r.Arg(0)))
	if err != nil {
		return fail("book at a stop", err)
	}
	if err := v.Store.Van.Follow(ctx, v.op(r), s.ID, v.me(r), true); err != nil {
		return fail("book at a stop", err)
	}
	reply := chat.Say(p.HTML("van.book_text", "stop", stopLabel(s)))
	reply.Messages[0].Prompt = p.Plain("van.book_prompt")
	return reply.End(), nil
}
