package handlers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// The steps of adding a person without Telegram, which are also the names of
// what the dialogue remembers. Preview ends it.
const (
	addName         = "name"
	addPhone        = "phone"
	addOrganisation = "organisation"
	addKind         = "kind"
	addPreview      = "preview"
)

// add asks for the name of somebody without Telegram.
func (f people) add(_ context.Context, r chat.Request) (chat.Reply, error) {
	r.State = &chat.State{Dialogue: addPersonDialogue, Step: addName}
	return f.askOf(r, f.words(r)).Then(r.State), nil
}

// at tells whether who pressed is at this step; else it shows the step that they are at.
func (f people) at(ctx context.Context, r chat.Request, steps ...string) (reply chat.Reply, ok bool, err error) {
	if r.State == nil || r.State.Dialogue != addPersonDialogue {
		reply, err = f.page(ctx, r, "", 0)
		return reply.WithToast(f.words(r).Plain("error.stale")), false, err
	}
	if !slices.Contains(steps, r.State.Step) {
		reply, err = f.question(ctx, r)
		return reply.WithToast(f.words(r).Plain("error.stale")), false, err
	}
	return reply, true, nil
}

// question is what the step asks.
func (f people) question(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	switch r.State.Step {
	case addOrganisation:
		return f.askOrganisation(ctx, r, p)
	case addKind:
		return f.askKind(r, p), nil
	case addPreview:
		return f.preview(ctx, r, p)
	}
	return f.askOf(r, p), nil
}

// askOf asks for the name or the phone.
func (f people) askOf(r chat.Request, p *messages.Printer) chat.Reply {
	key, rows := "people.add_name", [][]chat.Button{}
	if r.State.Step == addPhone {
		key, rows = "people.add_phone", append(rows, chat.Row(chat.Press(p.Plain("common.skip"), "padd_skip")))
	}
	return chat.Change(r, p.HTML(key, "name", r.State.Data[addName]), append(rows, f.leaveRow(p))...)
}

func (f people) leaveRow(p *messages.Printer) []chat.Button {
	return chat.Row(chat.Press(p.Plain("common.cancel"), "leave"))
}

func (f people) askOrganisation(ctx context.Context, r chat.Request, p *messages.Printer) (chat.Reply, error) {
	const offered = 10
	list, err := f.Store.Members.Organisations(ctx, true)
	if err != nil {
		return fail("organisations", err)
	}
	var buttons []chat.Button
	for _, o := range list[:min(len(list), offered)] {
		buttons = append(buttons, chat.Press(short(o.Name, 40), "padd_org", string(o.ID)))
	}
	rows := append(chat.Columns(1, buttons...), chat.Row(chat.Press(p.Plain("people.add_alone"), "padd_skip")), f.leaveRow(p))
	return chat.Change(r, p.HTML("people.add_organisation", "name", r.State.Data[addName]), rows...), nil
}

func (f people) askKind(r chat.Request, p *messages.Printer) chat.Reply {
	var buttons []chat.Button
	for _, k := range organisationKinds() {
		buttons = append(buttons, chat.Press(capital(p.Plain("kind."+string(k))), "padd_kind", string(k)))
	}
	rows := append(chat.Columns(2, buttons...), f.leaveRow(p))
	return chat.Change(r, p.HTML("join.kind", "organisation", r.State.Data[addOrganisation]), rows...)
}

// preview shows what will be saved, and who has that name already.
func (f people) preview(ctx context.Context, r chat.Request, p *messages.Printer) (chat.Reply, error) {
	d := r.State.Data
	var organisation, alike chat.HTML
	if d[addOrganisation] != "" {
		organisation = p.HTML("people.organisation", "organisation", d[addOrganisation])
	}
	same, _, err := f.Store.Members.Find(ctx, d[addName], 0, 3)
	if err != nil {
		return fail("look for the same name", err)
	}
	if len(same) > 0 {
		var names []string
		for _, m := range same {
			names = append(names, m.Name)
		}
		alike = p.HTML("people.alike", "names", strings.Join(names, ", "))
	}
	phone := p.HTML("people.no_phone")
	if d[addPhone] != "" {
		phone = p.HTML("people.phone", "phone", d[addPhone])
	}
	who := lines(p.HTML("people.card", "mark", "☎️", "name", d[addName]), phone, organisation)
	decide := chat.Row(chat.Press(p.Plain("people.save"), "padd_save"), chat.Press(p.Plain("people.add_again"), "padd"))
	return chat.Change(r, paragraphs(p.HTML("people.add_check"), who, alike), decide, f.leaveRow(p)), nil
}

