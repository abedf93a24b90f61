package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/handlers/paper"
	"versli/store"
)

// cards shows one title: what it is, where its copies are, and what it is to the person who asks.
type cards struct{ *App }

func (c cards) register(r *chat.Router) {
	r.Action(
		chat.Action{Name: "title", Group: true, View: true, Handler: c.open},
		chat.Action{Name: "titleqr", View: true, Handler: c.qr},
	)
	r.Deeplink(chat.Deeplink{Prefix: "t_", Handler: c.linked})
}

// open shows a card. The arguments after the title are the finding that it was opened from.
func (c cards) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return c.titleCard(ctx, r, store.TitleID(r.Arg(0)))
}

func (c cards) linked(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return c.titleCard(ctx, r, store.TitleID(r.Text))
}

// standing is what a title is to a person.
type standing struct {
	hold *store.Hold // their open hold
	loan *store.Loan // their loan
}

// titleCard shows a title; a press changes the pressed message.
func (a *App) titleCard(ctx context.Context, r chat.Request, id store.TitleID) (chat.Reply, error) {
	p := a.words(r)
	t, err := a.Store.Titles.Get(ctx, id)
	if err != nil {
		return fail("title card", err)
	}
	shelves, err := a.Store.Titles.Shelves(ctx, id)
	if err != nil {
		return fail("title card", err)
	}
	where, err := a.whereabouts(ctx, p, shelves)
	if err != nil {
		return chat.Reply{}, err
	}
	queue, err := a.Store.Holds.Queue(ctx, id)
	if err != nil {
		return fail("title card", err)
	}
	var waiting, mine chat.HTML
	if queue > 0 {
		waiting = p.HTML("card.queue", "n", queue)
	}
	var my standing
	if r.Private { // in a group everybody reads the card
		if my, err = a.standing(ctx, r, id); err != nil {
			return chat.Reply{}, err
		}
		if mine, err = a.standingLine(ctx, p, my); err != nil {
			return chat.Reply{}, err
		}
	}
	text := paragraphs(describe(p, t), lines(where, waiting), mine)
	return chat.Change(r, text, a.cardButtons(r, p, t, shelves, my)...), nil
}

// describe is what the catalogue says of a title.
func describe(p *messages.Printer, t store.Title) chat.HTML {
	const longest = 700
	head := []chat.HTML{p.HTML("card.title", "title", short(t.Name, 200))}
	if t.Subtitle != "" {
		head = append(head, p.HTML("card.subtitle", "subtitle", short(t.Subtitle, 200)))
	}
	if len(t.Authors) > 0 {
		head = append(head, p.HTML("card.authors", "authors", short(strings.Join(t.Authors, ", "), 200)))
	}
	var facts []string
	if isTopic(t.Topic) {
		facts = append(facts, p.Plain("topic."+string(t.Topic)))
	}
	if t.Language != "" {
		facts = append(facts, tongue(p, t.Language))
	}
	if t.Year != 0 {
		facts = append(facts, strconv.Itoa(t.Year))
	}
	if t.Publisher != "" {
		facts = append(facts, short(t.Publisher, 80))
	}
	if len(facts) > 0 {
		head = append(head, p.HTML("card.facts", "facts", strings.Join(facts, " · ")))
	}
	var about chat.HTML
	if t.About != "" {
		about = p.HTML("card.about", "about", short(t.About, longest))
	}
	return paragraphs(lines(head...), about)
}

// tongue names a book's language; one that we have no word for keeps its code.
func tongue(p *messages.Printer, code string) string {
	switch code {
	case "lt", "lv", "en", "ru", "de", "pl", "fr":
		return p.Plain("tongue." + code)
	}
	return strings.ToUpper(code)
}

// whereabouts says where the copies are and how many are free.
func (a *App) whereabouts(ctx context.Context, p *messages.Printer, shelves []store.Shelf) (chat.HTML, error) {
	if len(shelves) == 0 {
		return p.HTML("card.no_copies"), nil
	}
	locations, err := a.Store.Titles.Locations(ctx)
	if err != nil {
		return "", fmt.Errorf("locations: %w", err)
	}
	names := make(map[store.LocationID]string, len(locations))
	for _, l := range locations {
		names[l.ID] = locationName(p, l)
	}
	list := []chat.HTML{p.HTML("card.where")}
	for _, s := range shelves {
		key := "card.shelf_free"
		if s.Free == 0 {
			key = "card.shelf_none"
		}
		list = append(list, p.HTML(key, "place", names[s.Location], "free", s.Free, "copies", s.Copies))
	}
	return lines(list...), nil
}

