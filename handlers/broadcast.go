package handlers

import (
	"context"
	"strings"
	"unicode/utf16"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// broadcasts announces something to many: text or picture, audience, preview, confirm, progress, report.
type broadcasts struct{ *App }

func (b broadcasts) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "broadcast", Aliases: map[string][]string{"lt": {"pranesimas"}, "lv": {"pazinojums"}},
		Role: chat.Librarian, Help: "broadcast.help", Handler: b.ask,
	})
	r.Dialogue(chat.Dialogue{Name: "broadcast", Version: 1, Role: chat.Librarian, Handler: b.typed})
	r.Action(
		chat.Action{Name: "bnew", Role: chat.Librarian, Handler: b.ask},
		chat.Action{Name: "blist", Role: chat.Librarian, Handler: b.recent},
		chat.Action{Name: "baud", Role: chat.Librarian, Handler: b.audience},
		chat.Action{Name: "bpick", Role: chat.Librarian, Handler: b.pick},
		chat.Action{Name: "bto", Role: chat.Librarian, Handler: b.preview},
		chat.Action{Name: "bsend", Role: chat.Librarian, Handler: b.send},
		chat.Action{Name: "bdrop", Role: chat.Librarian, Handler: b.discard},
		chat.Action{Name: "bcast", Role: chat.Librarian, Handler: b.open},
		chat.Action{Name: "bpause", Role: chat.Librarian, Handler: b.pause},
		chat.Action{Name: "bresume", Role: chat.Librarian, Handler: b.resume},
		chat.Action{Name: "bstop", Role: chat.Librarian, Handler: b.stop},
		chat.Action{Name: "bfails", Role: chat.Librarian, Handler: b.failures},
		chat.Action{Name: "newsoff", Role: chat.Guest, Handler: b.newsOff},
		chat.Action{Name: "newson", Role: chat.Guest, Handler: b.newsOn},
	)
}

// Lengths that Telegram takes, in UTF-16 units after entities
// (https://core.telegram.org/bots/api#sendmessage, #sendphoto).
const (
	maxMessage = 4096
	maxCaption = 1024
)

// ask begins the dialogue.
func (b broadcasts) ask(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	reply := chat.Say(p.HTML("broadcast.ask"), chat.Row(chat.Press(p.Plain("broadcast.recent"), "blist")))
	return reply.Then(&chat.State{Dialogue: "broadcast", Step: "text"}), nil
}

// typed takes the announcement: text, or a picture with a caption. Typed again at a later step, it replaces what was there.
func (b broadcasts) typed(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	limit, photo := maxMessage, ""
	switch {
	case r.Kind == chat.KindText:
	case r.Kind == chat.KindFile && r.File != nil && r.File.Picture:
		limit, photo = maxCaption, r.File.ID
	default:
		return chat.Say(p.HTML("broadcast.ask_again")), nil
	}
	text := strings.TrimSpace(r.Text)
	if n := len(utf16.Encode([]rune(text))); n > limit {
		return chat.Say(p.HTML("broadcast.too_long", "count", n, "limit", limit)), nil
	}
	if text == "" && photo == "" {
		return chat.Say(p.HTML("broadcast.ask_again")), nil
	}
	next := r.State.With("audience", "text", text).With("audience", "photo", photo)
	return b.askAudience(r, p, next), nil
}

// audience shows the choice of whom again.
func (b broadcasts) audience(_ context.Context, r chat.Request) (chat.Reply, error) {
	if r.State == nil || r.State.Dialogue != "broadcast" || r.State.Step == "text" {
		return fail("audience", store.ErrStale)
	}
	return b.askAudience(r, b.words(r), r.State), nil
}

func (b broadcasts) askAudience(r chat.Request, p *messages.Printer, state *chat.State) chat.Reply {
	to := func(label string, kind store.AudienceKind, ref string) chat.Button {
		return chat.Press(label, "bto", string(kind), ref)
	}
	var languages []chat.Button
	for _, lang := range messages.Languages() {
		languages = append(languages, to(p.Plain("language."+lang), store.AudienceLanguage, lang))
	}
	return chat.Change(r, p.HTML("broadcast.whom"),
		chat.Row(to(p.Plain("broadcast.to_all"), store.AudienceAll, ""), to(p.Plain("broadcast.to_members"), store.AudienceMembers, "")),
		languages,
		chat.Row(chat.Press(p.Plain("broadcast.to_followers"), "bpick", string(store.AudienceFollowers), "0"),
			chat.Press(p.Plain("broadcast.to_activity"), "bpick", string(store.AudienceActivity), "0")),
		chat.Row(chat.Press(p.Plain("common.cancel"), "bdrop", "")),
	).Then(state)
}

// pick lists stops or trainings to choose an audience by.
func (b broadcasts) pick(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	kind := store.AudienceKind(r.Arg(0))
	offset := offsetArg(r, 1, pageSize)
	var rows [][]chat.Button
	total := 0
	switch kind {
	case store.AudienceFollowers:
		stops, err := b.Store.Van.Stops(ctx, "")
		if err != nil {
			return fail("choose a stop", err)
		}
		var page []store.Stop
		page, offset = window(stops, offset, pageSize)
		total = len(stops)
		for _, s := range page {
			rows = append(rows, chat.Row(chat.Press(clip(stopLabel(s), 40), "bto", string(kind), string(s.ID))))
		}
	case store.AudienceActivity:
		list, n, err := b.Store.Activities.Upcoming(ctx, b.Now(), offset, pageSize)
		if err != nil {
			return fail("choose a training", err)
		}
		total = n
		for _, x := range list {
			label := p.Day(b.local(x.Start())) + " " + activityName(p, x)
			rows = append(rows, chat.Row(chat.Press(clip(label, 40), "bto", string(kind), string(x.ID))))
		}
	case store.AudienceAll, store.AudienceMembers, store.AudienceLanguage:
		return fail("choose an audience", chat.ErrBadData)
	default:
		return fail("choose an audience", chat.ErrBadData)
	}
	rows = append(rows, pager(p, offset, pageSize, total, "bpick", string(kind))...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "baud")))
	text := p.HTML("broadcast.pick")
	if total == 0 {
		text = p.HTML("common.nothing")
	}
	return chat.Change(r, text, rows...), nil
}

// audienceName says in words who gets it.
func (b broadcasts) audienceName(ctx context.Context, p *messages.Printer, a store.Audience) string {
	switch a.Kind {
	case store.AudienceLanguage:
		return p.Plain("broadcast.name_language", "language", p.Plain("language."+a.Ref))
	case store.AudienceFollowers:
		s, err := b.Store.Van.Stop(ctx, store.StopID(a.Ref))
		if err != nil {
			return p.Plain("broadcast.name_gone")
		}
		return p.Plain("broadcast.name_followers", "stop", stopLabel(s))
	case store.AudienceActivity:
		x, err := b.Store.Activities.Get(ctx, store.ActivityID(a.Ref))
		if err != nil {
			return p.Plain("broadcast.name_gone")
		}
		return p.Plain("broadcast.name_activity", "training", activityName(p, x))
	case store.AudienceAll, store.AudienceMembers:
	}
	return p.Plain("broadcast.name_" + string(a.Kind))
}

// knownAudience tells whether an audience out of a button is one.
func knownAudience(a store.Audience) bool {
	switch a.Kind {
	case store.AudienceAll, store.AudienceMembers:
		return a.Ref == ""
	case store.AudienceLanguage:
		lang, ok := messages.Has(a.Ref)
		return ok && lang == a.Ref
	case store.AudienceFollowers, store.AudienceActivity:
		return a.Ref != ""
	}
	return false
}
