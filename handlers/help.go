package handlers

import (
	"context"

	"versli/bot/chat"
	"versli/handlers/messages"
)

// helping is /help, /cancel, and the buttons that belong to no feature.
type helping struct{ *App }

func (h helping) register(r *chat.Router) {
	r.Command(
		chat.Command{
			Name: "help", Aliases: map[string][]string{"lt": {"pagalba"}, "lv": {"palidziba"}},
			Help: "help.help", Group: true, View: true, Handler: h.help,
		},
		chat.Command{
			Name: "cancel", Aliases: map[string][]string{"lt": {"atsaukti"}, "lv": {"atcelt"}},
			Help: "help.cancel", Handler: h.cancel,
		},
	)
	r.Action(
		chat.Action{Name: "close", Group: true, Handler: h.closing},
		chat.Action{Name: "noop", Group: true, View: true, Handler: h.nothing},
		chat.Action{Name: "leave", Handler: h.leave},
		chat.Action{Name: "help", View: true, Handler: h.help},
	)
}

// help lists what this role may ask for, under the names in the person's language.
func (h helping) help(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := h.words(r)
	var people, staff []chat.HTML
	for _, c := range h.router.Commands(r.Actor.Role) {
		line := p.HTML("help.line", "command", commandName(p, c), "what", p.Plain(c.Help))
		if c.Role >= chat.Driver {
			staff = append(staff, line)
		} else {
			people = append(people, line)
		}
	}
	var panel chat.HTML
	if len(staff) > 0 {
		panel = lines(append([]chat.HTML{p.HTML("help.staff_head")}, staff...)...)
	}
	var more chat.HTML
	if r.Actor.Role < chat.Member {
		more = p.HTML("help.more_after_joining")
	}
	return chat.Change(r, paragraphs(p.HTML("help.head"), lines(people...), panel, more)), nil
}

// commandName is what a command is called in a language.
func commandName(p *messages.Printer, c chat.Command) string {
	if names := c.Aliases[p.Lang()]; len(names) > 0 {
		return names[0]
	}
	return c.Name
}

// cancel leaves whatever dialogue there is; the router has ended it, as any command does.
func (h helping) cancel(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := h.words(r)
	return chat.Reply{Messages: []chat.Message{{Text: p.HTML("help.cancelled"), Menu: h.menu(p, r.Actor.Role)}}}.End(), nil
}

// leave is the button under a dialogue's question.
func (h helping) leave(_ context.Context, r chat.Request) (chat.Reply, error) {
	return chat.Change(r, h.words(r).HTML("help.cancelled")).End(), nil
}

// closing takes the pressed message away.
func (h helping) closing(_ context.Context, r chat.Request) (chat.Reply, error) {
	return chat.Reply{Messages: []chat.Message{{Delete: r.Message}}}, nil
}

func (h helping) nothing(context.Context, chat.Request) (chat.Reply, error) { return chat.Reply{}, nil }
