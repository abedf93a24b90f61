package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

const (
	pollTime  = 25 * time.Second // that Telegram holds a poll open
	pollSlack = 15 * time.Second // on top, for the way there and back
	pollBatch = 100              // Telegram's most
	// pollAside is how long new updates wait for the work on others before they are asked for.
	pollAside = 250 * time.Millisecond
	// keepFrom is how many updates wait for the offset before those that hold it are taken over from Telegram.
	keepFrom = pollBatch / 2
	// pollPause is between polls that came back empty at once: not every Bot API server holds them open.
	pollPause = 250 * time.Millisecond
)

// Poll fetches updates until ctx is done, then closes the receiver. The offset, by which Telegram forgets updates, moves past an
// update when it and all before it are done. ErrToken when the token is not good any more.
func (r *Receiver) Poll(ctx context.Context) error {
	p := poller{r: r, behind: true}
	var keeping sync.WaitGroup
	keeping.Go(func() { r.workOnKept(ctx) })
	fetchErr := p.loop(ctx)
	keeping.Wait()
	closeErr := r.Close()
	p.advance()
	p.confirm(context.WithoutCancel(ctx))
	return errors.Join(fetchErr, closeErr)
}

// poller is the window of updates between the offset and the newest.
type poller struct {
	r       *Receiver
	offset  int64
	pending []*work   // by update
	fetched time.Time // when updates were fetched last
	behind  bool      // there may be updates from a time when the bot was away
}

func (p *poller) loop(ctx context.Context) error {
	for failed := 0; ctx.Err() == nil; {
		asked := time.Now()
		p.behind = p.behind || asked.Sub(p.fetched) > lateAfter
		updates, err := p.fetch(ctx)
		if err == nil {
			failed = 0
			if len(updates) == 0 && time.Since(asked) < pollPause && !p.behind {
				_ = sleep(ctx, pollPause) // the loop looks at ctx itself
			}
			p.takeAll(ctx, updates)
			p.behind = p.behind && len(updates) == pollBatch
			p.fetched = time.Now()
			p.wait(ctx)
			p.keep(ctx)
			p.advance()
			continue
		}
		if f := asFailure(err); f != nil && f.code == http.StatusUnauthorized {
			return errors.Join(ErrToken, err)
		}
		failed++
		p.rest(ctx, failed, err)
	}
	return nil
}

// rest waits after fetching failed, longer each time.
func (p *poller) rest(ctx context.Context, failed int, err error) {
	if ctx.Err() != nil {
		return
	}
	wait := backoff(failed)
	if f := asFailure(err); f != nil {
		wait = max(wait, f.retryAfter)
	}
	p.r.c.opt.Log.WarnContext(ctx, "updates cannot be fetched", "again_in", wait.Round(time.Millisecond), "error", err)
	_ = sleep(ctx, wait) // the loop looks at ctx itself
}

// fetch asks for updates from the offset on. While some are in work, Telegram has an answer at once. Who may be behind does not wait: what
// comes later is not old.
func (p *poller) fetch(ctx context.Context) ([]json.RawMessage, error) {
	hold := pollTime
	if p.behind {
		hold = 0
	}
	raw, err := p.r.c.callWithin(ctx, pollTime+pollSlack, "getUpdates", tgbotapi.Params{
		"offset": strconv.FormatInt(p.offset, 10), "limit": strconv.Itoa(pollBatch),
		"timeout": strconv.Itoa(int(hold / time.Second)), "allowed_updates": allowedUpdates,
	})
	if err != nil {
		return nil, err
	}
	var updates []json.RawMessage
	if err := json.Unmarshal(raw, &updates); err != nil {
		return nil, fmt.Errorf("decode updates: %w", err)
	}
	return updates, nil
}

// takeAll puts a batch into work.
func (p *poller) takeAll(ctx context.Context, updates []json.RawMessage) {
	p.r.intake.Lock()
	defer p.r.intake.Unlock()
	for _, raw := range updates {
		p.take(ctx, raw)
	}
}

// take puts an update into work, unless it is.
func (p *poller) take(ctx context.Context, raw json.RawMessage) {
	id, err := decodeID(raw)
	if err != nil {
		p.r.c.opt.Log.ErrorContext(ctx, "update without a number is left out", "error", err)
		return
	}
	at, known := slices.BinarySearchFunc(p.pending, id, func(w *work, id int64) int { return cmp.Compare(w.update, id) })
	if id < p.offset || known && !p.pending[at].failed() {
		return
	}
	w, err := p.r.submit(raw, p.behind)
	switch {
	case err != nil || w == nil:
	case known:
		p.pending[at] = w
	default:
		p.pending = slices.Insert(p.pending, at, w)
	}
}

// wait lets the work go on: until all is done, or for a moment, so that a slow chat does not keep others from being heard.
func (p *poller) wait(ctx context.Context) {
	aside := time.NewTimer(pollAside)
	defer aside.Stop()
	for _, w := range p.pending {
		select {
		case <-w.ended:
		case <-aside.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// keep takes over what has been in work for long, when much is waiting behind it: Telegram gives out only so many updates
// from the offset on.
func (p *poller) keep(ctx context.Context) {
	if len(p.pending) < keepFrom {
		return
	}
	for _, w := range p.pending {
		if !w.over() && time.Since(w.begun) > p.r.opt.Keep {
			p.r.keep(ctx, w)
		}
	}
}

// advance moves the offset past what is done or taken over. It stops at what is in work, or must come again.
func (p *poller) advance() {
	for len(p.pending) > 0 && (p.pending[0].succeeded() || p.r.isKept(p.pending[0])) {
		p.offset = max(p.offset, p.pending[0].update+1)
		p.pending = p.pending[1:]
	}
}

// confirm tells Telegram the offset at the end, so that nothing done comes again.
func (p *poller) confirm(ctx context.Context) {
	if p.offset == 0 {
		return
	}
	_, err := p.r.c.callWithin(ctx, 3*time.Second, "getUpdates", tgbotapi.Params{
		"offset": strconv.FormatInt(p.offset, 10), "limit": "1", "timeout": "0", "allowed_updates": allowedUpdates,
	})
	if err != nil {
		p.r.c.opt.Log.DebugContext(ctx, "last updates are not confirmed", "error", err)
	}
}
