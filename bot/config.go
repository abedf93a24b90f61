package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"time"

	"versli/bot/playground"
	"versli/handlers/messages"
)

// Config is everything that can be set, by environment or by flag.
type Config struct {
	Token   string  `env:"TELEGRAM_BOT_TOKEN" help:"Token of the bot; without it a local Telegram runs in the browser."`
	APIURL  string  `env:"TELEGRAM_API_URL" default:"https://api.telegram.org" help:"Bot API server."`
	Redis   string  `name:"redis-url" env:"REDIS_URL" help:"redis://… or rediss://…; without it a private redis-server from PATH."`
	Library string  `name:"library-id" env:"LIBRARY_ID" default:"versli" help:"Whose state it is; several libraries may share one Redis."`
	DataDir string  `env:"DATA_DIR" default:"./data" help:"Folder of the private Redis and of the playground."`
	Owners  []int64 `name:"owner-ids" env:"OWNER_IDS" help:"Telegram ids of owners; without any the log shows a claim link."`

	Timezone string `name:"library-timezone" env:"LIBRARY_TIMEZONE" default:"Europe/Vilnius" help:"The library's wall clock."`
	Language string `name:"default-language" env:"DEFAULT_LANGUAGE" default:"lt" help:"Language for people whose own we lack: lt, lv or en."`
	Listen   string `name:"listen-addr" env:"LISTEN_ADDR" default:"127.0.0.1:8080" help:"Address of playground, health, metrics and webhook."`

	WebhookURL    string `env:"WEBHOOK_URL" help:"Public https address that Telegram calls; without it long polling."`
	WebhookSecret string `env:"WEBHOOK_SECRET" help:"What Telegram must say with each call: 16 to 256 of A-Z a-z 0-9 _ -."`

	Limits float64 `name:"limits-factor" env:"TELEGRAM_LIMITS_FACTOR" default:"1" hidden:"" help:"Times Telegram's limits; 0 is none."`

	LogLevel  slog.Level `env:"LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	LogFormat string     `env:"LOG_FORMAT" default:"text" enum:"text,json" help:"text or json."`

	hooks hooks
}

// hooks let a test look into a running program.
type hooks struct {
	ready func(addr string)     // called once everything runs, with the address listened on
	call  func(playground.Call) // each call of the bot to the playground
	now   func() time.Time      // the clock; nil is the machine's
	log   func() slog.Handler   // where the log goes; nil is stderr
}

var (
	tokenForm  = regexp.MustCompile(`^[0-9]{3,20}:[A-Za-z0-9_-]{8,128}$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`)
	idForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
)

// Validate tells everything that is wrong at once. A wrong token is not repeated.
func (c Config) Validate() error {
	var wrong []error
	no := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if c.Token != "" && !tokenForm.MatchString(c.Token) {
		no("TELEGRAM_BOT_TOKEN: expected the form 123456:ABC…, as BotFather gives it")
	}
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		no("TELEGRAM_API_URL: expected http(s)://host, got %q", c.APIURL)
	}
	if !idForm.MatchString(c.Library) {
		no("LIBRARY_ID: expected 1 to 32 of A-Z a-z 0-9 _ -, got %q", c.Library)
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		no("LIBRARY_TIMEZONE: no such time zone: %q", c.Timezone)
	}
	if l, ok := messages.Has(c.Language); !ok || l != c.Language {
		no("DEFAULT_LANGUAGE: expected lt, lv or en, got %q", c.Language)
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		no("LISTEN_ADDR: expected host:port, got %q", c.Listen)
	}
	if c.Limits < 0 {
		no("TELEGRAM_LIMITS_FACTOR: expected no negative number, got %v", c.Limits)
	}
	for _, id := range c.Owners {
		if id <= 0 {
			no("OWNER_IDS: expected positive numbers, got %d", id)
		}
	}
	wrong = append(wrong, c.validateWebhook()...)
	return errors.Join(wrong...)
}

func (c Config) validateWebhook() []error {
	if c.WebhookURL == "" {
		if c.WebhookSecret != "" {
			return []error{errors.New("WEBHOOK_SECRET: without WEBHOOK_URL it protects nothing")}
		}
		return nil
	}
	var wrong []error
	if u, err := url.Parse(c.WebhookURL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		wrong = append(wrong, fmt.Errorf("WEBHOOK_URL: expected https://host/path, got %q", c.WebhookURL))
	}
	if c.Token == "" {
		wrong = append(wrong, errors.New("WEBHOOK_URL: needs TELEGRAM_BOT_TOKEN"))
	}
	if !secretForm.MatchString(c.WebhookSecret) {
		wrong = append(wrong, errors.New("WEBHOOK_SECRET: expected 16 to 256 of A-Z a-z 0-9 _ -"))
	}
	return wrong
}

// webhookPath is the path under which Telegram's calls arrive.
func (c Config) webhookPath() string {
	u, err := url.Parse(c.WebhookURL)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// playground tells whether a local Telegram stands in for the real one.
func (c Config) playground() bool { return c.Token == "" }

// zone is the library's time zone; Validate has seen that it exists.
func (c Config) zone() *time.Location {
	loc, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// logger writes to stderr: stdout belongs to what was asked for. Each line has the id of what it was written about.
func (c Config) logger() *slog.Logger {
	opt := &slog.HandlerOptions{Level: c.LogLevel}
	switch {
	case c.hooks.log != nil:
		return slog.New(named{c.hooks.log()})
	case c.LogFormat == "json":
		return slog.New(named{slog.NewJSONHandler(os.Stderr, opt)})
	}
	return slog.New(named{slog.NewTextHandler(os.Stderr, opt)})
}
