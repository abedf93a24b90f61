package handlers

import (
	"context"

	"versli/bot/chat"
)

// privacy says what is kept, why, how long, and who sees it (Telegram's terms for bot developers, section 4; GDPR article 13).
type privacy struct{ *App }

func (x privacy) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "privacy", Aliases: map[string][]string{"lt": {"privatumas"}, "lv": {"privatums"}},
		Help: "help.privacy", View: true, Handler: x.show,
	})
	r.Action(chat.Action{Name: "privacy", View: true, Handler: x.show})
}

func (x privacy) show(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := x.words(r)
	return chat.Change(r, p.HTML("privacy.text"),
		chat.Row(chat.Press(p.Plain("privacy.export"), "export"), chat.Press(p.Plain("privacy.forget"), "forget"))), nil
}
