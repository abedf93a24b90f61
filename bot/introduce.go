package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"versli/bot/chat"
	"versli/bot/telegram"
	"versli/handlers"
	"versli/handlers/messages"
	"versli/store"
)

// claimGood is how long the log's link makes somebody the first owner.
const claimGood = 24 * time.Hour

// owners names the first owner: those of OWNER_IDS, or whoever opens the
// one-time link in the log. Each start makes a new link, as long as there is no owner.
func (s *service) owners(ctx context.Context) error {
	if err := s.store.Members.MakeOwners(ctx, s.cfg.Owners); err != nil {
		return wrap("OWNER_IDS", err)
	}
	has, err := s.store.Members.HasOwner(ctx)
	if err != nil || has {
		return wrap("look for an owner", err)
	}
	i, err := s.store.Members.Invite(ctx, store.Op{}, store.RoleOwner, 1, s.clock.now().Add(claimGood))
	if err != nil {
		return wrap("make a claim link", err)
	}
	s.log.InfoContext(ctx, "no owner yet: whoever opens this link first becomes one",
		"link", fmt.Sprintf("https://t.me/%s?start=i_%s", s.client.Identity().Username, i.Code), "until", i.Expires.Format(time.RFC3339))
	return nil
}

// introduce sets descriptions and command menus in all languages, then menus
// of single people as they are wanted. It is no reason to stop when Telegram
// refuses: menus help, and are no permission.
func (s *service) introduce(ctx context.Context) {
	for _, lang := range append([]string{""}, messages.Languages()...) {
		p := s.words.In(lang)
		err := s.client.SetProfile(ctx, lang, telegram.Profile{
			Name: p.Plain("bot.name"), Description: p.Plain("bot.about"), Short: p.Plain("bot.short"),
		})
		if err == nil {
			err = s.client.SetCommands(ctx, 0, lang, s.menu(p, chat.Member))
		}
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "menu is not set", "language", lang, "error", err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case want := <-s.menus.wanted:
			err := s.client.SetCommands(ctx, want.chat, "", s.menu(s.words.In(want.lang), want.role))
			if err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "a person's menu is not set", "chat", want.chat, "error", err)
			}
		}
	}
}

// personal is a menu that differs from everybody's: staff's, or one in a
// language other than Telegram's own for that person.
type personal struct {
	chat int64
	role chat.Role
	lang string
}

// menus remembers whose menu was set in this process, so that each is asked for
// once. Forgetting costs one call.
type menus struct {
	mu     sync.Mutex
	set    map[int64]personal
	wanted chan personal
}

const (
	menusWaiting = 256
	menusKept    = 10_000
)

func newMenus() *menus {
	return &menus{set: map[int64]personal{}, wanted: make(chan personal, menusWaiting)}
}

// want asks for a person's menu, unless it is as asked for. When too many are
// waiting it is left for the person's next message.
func (m *menus) want(p personal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.set[p.chat] == p {
		return
	}
	select {
	case m.wanted <- p:
		if len(m.set) >= menusKept {
			clear(m.set)
		}
		m.set[p.chat] = p
	default:
	}
}

// has tells whether this person's menu was set before: it must follow them back to everybody's.
func (m *menus) has(to int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.set[to]
	return ok
}

// withMenu wants the menu of whoever asks, when it is not everybody's.
func (s *service) withMenu(next chat.Handler) chat.Handler {
	return func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		reply, err := next(ctx, r)
		if !r.Private || err != nil || reply.Viewed { // who changed nothing is who they were
			return reply, err
		}
		m, err := s.store.Members.ByChat(ctx, r.Chat)
		if err != nil {
			return reply, nil //nolint:nilerr // a menu is no reason to keep an answer back
		}
		role, lang := handlers.RoleOf(m.Role), m.Settings.Language
		if telegrams, _ := messages.Has(r.From.Language); role >= chat.Driver || telegrams != lang || s.menus.has(r.Chat) {
			s.menus.want(personal{chat: r.Chat, role: max(role, chat.Member), lang: lang})
		}
		return reply, nil
	}
}

// menu lists what a role may ask for, under its names in a language.
func (s *service) menu(p *messages.Printer, role chat.Role) []telegram.MenuCommand {
	commands := slices.DeleteFunc(s.router.Commands(role), func(c chat.Command) bool { return c.Hidden })
	list := make([]telegram.MenuCommand, 0, len(commands))
	for _, c := range commands {
		name := c.Name
		if aliases := c.Aliases[p.Lang()]; len(aliases) > 0 {
			name = aliases[0]
		}
		list = append(list, telegram.MenuCommand{Command: name, Description: p.Plain(c.Help)})
	}
	return list
}