// next goes on to a step with one more answer.
func (f people) next(ctx context.Context, r chat.Request, step, name, value string) (chat.Reply, error) {
	r.State = r.State.With(step, name, value)
	reply, err := f.question(ctx, r)
	return reply.Then(r.State), err
}

// addTyped takes what is typed at a step; anything else is asked again.
func (f people) addTyped(ctx context.Context, r chat.Request) (chat.Reply, error) {
	text := strings.Join(strings.Fields(r.Text), " ")
	if r.Kind != chat.KindText || !searchable(text) || len([]rune(text)) > longestName {
		return f.question(ctx, r)
	}
	switch r.State.Step {
	case addName:
		return f.next(ctx, r, addPhone, addName, text)
	case addPhone:
		if !isPhone(text) {
			return chat.Say(f.words(r).HTML("people.not_phone"), chat.Row(chat.Press(f.words(r).Plain("common.skip"), "padd_skip"))), nil
		}
		return f.next(ctx, r, addOrganisation, addPhone, text)
	case addOrganisation:
		list, err := f.Store.Members.Organisations(ctx, true)
		if err != nil {
			return fail("organisations", err)
		}
		for _, o := range list {
			if strings.EqualFold(o.Name, text) {
				return f.belongs(ctx, r, o)
			}
		}
		return f.next(ctx, r, addKind, addOrganisation, text)
	}
	return f.question(ctx, r)
}

// isPhone tells whether a text can be a phone number: 5 to 15 digits (ITU-T E.164) with the signs that people put between.
func isPhone(s string) bool {
	digits := 0
	for _, c := range s {
		switch {
		case unicode.IsDigit(c):
			digits++
		case !strings.ContainsRune("+-()/. ", c):
			return false
		}
	}
	return digits >= 5 && digits <= 15
}

// skipped leaves the phone or the organisation out.
func (f people) skipped(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, ok, err := f.at(ctx, r, addPhone, addOrganisation)
	if !ok {
		return reply, err
	}
	if r.State.Step == addPhone {
		return f.next(ctx, r, addOrganisation, addPhone, "")
	}
	return f.next(ctx, r, addPreview, addOrganisation, "")
}

func (f people) chosenOrganisation(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, ok, err := f.at(ctx, r, addOrganisation)
	if !ok {
		return reply, err
	}
	o, err := f.Store.Members.Organisation(ctx, store.OrganisationID(r.Arg(0)))
	if errors.Is(err, store.ErrNotFound) {
		return f.question(ctx, r)
	}
	if err != nil {
		return fail("chosen organisation", err)
	}
	return f.belongs(ctx, r, o)
}

// belongs goes on with an organisation that is known, and so is its kind.
func (f people) belongs(ctx context.Context, r chat.Request, o store.Organisation) (chat.Reply, error) {
	r.State = r.State.With(addKind, addOrganisation, o.Name)
	return f.next(ctx, r, addPreview, addKind, string(o.Kind))
}

func (f people) chosenKind(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, ok, err := f.at(ctx, r, addKind)
	if !ok {
		return reply, err
	}
	kind := store.OrganisationKind(r.Arg(0))
	if !slices.Contains(organisationKinds(), kind) {
		return fail("chosen kind", chat.ErrBadData)
	}
	return f.next(ctx, r, addPreview, addKind, string(kind))
}

// save adds the person and opens their card, where a book can be reserved for them at once.
func (f people) save(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, ok, err := f.at(ctx, r, addPreview)
	if !ok {
		return reply, err
	}
	d := r.State.Data
	m, err := f.Store.Members.Add(ctx, f.op(r), d[addName], d[addPhone], d[addOrganisation], store.OrganisationKind(d[addKind]))
	if err != nil {
		return fail("add a person", err)
	}
	reply, err = f.card(ctx, r, m.ID)
	return reply.WithToast(f.words(r).Plain("people.added")).End(), err
}
