package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// editable tells whether what a broadcast says, and to whom, can still be changed.
func editable(x store.Broadcast) bool {
	return x.State == store.BroadcastDraft || x.State == store.BroadcastScheduled
}

// draftMark names what a card shows, so that its button sends that and nothing that was changed since.
func draftMark(x store.Broadcast) string {
	raw, err := json.Marshal(struct {
		Content  store.Content
		Audience store.Audience
	}{x.Content, x.Audience})
	if err != nil {
		return "" // strings and numbers: always encoded
	}
	const bytes = 5
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:bytes])
}

// open shows a broadcast as it stands: a draft or a scheduled one to be changed, any other with its progress.
func (b broadcasts) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("broadcast", err)
	}
	return b.shown(ctx, r, x)
}

func (b broadcasts) shown(ctx context.Context, r chat.Request, x store.Broadcast) (chat.Reply, error) {
	if editable(x) {
		return b.card(ctx, r, x, "")
	}
	m := b.Progress(x, b.words(r))
	return leaving(r, chat.Change(r, m.Text, m.Keyboard...), broadcastDialogue), nil
}

// card shows what a draft or a scheduled one says, to whom and when, and all that can be done with it. note comes first.
func (b broadcasts) card(ctx context.Context, r chat.Request, x store.Broadcast, note chat.HTML) (chat.Reply, error) {
	p := b.words(r)
	count, err := b.Store.Broadcasts.CountAudience(ctx, x.Audience)
	if err != nil {
		return fail("count an audience", err)
	}
	by, err := b.author(ctx, r, x)
	if err != nil {
		return chat.Reply{}, err
	}
	text := paragraphs(note, lines(b.cardHead(p, x), by), contentText(p, x.Content),
		lines(p.HTML("draft.whom", "audience", b.audienceName(ctx, p, x.Audience)), countLines(p, count)))
	return leaving(r, chat.Change(r, text, cardRows(p, x, count)...), broadcastDialogue), nil
}

// cardHead says what it is: a draft, or when it goes.
func (b broadcasts) cardHead(p *messages.Printer, x store.Broadcast) chat.HTML {
	if x.State != store.BroadcastScheduled {
		return p.HTML("broadcast.state_draft")
	}
	by := p.Clock(b.local(x.SendBy))
	if b.local(x.SendBy).Format(dayForm) != b.local(x.SendAt).Format(dayForm) {
		by = p.DayAndTime(b.local(x.SendBy))
	}
	return lines(p.HTML("schedule.at", "when", p.DateTime(b.local(x.SendAt))), p.HTML("schedule.by", "when", by))
}

// author names who wrote it, to a colleague.
func (b broadcasts) author(ctx context.Context, r chat.Request, x store.Broadcast) (chat.HTML, error) {
	if x.By == b.me(r) {
		return "", nil
	}
	p := b.words(r)
	name, err := b.personName(ctx, p, x.By)
	if err != nil {
		return "", fmt.Errorf("author of a broadcast: %w", err)
	}
	return p.HTML("draft.author", "name", short(name, 60)), nil
}

// shownOfText is how many letters of a text the card shows.
const shownOfText = 300

// contentText lists what a broadcast has in it.
func contentText(p *messages.Printer, c store.Content) chat.HTML {
	var text []chat.HTML
	for _, lang := range textLanguages(c) {
		key := "draft.text"
		if lang == c.Default && len(c.Texts) > 1 {
			key = "draft.text_default"
		}
		text = append(text, p.HTML(key, "language", p.Plain("language."+lang), "text", short(c.Texts[lang], shownOfText)))
	}
	if len(text) == 0 {
		text = append(text, p.HTML("draft.no_text"))
	}
	switch {
	case c.Photo != "":
		text = append(text, p.HTML("draft.photo"))
	case c.Document != "":
		text = append(text, p.HTML("draft.document", "name", documentName(p, c)))
	}
	if c.Place != nil {
		text = append(text, p.HTML("draft.place", "place", placeLabel(p, c.Place)))
	}
	for _, x := range c.Buttons {
		text = append(text, p.HTML("draft.button", "label", buttonLabel(p, x)))
	}
	return lines(text...)
}

// textLanguages are the languages that have a text, in the order people see.
func textLanguages(c store.Content) []string {
	return slices.DeleteFunc(messages.Languages(), func(lang string) bool { return c.Texts[lang] == "" })
}

func documentName(p *messages.Printer, c store.Content) string {
	if c.DocumentName == "" {
		return p.Plain("draft.nameless")
	}
	return short(c.DocumentName, 60)
}

// placeLabel is a place in one line: its name and address, or where it is on the globe.
func placeLabel(p *messages.Printer, at *store.BroadcastPlace) string {
	switch {
	case at.Title == "":
		return p.Plain("draft.point", "lat", fmt.Sprintf("%.5f", at.Lat), "lon", fmt.Sprintf("%.5f", at.Lon))
	case at.Address == "":
		return short(at.Title, 80)
	}
	return short(at.Title+", "+at.Address, 120)
}

// cardRows are the buttons of a draft, or of a scheduled one: to send it comes first, when there is anybody to get it.
func cardRows(p *messages.Printer, x store.Broadcast, count store.AudienceCount) [][]chat.Button {
	id := string(x.ID)
	press := func(key, action string) chat.Button { return chat.Press(p.Plain(key), action, id) }
	scheduled := x.State == store.BroadcastScheduled
	var rows [][]chat.Button
	if count.Count > 0 {
		label := p.Plain("broadcast.send", "n", count.Count)
		if scheduled {
			label = p.Plain("broadcast.send_now", "count", p.Number(count.Count))
		}
		rows = append(rows, chat.Row(chat.Press(label, "bsend", id, draftMark(x))))
	}
	when := chat.Row(press("audience.button", "baud"), press("schedule.button", "bwhen"))
	if scheduled {
		when = chat.Row(press("audience.button", "baud"), press("schedule.other_time", "bwhen"))
	}
	rows = append(rows,
		chat.Row(press("draft.texts", "btexts"), press("draft.file", "bfile")),
		chat.Row(press("draft.place_button", "bplace"), press("draft.buttons", "bbtns")), when)
	if scheduled {
		rows = append(rows, chat.Row(press("schedule.deadline", "bby")))
	}
	rows = append(rows, chat.Row(press("draft.preview", "blook"), press("draft.test", "btest")))
	list := chat.Press(p.Plain("broadcast.to_list"), "blist", "0")
	if scheduled {
		return append(rows, chat.Row(press("schedule.back_to_draft", "bback"), press("schedule.cancel", "bdrop")), chat.Row(list))
	}
	return append(rows, chat.Row(press("draft.drop", "bdrop"), list))
}
