package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// settings is a member's choices: all by buttons, in one message.
type settings struct{ *App }

func (s settings) register(r *chat.Router) {
	r.Command(
		chat.Command{
			Name: "settings", Aliases: map[string][]string{"lt": {"nustatymai"}, "lv": {"iestatijumi"}},
			Help: "help.settings", View: true, Handler: s.show,
		},
		chat.Command{
			Name: "language", Aliases: map[string][]string{"lt": {"kalba"}, "lv": {"valoda"}},
			Help: "help.language", View: true, Handler: starting(s).language,
		},
	)
	r.Action(
		chat.Action{Name: "settings", View: true, Handler: s.show},
		chat.Action{Name: "choose", View: true, Handler: s.choose},
		chat.Action{Name: "set", Handler: s.set},
		chat.Action{Name: "mute", Handler: s.mute},
		chat.Action{Name: "interests", View: true, Handler: s.interests},
		chat.Action{Name: "interest", Handler: s.setInterest},
	)
}

// setting is one choice: its value as callback data has it, and the values to choose from.
type setting struct {
	name   string
	values []string
	get    func(store.Settings) string
	set    func(*store.Settings, string)
}

// switched is a setting that is on or off.
func switched(name string, field func(*store.Settings) *bool) setting {
	return setting{
		name: name, values: []string{"0", "1"},
		get: func(s store.Settings) string {
			if *field(&s) {
				return "1"
			}
			return "0"
		},
		set: func(s *store.Settings, v string) { *field(s) = v == "1" },
	}
}

// counted is a setting in minutes; -1 is off.
func counted(name string, field func(*store.Settings) *int, values ...string) setting {
	return setting{
		name: name, values: values,
		get: func(s store.Settings) string { return strconv.Itoa(*field(&s)) },
		set: func(s *store.Settings, v string) { *field(s) = minutes(v) },
	}
}

