package handlers

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"versli/bot/chat"
	"versli/store"
)

// copyCounts are how many copies are offered to be added at once.
func copyCounts() []string { return []string{"1", "2", "3", "5", "10"} }

// copies shows where a title's copies are, and offers the places to add more at.
func (t titleEditing) copies(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := t.words(r)
	title, err := t.Store.Titles.Get(ctx, store.TitleID(r.Arg(0)))
	if err != nil {
		return fail("copies", err)
	}
	shelves, err := t.Store.Titles.Shelves(ctx, title.ID)
	if err != nil {
		return fail("copies", err)
	}
	where, err := t.whereabouts(ctx, p, shelves)
	if err != nil {
		return chat.Reply{}, err
	}
	locations, err := t.Store.Titles.Locations(ctx)
	if err != nil {
		return fail("copies", err)
	}
	var buttons []chat.Button
	for _, l := range locations {
		buttons = append(buttons, chat.Press("➕ "+short(locationName(p, l), 40), "teplace", string(title.ID), string(l.ID)))
	}
	rows := append(chat.Columns(1, buttons...), chat.Row(chat.Press(p.Plain("common.back"), "tedit", string(title.ID))))
	head := p.HTML("card.title", "title", short(title.Name, 120))
	return chat.Change(r, paragraphs(head, where, p.HTML("edit_title.add_where")), rows...), nil
}

// howMany asks how many copies to add at a place. The buttons carry how many
// there are now, so that a second tap on one adds nothing.
func (t titleEditing) howMany(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := t.words(r)
	title, err := t.Store.Titles.Get(ctx, store.TitleID(r.Arg(0)))
	if err != nil {
		return fail("add copies", err)
	}
	place, err := t.Store.Titles.Location(ctx, store.LocationID(r.Arg(1)))
	if err != nil {
		return fail("add copies", err)
	}
	have, err := t.Store.Titles.Copies(ctx, title.ID)
	if err != nil {
		return fail("add copies", err)
	}
	var row []chat.Button
	for _, n := range copyCounts() {
		row = append(row, chat.Press(n, "teput", string(title.ID), string(place.ID), n, strconv.Itoa(len(have))))
	}
	return chat.Change(r, p.HTML("edit_title.how_many", "title", short(title.Name, 120), "place", locationName(p, place)),
		row, chat.Row(chat.Press(p.Plain("common.back"), "tecopies", string(title.ID)))), nil
}

// addCopies adds what the button says to what there was when it was asked. Done
// already, by a second tap or before the process was killed, it only shows it.
func (t titleEditing) addCopies(ctx context.Context, r chat.Request) (chat.Reply, error) {
	id := store.TitleID(r.Arg(0))
	n, err := strconv.Atoi(r.Arg(2))
	had, badly := strconv.Atoi(r.Arg(3))
	if errors.Join(err, badly) != nil || !slices.Contains(copyCounts(), r.Arg(2)) {
		return fail("add copies", chat.ErrBadData)
	}
	have, err := t.Store.Titles.Copies(ctx, id)
	if err != nil {
		return fail("add copies", err)
	}
	toast := t.words(r).Plain("edit_title.copies_added", "n", n)
	switch len(have) {
	case had:
		if err := t.Store.Titles.AddCopies(ctx, t.op(r), id, store.LocationID(r.Arg(1)), n); err != nil {
			return fail("add copies", err)
		}
	case had + n:
	default:
		toast = t.words(r).Plain("people.moved_on")
	}
	reply, err := t.copies(ctx, r)
	return reply.WithToast(toast), err
}

// remove asks, then deletes a title with its copies, unless somebody holds it or has it at home.
func (t titleEditing) remove(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Arg(1) == "yes" {
		return t.removed(ctx, r, store.TitleID(r.Arg(0)))
	}
	p := t.words(r)
	title, err := t.Store.Titles.Get(ctx, store.TitleID(r.Arg(0)))
	if err != nil {
		return fail("remove a title", err)
	}
	have, err := t.Store.Titles.Copies(ctx, title.ID)
	if err != nil {
		return fail("remove a title", err)
	}
	question := p.HTML("edit_title.ask_remove_bare", "title", short(title.Name, 120))
	if len(have) > 0 {
		question = p.HTML("edit_title.ask_remove", "title", short(title.Name, 120), "n", len(have))
	}
	id := string(title.ID)
	return chat.Change(r, question, chat.Row(chat.Press(p.Plain("edit_title.remove_yes"), "teremove", id, "yes"),
		chat.Press(p.Plain("common.no"), "tedit", id))), nil
}

// removed removes a title. Its name is read before; asked again after a kill, the title is gone and so is its name.
func (t titleEditing) removed(ctx context.Context, r chat.Request, id store.TitleID) (chat.Reply, error) {
	p := t.words(r)
	name, err := t.titleName(ctx, p, id)
	if err != nil {
		return chat.Reply{}, err
	}
	err = t.Store.Titles.Remove(ctx, t.op(r), id)
	if errors.Is(err, store.ErrInUse) {
		return chat.Change(r, p.HTML("edit_title.in_use", "title", name),
			chat.Row(chat.Press(p.Plain("common.back"), "tedit", string(id)), chat.Press(p.Plain("edit_title.to_desk"), "desk"))), nil
	}
	if err != nil {
		return fail("remove a title", err)
	}
	return leaving(r, chat.Change(r, p.HTML("edit_title.removed", "title", name),
		chat.Row(chat.Press(p.Plain("edit_title.add"), "tnew"), chat.Press(p.Plain("common.back"), "staff"))), editTitleDialogue), nil
}
