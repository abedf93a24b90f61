package handlers

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
	"versli/store/search"
)

// searching finds titles: by words, by topic, and what is new.
type searching struct{ *App }

func (s searching) register(r *chat.Router) {
	r.Command(
		chat.Command{
			Name: "search", Aliases: map[string][]string{"lt": {"paieska"}, "lv": {"meklet"}},
			Help: "help.search", Group: true, View: true, Handler: s.command,
		},
		chat.Command{
			Name: "topics", Aliases: map[string][]string{"lt": {"temos"}, "lv": {"temas"}},
			Help: "help.topics", Group: true, View: true, Handler: s.topics,
		},
		chat.Command{
			Name: "new", Aliases: map[string][]string{"lt": {"naujos"}, "lv": {"jaunumi"}},
			Help: "help.new", Group: true, View: true, Handler: s.newest,
		},
	)
	r.Action(
		chat.Action{Name: "search", View: true, Handler: s.ask},
		chat.Action{Name: "find", Group: true, View: true, Handler: s.turn},
		chat.Action{Name: "topics", Group: true, View: true, Handler: s.topics},
	)
}

// command is /search with words, or the question for them.
func (s searching) command(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if strings.TrimSpace(r.Text) == "" {
		return s.ask(ctx, r)
	}
	return s.typed(ctx, r)
}

// ask invites to type. No dialogue is begun: plain text is a search anyway.
func (s searching) ask(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	return chat.Reply{Messages: []chat.Message{{Text: p.HTML("search.ask"), Prompt: p.Plain("search.prompt")}}}, nil
}

// typed answers typed text.
func (s searching) typed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	f := finding{text: cutQuery(r.Text)}
	if !searchable(f.text) {
		p := s.words(r)
		return chat.Say(p.HTML("search.nothing_to_search"), chat.Row(chat.Press(p.Plain("search.topics"), "topics"))), nil
	}
	return s.show(ctx, r, f)
}

// turn opens another page, or the same with another filter.
func (s searching) turn(ctx context.Context, r chat.Request) (chat.Reply, error) {
	f, ok := readFinding(r.Args)
	if !ok {
		return chat.Reply{}, chat.ErrBadData
	}
	return s.show(ctx, r, f)
}

func (s searching) newest(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return s.show(ctx, r, finding{newest: true})
}

func (s searching) show(ctx context.Context, r chat.Request, f finding) (chat.Reply, error) {
	p := s.words(r)
	found := s.Index.Search(f.query())
	if len(found.Hits) == 0 && f.offset > 0 { // the catalogue has shrunk since
		f = f.first()
		found = s.Index.Search(f.query())
	}
	if len(found.Hits) == 0 {
		return s.none(ctx, r, p, f, found)
	}
	ids := make([]store.TitleID, len(found.Hits))
	exact := false
	for i, h := range found.Hits {
		ids[i] = h.ID
		exact = exact || h.Exact
	}
	titles, err := s.Store.Titles.Many(ctx, ids)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("titles found: %w", err)
	}
	text, numbers, err := s.list(ctx, p, f, titles)
	if err != nil {
		return chat.Reply{}, err
	}
	var guess chat.HTML
	if !exact && f.text != "" {
		guess = p.HTML("search.similar")
	}
	rows := chat.Columns(searchPage, numbers...)
	rows = append(rows, pager(p, f.offset, searchPage, min(found.Total, lastOffset), "find", f.args()[:2]...)...)
	if found.Suggestion != "" && !exact && cutQuery(found.Suggestion) != f.text {
		rows = append(rows, chat.Row(didYouMean(p, f, found.Suggestion)))
	}
	rows = append(rows, filters(p, f), s.foot(p, f))
	return chat.Change(r, paragraphs(lines(s.head(p, f, found.Total), guess), text), rows...), nil
}

// head is the first line: what was looked for, and how much was found.
func (s searching) head(p *messages.Printer, f finding, total int) chat.HTML {
	switch {
	case f.topic != "":
		return p.HTML("search.head_topic", "topic", p.Plain("topic."+string(f.topic)), "n", total)
	case f.newest:
		return p.HTML("search.head_new")
	}
	return p.HTML("search.head", "query", f.text, "n", total)
}

