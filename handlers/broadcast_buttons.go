package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

const (
	mostButtons    = 4
	longestLabel   = 40  // letters of a button's label
	longestAddress = 500 // letters of a link
)

// buttonLabel is what a button says to who gets the broadcast.
func buttonLabel(p *messages.Printer, x store.BroadcastButton) string {
	switch x.Kind {
	case store.ButtonRegister:
		return clip(p.Plain("draft.do_register", "name", x.Label), longestLabel)
	case store.ButtonReserve:
		return clip(p.Plain("draft.do_reserve", "title", x.Label), longestLabel)
	case store.ButtonTimetable:
		if x.Ref == "" {
			return p.Plain("draft.do_timetable")
		}
		return clip(p.Plain("draft.do_timetable_of", "stop", x.Label), longestLabel)
	case store.ButtonLink:
	}
	return clip(x.Label, longestLabel)
}

// buttonMark names a button in callback data, which an address is too long for.
func buttonMark(x store.BroadcastButton) string {
	const bytes = 5
	sum := sha256.Sum256([]byte(string(x.Kind) + "\x00" + x.Ref + "\x00" + x.Label))
	return hex.EncodeToString(sum[:bytes])
}

// buttons lists the buttons that a broadcast has, and what can be added.
func (b broadcasts) buttons(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return b.buttonsCard(r, x), nil
}

func (b broadcasts) buttonsCard(r chat.Request, x store.Broadcast) chat.Reply {
	p := b.words(r)
	id := string(x.ID)
	text := []chat.HTML{p.HTML("draft.buttons_head")}
	var rows [][]chat.Button
	for _, button := range x.Buttons {
		line := p.HTML("draft.button", "label", buttonLabel(p, button))
		if button.Kind == store.ButtonLink {
			line = p.HTML("draft.button_link", "label", button.Label, "address", button.Ref)
		}
		text = append(text, line)
		rows = append(rows, chat.Row(chat.Press("✖️ "+buttonLabel(p, button), "bbtnx", id, buttonMark(button))))
	}
	if len(x.Buttons) < mostButtons {
		rows = append(rows,
			chat.Row(chat.Press(p.Plain("draft.add_link"), "blink", id), chat.Press(p.Plain("draft.add_register"), "btrain", id, "0")),
			chat.Row(chat.Press(p.Plain("draft.add_reserve"), "bbook", id), chat.Press(p.Plain("draft.add_timetable"), "bstops", id, "0")))
	} else {
		text = append(text, p.HTML("draft.buttons_full"))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "bcast", id)))
	return leaving(r, chat.Change(r, lines(text...), rows...), broadcastDialogue)
}

// trainingsToAdd lists trainings to register for. Arguments: the broadcast, the offset.
func (b broadcasts) trainingsToAdd(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	options, total, offset, err := b.trainingOptions(ctx, p, offsetArg(r, 1, pageSize))
	if err != nil {
		return fail("trainings for a button", err)
	}
	return b.toAdd(ctx, r, store.ButtonRegister, "btrain", options, offset, total)
}

// stopsToAdd lists stops whose timetable can be opened, and all of them as one.
func (b broadcasts) stopsToAdd(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	stops, err := b.Store.Van.Stops(ctx, "")
	if err != nil {
		return fail("stops for a button", err)
	}
	options := []option{{p.Plain("draft.whole_timetable"), ""}}
	for _, s := range stops {
		options = append(options, option{stopLabel(s), string(s.ID)})
	}
	page, offset := window(options, offsetArg(r, 1, pageSize), pageSize)
	return b.toAdd(ctx, r, store.ButtonTimetable, "bstops", page, offset, len(options))
}