func minutes(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// settingList lists the settings in the order of the message. Evening hours are
// 17.00–20.00; quiet hours are "from-to" in minutes after midnight.
func settingList() []setting {
	return []setting{
		switched("visits", func(s *store.Settings) *bool { return &s.VisitReminders }),
		counted("evening", func(s *store.Settings) *int { return &s.VisitEvening }, "1020", "1080", "1140", "1200", "-1"),
		counted("lead", func(s *store.Settings) *int { return &s.VisitLead }, "15", "30", "60", "120", "-1"),
		switched("trainings", func(s *store.Settings) *bool { return &s.TrainingReminder }),
		counted("ahead", func(s *store.Settings) *int { return &s.TrainingLead }, "30", "60", "120", "-1"),
		{
			name: "quiet", values: []string{"1260-420", "1320-420", "1380-480", "0-0"},
			get: func(s store.Settings) string {
				if s.QuietFrom == s.QuietTo {
					return "0-0"
				}
				return fmt.Sprintf("%d-%d", s.QuietFrom, s.QuietTo)
			},
			set: func(s *store.Settings, v string) { s.QuietFrom, s.QuietTo = quietHours(v) },
		},
		switched("news", func(s *store.Settings) *bool { return &s.News }),
	}
}

func quietHours(s string) (from, to int) {
	if _, err := fmt.Sscanf(s, "%d-%d", &from, &to); err != nil {
		return 0, 0
	}
	return from, to
}

func settingNamed(name string) (setting, bool) {
	for _, c := range settingList() {
		if c.name == name {
			return c, true
		}
	}
	return setting{}, false
}

// spoken says a value in words: for the message, and for the buttons to choose it.
func (c setting) spoken(p *messages.Printer, value string) string {
	switch c.name {
	case "visits", "trainings", "news":
		if value == "1" {
			return p.Plain("settings.on")
		}
		return p.Plain("settings.off")
	case "evening":
		if n := minutes(value); n >= 0 {
			return p.Plain("settings.at", "time", p.MinuteOfDay(n))
		}
	case "quiet":
		if from, to := quietHours(value); from != to {
			return p.MinuteOfDay(from) + "–" + p.MinuteOfDay(to)
		}
	default:
		if n := minutes(value); n >= 60 {
			return p.Plain("settings.hours", "count", n/60)
		} else if n >= 0 {
			return p.Plain("settings.minutes", "count", n)
		}
	}
	return p.Plain("settings.off")
}

// show is the whole of it. A switch is a button; what has more values opens its own.
func (s settings) show(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	m, err := s.Store.Members.Get(ctx, s.me(r))
	if err != nil {
		return fail("settings", err)
	}
	text := []chat.HTML{p.HTML("settings.head")}
	var rows [][]chat.Button
	for _, c := range settingList() {
		value := c.get(m.Settings)
		text = append(text, p.HTML("settings.line_"+c.name, "value", c.spoken(p, value)))
		label := p.Plain("settings.button_" + c.name)
		if len(c.values) == 2 {
			other := c.values[0]
			if value == other {
				other = c.values[1]
			}
			rows = append(rows, chat.Row(chat.Press(tick(value == "1", label), "set", c.name, other)))
			continue
		}
		rows = append(rows, chat.Row(chat.Press(label+": "+c.spoken(p, value), "choose", c.name)))
	}
	text = append(text, p.HTML("settings.line_interests", "value", interestNames(p, m.Settings.Topics)))
	rows = append(rows, chat.Row(chat.Press(p.Plain("settings.button_interests"), "interests")))
	var paused chat.HTML
	if m.Settings.PausedUntil.After(s.Now()) {
		paused = s.pausedLine(p, m.Settings.PausedUntil)
	}
	rows = append(rows, languageRow(p, "settings"), chat.Row(chat.Press(p.Plain("settings.pause"), "pause")))
	return chat.Change(r, paragraphs(lines(text...), paused), rows...), nil
}

// choose offers a setting's values.
func (s settings) choose(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	c, ok := settingNamed(r.Arg(0))
	if !ok {
		return chat.Reply{}, chat.ErrBadData
	}
	m, err := s.Store.Members.Get(ctx, s.me(r))
	if err != nil {
		return fail("settings", err)
	}
	now := c.get(m.Settings)
	var buttons []chat.Button
	for _, v := range c.values {
		buttons = append(buttons, chat.Press(tick(v == now, c.spoken(p, v)), "set", c.name, v))
	}
	rows := append(chat.Columns(2, buttons...), chat.Row(chat.Press(p.Plain("common.back"), "settings")))
	return chat.Change(r, p.HTML("settings.choose_"+c.name), rows...), nil
}

// set makes a choice. The button says the value, not "the other one": pressed twice it does the same.
func (s settings) set(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if err := s.take(ctx, r, r.Arg(0), r.Arg(1)); err != nil {
		return chat.Reply{}, err
	}
	reply, err := s.show(ctx, r)
	return reply.WithToast(s.words(r).Plain("settings.saved")), err
}

// mute is the one tap in a notice that ends its kind: visits, trainings or news. The notice stays.
func (s settings) mute(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if err := s.take(ctx, r, r.Arg(0), "0"); err != nil {
		return chat.Reply{}, err
	}
	return chat.Alert(s.words(r).Plain("settings.muted")), nil
}

func (s settings) take(ctx context.Context, r chat.Request, name, value string) error {
	c, ok := settingNamed(name)
	if !ok || !slices.Contains(c.values, value) {
		return chat.ErrBadData
	}
	return s.changeSettings(ctx, r, func(x *store.Settings) { c.set(x, value) })
}

// changeSettings changes a member's choices, and plans their reminders anew.
func (a *App) changeSettings(ctx context.Context, r chat.Request, change func(*store.Settings)) error {
	m, err := a.Store.Members.Get(ctx, a.me(r))
	if err != nil {
		return fmt.Errorf("settings of %s: %w", a.me(r), err)
	}
	change(&m.Settings)
	if err := a.Store.Members.SetSettings(ctx, a.op(r), m.ID, m.Settings); err != nil {
		return fmt.Errorf("change settings of %s: %w", m.ID, err)
	}
	if err := a.Store.Van.Replan(ctx, m.ID); err != nil {
		return fmt.Errorf("plan visit reminders of %s: %w", m.ID, err)
	}
	if err := a.Store.Activities.Replan(ctx, m.ID); err != nil {
		return fmt.Errorf("plan training reminders of %s: %w", m.ID, err)
	}
	return nil
}
