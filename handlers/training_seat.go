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

// join takes a seat, or a place in the waitlist. The card then shows which.
func (t trainings) join(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Actor.Role < chat.Member {
		return fail("register", store.ErrNotMember)
	}
	id := store.ActivityID(r.Arg(0))
	reg, err := t.Store.Activities.Register(ctx, t.op(r), id, t.me(r))
	if errors.Is(err, store.ErrAlreadyIn) || errors.Is(err, store.ErrClosed) {
		reply, cardErr := t.card(ctx, r, id)
		key := "error.already_in"
		if errors.Is(err, store.ErrClosed) {
			key = "error.closed"
		}
		return reply.WithToast(t.words(r).Plain(key)), cardErr
	}
	if err != nil {
		return fail("register", err)
	}
	reply, err := t.card(ctx, r, id)
	toast := t.words(r).Plain("training.joined")
	if reg.State == store.Waitlisted {
		toast = t.words(r).Plain("training.waiting", "position", reg.Position)
	}
	return reply.WithToast(toast), err
}

// leave gives a place up. A seat that others wait for, and a place in the
// waitlist, cannot be had back: that is asked first. Any other can be taken
// again with one tap on the card.
func (t trainings) leave(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := t.words(r)
	id := store.ActivityID(r.Arg(0))
	reg, err := t.Store.Activities.Registration(ctx, id, t.me(r))
	if errors.Is(err, store.ErrNotFound) {
		reply, err := t.card(ctx, r, id)
		return reply.WithToast(p.Plain("training.left")), err
	}
	if err != nil {
		return fail("leave", err)
	}
	if r.Arg(1) != "yes" {
		question, err := t.beforeLeaving(ctx, p, reg)
		if err != nil {
			return fail("leave", err)
		}
		if question != "" {
			return chat.Change(r, question, chat.Row(
				chat.Press(p.Plain("training.leave_yes"), "tleave", string(id), "yes"),
				chat.Press(p.Plain("training.leave_no"), "training", string(id)))), nil
		}
	}
	_, err = t.Store.Activities.Unregister(ctx, t.op(r), id, t.me(r))
	if err != nil && !errors.Is(err, store.ErrStale) {
		return fail("leave", err)
	}
	reply, err := t.card(ctx, r, id)
	return reply.WithToast(p.Plain("training.left")), err
}

// beforeLeaving is the question to ask first, "" when nothing is lost.
func (t trainings) beforeLeaving(ctx context.Context, p *messages.Printer, reg store.Registration) (chat.HTML, error) {
	x, err := t.Store.Activities.Get(ctx, reg.Activity)
	if err != nil {
		return "", fmt.Errorf("before leaving: %w", err)
	}
	if reg.State == store.Waitlisted {
		return p.HTML("training.ask_leave_wait", "name", activityName(p, x), "position", reg.Position), nil
	}
	seats, err := t.Store.Activities.Seats(ctx, reg.Activity)
	if err != nil {
		return "", fmt.Errorf("before leaving: %w", err)
	}
	if seats.Waiting == 0 {
		return "", nil
	}
	return p.HTML("training.ask_leave", "name", activityName(p, x), "n", seats.Waiting), nil
}

func (t trainings) renders() map[store.NoticeKind]render {
	return map[store.NoticeKind]render{
		store.NoticeTrainingDay:       t.renderReminder,
		store.NoticeTrainingSoon:      t.renderReminder,
		store.NoticePromoted:          t.renderPromoted,
		store.NoticeActivityChanged:   t.renderChanged,
		store.NoticeActivityCancelled: t.renderCancelled,
	}
}

// owed reads what a notice is about. drop says why it is no longer true.
func (t trainings) owed(
	ctx context.Context, m store.Member, n store.Notice,
) (x store.Activity, reg store.Registration, drop string, err error) {
	x, err = t.Store.Activities.Get(ctx, store.ActivityID(n.Ref))
	if errors.Is(err, store.ErrNotFound) {
		return x, reg, dropUntrue, nil
	}
	if err != nil {
		return x, reg, "", fmt.Errorf("activity of notice: %w", err)
	}
	reg, err = t.Store.Activities.Registration(ctx, x.ID, m.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return x, reg, dropUntrue, nil
	case err != nil:
		return x, reg, "", fmt.Errorf("activity of notice: %w", err)
	case x.Cancelled:
		return x, reg, dropUntrue, nil
	case !x.End().After(t.Now()):
		return x, reg, dropOver, nil
	}
	return x, reg, "", nil
}

