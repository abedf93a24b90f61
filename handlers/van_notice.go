package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func (v van) renders() map[store.NoticeKind]render {
	return map[store.NoticeKind]render{
		store.NoticeVisitEvening: v.renderReminder,
		store.NoticeVisitSoon:    v.renderReminder,
		store.NoticeVisitChanged: v.renderChanged,
	}
}

// renderReminder tells that the van comes, what to bring back and what waits in it.
func (v van) renderReminder(ctx context.Context, p *messages.Printer, m store.Member, n store.Notice) (chat.Message, string, error) {
	visit, drop, err := v.visitOwed(ctx, m, n)
	if err != nil || drop != "" {
		return chat.Message{}, drop, err
	}
	if drop := reminderOff(m.Settings, n.Kind); drop != "" {
		return chat.Message{}, drop, nil
	}
	if visit.Cancelled {
		return chat.Message{}, dropUntrue, nil
	}
	errand, err := v.errand(ctx, p, m.ID, visit.Stop.ID)
	if err != nil {
		return chat.Message{}, "", err
	}
	text := paragraphs(v.reminderHead(p, visit, n.Kind), errand)
	return chat.Message{Text: text, Keyboard: v.reminderRows(p, visit.Stop)}, "", nil
}

// reminderHead says when the van comes, seen from this moment.
func (v van) reminderHead(p *messages.Printer, visit store.Visit, kind store.NoticeKind) chat.HTML {
	from, to := v.local(visit.Arrival), v.local(visit.Departure)
	stop, span := stopLabel(visit.Stop), p.Span(from, to)
	late := chat.HTML("")
	if visit.Delay > 0 {
		late = p.HTML("van.notice_late", "n", int(visit.Delay.Minutes()))
	}
	left := int(visit.Arrival.Sub(v.Now()).Round(time.Minute).Minutes())
	switch {
	case left <= 0:
		return lines(p.HTML("van.notice_here", "stop", stop, "until", p.Clock(to)), late)
	case kind == store.NoticeVisitSoon && left <= 180:
		key, n := inHours("van.notice_soon", left)
		return lines(p.HTML(key, "stop", stop, "span", span, "n", n), late)
	}
	return lines(p.HTML("van.notice_evening", "day", v.relativeDay(p, visit.Arrival), "stop", stop, "span", span), late)
}

func reminderOff(s store.Settings, kind store.NoticeKind) string {
	if !s.VisitReminders || (kind == store.NoticeVisitEvening && s.VisitEvening < 0) || (kind == store.NoticeVisitSoon && s.VisitLead < 0) {
		return dropOff
	}
	return ""
}

// visitOwed reads the visit of a notice. drop says why nobody is to be told.
func (v van) visitOwed(ctx context.Context, m store.Member, n store.Notice) (visit store.Visit, drop string, err error) {
	visit, err = v.Store.Van.Visit(ctx, store.VisitID(n.Ref))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return visit, dropUntrue, nil
	case err != nil:
		return visit, "", fmt.Errorf("visit: %w", err)
	case !visit.Departure.After(v.Now()):
		return visit, dropOver, nil
	}
	following, err := v.follows(ctx, m.ID, visit.Stop.ID)
	if err != nil {
		return visit, "", err
	}
	if !following {
		return visit, "unfollowed", nil
	}
	return visit, "", nil
}

// errand says what a member brings back to the van and what they get there.
func (v van) errand(ctx context.Context, p *messages.Printer, member store.MemberID, stop store.StopID) (chat.HTML, error) {
	holds, err := v.Store.Holds.OfMember(ctx, member)
	if err != nil {
		return "", fmt.Errorf("holds for a stop: %w", err)
	}
	loans, err := v.Store.Holds.Loans(ctx, member)
	if err != nil {
		return "", fmt.Errorf("loans to bring: %w", err)
	}
	var ids []store.TitleID
	var get []store.Hold
	for _, h := range holds {
		if h.Pickup == store.Place(stop) && (h.State == store.HoldInTransit || h.State == store.HoldReady || h.State == store.HoldAllocated) {
			get, ids = append(get, h), append(ids, h.Title)
		}
	}
	for _, l := range loans {
		ids = append(ids, l.Title)
	}
	titles, err := v.titlesOf(ctx, ids)
	if err != nil {
		return "", err
	}
	var bring, take []chat.HTML
	for _, h := range get {
		take = append(take, p.HTML("van.errand_item", "title", titles[h.Title].Name))
	}
	for _, l := range loans {
		bring = append(bring, p.HTML("van.errand_loan", "title", titles[l.Title].Name, "due", p.Day(v.local(l.DueAt))))
	}
	if len(take) > 0 {
		take = append([]chat.HTML{p.HTML("van.errand_get")}, take...)
	}
	if len(bring) > 0 {
		bring = append([]chat.HTML{p.HTML("van.errand_bring")}, bring...)
	}
	return paragraphs(lines(take...), lines(bring...)), nil
}

func (v van) reminderRows(p *messages.Printer, s store.Stop) [][]chat.Button {
	return [][]chat.Button{
		chat.Row(chat.Press(p.Plain("van.open"), "stop", string(s.ID))),
		chat.Row(chat.Press(p.Plain("van.off_here"), "voff", string(s.ID)), chat.Press(p.Plain("van.settings"), "settings")),
	}
}

// renderChanged tells what a visit has become: cancelled, late, or as planned again.
func (v van) renderChanged(ctx context.Context, p *messages.Printer, m store.Member, n store.Notice) (chat.Message, string, error) {
	visit, drop, err := v.visitOwed(ctx, m, n)
	if err != nil || drop != "" {
		return chat.Message{}, drop, err
	}
	if n.Revision < visit.Revision {
		return chat.Message{}, dropUntrue, nil // a later change is owed, and says the same
	}
	from, to := v.local(visit.Arrival), v.local(visit.Departure)
	kv := []any{"stop", stopLabel(visit.Stop), "day", v.relativeDay(p, visit.Arrival), "span", p.Span(from, to)}
	var text chat.HTML
	switch {
	case visit.Cancelled:
		text = p.HTML("van.changed_cancelled", kv...)
		next, err := v.nextVisits(ctx, p, visit.Stop.ID, 3)
		if err != nil {
			return chat.Message{}, "", err
		}
		text = paragraphs(text, lines(append([]chat.HTML{p.HTML("van.next_visits")}, next...)...))
	case visit.Delay > 0:
		text = p.HTML("van.changed_late", append(kv, "n", int(visit.Delay.Minutes()))...)
	default:
		text = p.HTML("van.changed_restored", kv...)
	}
	return chat.Message{Text: text, Keyboard: v.reminderRows(p, visit.Stop)}, "", nil
}
