package handlers

import (
	"context"
	"fmt"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// pausing is silence without blocking: the bot answers, but writes nothing by itself.
type pausing struct{ *App }

func (x pausing) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "pause", Aliases: map[string][]string{"lt": {"pauze"}, "lv": {"pauze"}},
		Help: "help.pause", Handler: x.show,
	})
	r.Action(
		chat.Action{Name: "pause", Handler: x.show},
		chat.Action{Name: "pause_for", Handler: x.begin},
		chat.Action{Name: "resume", Handler: x.resume},
	)
}

// untilResumed is the end of a pause without an end.
func untilResumed() time.Time { return time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC) }

// pauses are the lengths to choose from, in days; 0 is until resumed. A label is pause.for_NAME.
func pauses() []struct {
	name string
	days int
} {
	return []struct {
		name string
		days int
	}{{"day", 1}, {"week", 7}, {"month", 30}, {"ever", 0}}
}

func (x pausing) show(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := x.words(r)
	m, err := x.Store.Members.Get(ctx, x.me(r))
	if err != nil {
		return fail("pause", err)
	}
	if m.Settings.PausedUntil.After(x.Now()) {
		return chat.Change(r, x.pausedLine(p, m.Settings.PausedUntil), chat.Row(chat.Press(p.Plain("pause.resume"), "resume"))), nil
	}
	var buttons []chat.Button
	for _, c := range pauses() {
		buttons = append(buttons, chat.Press(p.Plain("pause.for_"+c.name), "pause_for", c.name))
	}
	rows := append(chat.Columns(2, buttons...), chat.Row(chat.Press(p.Plain("pause.settings"), "settings")))
	return chat.Change(r, p.HTML("pause.ask"), rows...), nil
}

// pausedLine says until when the bot is silent.
func (a *App) pausedLine(p *messages.Printer, until time.Time) chat.HTML {
	if until.Equal(untilResumed()) {
		return p.HTML("pause.paused")
	}
	return p.HTML("pause.paused_until", "when", p.DateTime(a.local(until)))
}

func (x pausing) begin(ctx context.Context, r chat.Request) (chat.Reply, error) {
	for _, c := range pauses() {
		if c.name != r.Arg(0) {
			continue
		}
		until := untilResumed()
		if c.days > 0 {
			until = x.Now().AddDate(0, 0, c.days).Truncate(time.Minute)
		}
		if err := x.changeSettings(ctx, r, func(s *store.Settings) { s.PausedUntil = until }); err != nil {
			return chat.Reply{}, fmt.Errorf("pause: %w", err)
		}
		return x.show(ctx, r)
	}
	return chat.Reply{}, chat.ErrBadData
}

func (x pausing) resume(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if err := x.changeSettings(ctx, r, func(s *store.Settings) { s.PausedUntil = time.Time{} }); err != nil {
		return chat.Reply{}, fmt.Errorf("resume: %w", err)
	}
	p := x.words(r)
	return chat.Change(r, p.HTML("pause.resumed"), chat.Row(chat.Press(p.Plain("pause.settings"), "settings"))), nil
}
