package handlers

import (
	"context"
	"errors"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// forgetting deletes all that is a person's (GDPR article 17): it says what stands against it, and asks.
type forgetting struct{ *App }

func (f forgetting) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "forget", Aliases: map[string][]string{"lt": {"pamirsti"}, "lv": {"aizmirst"}},
		Help: "help.forget", Handler: f.ask,
	})
	r.Action(
		chat.Action{Name: "forget", Handler: f.ask},
		chat.Action{Name: "forget_yes", Handler: f.forget},
	)
}

// ask says what stands against it, or what will be given up, and asks.
func (f forgetting) ask(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	o, err := f.Store.ForgetObstacles(ctx, f.me(r))
	if err != nil {
		return fail("forget", err)
	}
	if o.Loans > 0 || o.LastOwner {
		return f.refuse(r, p, o), nil
	}
	var given []chat.HTML
	if o.Holds > 0 {
		given = append(given, p.HTML("forget.holds", "n", o.Holds))
	}
	if o.Registrations > 0 {
		given = append(given, p.HTML("forget.registrations", "n", o.Registrations))
	}
	if o.Follows > 0 {
		given = append(given, p.HTML("forget.follows", "n", o.Follows))
	}
	if len(given) > 0 {
		given = append([]chat.HTML{p.HTML("forget.given_up")}, given...)
	}
	return chat.Change(r, paragraphs(p.HTML("forget.ask"), lines(given...), p.HTML("forget.final")),
		chat.Row(chat.Press(p.Plain("forget.export_first"), "export")),
		chat.Row(chat.Press(p.Plain("forget.yes"), "forget_yes"), chat.Press(p.Plain("forget.no"), "leave"))), nil
}

func (f forgetting) refuse(r chat.Request, p *messages.Printer, o store.Obstacles) chat.Reply {
	text := []chat.HTML{p.HTML("forget.not_yet")}
	var rows [][]chat.Button
	if o.Loans > 0 {
		text = append(text, p.HTML("forget.loans", "n", o.Loans))
		rows = append(rows, chat.Row(chat.Press(p.Plain("forget.show_loans"), "holds")))
	}
	if o.LastOwner {
		text = append(text, p.HTML("forget.last_owner"))
	}
	return chat.Change(r, paragraphs(text...), rows...)
}

func (f forgetting) forget(ctx context.Context, r chat.Request) (chat.Reply, error) {
	err := f.Store.Forget(ctx, f.op(r), f.me(r))
	if errors.Is(err, store.ErrHasLoans) || errors.Is(err, store.ErrLastOwner) {
		return f.ask(ctx, r)
	}
	if err != nil {
		return fail("forget", err)
	}
	reply := chat.Change(r, f.words(r).HTML("forget.done"))
	return reply.And(chat.Message{Text: f.words(r).HTML("forget.bye"), Menu: &chat.Menu{Remove: true}}).End(), nil
}
