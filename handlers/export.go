package handlers

import (
	"context"
	"encoding/json"

	"versli/bot/chat"
)

// exporting gives a person all that is kept of them (GDPR article 20).
type exporting struct{ *App }

func (x exporting) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "export", Aliases: map[string][]string{"lt": {"duomenys"}, "lv": {"dati"}},
		Help: "help.export", Handler: x.export,
	})
	r.Action(chat.Action{Name: "export", Handler: x.export})
}

func (x exporting) export(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := x.words(r)
	all, err := x.Store.Export(ctx, x.me(r))
	if err != nil {
		return fail("export", err)
	}
	file, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fail("encode an export", err)
	}
	name := "versli-" + x.local(x.Now()).Format("2006-01-02") + ".json"
	return chat.Reply{Messages: []chat.Message{{
		Text: p.HTML("privacy.exported"), Document: &chat.Attachment{Name: name, Bytes: file},
	}}}, nil
}
