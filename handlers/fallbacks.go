package handlers

import (
	"context"
	"fmt"

	"versli/bot/chat"
)

// fallbacks answers what no command, button or dialogue takes.
type fallbacks struct{ *App }

func (f fallbacks) register(r *chat.Router) {
	r.Otherwise(chat.Fallbacks{
		Text:     searching(f).typed,
		Location: f.nearestTo,
		File:     f.file,
		Other:    f.other,
		Presence: f.presence,
		Failed:   f.failed,
		Late:     f.late,
		Known:    known,
	})
}

// late says that the bot was away, above what somebody asked for meanwhile.
func (f fallbacks) late(r chat.Request) chat.Message {
	return chat.Message{Text: f.words(r).HTML("fallback.late"), Silent: true}
}

// file takes a librarian's file for an import; anybody else is told what the bot can do with words.
func (f fallbacks) file(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Actor.Role >= chat.Librarian {
		return f.receiveFile(ctx, r)
	}
	p := f.words(r)
	return chat.Say(p.HTML("fallback.file"), chat.Row(chat.Press(p.Plain("start.search"), "search"),
		chat.Press(p.Plain("fallback.ask"), "ask"))), nil
}

// other answers a sticker, a voice message, a poll.
func (f fallbacks) other(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	return chat.Say(p.HTML("fallback.unreadable"), chat.Row(chat.Press(p.Plain("start.search"), "search"),
		chat.Press(p.Plain("fallback.help"), "help"))), nil
}

// presence keeps who can be reached, and where. A person who returns was met by
// the router already, which makes them reachable again.
func (f fallbacks) presence(ctx context.Context, r chat.Request) (chat.Reply, error) {
	switch {
	case r.Kind == chat.KindMigrated:
		if err := f.Store.Members.Move(ctx, r.Chat, r.MovedTo); err != nil {
			return fail("move a chat", err)
		}
	case r.Kind == chat.KindBlocked && r.Private:
		if err := f.Store.Members.Unreachable(ctx, r.Chat); err != nil {
			return chat.Reply{}, fmt.Errorf("note a block: %w", err)
		}
	case r.Kind == chat.KindReturned && !r.Private:
		p := f.words(r)
		return chat.Say(p.HTML("start.group"), chat.Row(chat.Link(p.Plain("start.open_private"), f.deepLink("hello")))), nil
	}
	return chat.Reply{}, nil
}
