package main

import (
	"context"
	"errors"

	"versli/bot/chat"
	"versli/bot/telegram"
	"versli/handlers"
	"versli/scheduler"
	"versli/store"
)

// deliver renders a notice as things stand now and sends it.
func (s *service) deliver(ctx context.Context, n store.Notice) (scheduler.Outcome, error) {
	msg, member, drop, err := s.app.Render(ctx, n)
	switch {
	case err != nil:
		return scheduler.Outcome{}, wrap("render", err)
	case drop != "":
		return scheduler.Dropped(drop), nil
	}
	_, err = s.client.Send(ctx, telegram.PriorityNotice, msg)
	switch {
	case errors.Is(err, chat.ErrUnreachable):
		return scheduler.Unreachable(), nil
	case errors.Is(err, telegram.ErrRefused):
		return scheduler.Refused(err.Error()), nil
	case err != nil:
		return scheduler.Outcome{}, wrap("send", err)
	}
	if n.Kind == store.NoticeRole {
		s.menus.want(personal{chat: member.Chat, role: max(handlers.RoleOf(member.Role), chat.Member), lang: member.Settings.Language})
	}
	return scheduler.Sent(), nil
}

// progress shows how far a broadcast is, in place.
func (s *service) progress(ctx context.Context, b store.Broadcast) error {
	if b.Chat == 0 || b.Message == 0 {
		return nil // nobody watches; the report is kept
	}
	reader, err := s.store.Members.ByChat(ctx, b.Chat)
	if errors.Is(err, store.ErrNotFound) {
		return nil // whoever watched is gone
	}
	if err != nil {
		return wrap("show progress", err)
	}
	msg := s.app.Progress(b, s.words.In(reader.Settings.Language))
	msg.Chat, msg.Edit, msg.InPlace = b.Chat, b.Message, true
	if _, err = s.client.Send(ctx, telegram.PriorityNotice, msg); errors.Is(err, chat.ErrGone) {
		return nil // they removed the message
	}
	return wrap("show progress", err)
}

// tooMany tells a person that they send too many updates, in their language.
func (s *service) tooMany(ctx context.Context, r chat.Request) chat.Message {
	lang := r.From.Language
	if m, err := s.store.Members.ByChat(ctx, r.Chat); err == nil {
		lang = m.Settings.Language
	}
	return chat.Message{Text: s.words.In(lang).HTML("error.too_many")}
}

// importFile takes a file that a librarian sent in.
func (s *service) importFile(ctx context.Context, i store.Import) error {
	return wrap("import", s.app.RunImport(aboutImport(ctx, i), i, func(ctx context.Context, m chat.Message) (int, error) {
		return s.client.Send(ctx, telegram.PriorityNotice, m)
	}))
}

// unreachable notes that a chat refuses messages.
func (s *service) unreachable(ctx context.Context, to int64) {
	if err := s.store.Members.Unreachable(ctx, to); err != nil {
		s.log.WarnContext(ctx, "a chat that refuses messages is not noted", "error", err)
	}
}

// migrated rewrites the id of a group that Telegram moved.
func (s *service) migrated(ctx context.Context, from, to int64) {
	if err := s.store.Members.Move(ctx, from, to); err != nil {
		s.log.WarnContext(ctx, "a moved chat is not noted", "error", err)
	}
}