// renderReminder is the reminder the day before and the one before the start, with a way to free the seat.
func (t trainings) renderReminder(ctx context.Context, p *messages.Printer, m store.Member, n store.Notice) (chat.Message, string, error) {
	x, reg, drop, err := t.owed(ctx, m, n)
	switch {
	case err != nil || drop != "":
		return chat.Message{}, drop, err
	case reg.State != store.Confirmed:
		return chat.Message{}, dropUntrue, nil
	case !m.Settings.TrainingReminder, n.Kind == store.NoticeTrainingSoon && m.Settings.TrainingLead < 0:
		return chat.Message{}, dropOff, nil
	}
	at, ok := nextSession(x, t.Now())
	if !ok {
		return chat.Message{}, dropOver, nil
	}
	day := t.relativeDay(p, at.Start)
	head := p.HTML("training.notice_day", "day", day, "clock", p.Clock(t.local(at.Start)))
	left := int(at.Start.Sub(t.Now()).Round(time.Minute).Minutes())
	if n.Kind == store.NoticeTrainingSoon && left <= 180 {
		key, n := inHours("training.notice_soon", left)
		head = p.HTML(key, "n", n)
	}
	text := lines(head, p.HTML("training.notice_name", "name", activityName(p, x)),
		p.HTML("training.when", "when", p.Date(t.local(at.Start)), "hours", p.Span(t.local(at.Start), t.local(at.End))),
		optional(p, "training.where", "venue", x.Venue))
	return chat.Message{Text: text, Keyboard: chat.Keyboard{
		chat.Row(chat.Press(p.Plain("training.open"), "training", string(x.ID)), chat.Press(p.Plain("training.cannot"), "tleave", string(x.ID))),
		chat.Row(chat.Press(p.Plain("settings.mute"), "mute", "trainings"), chat.Press(p.Plain("van.settings"), "settings")),
	}}, "", nil
}

// nextSession is the first session that has not begun.
func nextSession(x store.Activity, now time.Time) (store.Session, bool) {
	for _, s := range x.Sessions {
		if s.Start.After(now) {
			return s, true
		}
	}
	return store.Session{}, false
}

// renderPromoted tells that a seat became free for the first who waited.
func (t trainings) renderPromoted(ctx context.Context, p *messages.Printer, m store.Member, n store.Notice) (chat.Message, string, error) {
	x, reg, drop, err := t.owed(ctx, m, n)
	switch {
	case err != nil || drop != "":
		return chat.Message{}, drop, err
	case reg.State != store.Confirmed:
		return chat.Message{}, dropUntrue, nil
	case !x.Start().After(t.Now()):
		return chat.Message{}, dropOver, nil
	}
	text := paragraphs(p.HTML("training.promoted"), t.shortText(p, x))
	return chat.Message{Text: text, Keyboard: chat.Keyboard{
		chat.Row(chat.Press(p.Plain("training.open"), "training", string(x.ID)), chat.Press(p.Plain("training.decline"), "tleave", string(x.ID))),
	}}, "", nil
}

// shortText is an activity's name, time and place.
func (t trainings) shortText(p *messages.Printer, x store.Activity) chat.HTML {
	return lines(p.HTML("training.notice_name", "name", activityName(p, x)),
		p.HTML("training.when", "when", p.Date(t.local(x.Start())), "hours", p.Span(t.local(x.Start()), t.local(x.Sessions[0].End))),
		optional(p, "training.where", "venue", x.Venue))
}

// renderChanged tells the new time or place.
func (t trainings) renderChanged(ctx context.Context, p *messages.Printer, m store.Member, n store.Notice) (chat.Message, string, error) {
	x, _, drop, err := t.owed(ctx, m, n)
	if err != nil || drop != "" {
		return chat.Message{}, drop, err
	}
	if n.Revision < x.Revision {
		return chat.Message{}, dropUntrue, nil // a later change is owed, and says the same
	}
	text := paragraphs(p.HTML("training.changed"), t.shortText(p, x))
	return chat.Message{Text: text, Keyboard: chat.Keyboard{
		chat.Row(chat.Press(p.Plain("training.open"), "training", string(x.ID)), chat.Press(p.Plain("training.cannot"), "tleave", string(x.ID))),
		chat.Row(chat.Press(p.Plain("training.ics"), "tics", string(x.ID))),
	}}, "", nil
}

// renderCancelled tells that an activity was called off.
func (t trainings) renderCancelled(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (chat.Message, string, error) {
	x, err := t.Store.Activities.Get(ctx, store.ActivityID(n.Ref))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return chat.Message{}, dropUntrue, nil
	case err != nil:
		return chat.Message{}, "", fmt.Errorf("activity of notice: %w", err)
	case !x.Cancelled:
		return chat.Message{}, dropUntrue, nil
	case !x.End().After(t.Now()):
		return chat.Message{}, dropOver, nil
	}
	return chat.Message{
		Text:     paragraphs(p.HTML("training.called_off"), t.shortText(p, x)),
		Keyboard: chat.Keyboard{chat.Row(chat.Press(p.Plain("training.others"), "trainings", "0"))},
	}, "", nil
}
