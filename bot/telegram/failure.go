package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"versli/bot/chat"
)

// What a call can end with, besides chat.ErrUnreachable. Anything else means that Telegram is away, and that the call may be
// tried again.
var (
	ErrToken   = errors.New("telegram does not know the bot's token")
	ErrRefused = errors.New("telegram refuses the call, however often it is tried")
	ErrTooBig  = errors.New("the file is too big to be fetched")
)

// failureKind says what to do about a failure.
type failureKind int

const (
	kindAway        failureKind = iota // no answer, 5xx: try again
	kindFlood                          // 429: wait as long as told
	kindUnreachable                    // the chat takes nothing from the bot
	kindMigrated                       // the group has another id
	kindRefused                        // the call itself is wrong
)

func (k failureKind) String() string {
	return [...]string{"away", "flood", "unreachable", "migrated", "refused"}[k]
}

// failure is a call that did not go well. Its text holds no URL and no token.
type failure struct {
	kind        failureKind
	method      string
	code        int // HTTP's, as Telegram tells it; 0 without an answer
	description string
	retryAfter  time.Duration
	migrateTo   int64
	cause       error // context's, when it was that
}

func (f *failure) Error() string {
	if f.code == 0 {
		return f.method + ": " + f.description
	}
	return fmt.Sprintf("%s: %d %s", f.method, f.code, f.description)
}

func (f *failure) Unwrap() []error {
	switch f.kind {
	case kindUnreachable:
		return []error{chat.ErrUnreachable}
	case kindRefused:
		return []error{ErrRefused}
	case kindAway, kindFlood, kindMigrated:
	}
	if f.cause == nil {
		return nil
	}
	return []error{f.cause}
}

func asFailure(err error) *failure {
	f, _ := errors.AsType[*failure](err)
	return f
}

// says tells whether Telegram's description holds one of these texts.
func (f *failure) says(texts ...string) bool {
	d := strings.ToLower(f.description)
	for _, t := range texts {
		if strings.Contains(d, t) {
			return true
		}
	}
	return false
}

// classify turns what the library returns into a failure.
func (c *Client) classify(method string, resp *tgbotapi.APIResponse, err error) *failure {
	answer, ok := errors.AsType[*tgbotapi.Error](err)
	if !ok {
		return c.noAnswer(method, err)
	}
	f := &failure{
		method: method, code: answer.Code, description: c.redact(answer.Message),
		retryAfter: time.Duration(answer.RetryAfter) * time.Second, migrateTo: answer.MigrateToChatID,
	}
	if f.code == 0 && resp != nil { // the library drops the code of an upload
		f.code = resp.ErrorCode
	}
	f.kind = f.classified()
	return f
}

func (f *failure) classified() failureKind {
	switch {
	case f.migrateTo != 0:
		return kindMigrated
	case f.code == http.StatusTooManyRequests || f.retryAfter > 0:
		return kindFlood
	case f.code == http.StatusForbidden:
		return kindUnreachable
	case f.code == http.StatusBadRequest && f.says("chat not found", "user not found", "peer_id_invalid", "user is deactivated",
		"group chat was deactivated", "bot is not a member", "chat_write_forbidden", "have no rights to send"):
		return kindUnreachable
	case f.code >= 500, f.code == http.StatusConflict, f.code == http.StatusUnauthorized, f.code == http.StatusNotFound, f.code == 0:
		return kindAway
	}
	return kindRefused
}

// noAnswer is a failure of the way to Telegram. A *url.Error holds the URL and so the token: its text is not kept, nor is what it wraps.
func (c *Client) noAnswer(method string, err error) *failure {
	text := err.Error()
	if u, ok := errors.AsType[*url.Error](err); ok {
		text = u.Err.Error()
	}
	f := &failure{kind: kindAway, method: method, description: c.redact(text)}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			f.cause = ended
		}
	}
	return f
}

// redact takes the token out of a text, also as it stands in a URL.
func (c *Client) redact(text string) string {
	for _, form := range []string{c.opt.Token, url.PathEscape(c.opt.Token), url.QueryEscape(c.opt.Token)} {
		text = strings.ReplaceAll(text, form, "[token]")
	}
	return text
}
