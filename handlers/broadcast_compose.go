package handlers

import (
	"context"
	"maps"
	"slices"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// texts lists the languages: which has a text, and which is for everybody else.
func (b broadcasts) texts(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return b.textsCard(r, x), nil
}

func (b broadcasts) textsCard(r chat.Request, x store.Broadcast) chat.Reply {
	p := b.words(r)
	id := string(x.ID)
	have := textLanguages(x.Content)
	text := []chat.HTML{p.HTML("draft.texts_head")}
	var rows [][]chat.Button
	for _, lang := range messages.Languages() {
		language := p.Plain("language." + lang)
		row := chat.Row(chat.Press(tick(slices.Contains(have, lang), language), "btext", id, lang))
		if slices.Contains(have, lang) {
			text = append(text, p.HTML("draft.text", "language", language, "text", short(x.Texts[lang], shownOfText)))
			if lang != x.Default {
				row = append(row, chat.Press(p.Plain("draft.make_default"), "bmain", id, lang))
			} else {
				row = append(row, chat.Press(p.Plain("draft.is_default"), "noop"))
			}
			row = append(row, chat.Press("🗑", "btextx", id, lang))
		}
		rows = append(rows, row)
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "bcast", id)))
	return leaving(r, chat.Change(r, lines(text...), rows...), broadcastDialogue)
}

// askText asks for the text in one language. Arguments: the broadcast, the language.
func (b broadcasts) askText(ctx context.Context, r chat.Request) (chat.Reply, error) {
	lang := r.Arg(1)
	if !slices.Contains(messages.Languages(), lang) {
		return fail("text", chat.ErrBadData)
	}
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	p := b.words(r)
	question := p.HTML("draft.ask_text", "language", p.Plain("language."+lang), "limit", longestText(x.Content))
	text := paragraphs(question, toCopy(p, x.Texts[lang]))
	reply := b.begin(r, x, stepText, text)
	return reply.Then(reply.Next.With(stepText, broadcastLang, lang)), nil
}

// toCopy is a text that one tap copies, so that a small change needs no typing anew; nothing when it is too long to stand with a question.
func toCopy(p *messages.Printer, text string) chat.HTML {
	const most = 3000
	if text == "" || width(text) > most {
		return ""
	}
	return lines(p.HTML("draft.copy_hint"), "<code>"+chat.Escape(text)+"</code>")
}

func (b broadcasts) typedText(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.State.Data[broadcastOf]))
	if err != nil {
		return fail("text", err)
	}
	p := b.words(r)
	lang, text := r.State.Data[broadcastLang], strings.TrimSpace(r.Text)
	if r.Kind != chat.KindText || text == "" {
		return b.again(r, p.HTML("draft.only_text", "language", p.Plain("language."+lang)))
	}
	if n, limit := width(text), longestText(x.Content); n > limit {
		return b.again(r, p.HTML("broadcast.too_long", "count", n, "limit", limit))
	}
	return b.took(ctx, r, func(x *store.Broadcast) {
		x.Texts = maps.Clone(x.Texts)
		if x.Texts == nil {
			x.Texts = map[string]string{}
		}
		if x.Texts[x.Default] == "" {
			x.Default = lang
		}
		x.Texts[lang] = text
	}, func(x store.Broadcast) (chat.Reply, error) { return b.card(ctx, r, x, p.HTML("draft.text_taken")) })
}

// setDefault chooses the text for those whose language has none. Arguments: the broadcast, the language.
func (b broadcasts) setDefault(ctx context.Context, r chat.Request) (chat.Reply, error) {
	change := func(x *store.Broadcast) {
		if x.Texts[r.Arg(1)] != "" {
			x.Default = r.Arg(1)
		}
	}
	return b.edited(ctx, r, change, func(x store.Broadcast) (chat.Reply, error) { return b.textsCard(r, x), nil })
}

