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

// desk is a librarian's daily work: holds to prepare, to send, to hand over, and loans to take back.
type desk struct{ *App }

func (d desk) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "desk", Aliases: map[string][]string{"lt": {"stalas"}, "lv": {"galds"}},
		Role: chat.Driver, Help: "desk.help", View: true, Handler: d.home,
	})
	r.Action(
		chat.Action{Name: "desk", Role: chat.Driver, View: true, Handler: d.home},
		chat.Action{Name: "dlist", Role: chat.Librarian, View: true, Handler: d.list},
		chat.Action{Name: "dloans", Role: chat.Librarian, View: true, Handler: d.loans},
		chat.Action{Name: "dhold", Role: chat.Driver, View: true, Handler: d.open},
		chat.Action{Name: "dact", Role: chat.Driver, Handler: d.act},
		chat.Action{Name: "dloan", Role: chat.Driver, View: true, Handler: d.openLoan},
		chat.Action{Name: "dreturn", Role: chat.Driver, Handler: d.takeBack},
		chat.Action{Name: "drenew", Role: chat.Librarian, Handler: d.renew},
		chat.Action{Name: "dfound", Role: chat.Driver, Handler: d.found},
		chat.Action{Name: "dscan", Role: chat.Driver, Handler: d.scan},
	)
	r.Dialogue(chat.Dialogue{Name: "desk", Version: 1, Role: chat.Driver, Handler: d.scanned})
}

// deskStates are the states whose holds ask for something to be done, in the order of the work.
func deskStates() []store.HoldState {
	return []store.HoldState{store.HoldAllocated, store.HoldInTransit, store.HoldReady}
}

// home counts what is to be done. A driver gets the trip instead.
func (d desk) home(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Actor.Role < chat.Librarian {
		return driver(d).trip(ctx, r)
	}
	p := d.words(r)
	text := []chat.HTML{p.HTML("desk.title"), ""}
	var buttons []chat.Button
	for _, state := range deskStates() {
		_, total, err := d.Store.Holds.InState(ctx, state, 0, 1)
		if err != nil {
			return fail("desk", err)
		}
		text = append(text, p.HTML("desk.count_"+string(state), "count", total))
		buttons = append(buttons, chat.Press(p.Plain("desk.list_"+string(state)), "dlist", string(state), "0"))
	}
	overdue, err := d.overdue(ctx)
	if err != nil {
		return fail("desk", err)
	}
	_, loans, err := d.Store.Holds.AllLoans(ctx, 0, 1)
	if err != nil {
		return fail("desk", err)
	}
	text = append(text, p.HTML("desk.count_loans", "count", loans, "overdue", overdue))
	buttons = append(buttons, chat.Press(p.Plain("desk.list_loans"), "dloans", "0"))
	rows := append(chat.Columns(2, buttons...), chat.Row(chat.Press(p.Plain("desk.scan"), "dscan"), chat.Press(p.Plain("van.trip"), "trip")))
	return chat.Change(r, spaced(text), rows...), nil
}

// overdue counts loans past their day: the first in the order of due days.
func (a *App) overdue(ctx context.Context) (int, error) {
	const batch = 200
	for offset := 0; ; offset += batch {
		list, _, err := a.Store.Holds.AllLoans(ctx, offset, batch)
		if err != nil {
			return 0, fmt.Errorf("overdue loans: %w", err)
		}
		for i, l := range list {
			if l.DueAt.After(a.Now()) {
				return offset + i, nil
			}
		}
		if len(list) < batch {
			return offset + len(list), nil
		}
	}
}

// list shows the holds in one state, oldest first.
func (d desk) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	state := store.HoldState(r.Arg(0))
	if !state.Open() || state == store.HoldPlaced {
		return fail("desk list", chat.ErrBadData)
	}
	offset := offsetArg(r, 1, pageSize)
	holds, total, err := d.Store.Holds.InState(ctx, state, offset, pageSize)
	if err == nil && len(holds) == 0 && offset > 0 {
		offset = 0
		holds, total, err = d.Store.Holds.InState(ctx, state, 0, pageSize)
	}
	if err != nil {
		return fail("desk list", err)
	}
	titles, members, err := d.ofHolds(ctx, holds)
	if err != nil {
		return fail("desk list", err)
	}
	text := []chat.HTML{p.HTML("desk.head_"+string(state), "count", total), ""}
	if total == 0 {
		text = append(text, p.HTML("desk.all_done"))
	}
	var buttons []chat.Button
	for i, h := range holds {
		place, err := d.placeName(ctx, p, h.Pickup)
		if err != nil {
			return fail("desk list", err)
		}
		text = append(text, p.HTML("desk.item", "i", offset+i+1, "title", clip(titles[h.Title].Name, 60),
			"member", members[h.Member].Name, "place", place))
		buttons = append(buttons, numbered(offset+i+1, titles[h.Title].Name, "dhold", string(h.ID)))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows, pager(p, offset, pageSize, total, "dlist", string(state))...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "desk")))
	return chat.Change(r, spaced(text), rows...), nil
}

