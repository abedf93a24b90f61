package handlers

import (
	"context"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// profiles is what the bot knows of who asks, and what their organisation says of itself.
type profiles struct{ *App }

const (
	aboutDialogue = "about"
	// longestAbout bounds what an organisation says of itself, in letters.
	longestAbout = 500
)

func (f profiles) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "profile", Aliases: map[string][]string{"lt": {"profilis"}, "lv": {"profils"}},
		Help: "help.profile", View: true, Handler: f.show,
	})
	r.Action(
		chat.Action{Name: "profile", View: true, Handler: f.show},
		chat.Action{Name: "listed", Role: chat.Member, Handler: f.setListed},
		chat.Action{Name: "about", Role: chat.Member, Handler: f.askAbout},
	)
	r.Dialogue(chat.Dialogue{Name: aboutDialogue, Version: 1, Role: chat.Member, Handler: f.typed})
}

func (f profiles) show(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	m, err := f.Store.Members.Get(ctx, f.me(r))
	if err != nil {
		return fail("profile", err)
	}
	text := []chat.HTML{p.HTML("profile.head", "name", m.Name), p.HTML("profile.role_" + string(m.Role))}
	if !m.JoinedAt.IsZero() {
		text = append(text, p.HTML("profile.joined", "date", p.Date(f.local(m.JoinedAt))))
	}
	if m.Agreement != "" && !m.AgreedAt.IsZero() {
		text = append(text, p.HTML("profile.agreement", "version", m.Agreement, "date", p.Date(f.local(m.AgreedAt))))
	}
	var rows [][]chat.Button
	var organisation chat.HTML
	if m.Organisation != "" {
		o, err := f.Store.Members.Organisation(ctx, m.Organisation)
		if err != nil {
			return fail("profile", err)
		}
		organisation = organisationText(p, o)
		listed := "1"
		if o.Listed {
			listed = "0"
		}
		rows = append(rows,
			chat.Row(chat.Press(p.Plain("profile.edit_about"), "about")),
			chat.Row(chat.Press(tick(o.Listed, p.Plain("profile.listed")), "listed", listed)))
	}
	if r.Actor.Role == chat.Guest {
		rows = append(rows, chat.Row(chat.Press(p.Plain("start.join"), "join")))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("start.settings"), "settings"), chat.Press(p.Plain("start.privacy"), "privacy")))
	return chat.Change(r, paragraphs(lines(text...), organisation), rows...), nil
}

// organisationText is an organisation's entry: name, kind, and what it says of itself.
func organisationText(p *messages.Printer, o store.Organisation) chat.HTML {
	var about chat.HTML
	if o.About != "" {
		about = p.HTML("profile.about", "about", o.About)
	}
	return lines(p.HTML("profile.organisation", "name", o.Name, "kind", p.Plain("kind."+string(o.Kind))), about)
}

// mine is the organisation of who asks. ErrNotFound when there is none.
func (f profiles) mine(ctx context.Context, r chat.Request) (store.Organisation, error) {
	m, err := f.Store.Members.Get(ctx, f.me(r))
	if err != nil {
		return store.Organisation{}, err
	}
	return f.Store.Members.Organisation(ctx, m.Organisation)
}

func (f profiles) setListed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	o, err := f.mine(ctx, r)
	if err != nil {
		return fail("my organisation", err)
	}
	o.Listed = r.Arg(0) == "1"
	if err := f.Store.Members.SetOrganisation(ctx, f.op(r), o); err != nil {
		return fail("list my organisation", err)
	}
	return f.show(ctx, r)
}

func (f profiles) askAbout(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	o, err := f.mine(ctx, r)
	if err != nil {
		return fail("my organisation", err)
	}
	return chat.Reply{Messages: []chat.Message{{
		Text: p.HTML("profile.ask_about", "name", o.Name, "n", longestAbout), Prompt: p.Plain("profile.about_prompt"),
	}}}.Then(&chat.State{Dialogue: aboutDialogue, Step: "text"}), nil
}

func (f profiles) typed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	text := strings.TrimSpace(r.Text)
	if r.Kind != chat.KindText || text == "" || len([]rune(text)) > longestAbout {
		return chat.Say(p.HTML("profile.about_again", "n", longestAbout), chat.Row(chat.Press(p.Plain("common.cancel"), "leave"))), nil
	}
	o, err := f.mine(ctx, r)
	if err != nil {
		return fail("my organisation", err)
	}
	o.About = text
	if err := f.Store.Members.SetOrganisation(ctx, f.op(r), o); err != nil {
		return fail("describe my organisation", err)
	}
	reply, err := f.show(ctx, r)
	return reply.End(), err
}
