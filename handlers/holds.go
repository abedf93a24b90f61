package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// holds is a member's own holds and loans.
type holds struct{ *App }

func (h holds) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "holds", Aliases: map[string][]string{"lt": {"rezervacijos"}, "lv": {"rezervacijas"}},
		Role: chat.Member, Help: "help.holds", View: true, Handler: h.list,
	})
	r.Action(
		chat.Action{Name: "reserve", Role: chat.Member, Handler: h.choosePlace},
		chat.Action{Name: "stops4", Role: chat.Member, Handler: h.chooseStop},
		chat.Action{Name: "pick", Role: chat.Member, Handler: h.place},
		chat.Action{Name: "holds", Role: chat.Member, View: true, Handler: h.list},
		chat.Action{Name: "hold", Role: chat.Member, View: true, Handler: h.open},
		chat.Action{Name: "unhold", Role: chat.Member, Handler: h.cancel},
		chat.Action{Name: "rehold", Role: chat.Member, Handler: h.undo},
		chat.Action{Name: "loan", Role: chat.Member, View: true, Handler: h.openLoan},
		chat.Action{Name: "renew", Role: chat.Member, Handler: h.renew},
	)
}

// shownHolds bounds the list: more than any rulebook lets a member have.
const shownHolds = 40

// list shows what the member waits for and has at home, in one message.
func (h holds) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := h.words(r)
	open, err := h.Store.Holds.OfMember(ctx, h.me(r))
	if err != nil {
		return fail("my holds", err)
	}
	loans, err := h.Store.Holds.Loans(ctx, h.me(r))
	if err != nil {
		return fail("my loans", err)
	}
	if len(open)+len(loans) == 0 {
		return chat.Change(r, p.HTML("holds.none"),
			chat.Row(chat.Press(p.Plain("search.topics"), "topics"), finding{newest: true}.button(p.Plain("search.new")))), nil
	}
	open, loans = open[:min(len(open), shownHolds)], loans[:min(len(loans), shownHolds)]
	ids := make([]store.TitleID, 0, len(open)+len(loans))
	for _, x := range open {
		ids = append(ids, x.Title)
	}
	for _, x := range loans {
		ids = append(ids, x.Title)
	}
	titles, err := h.titlesOf(ctx, ids)
	if err != nil {
		return chat.Reply{}, err
	}
	var holdItems, loanItems []chat.HTML
	var buttons []chat.Button
	for i, x := range open {
		state, err := h.holdLine(ctx, p, x)
		if err != nil {
			return chat.Reply{}, err
		}
		holdItems = append(holdItems, lines(p.HTML("holds.item", "number", i+1, "title", short(titles[x.Title].Name, 80)), state))
		buttons = append(buttons, numbered(i+1, titles[x.Title].Name, "hold", string(x.ID)))
	}
	for i, x := range loans {
		n := len(open) + i + 1
		loanItems = append(loanItems, lines(p.HTML("holds.item", "number", n, "title", short(titles[x.Title].Name, 80)), h.loanLine(p, x)))
		buttons = append(buttons, numbered(n, titles[x.Title].Name, "loan", string(x.ID)))
	}
	var waiting, home chat.HTML
	if len(holdItems) > 0 {
		waiting = paragraphs(append([]chat.HTML{p.HTML("holds.head")}, holdItems...)...)
	}
	if len(loanItems) > 0 {
		home = paragraphs(append([]chat.HTML{p.HTML("holds.loans_head")}, loanItems...)...)
	}
	return chat.Change(r, paragraphs(waiting, home), chat.Columns(1, buttons...)...), nil
}

// open shows one hold, whatever has become of it.
func (h holds) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	hold, err := h.mine(ctx, r)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.card(ctx, r, hold)
}

// mine reads the pressed button's hold. That of another member is not there.
func (h holds) mine(ctx context.Context, r chat.Request) (store.Hold, error) {
	hold, err := h.Store.Holds.Get(ctx, store.HoldID(r.Arg(0)))
	if err != nil {
		return hold, fmt.Errorf("read my hold: %w", err)
	}
	if hold.Member != h.me(r) {
		return hold, store.ErrNotFound
	}
	return hold, nil
}