// list writes the titles of a page and makes their buttons.
func (s searching) list(ctx context.Context, p *messages.Printer, f finding, titles []store.Title) (chat.HTML, []chat.Button, error) {
	var items []chat.HTML
	var numbers []chat.Button
	for i, t := range titles {
		shelves, err := s.Store.Titles.Shelves(ctx, t.ID)
		if err != nil {
			return "", nil, fmt.Errorf("shelves of %s: %w", t.ID, err)
		}
		n := f.offset + i + 1
		items = append(items, lines(
			p.HTML("search.item", "number", n, "title", short(t.Name, 90), "by", byline(t)),
			availability(p, shelves),
		))
		numbers = append(numbers, chat.Press(strconv.Itoa(n), "title", append([]string{string(t.ID)}, f.args()...)...))
	}
	return lines(items...), numbers, nil
}

// byline is author and year, as much as is known, with what stands before them.
func byline(t store.Title) string {
	var parts []string
	if len(t.Authors) > 0 {
		parts = append(parts, short(t.Authors[0], 50))
	}
	if t.Year != 0 {
		parts = append(parts, strconv.Itoa(t.Year))
	}
	if len(parts) == 0 {
		return ""
	}
	return " – " + strings.Join(parts, ", ")
}

// availability is one line: free or not, and on the van or not.
func availability(p *messages.Printer, shelves []store.Shelf) chat.HTML {
	copies, free := 0, 0
	for _, s := range shelves {
		copies += s.Copies
		free += s.Free
		if s.Location == store.VanLocation && s.Free > 0 {
			return p.HTML("search.free_van")
		}
	}
	switch {
	case copies == 0:
		return p.HTML("search.no_copies")
	case free > 0:
		return p.HTML("search.free")
	}
	return p.HTML("search.lent")
}

// filters are the two switches under a list.
func filters(p *messages.Printer, f finding) []chat.Button {
	now, van := f.first(), f.first()
	now.available, van.van = !f.available, !f.van
	return chat.Row(
		now.button(tick(f.available, p.Plain("search.filter_now"))),
		van.button(tick(f.van, p.Plain("search.filter_van"))),
	)
}

func (s searching) foot(p *messages.Printer, f finding) []chat.Button {
	if f.topic != "" {
		return chat.Row(chat.Press(p.Plain("search.other_topics"), "topics"))
	}
	return chat.Row(chat.Press(p.Plain("search.topics"), "topics"), chat.Press(p.Plain("common.close"), "close"))
}

func didYouMean(p *messages.Printer, f finding, text string) chat.Button {
	meant := f.first()
	meant.text = cutQuery(text)
	return meant.button(p.Plain("search.did_you_mean", "query", short(text, 40)))
}

// none says that nothing was found, and what can be done about it: what was typed may be where the van stops.
func (s searching) none(
	ctx context.Context, r chat.Request, p *messages.Printer, f finding, found search.Result,
) (chat.Reply, error) {
	var rows [][]chat.Button
	if found.Suggestion != "" && cutQuery(found.Suggestion) != f.text {
		rows = append(rows, chat.Row(didYouMean(p, f, found.Suggestion)))
	}
	if f.available || f.van {
		return chat.Change(r, lines(s.head(p, f, 0), p.HTML("search.none_filtered")), append(rows, filters(p, f), s.foot(p, f))...), nil
	}
	if f.text == "" {
		return chat.Change(r, p.HTML("search.none_here"), append(rows, s.foot(p, f))...), nil
	}
	const offered = 2
	stops, err := s.Store.Van.FindStops(ctx, f.text)
	if err != nil {
		return fail("stops of that name", err)
	}
	for _, stop := range stops[:min(len(stops), offered)] {
		rows = append(rows, chat.Row(chat.Press("🚐 "+short(stopLabel(stop), 50), "stop", string(stop.ID))))
	}
	if r.Private {
		rows = append(rows, chat.Row(chat.Press(p.Plain("search.ask_library"), "ask", f.text)))
	}
	return chat.Change(r, p.HTML("search.none", "query", f.text), append(rows, s.foot(p, f))...), nil
}

// topics lists the collection's topics with how many titles each has.
func (s searching) topics(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	counts := s.Index.TopicCounts()
	var buttons []chat.Button
	for _, t := range store.AllTopics() {
		label := p.Plain("search.topic_count", "topic", p.Plain("topic."+string(t)), "count", p.Number(counts[t]))
		buttons = append(buttons, finding{topic: t}.button(label))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows, chat.Row(finding{newest: true}.button(p.Plain("search.new"))))
	return chat.Change(r, p.HTML("search.topics_head"), rows...), nil
}
