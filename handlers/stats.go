package handlers

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// stats shows librarians what there is and what was sent.
type stats struct{ *App }

func (s stats) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "stats", Aliases: map[string][]string{"lt": {"statistika"}, "lv": {"statistika"}},
		Role: chat.Librarian, Help: "stats.help", View: true, Handler: s.show,
	})
	r.Action(chat.Action{Name: "stats", Role: chat.Librarian, View: true, Handler: s.show})
}

func (s stats) show(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	parts := []chat.HTML{p.HTML("stats.title")}
	for _, part := range []func(context.Context, *messages.Printer) (chat.HTML, error){s.books, s.people, s.meetings, s.notices} {
		text, err := part(ctx, p)
		if err != nil {
			return fail("stats", err)
		}
		parts = append(parts, text)
	}
	return chat.Change(r, paragraphs(parts...),
		chat.Row(chat.Press(p.Plain("stats.again"), "stats"), chat.Press(p.Plain("common.back"), "staff"))), nil
}

func (s stats) books(ctx context.Context, p *messages.Printer) (chat.HTML, error) {
	titles, copies, err := s.Store.Titles.Count(ctx)
	if err != nil {
		return "", fmt.Errorf("count titles: %w", err)
	}
	holds := 0
	for _, state := range []store.HoldState{store.HoldPlaced, store.HoldAllocated, store.HoldInTransit, store.HoldReady} {
		_, n, err := s.Store.Holds.InState(ctx, state, 0, 1)
		if err != nil {
			return "", fmt.Errorf("count holds: %w", err)
		}
		holds += n
	}
	_, loans, err := s.Store.Holds.AllLoans(ctx, 0, 1)
	if err != nil {
		return "", fmt.Errorf("count loans: %w", err)
	}
	return p.HTML("stats.books", "titles", p.Number(titles), "copies", p.Number(copies),
		"holds", p.Number(holds), "loans", p.Number(loans)), nil
}

func (s stats) people(ctx context.Context, p *messages.Printer) (chat.HTML, error) {
	text := []chat.HTML{p.HTML("stats.people")}
	for _, role := range store.AllRoles() {
		n, err := s.Store.Members.CountRole(ctx, role)
		if err != nil {
			return "", fmt.Errorf("count people: %w", err)
		}
		text = append(text, p.HTML("stats.line", "name", p.Plain("stats.role_"+string(role)), "count", p.Number(n)))
	}
	return lines(text...), nil
}

func (s stats) meetings(ctx context.Context, p *messages.Printer) (chat.HTML, error) {
	const many = 200
	list, total, err := s.Store.Activities.Upcoming(ctx, s.Now(), 0, many)
	if err != nil {
		return "", fmt.Errorf("count trainings: %w", err)
	}
	confirmed, waiting := 0, 0
	for _, x := range list {
		seats, err := s.Store.Activities.Seats(ctx, x.ID)
		if err != nil {
			return "", fmt.Errorf("count seats: %w", err)
		}
		confirmed += seats.Confirmed
		waiting += seats.Waiting
	}
	stops, err := s.Store.Van.Stops(ctx, "")
	if err != nil {
		return "", fmt.Errorf("count stops: %w", err)
	}
	followers := 0
	for _, stop := range stops {
		n, err := s.Store.Van.Followers(ctx, stop.ID)
		if err != nil {
			return "", fmt.Errorf("count followers: %w", err)
		}
		followers += n
	}
	return p.HTML("stats.meetings", "trainings", p.Number(total), "confirmed", p.Number(confirmed), "waiting", p.Number(waiting),
		"stops", p.Number(len(stops)), "followers", p.Number(followers)), nil
}

func (s stats) notices(ctx context.Context, p *messages.Printer) (chat.HTML, error) {
	n, err := s.Store.Outbox.Counts(ctx)
	if err != nil {
		return "", fmt.Errorf("count notices: %w", err)
	}
	sum := func(byKind map[store.NoticeKind]int) string {
		total := 0
		for _, count := range byKind {
			total += count
		}
		return p.Number(total)
	}
	text := []chat.HTML{p.HTML("stats.notices", "owed", p.Number(n.Owed+n.UnderWay), "sent", sum(n.Sent), "dropped", sum(n.Dropped),
		"failed", sum(n.Failed))}
	for _, kind := range slices.Sorted(maps.Keys(n.Failed)) {
		if n.Failed[kind] > 0 {
			text = append(text, p.HTML("stats.failed_kind", "kind", p.Plain("stats.kind_"+string(kind)), "count", p.Number(n.Failed[kind])))
		}
	}
	return lines(text...), nil
}
