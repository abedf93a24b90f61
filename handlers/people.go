package handlers

import (
	"context"
	"fmt"
	"slices"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// people lists everybody whom the bot knows; staff look after them here, also after those without Telegram.
type people struct{ *App }

// The dialogues of people.
const (
	findPersonDialogue = "people"
	addPersonDialogue  = "person_add"
	bookForDialogue    = "book_for"
)

func (f people) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "people", Aliases: map[string][]string{"lt": {"zmones"}, "lv": {"cilveki"}},
		Role: chat.Librarian, Help: "people.help", Handler: f.list,
	})
	for name, handler := range map[string]chat.Handler{
		"people": f.list, "person": f.open, "papps": f.waiting, "prole": f.setRole, "pinvite": f.invite,
		"padd": f.add, "padd_skip": f.skipped, "padd_org": f.chosenOrganisation, "padd_kind": f.chosenKind, "padd_save": f.save,
		"pbook": f.askBook, "pfind": f.turn, "pplace": f.choosePlace, "pput": f.reserve,
		"ptrain": f.chooseTraining, "pjoin": f.registerFor, "preg": f.registration, "pleave": f.unregister,
	} {
		view := name == "papps" || name == "preg" || name == "pfind"
		r.Action(chat.Action{Name: name, Role: chat.Librarian, View: view, Handler: handler})
	}
	r.Dialogue(
		chat.Dialogue{Name: findPersonDialogue, Version: 1, Role: chat.Librarian, Handler: f.typed},
		chat.Dialogue{Name: addPersonDialogue, Version: 1, Role: chat.Librarian, Handler: f.addTyped},
		chat.Dialogue{Name: bookForDialogue, Version: 1, Role: chat.Librarian, Handler: f.bookTyped},
	)
}

// list shows a page of all, or of those found. Arguments: the offset, after what was looked for, if anything.
func (f people) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	switch {
	case r.Kind != chat.KindPress:
		return f.page(ctx, r, r.Text, 0)
	case len(r.Args) > 1:
		return f.page(ctx, r, r.Arg(0), offsetArg(r, 1, pageSize))
	}
	return f.page(ctx, r, "", offsetArg(r, 0, pageSize))
}

// typed looks for people. A file is a catalogue or a timetable here too.
func (f people) typed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	switch r.Kind {
	case chat.KindText:
		return f.page(ctx, r, r.Text, 0)
	case chat.KindFile:
		reply, err := f.receiveFile(ctx, r)
		return reply.End(), err
	case chat.KindCommand, chat.KindPress, chat.KindLocation, chat.KindOther, chat.KindBlocked, chat.KindReturned, chat.KindMigrated:
	}
	return chat.Say(f.words(r).HTML("people.type_name")), nil
}

func (f people) page(ctx context.Context, r chat.Request, query string, offset int) (chat.Reply, error) {
	p := f.words(r)
	query = cutQuery(query)
	list, total, err := f.Store.Members.Find(ctx, query, offset, pageSize)
	if err == nil && len(list) == 0 && offset > 0 {
		offset = 0
		list, total, err = f.Store.Members.Find(ctx, query, 0, pageSize)
	}
	if err != nil {
		return fail("list people", err)
	}
	var items []chat.HTML
	var buttons []chat.Button
	for i, m := range list {
		organisation, err := f.organisationName(ctx, m)
		if err != nil {
			return chat.Reply{}, err
		}
		if organisation != "" {
			organisation = " · " + short(organisation, 60)
		}
		items = append(items, p.HTML("people.item", "number", offset+i+1, "mark", roleMark(m),
			"name", short(m.Name, 60), "organisation", organisation))
		buttons = append(buttons, numbered(offset+i+1, m.Name, "person", string(m.ID)))
	}
	args := []string{}
	if query != "" {
		args = append(args, query)
	}
	rows := append(chat.Columns(2, buttons...), pager(p, offset, pageSize, total, "people", args...)...)
	foot, err := f.foot(ctx, p, query, total)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Change(r, paragraphs(peopleHead(p, query, total), lines(items...), p.HTML("people.type_name")), append(rows, foot...)...)
	return reply.Then(&chat.State{Dialogue: findPersonDialogue, Step: "find"}), nil
}

// peopleHead says how many there are, or how many were found.
func peopleHead(p *messages.Printer, query string, total int) chat.HTML {
	switch {
	case query == "":
		return p.HTML("people.head", "n", total)
	case total == 0:
		return p.HTML("people.none", "query", query)
	}
	return p.HTML("people.found", "query", query, "n", total)
}

// foot is what can be done beside choosing somebody.
func (f people) foot(ctx context.Context, p *messages.Printer, query string, total int) ([][]chat.Button, error) {
	var rows [][]chat.Button
	applications, err := f.Store.Members.Applications(ctx)
	if err != nil {
		return nil, fmt.Errorf("applications: %w", err)
	}
	switch {
	case query == "" && len(applications) > 0:
		rows = append(rows, chat.Row(chat.Press(p.Plain("people.waiting", "n", len(applications)), "papps", "0")))
	case query != "" && total == 0 && searchable(query):
		rows = append(rows, chat.Row(finding{text: query}.button(p.Plain("people.search_books"))))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("people.add"), "padd"), chat.Press(p.Plain("people.invite"), "pinvite")))
	back := chat.Press(p.Plain("common.back"), "staff")
	if query != "" {
		back = chat.Press(p.Plain("people.all"), "people", "0")
	}
	return append(rows, chat.Row(back)), nil
}

// roleMark is a sign for what somebody is, and for having no Telegram.
func roleMark(m store.Member) string {
	if m.Chat == 0 {
		return "☎️"
	}
	switch m.Role {
	case store.RoleOwner:
		return "🔑"
	case store.RoleLibrarian:
		return "🛠"
	case store.RoleDriver:
		return "🚐"
	case store.RoleMember:
		return "👤"
	case store.RoleApplicant:
		return "⏳"
	case store.RoleGuest:
	}
	return "▫️"
}

// leaving ends the dialogue that a person is in, if it is one of these; any other is none of our business.
func leaving(r chat.Request, reply chat.Reply, dialogues ...string) chat.Reply {
	if r.State != nil && slices.Contains(dialogues, r.State.Dialogue) {
		return reply.End()
	}
	return reply
}

// waiting lists who asked to join, oldest first.
func (f people) waiting(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	all, err := f.Store.Members.Applications(ctx)
	if err != nil {
		return fail("applications", err)
	}
	page, offset := window(all, offsetArg(r, 0, pageSize), pageSize)
	items := []chat.HTML{p.HTML("people.waiting_head")}
	if len(all) == 0 {
		items = append(items, p.HTML("people.nobody_waits"))
	}
	var buttons []chat.Button
	for i, x := range page {
		items = append(items, p.HTML("people.waiting_item", "number", offset+i+1, "name", short(x.Name, 60),
			"organisation", short(x.Organisation, 60), "day", p.Day(f.local(x.At))))
		buttons = append(buttons, numbered(offset+i+1, x.Name, "person", string(x.Member)))
	}
	rows := append(chat.Columns(2, buttons...), pager(p, offset, pageSize, len(all), "papps")...)
	return chat.Change(r, lines(items...), append(rows, chat.Row(chat.Press(p.Plain("common.back"), "people", "0")))...), nil
}
