// Package telegram is the only place that knows Telegram: updates in (long poll, webhook) become chat.Request, and
// chat.Message becomes calls out, within the limits. See https://core.telegram.org/bots/api.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// DefaultAPIURL is Telegram's own Bot API server.
const DefaultAPIURL = "https://api.telegram.org"

const (
	callTimeout   = 30 * time.Second
	uploadTimeout = 2 * time.Minute
)

// Budget is the send budget shared by all processes. Take asks for one call to a chat with the rank of a Priority, and tells
// how long to wait before asking again, 0 when it may go now. Hold keeps all but answers back for a while.
type Budget interface {
	Take(ctx context.Context, chat int64, rank int) (time.Duration, error)
	Hold(ctx context.Context, d time.Duration) error
}

// Options is what a Client needs. Token, Budget and Log are required.
type Options struct {
	Token  string
	APIURL string       // DefaultAPIURL when empty; any Bot API server
	HTTP   *http.Client // without a timeout of its own; nil is one that keeps connections for all calls that may be under way
	Budget Budget
	Now    func() time.Time // the program's clock, for what Telegram does not date; time.Now when nil
	Log    *slog.Logger

	// OnUnreachable is told of a chat that refuses messages, OnMigrated of a group that got another id. Both may be nil.
	OnUnreachable func(ctx context.Context, chat int64)
	OnMigrated    func(ctx context.Context, from, to int64)
	// Observe is told of each call's method, outcome (ok, flood, unreachable, refused, away) and duration. It may be nil.
	Observe func(method, outcome string, took time.Duration)
}

// Ping asks Telegram for a sign of life.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.call(ctx, "getMe", nil)
	return err
}

// Identity is who the bot is.
type Identity struct {
	ID       int64
	Name     string
	Username string // without @
}

// Client calls Telegram. It is safe for concurrent use.
type Client struct {
	opt      Options
	endpoint string // with %s for token and method
	http     *http.Client
	self     Identity
	line     *line
	holds    holds
	circuit  circuit
	lastOK   atomic.Int64 // when a call went well last, ns since 1970
}

// New asks Telegram who the bot is. While Telegram is away, or asks to slow down, it waits, and says so in the log, until ctx is
// done. ErrToken when Telegram does not know the token.
func New(ctx context.Context, opt Options) (*Client, error) {
	if opt.Token == "" || opt.Budget == nil || opt.Log == nil {
		return nil, errors.New("telegram needs a token, a budget and a log")
	}
	if opt.APIURL == "" {
		opt.APIURL = DefaultAPIURL
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	base := strings.ReplaceAll(strings.TrimRight(opt.APIURL, "/"), "%", "%%")
	c := &Client{opt: opt, endpoint: base + "/bot%s/%s", http: opt.HTTP, line: newLine()}
	if c.http == nil {
		c.http = newHTTP()
	}
	for try := 1; ; try++ {
		err := c.identify(ctx)
		if err == nil {
			return c, nil
		}
		f := asFailure(err)
		switch {
		case f != nil && (f.code == http.StatusUnauthorized || f.code == http.StatusNotFound):
			return nil, fmt.Errorf("ask telegram who the bot is: %w", errors.Join(ErrToken, err))
		case f == nil || f.kind != kindAway && f.kind != kindFlood:
			return nil, fmt.Errorf("ask telegram who the bot is: %w", err)
		}
		wait := max(backoff(try), f.retryAfter)
		opt.Log.WarnContext(ctx, "telegram is away, waiting", "for", wait.Round(time.Millisecond), "error", err)
		if err := sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("wait for telegram: %w", err)
		}
	}
}

func (c *Client) identify(ctx context.Context) error {
	raw, err := c.call(ctx, "getMe", nil)
	if err != nil {
		return err
	}
	var u tgbotapi.User
	if err := json.Unmarshal(raw, &u); err != nil {
		return fmt.Errorf("decode getMe: %w", err)
	}
	c.self = Identity{ID: u.ID, Name: u.FirstName, Username: u.UserName}
	return nil
}

// Identity is who the bot is.
func (c *Client) Identity() Identity { return c.self }

// LastOK is when a call went well last; fetching updates is one.
func (c *Client) LastOK() time.Time { return time.Unix(0, c.lastOK.Load()) }

// Away tells whether calls are stopped because Telegram is away.
func (c *Client) Away() bool { return c.circuit.open() }

// call makes one call, once. Its error is a *failure, and never holds the token.
func (c *Client) call(ctx context.Context, method string, params tgbotapi.Params, files ...tgbotapi.RequestFile) (json.RawMessage, error) {
	timeout := callTimeout
	if len(files) > 0 {
		timeout = uploadTimeout
	}
	return c.callWithin(ctx, timeout, method, params, files...)
}

func (c *Client) callWithin(ctx context.Context, timeout time.Duration, method string, params tgbotapi.Params,
	files ...tgbotapi.RequestFile,
) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	begun := time.Now()
	// One BotAPI for each call: the library takes no context, so its HTTP client is bound to this call's.
	api := &tgbotapi.BotAPI{Token: c.opt.Token, Client: bound{c.http, ctx}}
	api.SetAPIEndpoint(c.endpoint)
	var (
		resp *tgbotapi.APIResponse
		err  error
	)
	if len(files) > 0 {
		resp, err = api.UploadFiles(method, params, files)
	} else {
		resp, err = api.MakeRequest(method, params)
	}
	if err != nil {
		f := c.classify(method, resp, err)
		c.observe(method, f.kind.String(), begun)
		if !errors.Is(f.cause, context.Canceled) { // given up by us, it says nothing of Telegram
			c.circuit.note(method, f.code != 0 && f.code < http.StatusInternalServerError)
		}
		return nil, f
	}
	c.circuit.note(method, true)
	c.lastOK.Store(time.Now().UnixNano())
	c.observe(method, "ok", begun)
	return resp.Result, nil
}

func (c *Client) observe(method, outcome string, begun time.Time) {
	if c.opt.Observe != nil {
		c.opt.Observe(method, outcome, time.Since(begun))
	}
}

// bound is an HTTP client whose requests end with a context.
type bound struct {
	http *http.Client
	ctx  context.Context
}

func (b bound) Do(r *http.Request) (*http.Response, error) {
	return b.http.Do(r.WithContext(b.ctx)) //nolint:gosec,wrapcheck // the address is the installer's; the library wraps nothing either
}

// callsAtOnce is how many calls one process has under way at most: answers, notices, a broadcast.
const callsAtOnce = 256

// newHTTP keeps as many connections as there may be calls; the standard library's client keeps two to a host, and opens the rest anew.
func newHTTP() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConns: callsAtOnce, MaxIdleConnsPerHost: callsAtOnce, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		// Each call has a connection of its own: one that hangs holds up no other.
		ForceAttemptHTTP2: false,
	}}
}

const longestBackoff = 30 * time.Second

// backoff is how long to wait after the n-th try in vain: doubling from half a second, with jitter.
func backoff(n int) time.Duration {
	d := min(500*time.Millisecond<<min(n-1, 10), longestBackoff)
	return d/2 + rand.N(d/2) //nolint:gosec // jitter is no secret
}

// sleep waits, or returns ctx's error when that is done first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
