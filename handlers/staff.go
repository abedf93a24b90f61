package handlers

import (
	"context"
	"fmt"
	"strconv"

	"versli/bot/chat"
	"versli/store"
)

// staff is the panel from which librarians run everything.
type staff struct{ *App }

func (s staff) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "staff", Aliases: map[string][]string{"lt": {"darbuotojams"}, "lv": {"darbiniekiem"}},
		Role: chat.Driver, Help: "staff.help", View: true, Handler: s.panel,
	})
	r.Action(
		chat.Action{Name: "staff", Role: chat.Driver, View: true, Handler: s.panel},
		chat.Action{Name: "rules", Role: chat.Librarian, View: true, Handler: s.rules},
		chat.Action{Name: "ruleset", Role: chat.Librarian, Handler: s.setRule},
		chat.Action{Name: "unsample", Role: chat.Librarian, Handler: s.removeSample},
	)
}

// panel counts what waits for somebody, and leads everywhere. A driver gets the trip.
func (s staff) panel(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Actor.Role < chat.Librarian {
		return driver(s).trip(ctx, r)
	}
	p := s.words(r)
	waiting, err := s.Store.Members.Applications(ctx)
	if err != nil {
		return fail("panel", err)
	}
	questions, err := s.Store.Questions.Open(ctx)
	if err != nil {
		return fail("panel", err)
	}
	_, prepare, err := s.Store.Holds.InState(ctx, store.HoldAllocated, 0, 1)
	if err != nil {
		return fail("panel", err)
	}
	sample, err := s.Store.Rules.HasSample(ctx)
	if err != nil {
		return fail("panel", err)
	}
	calls, err := s.Store.Outbox.CountFailures(ctx)
	if err != nil {
		return fail("panel", err)
	}
	text := lines(
		p.HTML("staff.applications", "count", len(waiting)),
		p.HTML("staff.prepare", "count", prepare),
		p.HTML("staff.questions", "count", len(questions)),
		p.HTML("staff.calls", "count", calls))
	if sample {
		text = paragraphs(text, p.HTML("staff.sample"))
	}
	press := func(key, action string, args ...string) chat.Button { return chat.Press(p.Plain(key), action, args...) }
	rows := [][]chat.Button{
		chat.Row(press("staff.to_desk", "desk"), press("staff.to_people", "people", "0")),
		chat.Row(press("staff.to_applications", "papps"), press("staff.to_questions", "questions")),
		chat.Row(press("staff.to_calls", "calls", "0")),
		chat.Row(press("staff.to_trainings", "trainings", "0"), press("staff.to_stops", "stops", "0")),
		chat.Row(press("staff.to_add_title", "tnew"), press("staff.to_import", "import")),
		chat.Row(press("staff.to_broadcast", "bnew"), press("staff.to_trip", "trip")),
		chat.Row(press("staff.to_stats", "stats"), press("staff.to_rules", "rules")),
	}
	if sample {
		rows = append(rows, chat.Row(press("staff.remove_sample", "unsample")))
	}
	return chat.Change(r, paragraphs(p.HTML("staff.title"), text), rows...), nil
}

// ruleBounds are the least and the most a rule may be.
func ruleBounds() map[string][2]int {
	return map[string][2]int{"holds": {1, 50}, "loan": {1, 365}, "shelf": {1, 60}}
}

// rules shows what the library sets for itself, to be changed by one at a time.
func (s staff) rules(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	b, err := s.Store.Rules.Get(ctx)
	if err != nil {
		return fail("rules", err)
	}
	text := lines(
		p.HTML("staff.rule_holds", "count", b.HoldsPerMember),
		p.HTML("staff.rule_loan", "count", b.LoanDays),
		p.HTML("staff.rule_shelf", "count", b.ShelfDays))
	row := func(key, name string, value int) []chat.Button {
		bounds := ruleBounds()[name]
		to := func(n int) string { return strconv.Itoa(min(max(n, bounds[0]), bounds[1])) }
		return chat.Row(
			chat.Press("−", "ruleset", name, to(value-1)),
			chat.Press(p.Plain(key, "count", value), "noop"),
			chat.Press("+", "ruleset", name, to(value+1)))
	}
	return chat.Change(r, paragraphs(p.HTML("staff.rules"), text),
		row("staff.short_holds", "holds", b.HoldsPerMember),
		row("staff.short_loan", "loan", b.LoanDays),
		row("staff.short_shelf", "shelf", b.ShelfDays),
		chat.Row(chat.Press(p.Plain("common.back"), "staff"))), nil
}

// setRule sets a rule to the value on the button, so that a double tap acts once.
func (s staff) setRule(ctx context.Context, r chat.Request) (chat.Reply, error) {
	bounds, ok := ruleBounds()[r.Arg(0)]
	value := numberArg(r, 1)
	if !ok || value < bounds[0] || value > bounds[1] {
		return fail("set a rule", chat.ErrBadData)
	}
	b, err := s.Store.Rules.Get(ctx)
	if err != nil {
		return fail("set a rule", err)
	}
	switch r.Arg(0) {
	case "holds":
		b.HoldsPerMember = value
	case "loan":
		b.LoanDays = value
	case "shelf":
		b.ShelfDays = value
	}
	if err := s.Store.Rules.Set(ctx, s.op(r), b); err != nil {
		return fail("set a rule", err)
	}
	return s.rules(ctx, r)
}

// sampleSource is the source of what the playground loads by itself.
const sampleSource = "sample"

// removeSample asks, then removes the sample and says what went and what stayed.
func (s staff) removeSample(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	if r.Arg(0) != "yes" {
		sample, err := s.Store.Rules.HasSample(ctx)
		if err != nil {
			return fail("remove the sample", err)
		}
		if !sample {
			return chat.Change(r, p.HTML("staff.no_sample"), chat.Row(chat.Press(p.Plain("common.back"), "staff"))), nil
		}
		return chat.Change(r, p.HTML("staff.ask_sample"),
			chat.Row(chat.Press(p.Plain("staff.remove_yes"), "unsample", "yes"), chat.Press(p.Plain("common.no"), "staff"))), nil
	}
	text := []chat.HTML{p.HTML("staff.sample_gone"), ""}
	kept := 0
	for _, part := range []struct {
		key    string
		remove func(context.Context, store.Op, string) (int, int, error)
	}{
		{"staff.gone_titles", s.Store.Titles.RemoveSource},
		{"staff.gone_stops", s.Store.Van.RemoveSource},
		{"staff.gone_activities", s.Store.Activities.RemoveSource},
	} {
		op := s.op(r)
		op.Key += "." + part.key
		removed, stayed, err := part.remove(ctx, op, sampleSource)
		if err != nil {
			return fail(fmt.Sprintf("remove the sample (%s)", part.key), err)
		}
		kept += stayed
		text = append(text, p.HTML(part.key, "removed", removed, "kept", stayed))
	}
	if err := s.Store.Rules.MarkSample(ctx, false); err != nil {
		return fail("remove the sample", err)
	}
	if kept > 0 {
		text = append(text, "", p.HTML("staff.sample_kept"))
	}
	return chat.Change(r, spaced(text), chat.Row(chat.Press(p.Plain("common.back"), "staff"))), nil
}
