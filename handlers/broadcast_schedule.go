package handlers

import (
	"context"
	"errors"
	"strconv"
	"time"

	"versli/bot/chat"
	"versli/store"
)

// usualDeadline is how late a broadcast still goes out when nothing else is chosen: later than that, its author is asked.
const usualDeadline = 2 * time.Hour

// Deadlines to choose from, as buttons have them.
const (
	byHour  = "1h"
	byHours = "2h"
	byDay   = "day"
)

// deadline is until when at the latest one scheduled for at may begin.
func (b broadcasts) deadline(at time.Time, choice string) (time.Time, bool) {
	switch choice {
	case byHour:
		return at.Add(time.Hour), true
	case byHours:
		return at.Add(usualDeadline), true
	case byDay:
		y, m, d := b.local(at).Date()
		return time.Date(y, m, d, 23, 59, 59, 0, b.Zone), true
	}
	return time.Time{}, false
}

// moment is an hour that people usually choose.
type moment struct {
	key string // of its label
	at  time.Time
}

// moments are the usual ones that are still to come: this evening, tomorrow morning, Monday morning.
func (b broadcasts) moments() []moment {
	const morning, evening = 9, 18
	now := b.local(b.Now())
	on := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, b.Zone)
	}
	var list []moment
	if today := on(0, evening); today.After(now) {
		list = append(list, moment{"schedule.today", today})
	}
	list = append(list, moment{"schedule.tomorrow", on(1, morning)})
	const week = 7
	days := (int(time.Monday)-int(now.Weekday())+week-1)%week + 1
	if days > 1 {
		list = append(list, moment{"schedule.monday", on(days, morning)})
	}
	return list
}

// askWhen offers the usual hours, and takes any other typed.
func (b broadcasts) askWhen(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, instead, err := b.draftOf(ctx, r)
	if err != nil || !editable(x) {
		return instead, err
	}
	p := b.words(r)
	var buttons []chat.Button
	for _, m := range b.moments() {
		buttons = append(buttons, chat.Press(p.Plain(m.key, "time", p.Clock(m.at)), "bat", string(x.ID), unix(m.at)))
	}
	return b.begin(r, x, stepWhen, p.HTML("schedule.ask"), chat.Columns(2, buttons...)...), nil
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// typedWhen reads a date and an hour, and asks whether it was understood well.
func (b broadcasts) typedWhen(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	now := b.local(b.Now())
	at, ok := readMoment(r.Text, now)
	switch {
	case r.Kind != chat.KindText || !ok:
		return b.again(r, p.HTML("schedule.bad"))
	case !at.After(now):
		return b.again(r, p.HTML("schedule.past", "when", p.DateTime(at)))
	}
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.State.Data[broadcastOf]))
	if err != nil {
		return fail("schedule", err)
	}
	if !editable(x) {
		r.Args = []string{string(x.ID)}
		reply, err := b.overtaken(ctx, r)
		return reply.End(), err
	}
	reply := chat.Say(p.HTML("schedule.confirm", "when", p.DateTime(at)),
		chat.Row(chat.Press(p.Plain("schedule.yes"), "bat", string(x.ID), unix(at))),
		chat.Row(chat.Press(p.Plain("schedule.other_time"), "bwhen", string(x.ID))))
	// Typed again, it is another hour; the first question is gone by then.
	return b.instead(r, reply).Then(r.State.With(stepWhen, broadcastCard, "0")), nil
}

// schedule fixes the hour, or moves it. Arguments: the broadcast, the hour in seconds since 1970.
func (b broadcasts) schedule(ctx context.Context, r chat.Request) (chat.Reply, error) {
	seconds, err := strconv.ParseInt(r.Arg(1), 10, 64)
	if err != nil {
		return fail("schedule", chat.ErrBadData)
	}
	at := time.Unix(seconds, 0)
	by, _ := b.deadline(at, byHours)
	return b.scheduled(ctx, r, at, by)
}

func (b broadcasts) scheduled(ctx context.Context, r chat.Request, at, by time.Time) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Schedule(ctx, b.op(r), store.BroadcastID(r.Arg(0)), at, by, r.Chat, r.Message)
	switch {
	case errors.Is(err, store.ErrStale):
		return b.overtaken(ctx, r)
	case errors.Is(err, store.ErrInvalid): // an old button: its hour has come
		reply, err := b.askWhen(ctx, r)
		reply.Toast, reply.Alert = b.words(r).Plain("schedule.gone"), true
		return reply, err
	case err != nil:
		return fail("schedule", err)
	}
	reply, err := b.card(ctx, r, x, "")
	return leaving(r, reply, broadcastDialogue).WithToast(b.words(r).Plain("schedule.done")), err
}

// setDeadline asks until when a scheduled one may still begin, and sets it. Arguments: the broadcast, the choice.
func (b broadcasts) setDeadline(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("deadline", err)
	}
	if x.State != store.BroadcastScheduled {
		return b.overtaken(ctx, r)
	}
	if by, ok := b.deadline(x.SendAt, r.Arg(1)); ok {
		return b.scheduled(ctx, r, x.SendAt, by)
	}
	p := b.words(r)
	button := func(key, choice string) []chat.Button {
		by, _ := b.deadline(x.SendAt, choice)
		return chat.Row(chat.Press(tick(by.Equal(x.SendBy), p.Plain(key)), "bby", string(x.ID), choice))
	}
	return chat.Change(r, p.HTML("schedule.ask_by", "when", p.DateTime(b.local(x.SendAt))),
		button("schedule.by_hour", byHour), button("schedule.by_hours", byHours), button("schedule.by_day", byDay),
		chat.Row(chat.Press(p.Plain("common.back"), "bcast", string(x.ID)))), nil
}

// unschedule makes a draft of it again.
func (b broadcasts) unschedule(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.change(ctx, r, b.Store.Broadcasts.Unschedule)
}