// dropText takes a language's text out, unless nothing would be left to send.
func (b broadcasts) dropText(ctx context.Context, r chat.Request) (chat.Reply, error) {
	change := func(x *store.Broadcast) {
		left := maps.Clone(x.Texts)
		delete(left, r.Arg(1))
		if len(left) == 0 && !hasFile(x.Content) {
			return
		}
		x.Texts = left
		if rest := textLanguages(x.Content); len(rest) > 0 && left[x.Default] == "" {
			x.Default = rest[0]
		}
	}
	return b.edited(ctx, r, change, func(x store.Broadcast) (chat.Reply, error) {
		reply := b.textsCard(r, x)
		if x.Texts[r.Arg(1)] != "" {
			reply.Toast, reply.Alert = b.words(r).Plain("draft.something_must_stay"), true
		}
		return reply, nil
	})
}

func hasFile(c store.Content) bool { return c.Photo != "" || c.Document != "" }

// askFile asks for a picture or a document.
func (b broadcasts) askFile(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	p := b.words(r)
	var rows [][]chat.Button
	if hasFile(x.Content) {
		rows = append(rows, chat.Row(chat.Press(p.Plain("draft.drop_file"), "bfilex", string(x.ID))))
	}
	return b.begin(r, x, stepFile, p.HTML("draft.ask_file", "limit", maxCaption), rows...), nil
}

// sentFile takes a picture or a document. A caption is no text: the texts are there already, or are typed for it.
func (b broadcasts) sentFile(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	if r.Kind != chat.KindFile || r.File == nil {
		return b.again(r, p.HTML("draft.only_file"))
	}
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.State.Data[broadcastOf]))
	if err != nil {
		return fail("file", err)
	}
	caption := strings.TrimSpace(r.Text)
	texts := slices.Collect(maps.Values(x.Texts))
	if len(texts) == 0 {
		texts = []string{caption}
	}
	for _, text := range texts {
		if n := width(text); n > maxCaption {
			return b.again(r, p.HTML("draft.too_long_for_file", "count", n, "limit", maxCaption))
		}
	}
	return b.took(ctx, r, func(x *store.Broadcast) {
		takeFile(&x.Content, r.File)
		if len(x.Texts) == 0 && caption != "" {
			x.Texts, x.Default = map[string]string{p.Lang(): caption}, p.Lang()
		}
	}, func(x store.Broadcast) (chat.Reply, error) { return b.card(ctx, r, x, p.HTML("draft.file_taken")) })
}

// dropFile takes the picture or the document out, unless nothing would be left to send.
func (b broadcasts) dropFile(ctx context.Context, r chat.Request) (chat.Reply, error) {
	change := func(x *store.Broadcast) {
		if len(textLanguages(x.Content)) > 0 {
			x.Photo, x.Document, x.DocumentName = "", "", ""
		}
	}
	return b.edited(ctx, r, change, func(x store.Broadcast) (chat.Reply, error) {
		reply, err := b.card(ctx, r, x, "")
		if hasFile(x.Content) {
			reply.Toast, reply.Alert = b.words(r).Plain("draft.something_must_stay"), true
		}
		return reply, err
	})
}

// askPlace asks for a location or a venue.
func (b broadcasts) askPlace(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	p := b.words(r)
	var rows [][]chat.Button
	if x.Place != nil {
		rows = append(rows, chat.Row(chat.Press(p.Plain("draft.drop_place"), "bplacex", string(x.ID))))
	}
	return b.begin(r, x, stepPlace, p.HTML("draft.ask_place"), rows...), nil
}

func (b broadcasts) sentPlace(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	if r.Kind != chat.KindLocation || r.Point == nil {
		return b.again(r, p.HTML("draft.only_place"))
	}
	at := store.BroadcastPlace{Lat: r.Point.Lat, Lon: r.Point.Lon}
	if r.Venue != nil {
		at.Title, at.Address = r.Venue.Title, r.Venue.Address
	}
	return b.took(ctx, r, func(x *store.Broadcast) { x.Place = &at },
		func(x store.Broadcast) (chat.Reply, error) { return b.card(ctx, r, x, p.HTML("draft.place_taken")) })
}

func (b broadcasts) dropPlace(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.edited(ctx, r, func(x *store.Broadcast) { x.Place = nil },
		func(x store.Broadcast) (chat.Reply, error) { return b.card(ctx, r, x, "") })
}
