package handlers

import (
	"context"
	"slices"
	"strings"

	"versli/bot/chat"
	"versli/store"
)

// titleEditing lets librarians add, describe and remove titles in the chat, and add copies.
type titleEditing struct{ *App }

// editTitleDialogue takes the new value of one field.
const editTitleDialogue = "title_field"

func (t titleEditing) register(r *chat.Router) {
	for name, handler := range map[string]chat.Handler{
		"tedit": t.open, "tefield": t.askField, "teset": t.setField, "teclear": t.clearField,
		"tecopies": t.copies, "teplace": t.howMany, "teput": t.addCopies, "teremove": t.remove,
		"tnew": t.add,
	} {
		r.Action(chat.Action{Name: name, Role: chat.Librarian, Handler: handler})
	}
	r.Dialogue(chat.Dialogue{Name: editTitleDialogue, Version: 1, Role: chat.Librarian, Handler: t.typed})
	t.form().register(r)
}

func (t titleEditing) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := t.card(ctx, r, store.TitleID(r.Arg(0)))
	return leaving(r, reply, editTitleDialogue), err
}

// card shows a title with a button for each field of it.
func (t titleEditing) card(ctx context.Context, r chat.Request, id store.TitleID) (chat.Reply, error) {
	p := t.words(r)
	title, err := t.Store.Titles.Get(ctx, id)
	if err != nil {
		return fail("edit a title", err)
	}
	var buttons []chat.Button
	for _, f := range titleFields() {
		buttons = append(buttons, chat.Press(p.Plain("edit_title.field_"+f.name), "tefield", string(id), f.name))
	}
	rows := append(chat.Columns(3, buttons...),
		chat.Row(chat.Press(p.Plain("edit_title.copies"), "tecopies", string(id)),
			chat.Press(p.Plain("edit_title.remove"), "teremove", string(id))),
		chat.Row(chat.Press(p.Plain("edit_title.done"), "title", string(id))))
	var isbns chat.HTML
	if len(title.ISBNs) > 0 {
		isbns = p.HTML("edit_title.isbns", "isbns", strings.Join(title.ISBNs, ", "))
	}
	return chat.Change(r, paragraphs(describe(p, title), isbns, p.HTML("edit_title.choose")), rows...), nil
}

// askField asks for a field's new value: by buttons where there is a list, else by typing.
func (t titleEditing) askField(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := t.words(r)
	title, err := t.Store.Titles.Get(ctx, store.TitleID(r.Arg(0)))
	if err != nil {
		return fail("edit a title", err)
	}
	f, ok := titleFieldOf(r.Arg(1))
	if !ok {
		return fail("edit a title", chat.ErrBadData)
	}
	id := string(title.ID)
	var buttons []chat.Button
	for _, value := range f.choices() {
		label := p.Plain(f.labels + value)
		if value == f.read(title) {
			label = "• " + label
		}
		buttons = append(buttons, chat.Press(label, "teset", id, f.name, value))
	}
	rows := chat.Columns(2, buttons...)
	last := chat.Row(chat.Press(p.Plain("common.back"), "tedit", id))
	now := f.read(title)
	if now != "" && !f.needed {
		last = append(last, chat.Press(p.Plain("edit_title.clear"), "teclear", id, f.name))
	}
	rows = append(rows, last)
	head, ask := p.HTML("card.title", "title", short(title.Name, 120)), p.HTML("edit_title.ask_"+f.name)
	if len(buttons) > 0 {
		return leaving(r, chat.Change(r, paragraphs(head, ask), rows...), editTitleDialogue), nil
	}
	var present chat.HTML
	if now != "" {
		present = p.HTML("edit_title.now", "value", short(now, 700))
	}
	state := (&chat.State{Dialogue: editTitleDialogue}).With(f.name, "title", id)
	return chat.Change(r, paragraphs(head, ask, present), rows...).Then(state), nil
}

// typed takes a field's new value.
func (t titleEditing) typed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p, id := t.words(r), r.State.Data["title"]
	f, ok := titleFieldOf(r.State.Step)
	if !ok {
		return fail("edit a title", store.ErrStale)
	}
	back := chat.Row(chat.Press(p.Plain("common.back"), "tedit", id))
	value, ok := t.typedField(f, r)
	if !ok {
		return chat.Say(p.HTML("edit_title.bad_"+f.name), back), nil
	}
	reply, err := t.write(ctx, r, store.TitleID(id), f, value)
	return reply.End(), err
}

// setField takes a value from a button.
func (t titleEditing) setField(ctx context.Context, r chat.Request) (chat.Reply, error) {
	f, ok := titleFieldOf(r.Arg(1))
	if !ok || !slices.Contains(f.choices(), r.Arg(2)) {
		return fail("edit a title", chat.ErrBadData)
	}
	return t.write(ctx, r, store.TitleID(r.Arg(0)), f, r.Arg(2))
}

// clearField empties a field that may be empty.
func (t titleEditing) clearField(ctx context.Context, r chat.Request) (chat.Reply, error) {
	f, ok := titleFieldOf(r.Arg(1))
	if !ok || f.needed {
		return fail("edit a title", chat.ErrBadData)
	}
	reply, err := t.write(ctx, r, store.TitleID(r.Arg(0)), f, "")
	return leaving(r, reply, editTitleDialogue), err
}

// write changes one field and shows the title.
func (t titleEditing) write(ctx context.Context, r chat.Request, id store.TitleID, f titleField, value string) (chat.Reply, error) {
	title, err := t.Store.Titles.Get(ctx, id)
	if err != nil {
		return fail("edit a title", err)
	}
	if !f.write(&title, value, t.local(t.Now()).Year()) {
		return fail("edit a title", store.ErrInvalid)
	}
	if err := t.Store.Titles.Edit(ctx, t.op(r), title); err != nil {
		return fail("edit a title", err)
	}
	reply, err := t.card(ctx, r, id)
	return reply.WithToast(t.words(r).Plain("settings.saved")), err
}
