// Package handlers is what people can do: one file per feature, each
// registering its commands, buttons and dialogues, and rendering its notices.
// Handlers return values; only the sender sends.
package handlers

import (
	"context"
	"io"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
	"versli/store/search"
)

// Files fetches what people sent.
type Files interface {
	// Download opens a file by the messenger's id of it; size is in bytes.
	Download(ctx context.Context, id string) (body io.ReadCloser, size int64, err error)
}

// Deps is what features are made from.
type Deps struct {
	Store    *store.Store
	Index    *search.Index
	Words    *messages.Catalog
	Files    Files
	Now      func() time.Time
	Zone     *time.Location // the library's wall clock
	Username func() string  // the bot's, for deep links
	Fallback string         // DEFAULT_LANGUAGE
}

// App joins the features.
type App struct {
	Deps

	features []feature
	router   *chat.Router // for /help, which derives from what is registered
	notices  map[store.NoticeKind]render
}

// feature is one thing people can do.
type feature interface {
	register(r *chat.Router)
}

// notifying is a feature that renders notices.
type notifying interface {
	renders() map[store.NoticeKind]render
}

// render makes a notice's message from the state at this moment. drop says why
// it is no longer true (and no message is made); it is counted, not told.
type render func(ctx context.Context, p *messages.Printer, m store.Member, n store.Notice) (msg chat.Message, drop string, err error)

// New makes the features and registers them.
func New(deps Deps, r *chat.Router) *App {
	a := &App{Deps: deps, router: r, notices: map[store.NoticeKind]render{}}
	a.features = a.all()
	for _, f := range a.features {
		f.register(r)
		n, ok := f.(notifying)
		if !ok {
			continue
		}
		for kind, fn := range n.renders() {
			if _, taken := a.notices[kind]; taken {
				panic("notice " + string(kind) + " is rendered twice")
			}
			a.notices[kind] = fn
		}
	}
	return a
}

// words prints in the language of who asks.
func (a *App) words(r chat.Request) *messages.Printer { return a.Words.In(r.Actor.Language) }

// me is the id of who asks.
func (a *App) me(r chat.Request) store.MemberID { return store.MemberID(r.Actor.ID) }

// op names a decision of this request.
func (a *App) op(r chat.Request) store.Op { return store.Op{Key: r.Key(), By: a.me(r)} }

// local puts an instant on the library's wall clock.
func (a *App) local(t time.Time) time.Time { return t.In(a.Zone) }

// deepLink opens the bot at something: a title, a training, a stop, an invitation.
func (a *App) deepLink(payload string) string {
	return "https://t.me/" + a.Username() + "?start=" + payload
}