// card is one hold with what can be done about it.
func (h holds) card(ctx context.Context, r chat.Request, hold store.Hold) (chat.Reply, error) {
	p := h.words(r)
	title, err := h.titleName(ctx, p, hold.Title)
	if err != nil {
		return chat.Reply{}, err
	}
	state, err := h.holdLine(ctx, p, hold)
	if err != nil {
		return chat.Reply{}, err
	}
	place, err := h.placeName(ctx, p, hold.Pickup)
	if err != nil {
		return chat.Reply{}, err
	}
	next, err := h.whatNext(ctx, p, hold)
	if err != nil {
		return chat.Reply{}, err
	}
	rows := [][]chat.Button{}
	if hold.State.Open() {
		rows = append(rows, chat.Row(chat.Press(p.Plain("holds.cancel"), "unhold", string(hold.ID))))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("holds.book"), "title", string(hold.Title)), chat.Press(p.Plain("holds.all"), "holds")))
	return chat.Change(r, paragraphs(
		p.HTML("holds.card", "title", title),
		lines(state, p.HTML("holds.pickup", "place", place)),
		next,
	), rows...), nil
}

// titleName is a title's name, also of one that is gone.
func (a *App) titleName(ctx context.Context, p *messages.Printer, id store.TitleID) (string, error) {
	t, err := a.Store.Titles.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return p.Plain("holds.title_gone"), nil
	}
	if err != nil {
		return "", fmt.Errorf("name of title %s: %w", id, err)
	}
	return short(t.Name, 120), nil
}

// holdLine is a hold's state in plain words.
func (a *App) holdLine(ctx context.Context, p *messages.Printer, h store.Hold) (chat.HTML, error) {
	switch h.State {
	case store.HoldPlaced:
		return p.HTML("holds.placed", "position", max(1, h.Position)), nil
	case store.HoldAllocated:
		return p.HTML("holds.allocated"), nil
	case store.HoldInTransit, store.HoldReady:
		place, err := a.placeName(ctx, p, h.Pickup)
		if err != nil {
			return "", err
		}
		if h.State == store.HoldInTransit {
			return p.HTML("holds.in_transit", "place", place), nil
		}
		return p.HTML("holds.ready", "place", place, "day", p.DayAndWeekday(a.local(h.Deadline))), nil
	case store.HoldCollected:
		return p.HTML("holds.collected"), nil
	case store.HoldCancelled:
		return p.HTML("holds.cancelled"), nil
	case store.HoldExpired:
		return p.HTML("holds.expired"), nil
	case store.HoldUnfilled:
		return p.HTML("holds.unfilled"), nil
	}
	return "", nil
}

// whatNext says what happens next with a hold, and who does it.
func (a *App) whatNext(ctx context.Context, p *messages.Printer, h store.Hold) (chat.HTML, error) {
	switch h.State {
	case store.HoldPlaced:
		return p.HTML("holds.next_queue"), nil
	case store.HoldAllocated:
		if !isStop(h.Pickup) {
			return p.HTML("holds.next_library"), nil
		}
		return a.visitPromise(ctx, p, store.StopID(h.Pickup), preparation)
	case store.HoldInTransit:
		if isStop(h.Pickup) {
			return a.visitPromise(ctx, p, store.StopID(h.Pickup), 0)
		}
	case store.HoldReady:
		if isStop(h.Pickup) {
			return a.visitUntil(ctx, p, store.StopID(h.Pickup), h.Deadline)
		}
	case store.HoldCollected, store.HoldCancelled, store.HoldExpired, store.HoldUnfilled:
	}
	return "", nil
}

// visitPromise says with which visit of the van a book is to come that takes so long to prepare.
func (a *App) visitPromise(ctx context.Context, p *messages.Printer, id store.StopID, prepare time.Duration) (chat.HTML, error) {
	v, ok, err := a.nextVisit(ctx, id, a.Now().Add(prepare))
	if errors.Is(err, store.ErrNotFound) || (err == nil && !ok) {
		return p.HTML("holds.next_stop_unknown"), nil
	}
	if err != nil {
		return "", err
	}
	return p.HTML("holds.next_stop", "when", a.visitTime(p, v)), nil
}

// visitUntil says when the van, with a ready book in it, stands at a stop; nothing when it does not until a deadline.
func (a *App) visitUntil(ctx context.Context, p *messages.Printer, id store.StopID, deadline time.Time) (chat.HTML, error) {
	const look = 8
	visits, err := a.Store.Van.Visits(ctx, id, a.Now(), look)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("visit for a ready book: %w", err)
	}
	for _, v := range visits {
		if !v.Cancelled && !v.Arrival.After(deadline) {
			return p.HTML("holds.ready_stop", "when", a.visitTime(p, v)), nil
		}
	}
	return "", nil
}