// standing reads what a title is to who asks.
func (a *App) standing(ctx context.Context, r chat.Request, id store.TitleID) (standing, error) {
	var my standing
	h, err := a.Store.Holds.Of(ctx, id, a.me(r))
	switch {
	case err == nil:
		my.hold = &h
		return my, nil
	case !errors.Is(err, store.ErrNotFound):
		return my, fmt.Errorf("my hold of %s: %w", id, err)
	}
	loans, err := a.Store.Holds.Loans(ctx, a.me(r))
	if err != nil {
		return my, fmt.Errorf("my loans: %w", err)
	}
	for _, l := range loans {
		if l.Title == id {
			my.loan = &l
		}
	}
	return my, nil
}

func (a *App) standingLine(ctx context.Context, p *messages.Printer, my standing) (chat.HTML, error) {
	switch {
	case my.hold != nil:
		return a.holdLine(ctx, p, *my.hold)
	case my.loan != nil:
		return p.HTML("card.on_loan", "day", p.Day(a.local(my.loan.DueAt))), nil
	}
	return "", nil
}

func (a *App) cardButtons(r chat.Request, p *messages.Printer, t store.Title, shelves []store.Shelf, my standing) [][]chat.Button {
	var rows [][]chat.Button
	id := string(t.ID)
	link := a.deepLink("t_" + id)
	if !r.Private {
		return [][]chat.Button{chat.Row(chat.Link(p.Plain("card.in_private"), link))}
	}
	var back []string
	if r.Kind == chat.KindPress && len(r.Args) > 1 {
		if f, ok := readFinding(r.Args[1:]); ok {
			back = f.args()
		}
	}
	switch {
	case my.hold != nil:
		rows = append(rows, chat.Row(chat.Press(p.Plain("card.my_hold"), "hold", string(my.hold.ID))))
	case my.loan != nil:
		rows = append(rows, chat.Row(chat.Press(p.Plain("card.my_loan"), "loan", string(my.loan.ID))))
	case len(shelves) == 0:
		rows = append(rows, chat.Row(chat.Press(p.Plain("search.ask_library"), "ask", cutQuery(t.Name))))
	case r.Actor.Role < chat.Applicant:
		rows = append(rows, chat.Row(chat.Press(p.Plain("card.join_to_reserve"), "join")))
	case r.Actor.Role < chat.Member:
		rows = append(rows, chat.Row(chat.Press(p.Plain("card.wait_to_reserve"), "join")))
	default:
		label := p.Plain("card.queue_up")
		for _, s := range shelves {
			if s.Free > 0 {
				label = p.Plain("card.reserve")
			}
		}
		rows = append(rows, chat.Row(chat.Press(label, "reserve", append([]string{id}, back...)...)))
	}
	share := "https://t.me/share/url?" + url.Values{"url": {link}, "text": {t.Name}}.Encode()
	rows = append(rows, chat.Row(chat.Link(p.Plain("card.share"), share), chat.Press(p.Plain("card.qr"), "titleqr", id)))
	if r.Actor.Role >= chat.Librarian {
		rows = append(rows, chat.Row(chat.Press(p.Plain("edit_title.open"), "tedit", id)))
	}
	if r.Actor.Role >= chat.Librarian {
		rows = append(rows, chat.Row(chat.Press(p.Plain("card.edit"), "tedit", id)))
	}
	if back != nil {
		rows = append(rows, chat.Row(chat.Press(p.Plain("card.back"), "find", back...)))
	}
	return rows
}

// qr sends the title's deep link as a picture, for a poster or a shelf.
func (c cards) qr(ctx context.Context, r chat.Request) (chat.Reply, error) {
	t, err := c.Store.Titles.Get(ctx, store.TitleID(r.Arg(0)))
	if err != nil {
		return fail("qr of a title", err)
	}
	link := c.deepLink("t_" + string(t.ID))
	png, err := paper.QR(link)
	if err != nil {
		return fail("qr of a title", err)
	}
	return chat.Reply{Messages: []chat.Message{{
		Text:  c.words(r).HTML("card.qr_caption", "title", short(t.Name, 200), "link", link),
		Photo: &chat.Attachment{Name: "versli-" + string(t.ID) + ".png", Bytes: png},
	}}}, nil
}
