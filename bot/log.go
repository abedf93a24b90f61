package main

import (
	"context"
	"log/slog"

	"versli/bot/chat"
	"versli/store"
)

// nameKey is under what a context holds the slog.Attr that names what is worked on.
type nameKey struct{}

// aboutUpdate makes whatever is logged with the context name the update.
func aboutUpdate(ctx context.Context, r chat.Request) context.Context {
	return context.WithValue(ctx, nameKey{}, slog.Int64("update", r.Update))
}

// aboutNotice makes whatever is logged with the context name the notice.
func aboutNotice(ctx context.Context, n store.Notice) context.Context {
	return context.WithValue(ctx, nameKey{}, slog.String("notice", string(n.ID)))
}

// aboutImport makes whatever is logged with the context name the import.
func aboutImport(ctx context.Context, i store.Import) context.Context {
	return context.WithValue(ctx, nameKey{}, slog.String("import", string(i.ID)))
}

// named adds to each line what its context says it is about, unless the line says so itself.
type named struct{ slog.Handler }

// Handle implements slog.Handler.
func (h named) Handle(ctx context.Context, r slog.Record) error {
	if name, ok := ctx.Value(nameKey{}).(slog.Attr); ok {
		said := false
		r.Attrs(func(a slog.Attr) bool {
			said = a.Key == name.Key
			return !said
		})
		if !said {
			r = r.Clone()
			r.AddAttrs(name)
		}
	}
	return h.Handler.Handle(ctx, r) //nolint:wrapcheck // the logger drops it
}

// WithAttrs implements slog.Handler.
func (h named) WithAttrs(list []slog.Attr) slog.Handler { return named{h.Handler.WithAttrs(list)} }

// WithGroup implements slog.Handler.
func (h named) WithGroup(name string) slog.Handler { return named{h.Handler.WithGroup(name)} }
