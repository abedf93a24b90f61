package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

const (
	webhookBody = 1 << 20
	// webhookTime is how long Telegram is kept waiting for an update to be done; after that it sends it again.
	webhookTime        = 50 * time.Second
	webhookConnections = 64
	secretHeader       = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // a header's name
)

// SetWebhook asks Telegram to bring updates to url, with secret in a header.
func (c *Client) SetWebhook(ctx context.Context, url, secret string) error {
	_, err := c.retry(ctx, PriorityAnswer, 0, outgoing{method: "setWebhook", params: tgbotapi.Params{
		"url": url, "secret_token": secret, "allowed_updates": allowedUpdates, "max_connections": strconv.Itoa(webhookConnections),
	}})
	return err
}

// DeleteWebhook asks Telegram, once, to keep updates until they are fetched.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	_, err := c.call(ctx, "deleteWebhook", nil)
	return err
}

// Webhook takes updates from Telegram. It answers 200 only when an update is done; anything else makes Telegram send
// it again.
func (r *Receiver) Webhook(secret string) http.Handler {
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		got := sha256.Sum256([]byte(req.Header.Get(secretHeader)))
		switch {
		case req.Method != http.MethodPost:
			http.Error(w, "post only", http.StatusMethodNotAllowed)
		case subtle.ConstantTimeCompare(got[:], want[:]) != 1 || secret == "":
			http.Error(w, "wrong secret", http.StatusUnauthorized)
		default:
			w.WriteHeader(r.receive(req.Context(), http.MaxBytesReader(w, req.Body, webhookBody)))
		}
	})
}

// receive works on one update and tells how it went, as an HTTP status.
func (r *Receiver) receive(ctx context.Context, body io.Reader) int {
	raw, err := io.ReadAll(body)
	if err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	w, err := r.submit(raw, r.backlog.brought())
	if err != nil {
		return http.StatusBadRequest
	}
	if w == nil {
		return http.StatusServiceUnavailable
	}
	patience := time.NewTimer(webhookTime)
	defer patience.Stop()
	select {
	case <-w.ended:
		if w.done {
			return http.StatusOK
		}
	case <-patience.C:
	case <-ctx.Done():
	}
	return http.StatusServiceUnavailable
}