// toAdd is a page of what a button can be for.
func (b broadcasts) toAdd(
	ctx context.Context, r chat.Request, kind store.ButtonKind, action string, page []option, offset, total int,
) (chat.Reply, error) {
	p := b.words(r)
	id := r.Arg(0)
	var rows [][]chat.Button
	for _, o := range page {
		rows = append(rows, chat.Row(chat.Press(clip(o.label, 40), "badd", id, string(kind), o.value)))
	}
	rows = append(rows, pager(p, offset, pageSize, total, action, id)...)
	head := p.HTML("draft.choose_" + string(kind))
	if total == 0 {
		head = p.HTML("common.nothing")
	}
	return b.ifEditable(ctx, r, head, append(rows, chat.Row(chat.Press(p.Plain("common.back"), "bbtns", id))))
}

// addButton puts a button in that opens something of ours. Arguments: the broadcast, the kind, what it opens.
func (b broadcasts) addButton(ctx context.Context, r chat.Request) (chat.Reply, error) {
	button := store.BroadcastButton{Kind: store.ButtonKind(r.Arg(1)), Ref: r.Arg(2)}
	switch button.Kind {
	case store.ButtonRegister:
		x, err := b.Store.Activities.Get(ctx, store.ActivityID(button.Ref))
		if err != nil {
			return fail("button", err)
		}
		button.Label = activityName(b.words(r), x)
	case store.ButtonReserve:
		t, err := b.Store.Titles.Get(ctx, store.TitleID(button.Ref))
		if err != nil {
			return fail("button", err)
		}
		button.Label = t.Name
	case store.ButtonTimetable:
		if button.Ref != "" {
			s, err := b.Store.Van.Stop(ctx, store.StopID(button.Ref))
			if err != nil {
				return fail("button", err)
			}
			button.Label = stopLabel(s)
		}
	case store.ButtonLink:
		return fail("button", chat.ErrBadData)
	default:
		return fail("button", chat.ErrBadData)
	}
	button.Label = clip(button.Label, longestLabel)
	return b.edited(ctx, r, addingButton(button), func(x store.Broadcast) (chat.Reply, error) { return b.buttonsCard(r, x), nil })
}

// addingButton adds a button, unless one that does the same is there, or there are enough.
func addingButton(button store.BroadcastButton) func(*store.Broadcast) {
	return func(x *store.Broadcast) {
		same := func(other store.BroadcastButton) bool { return other.Kind == button.Kind && other.Ref == button.Ref }
		x.Buttons = slices.DeleteFunc(slices.Clone(x.Buttons), same)
		if len(x.Buttons) < mostButtons {
			x.Buttons = append(x.Buttons, button)
		}
	}
}

// dropButton takes a button out; one that is out already changes nothing.
func (b broadcasts) dropButton(ctx context.Context, r chat.Request) (chat.Reply, error) {
	change := func(x *store.Broadcast) {
		x.Buttons = slices.DeleteFunc(slices.Clone(x.Buttons), func(one store.BroadcastButton) bool { return buttonMark(one) == r.Arg(1) })
	}
	return b.edited(ctx, r, change, func(x store.Broadcast) (chat.Reply, error) { return b.buttonsCard(r, x), nil })
}

// askLink asks for a link's label; its address may follow at once.
func (b broadcasts) askLink(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return b.begin(r, x, stepLink, b.words(r).HTML("draft.ask_link")), nil
}

// typedLink takes the label, and the address when it stands after it.
func (b broadcasts) typedLink(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	words := strings.Fields(r.Text)
	if r.Kind != chat.KindText || len(words) == 0 {
		return b.again(r, p.HTML("draft.bad_label", "limit", longestLabel))
	}
	address, ok := readLink(words[len(words)-1])
	if ok {
		words = words[:len(words)-1]
	}
	label := strings.Join(words, " ")
	if n := len([]rune(label)); n > longestLabel || n == 0 {
		return b.again(r, p.HTML("draft.bad_label", "limit", longestLabel))
	}
	if !ok {
		reply, err := b.again(r, p.HTML("draft.ask_address", "label", label))
		return reply.Then(r.State.With(stepURL, broadcastLabel, label)), err
	}
	return b.tookLink(ctx, r, label, address)
}

