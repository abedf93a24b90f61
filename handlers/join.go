package handlers

import (
	"context"
	"errors"
	"slices"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// joining is the way into the cluster: name, organisation, its kind, the
// cooperation agreement; then a librarian decides, or an invitation has decided already.
type joining struct{ *App }

// The steps of the dialogue, and the names of what it remembers.
const (
	joinDialogue = "join"

	stepName         = "name"
	stepOrganisation = "organisation"
	stepKind         = "kind"
	stepAgreement    = "agreement"

	joinName         = "name"
	joinOrganisation = "organisation"
	joinKind         = "kind"
	joinVersion      = "agreement"
	joinCode         = "code"
)

// longestName bounds names of people and organisations, in letters.
const longestName = 100

func (j joining) register(r *chat.Router) {
	r.Action(
		chat.Action{Name: "join", Handler: j.begin},
		chat.Action{Name: "join_name", Handler: j.pressed(stepName, j.telegramName)},
		chat.Action{Name: "join_org", Handler: j.pressed(stepOrganisation, j.chosenOrganisation)},
		chat.Action{Name: "join_kind", Handler: j.pressed(stepKind, j.chosenKind)},
		chat.Action{Name: "join_agree", Handler: j.pressed(stepAgreement, j.agree)},
	)
	r.Dialogue(chat.Dialogue{Name: joinDialogue, Version: 1, Handler: j.typed})
	r.Deeplink(chat.Deeplink{Prefix: "i_", Handler: j.invited})
}

// begin asks for the name; who joined or applied already is told so.
func (j joining) begin(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := j.words(r)
	switch {
	case r.Actor.Role >= chat.Member:
		return chat.Change(r, p.HTML("join.already"), j.backToStart(p)), nil
	case r.Actor.Role == chat.Applicant:
		return chat.Change(r, p.HTML("join.waiting"), j.backToStart(p)), nil
	}
	return j.question(r, p, store.Invitation{}), nil
}

func (j joining) backToStart(p *messages.Printer) []chat.Button {
	return chat.Row(chat.Press(p.Plain("common.back"), "start"))
}

// question is the first one: who are you?
func (j joining) question(r chat.Request, p *messages.Printer, i store.Invitation) chat.Reply {
	state := (&chat.State{Dialogue: joinDialogue}).With(stepName, joinCode, i.Code)
	return j.askName(r, p).Then(state)
}

func (j joining) askName(r chat.Request, p *messages.Printer) chat.Reply {
	name := short(r.From.Name(), longestName)
	return chat.Change(r, p.HTML("join.name", "name", name),
		chat.Row(chat.Press(p.Plain("join.use_name", "name", short(name, 40)), "join_name")),
		j.leaveRow(p))
}

func (j joining) leaveRow(p *messages.Printer) []chat.Button {
	return chat.Row(chat.Press(p.Plain("common.cancel"), "leave"))
}

// invited opens an invitation's deep link. One to be owner is accepted at once.
func (j joining) invited(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := j.words(r)
	i, err := j.Store.Members.Invitation(ctx, r.Text)
	if errors.Is(err, store.ErrInvitationUsed) {
		return j.claim(ctx, r, r.Text) // perhaps by this very request, worked on before a kill
	}
	if err != nil {
		return fail("invitation", err)
	}
	if i.Role == store.RoleOwner {
		return j.claim(ctx, r, i.Code)
	}
	if r.Actor.Role >= chat.Member {
		return chat.Say(p.HTML("join.already"), j.backToStart(p)), nil
	}
	return j.question(r, p, i), nil
}

// claim makes the holder of an invitation an owner.
func (j joining) claim(ctx context.Context, r chat.Request, code string) (chat.Reply, error) {
	m, err := j.Store.Members.Accept(ctx, j.op(r), code, store.Application{
		Member: j.me(r), Name: r.From.Name(), Kind: store.KindLibrary, At: j.Now(),
	})
	if err != nil {
		return fail("claim ownership", err)
	}
	r.Actor.Role = RoleOf(m.Role)
	return j.joined(j.words(r), r, "join.owner"), nil
}

// joined greets somebody whose role has just changed, with the keyboard and the doors of the new role.
func (j joining) joined(p *messages.Printer, r chat.Request, key string) chat.Reply {
	text, rows := j.doors(p, r.Actor.Role)
	return chat.Reply{Messages: []chat.Message{
		{Text: p.HTML(key), Menu: j.menu(p, r.Actor.Role)},
		{Text: text, Keyboard: rows},
	}}.End()
}

// pressed guards a button of the dialogue: one of another step, or of a
// dialogue that ended, shows where the person is now.
func (j joining) pressed(step string, next func(context.Context, chat.Request) (chat.Reply, error)) chat.Handler {
	return func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		if r.State == nil || r.State.Dialogue != joinDialogue {
			return j.begin(ctx, r)
		}
		if r.State.Step != step {
			reply, err := j.again(ctx, r)
			return reply.WithToast(j.words(r).Plain("error.stale")), err
		}
		return next(ctx, r)
	}
}

// typed takes what was typed at a step; anything else asks the step's question again.
func (j joining) typed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	text := strings.Join(strings.Fields(r.Text), " ")
	if r.Kind != chat.KindText || !searchable(text) || len([]rune(text)) > longestName {
		return j.again(ctx, r)
	}
	switch r.State.Step {
	case stepName:
		return j.named(ctx, r, text)
	case stepOrganisation:
		return j.organisationTyped(ctx, r, text)
	}
	return j.again(ctx, r)
}