// ofHolds reads the titles and members of holds.
func (a *App) ofHolds(ctx context.Context, holds []store.Hold) (map[store.TitleID]store.Title, map[store.MemberID]store.Member, error) {
	titleIDs := make([]store.TitleID, len(holds))
	memberIDs := make([]store.MemberID, len(holds))
	for i, h := range holds {
		titleIDs[i], memberIDs[i] = h.Title, h.Member
	}
	titles, err := a.titlesOf(ctx, titleIDs)
	if err != nil {
		return nil, nil, err
	}
	members, err := a.membersOf(ctx, memberIDs)
	if err != nil {
		return nil, nil, err
	}
	return titles, members, nil
}

// loans lists all open loans, the first due first; what is overdue stands at the top.
func (d desk) loans(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	offset := offsetArg(r, 0, pageSize)
	list, total, err := d.Store.Holds.AllLoans(ctx, offset, pageSize)
	if err != nil {
		return fail("desk loans", err)
	}
	holds := make([]store.Hold, len(list))
	for i, l := range list {
		holds[i] = store.Hold{Title: l.Title, Member: l.Member}
	}
	titles, members, err := d.ofHolds(ctx, holds)
	if err != nil {
		return fail("desk loans", err)
	}
	text := []chat.HTML{p.HTML("desk.head_loans", "count", total), ""}
	if total == 0 {
		text = append(text, p.HTML("desk.no_loans"))
	}
	var buttons []chat.Button
	for i, l := range list {
		mark := ""
		if !l.DueAt.After(d.Now()) {
			mark = "⚠️ "
		}
		text = append(text, p.HTML("desk.loan_item", "i", offset+i+1, "mark", mark, "title", clip(titles[l.Title].Name, 60),
			"member", members[l.Member].Name, "contact", contact(members[l.Member]), "due", p.Day(d.local(l.DueAt))))
		buttons = append(buttons, numbered(offset+i+1, titles[l.Title].Name, "dloan", string(l.ID)))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows, pager(p, offset, pageSize, total, "dloans")...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "desk")))
	return chat.Change(r, spaced(text), rows...), nil
}

// scan asks for a barcode; the dialogue goes on until it is left, so that many can be typed or scanned one after the other.
func (d desk) scan(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	reply := chat.Say(p.HTML("desk.scan_ask"))
	reply.Messages[0].Prompt = p.Plain("desk.scan_prompt")
	return reply.Then(&chat.State{Dialogue: "desk", Step: "scan"}), nil
}

// scanned opens what can be done with the copy behind a barcode.
func (d desk) scanned(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	code := strings.TrimSpace(r.Text)
	if r.Kind != chat.KindText || code == "" {
		return chat.Say(p.HTML("desk.scan_ask")), nil
	}
	c, err := d.Store.Titles.ByBarcode(ctx, code)
	if errors.Is(err, store.ErrNotFound) {
		return chat.Say(p.HTML("desk.scan_unknown", "code", clip(code, 40))), nil
	}
	if err != nil {
		return fail("find a barcode", err)
	}
	return d.copyCard(ctx, r, p, c)
}

// copyCard shows a copy by what it is at the moment: on loan, promised, missing or on its shelf.
func (d desk) copyCard(ctx context.Context, r chat.Request, p *messages.Printer, c store.Copy) (chat.Reply, error) {
	switch c.Status {
	case store.CopyLoaned:
		loan, err := d.Store.Holds.LoanOf(ctx, c.ID)
		if err != nil {
			return fail("loan of a copy", err)
		}
		return d.loanCard(ctx, r, loan)
	case store.CopyHeld:
		hold, err := d.Store.Holds.OfCopy(ctx, c.ID)
		if err != nil {
			return fail("hold of a copy", err)
		}
		return d.card(ctx, r, hold)
	case store.CopyAvailable, store.CopyMissing:
	}
	t, err := d.Store.Titles.Get(ctx, c.Title)
	if err != nil {
		return fail("title of a copy", err)
	}
	text := p.HTML("desk.copy_"+string(c.Status), "title", t.Name, "barcode", c.Barcode)
	rows := [][]chat.Button{chat.Row(chat.Press(p.Plain("desk.title_card"), "title", string(t.ID)))}
	if c.Status == store.CopyMissing {
		rows = append([][]chat.Button{chat.Row(chat.Press(p.Plain("desk.found"), "dfound", string(c.ID)))}, rows...)
	}
	return chat.Change(r, text, rows...), nil
}
