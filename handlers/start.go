package handlers

import (
	"context"
	"fmt"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// starting is the first meeting, and the language.
type starting struct{ *App }

func (s starting) register(r *chat.Router) {
	r.Command(chat.Command{Name: "start", Help: "help.start", Group: true, Handler: s.start})
	r.Action(
		chat.Action{Name: "start", Handler: s.begin},
		chat.Action{Name: "lang", Handler: s.setLanguage},
		chat.Action{Name: "language", View: true, Handler: s.language},
	)
	for _, lang := range messages.Languages() {
		p := s.Words.In(lang)
		for _, key := range menuKeys() {
			r.Phrase(p.Plain("menu."+key), key)
		}
	}
}

// menuKeys are the commands of the reply keyboard, in its order; their labels are menu.KEY.
func menuKeys() []string { return []string{"search", "holds", "trainings", "van", "staff"} }

// menu is the reply keyboard: the four things that people do most, and the panel for staff.
func (a *App) menu(p *messages.Printer, role chat.Role) *chat.Menu {
	key := func(name string) chat.Key { return chat.Key{Label: p.Plain("menu." + name)} }
	m := &chat.Menu{
		Rows:        [][]chat.Key{{key("search"), key("holds")}, {key("trainings"), key("van")}},
		Placeholder: p.Plain("menu.placeholder"),
	}
	if role >= chat.Driver {
		m.Rows = append(m.Rows, []chat.Key{key("staff")})
	}
	return m
}

// start greets: what the bot does in three lines with the keyboard, then what this person can do now.
func (s starting) start(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	if !r.Private {
		return chat.Say(p.HTML("start.group"), chat.Row(chat.Link(p.Plain("start.open_private"), s.deepLink("hello")))), nil
	}
	return s.welcome(p, r), nil
}

func (s starting) welcome(p *messages.Printer, r chat.Request) chat.Reply {
	text, rows := s.doors(p, r.Actor.Role)
	return chat.Reply{Messages: []chat.Message{
		{Text: p.HTML("start.greeting", "name", short(r.From.Name(), 60)), Menu: s.menu(p, r.Actor.Role)},
		{Text: text, Keyboard: rows},
	}}
}

// begin shows the doors in place of the pressed message.
func (s starting) begin(_ context.Context, r chat.Request) (chat.Reply, error) {
	text, rows := s.doors(s.words(r), r.Actor.Role)
	return chat.Change(r, text, rows...), nil
}

// doors are a person's ways in: by role, with the three languages below.
func (a *App) doors(p *messages.Printer, role chat.Role) (chat.HTML, [][]chat.Button) {
	key, rows := "start.member", [][]chat.Button{}
	switch role {
	case chat.Guest:
		key = "start.guest"
		rows = append(rows, chat.Row(chat.Press(p.Plain("start.join"), "join")))
	case chat.Applicant:
		key = "start.applicant"
	case chat.Member:
	case chat.Driver, chat.Librarian, chat.Owner:
		key = "start.staff"
		rows = append(rows, chat.Row(chat.Press(p.Plain("menu.staff"), "staff")))
	}
	rows = append(rows,
		chat.Row(chat.Press(p.Plain("start.search"), "search"), chat.Press(p.Plain("search.topics"), "topics")),
		chat.Row(chat.Press(p.Plain("start.timetable"), "van"), chat.Press(p.Plain("start.trainings"), "trainings", "0")),
		languageRow(p, "start"),
	)
	return p.HTML(key), rows
}

// languageRow is a button for each language; from says what is shown after the choice.
func languageRow(p *messages.Printer, from string) []chat.Button {
	var row []chat.Button
	for _, lang := range messages.Languages() {
		label := p.Plain("language." + lang)
		if lang == p.Lang() {
			label = "• " + label
		}
		row = append(row, chat.Press(label, "lang", lang, from))
	}
	return row
}

func (s starting) language(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	return chat.Change(r, p.HTML("start.choose_language"), languageRow(p, "language")), nil
}

// setLanguage keeps the choice and shows the same again in the new language,
// with the keyboard's keys in it too.
func (s starting) setLanguage(ctx context.Context, r chat.Request) (chat.Reply, error) {
	lang, ok := messages.Has(r.Arg(0))
	if !ok {
		return chat.Reply{}, chat.ErrBadData
	}
	err := s.changeSettings(ctx, r, func(x *store.Settings) { x.Language = lang })
	if err != nil {
		return chat.Reply{}, fmt.Errorf("set language: %w", err)
	}
	r.Actor.Language = lang
	p := s.words(r)
	keys := chat.Message{Text: p.HTML("start.language_set"), Menu: s.menu(p, r.Actor.Role), Silent: true}
	switch r.Arg(1) {
	case "start":
		reply, err := s.begin(ctx, r)
		return reply.And(keys), err
	case "settings":
		reply, err := settings(s).show(ctx, r)
		return reply.And(keys), err
	}
	reply, err := s.language(ctx, r)
	return reply.And(keys), err
}
