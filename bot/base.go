package main

import (
	"context"
	"errors"
	"log/slog"

	"versli/handlers/messages"
	"versli/store"
)

// base is what every way of running the program stands on.
type base struct {
	cfg   Config
	log   *slog.Logger
	clock *clock
	words *messages.Catalog
	state *state
	store *store.Store
}

// openBase opens texts and state. owns says whether a private redis-server ends with this program even when it was
// running before; memory, whether the state may be kept in memory.
func openBase(ctx context.Context, cfg Config, owns, memory bool) (*base, error) {
	b := &base{cfg: cfg, log: cfg.logger(), clock: newClock(cfg.hooks.now)}
	var err error
	if b.words, err = messages.Load(cfg.Language); err != nil {
		return nil, wrap("texts", err)
	}
	if b.state, err = openState(ctx, cfg, owns, memory, b.log); err != nil {
		return nil, err
	}
	b.store, err = store.Open(ctx, b.state, store.Options{Library: cfg.Library, Zone: cfg.zone(), Now: b.clock.now})
	if err != nil {
		return nil, errors.Join(wrap("open the state", err), b.state.Close())
	}
	return b, nil
}

// Close ends the connection to the state.
func (b *base) Close() error { return b.state.Close() }