// again asks the question of the step that the person is at.
func (j joining) again(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := j.words(r)
	switch r.State.Step {
	case stepOrganisation:
		return j.askOrganisation(ctx, r, p)
	case stepKind:
		return j.askKind(r, p), nil
	case stepAgreement:
		return j.askAgreement(r, p), nil
	}
	return j.askName(r, p), nil
}

func (j joining) telegramName(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return j.named(ctx, r, short(r.From.Name(), longestName))
}

func (j joining) named(ctx context.Context, r chat.Request, name string) (chat.Reply, error) {
	r.State = r.State.With(stepOrganisation, joinName, name)
	reply, err := j.askOrganisation(ctx, r, j.words(r))
	return reply.Then(r.State), err
}

// askOrganisation offers the organisations that wish to be found; any other is typed.
func (j joining) askOrganisation(ctx context.Context, r chat.Request, p *messages.Printer) (chat.Reply, error) {
	const offered = 8
	list, err := j.Store.Members.Organisations(ctx, false)
	if err != nil {
		return fail("organisations", err)
	}
	var rows [][]chat.Button
	for _, o := range list[:min(len(list), offered)] {
		rows = append(rows, chat.Row(chat.Press(short(o.Name, 50), "join_org", string(o.ID))))
	}
	return chat.Change(r, p.HTML("join.organisation"), append(rows, j.leaveRow(p))...), nil
}

func (j joining) chosenOrganisation(ctx context.Context, r chat.Request) (chat.Reply, error) {
	o, err := j.Store.Members.Organisation(ctx, store.OrganisationID(r.Arg(0)))
	if errors.Is(err, store.ErrNotFound) {
		return j.again(ctx, r)
	}
	if err != nil {
		return fail("chosen organisation", err)
	}
	return j.agreement(ctx, r, o.Name, o.Kind)
}

// organisationTyped takes a typed name; one that is known already has its kind.
func (j joining) organisationTyped(ctx context.Context, r chat.Request, name string) (chat.Reply, error) {
	list, err := j.Store.Members.Organisations(ctx, true)
	if err != nil {
		return fail("organisations", err)
	}
	for _, o := range list {
		if strings.EqualFold(o.Name, name) {
			return j.agreement(ctx, r, o.Name, o.Kind)
		}
	}
	r.State = r.State.With(stepKind, joinOrganisation, name)
	return j.askKind(r, j.words(r)).Then(r.State), nil
}

// organisationKinds lists the kinds in the order people see.
func organisationKinds() []store.OrganisationKind {
	return []store.OrganisationKind{store.KindBusiness, store.KindNGO, store.KindLibrary, store.KindPartner}
}

func (j joining) askKind(r chat.Request, p *messages.Printer) chat.Reply {
	var buttons []chat.Button
	for _, k := range organisationKinds() {
		buttons = append(buttons, chat.Press(capital(p.Plain("kind."+string(k))), "join_kind", string(k)))
	}
	rows := append(chat.Columns(2, buttons...), j.leaveRow(p))
	return chat.Change(r, p.HTML("join.kind", "organisation", r.State.Data[joinOrganisation]), rows...)
}

func (j joining) chosenKind(ctx context.Context, r chat.Request) (chat.Reply, error) {
	kind := store.OrganisationKind(r.Arg(0))
	if !slices.Contains(organisationKinds(), kind) {
		return chat.Reply{}, chat.ErrBadData
	}
	return j.agreement(ctx, r, r.State.Data[joinOrganisation], kind)
}

// agreement goes on to the agreement in force; its version is what the person will have agreed to.
func (j joining) agreement(ctx context.Context, r chat.Request, organisation string, kind store.OrganisationKind) (chat.Reply, error) {
	rules, err := j.Store.Rules.Get(ctx)
	if err != nil {
		return fail("agreement in force", err)
	}
	r.State = r.State.With(stepAgreement, joinOrganisation, organisation).
		With(stepAgreement, joinKind, string(kind)).
		With(stepAgreement, joinVersion, rules.Agreement)
	return j.askAgreement(r, j.words(r)).Then(r.State), nil
}

func (j joining) askAgreement(r chat.Request, p *messages.Printer) chat.Reply {
	d := r.State.Data
	return chat.Change(r, paragraphs(
		p.HTML("join.agreement", "version", d[joinVersion]),
		p.HTML("join.summary", "name", d[joinName], "organisation", d[joinOrganisation], "kind", p.Plain("kind."+d[joinKind])),
	), chat.Row(chat.Press(p.Plain("join.agree"), "join_agree")), j.leaveRow(p))
}

// agree applies, or joins at once with an invitation.
func (j joining) agree(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p, d := j.words(r), r.State.Data
	application := store.Application{
		Member: j.me(r), Name: d[joinName], Organisation: d[joinOrganisation],
		Kind: store.OrganisationKind(d[joinKind]), Agreement: d[joinVersion], At: j.Now(),
	}
	if code := d[joinCode]; code != "" {
		m, err := j.Store.Members.Accept(ctx, j.op(r), code, application)
		if err != nil {
			return fail("accept an invitation", err)
		}
		r.Actor.Role = RoleOf(m.Role)
		reply := j.joined(p, r, "join.welcome")
		reply.Messages = append(chat.Change(r, p.HTML("join.agreed")).Messages, reply.Messages...)
		return reply, nil
	}
	if err := j.Store.Members.Apply(ctx, j.op(r), application); err != nil {
		return fail("apply", err)
	}
	return chat.Change(r, p.HTML("join.applied"),
		chat.Row(chat.Press(p.Plain("start.search"), "search"), chat.Press(p.Plain("start.trainings"), "trainings", "0"))).End(), nil
}
