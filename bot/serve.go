package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"versli/bot/chat"
	"versli/bot/playground"
	"versli/bot/telegram"
	"versli/handlers"
	"versli/scheduler"
	"versli/store/search"
)

// stopWithin is each step's time at the end: receiving, handlers, cron and queue, sender, Redis.
const stopWithin = 10 * time.Second

// service is the running bot.
type service struct {
	*base

	index    *search.Index
	client   *telegram.Client
	router   *chat.Router
	app      *handlers.App
	schedule *scheduler.Scheduler
	receiver *telegram.Receiver
	health   *health
	menus    *menus
}

// run is the program: it serves until ctx ends, and returns when everything has stopped.
func run(ctx context.Context, cfg Config) (err error) {
	listener, err := listen(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	b, err := openBase(ctx, cfg, true, cfg.playground())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if cfg.Redis != "" {
		warnIfWeak(ctx, b.state, b.log)
	}
	b.store.Budget.Scale(cfg.Limits)
	b.store.Inbox.Scale(cfg.Limits)
	s := &service{base: b, index: search.New(), menus: newMenus()}
	s.health = newHealth(b.state, b.store, s.index.Len, b.clock.now)
	mux := http.NewServeMux()
	s.health.register(mux)
	failed := make(chan error, 1)
	stopHTTP := serveHTTP(ctx, listener, mux, func(err error) { failed <- err })
	defer stopHTTP(stopWithin)

	token, api, local, err := s.telegramSide(ctx, mux, listener.Addr())
	if err != nil {
		return err
	}
	if local != nil {
		defer func() { err = errors.Join(err, local.Close()) }()
	}
	if err := s.assemble(ctx, token, api, mux); err != nil {
		return err
	}
	return s.serve(ctx, listener.Addr(), failed)
}

// telegramSide says which Telegram the bot talks to: the real one, or a
// playground that is put on the same address.
func (s *service) telegramSide(
	ctx context.Context, mux *http.ServeMux, addr net.Addr,
) (token, api string, local *playground.Server, err error) {
	if !s.cfg.playground() {
		return s.cfg.Token, s.cfg.APIURL, nil, nil
	}
	if err := s.setClock(ctx); err != nil {
		return "", "", nil, err
	}
	var notices []string
	if !s.state.durable {
		for _, lang := range []string{"lt", "lv", "en"} {
			notices = append(notices, s.words.In(lang).Plain("playground.memory"))
		}
	}
	control := &clockControl{clock: s.clock, store: s.store, advance: s.advance}
	local, token, err = newPlayground(s.cfg, s.clock, control, notices, s.log)
	if err != nil {
		return "", "", nil, err
	}
	if err := people(ctx, local, s.store, s.words, s.clock.now()); err != nil {
		return "", "", nil, errors.Join(err, local.Close())
	}
	if err := loadSample(ctx, s.store, s.clock.now().In(s.cfg.zone())); err != nil {
		return "", "", nil, errors.Join(err, local.Close())
	}
	mux.Handle("/", local.Handler())
	return token, "http://" + loopback(addr.String()), local, nil
}

// The playground's first day begins in daylight: at night, quiet hours would
// keep from a newcomer what they came to see.
const dayBegins, dayEnds = 8, 20

// setClock puts the clock where the playground left it, on an empty state
// forward to the morning when it is night.
func (s *service) setClock(ctx context.Context) error {
	shift, err := s.store.Rules.ClockShift(ctx)
	if err != nil {
		return wrap("read the clock", err)
	}
	s.clock.set(shift)
	empty, err := s.store.Rules.Empty(ctx)
	if err != nil {
		return wrap("look for an empty state", err)
	}
	now := s.clock.now().In(s.cfg.zone())
	if !empty || shift != 0 || (now.Hour() >= dayBegins && now.Hour() < dayEnds) {
		return nil
	}
	morning := time.Date(now.Year(), now.Month(), now.Day(), dayBegins+1, 0, 0, 0, now.Location())
	if !morning.After(now) {
		morning = morning.AddDate(0, 0, 1)
	}
	if err := s.store.Rules.SetClockShift(ctx, morning.Sub(now)); err != nil {
		return wrap("set the clock", err)
	}
	s.clock.set(morning.Sub(now))
	return nil
}

// advance moves the playground's clock; the scheduler is there by the time a page can ask.
func (s *service) advance(ctx context.Context, by time.Duration, set func(time.Duration) error) error {
	return wrap("move the clock", s.schedule.Advance(ctx, by, set))
}

// assemble joins the parts: what each declares as an interface, another implements.
func (s *service) assemble(ctx context.Context, token, api string, mux *http.ServeMux) (err error) {
	s.client, err = telegram.New(ctx, telegram.Options{
		Token: token, APIURL: api, Budget: s.store.Budget, Now: s.clock.now, Log: s.log,
		OnUnreachable: s.unreachable, OnMigrated: s.migrated, Observe: s.health.called,
	})
	if err != nil {
		return wrap("reach Telegram", err)
	}
	s.health.client.Store(s.client)
	s.router = chat.NewRouter(handlers.Actors{Members: s.store.Members, Fallback: s.cfg.Language}, s.store.Dialogues, s.log)
	s.app = handlers.New(handlers.Deps{
		Store: s.store, Index: s.index, Words: s.words, Files: s.client, Now: s.clock.now, Zone: s.cfg.zone(),
		Username: func() string { return s.client.Identity().Username }, Fallback: s.cfg.Language,
	}, s.router)
	s.schedule, err = scheduler.New(scheduler.Config{
		Store: s.store, Redis: s.state, Zone: s.cfg.zone(), Now: s.clock.now, Log: s.log, Queue: s.cfg.Library,
		Deliver: s.deliver, Broadcast: s.broadcast, Progress: s.progress, Import: s.importFile,
		About: aboutNotice, Ticked: s.health.ticked,
	})
	if err != nil {
		return wrap("scheduler", err)
	}
	s.health.schedule.Store(s.schedule)
	s.receiver, err = telegram.NewReceiver(s.client, telegram.ReceiverOptions{
		Handle: s.health.observe(s.withMenu(s.router.Handle)), Inbox: s.store.Inbox, Keeper: s.store.Inbox,
		Warn: s.tooMany, About: aboutUpdate,
	})
	if err != nil {
		return wrap("receiver", err)
	}
	if s.cfg.WebhookURL != "" {
		mux.Handle("POST "+s.cfg.webhookPath(), s.receiver.Webhook(s.cfg.WebhookSecret))
	}
	return s.owners(ctx)
}

// serve works until ctx ends. Receiving ends first and lets its handlers
// answer; the scheduler ends its ticks, then the queue; the state is closed last.
func (s *service) serve(ctx context.Context, addr net.Addr, failed <-chan error) error {
	feed := &feeder{titles: s.store.Titles, index: s.index, log: s.log}
	after, err := feed.position(ctx)
	if err != nil {
		return err
	}
	if err := feed.load(ctx); err != nil {
		return err
	}
	s.announce(addr)
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return wrap("receive", s.receive(gctx)) })
	g.Go(func() error { return wrap("schedule", s.schedule.Run(gctx)) })
	g.Go(func() error { feed.follow(gctx, after); return nil })
	g.Go(func() error { s.introduce(gctx); return nil })
	g.Go(func() error { s.health.listen(gctx); return nil })
	g.Go(func() error {
		select {
		case err := <-failed:
			return wrap("http", err)
		case <-gctx.Done():
			return nil
		}
	})
	if s.cfg.hooks.ready != nil {
		s.cfg.hooks.ready(loopback(addr.String()))
	}
	err = g.Wait()
	s.log.InfoContext(ctx, "stopped")
	return err //nolint:wrapcheck // each part has said which it is
}

// receive takes updates in by webhook or by long poll.
func (s *service) receive(ctx context.Context) error {
	if s.cfg.WebhookURL == "" {
		// A webhook that is still set makes polls fail, and the log say so; a server that knows none is as good.
		if err := s.client.DeleteWebhook(ctx); err != nil {
			s.log.WarnContext(ctx, "webhook is not removed", "error", err)
		}
		return s.receiver.Poll(ctx)
	}
	if err := s.client.SetWebhook(ctx, s.cfg.WebhookURL, s.cfg.WebhookSecret); err != nil {
		return wrap("webhook", err)
	}
	<-ctx.Done()
	return s.receiver.Close()
}

// announce says in three lines what the program runs on.
func (s *service) announce(addr net.Addr) {
	where := "Telegram at " + s.cfg.APIURL + " as @" + s.client.Identity().Username
	page := "health and metrics on http://" + loopback(addr.String())
	if s.cfg.playground() {
		where = "playground (no TELEGRAM_BOT_TOKEN)"
		page = "open http://" + loopback(addr.String())
	}
	s.log.Info("state: " + s.state.what)
	s.log.Info("telegram: " + where)
	s.log.Info("address: " + page)
}