func (b broadcasts) typedURL(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	address, ok := readLink(strings.TrimSpace(r.Text))
	if r.Kind != chat.KindText || !ok {
		return b.again(r, p.HTML("draft.bad_address"))
	}
	return b.tookLink(ctx, r, r.State.Data[broadcastLabel], address)
}

func (b broadcasts) tookLink(ctx context.Context, r chat.Request, label, address string) (chat.Reply, error) {
	button := store.BroadcastButton{Kind: store.ButtonLink, Ref: address, Label: label}
	return b.took(ctx, r, addingButton(button), func(x store.Broadcast) (chat.Reply, error) { return b.buttonsCard(r, x), nil })
}

// domainForm is a host with a dot in it, as people type addresses without a scheme.
var domainForm = regexp.MustCompile(`^[\pL\pN-]+(\.[\pL\pN-]+)*\.\pL{2,}(:\d+)?(/|\?|$)`)

// readLink reads an https address; one typed without a scheme is taken as such.
func readLink(text string) (string, bool) {
	if domainForm.MatchString(text) {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.User != nil || !domainForm.MatchString(u.Host) || len([]rune(text)) > longestAddress {
		return "", false
	}
	return text, true
}

// askTitle asks which book can be reserved.
func (b broadcasts) askTitle(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	return b.begin(r, x, stepTitle, b.words(r).HTML("draft.ask_title")), nil
}

func (b broadcasts) typedTitle(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	query := cutQuery(r.Text)
	if r.Kind != chat.KindText || !searchable(query) {
		return b.again(r, p.HTML("search.nothing_to_search"))
	}
	reply, found, err := b.titles(ctx, r, r.State.Data[broadcastOf], finding{text: query})
	if err != nil || !found {
		return reply, err
	}
	return b.instead(r, reply).End(), nil
}

// titlesToAdd opens a page of what was found. Arguments: the broadcast, what was looked for, the offset.
func (b broadcasts) titlesToAdd(ctx context.Context, r chat.Request) (chat.Reply, error) {
	query := cutQuery(r.Arg(1))
	if !searchable(query) {
		return fail("titles for a button", chat.ErrBadData)
	}
	reply, _, err := b.titles(ctx, r, r.Arg(0), finding{text: query, offset: min(lastOffset, offsetArg(r, 2, searchPage))})
	return reply, err
}

// titles lists what was found, to choose the book that a button reserves; found is false when there is nothing.
func (b broadcasts) titles(ctx context.Context, r chat.Request, id string, q finding) (reply chat.Reply, found bool, err error) {
	p := b.words(r)
	hits := b.Index.Search(q.query())
	if len(hits.Hits) == 0 && q.offset > 0 {
		q = q.first()
		hits = b.Index.Search(q.query())
	}
	back := chat.Row(chat.Press(p.Plain("common.back"), "bbtns", id))
	if len(hits.Hits) == 0 {
		return chat.Change(r, p.HTML("draft.no_title", "query", q.text), back), false, nil
	}
	ids := make([]store.TitleID, len(hits.Hits))
	for i, h := range hits.Hits {
		ids[i] = h.ID
	}
	titles, err := b.Store.Titles.Many(ctx, ids)
	if err != nil {
		reply, err := fail("titles for a button", err)
		return reply, false, err
	}
	items := []chat.HTML{p.HTML("draft.choose_reserve")}
	var buttons []chat.Button
	for i, t := range titles {
		n := q.offset + i + 1
		items = append(items, p.HTML("search.item", "number", n, "title", short(t.Name, 90), "by", byline(t)))
		buttons = append(buttons, numbered(n, t.Name, "badd", id, string(store.ButtonReserve), string(t.ID)))
	}
	rows := append(chat.Columns(2, buttons...), pager(p, q.offset, searchPage, min(hits.Total, lastOffset), "bfind", id, q.text)...)
	return chat.Change(r, lines(items...), append(rows, back)...), true, nil
}
