package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// hookPatience is how long the bot may take over one update. Telegram gives up after about a minute.
const hookPatience = time.Minute

// backoff is how long to wait before an update is posted again: first, then twice as long each time, never longer than most.
type backoff struct{ first, most time.Duration }

func (b backoff) after(failures int) time.Duration {
	wait := b.first
	for range failures - 1 {
		if wait = 2 * wait; wait >= b.most {
			return b.most
		}
	}
	return wait
}

// lane is the deliveries of one chat: one at a time, in order, and after a failure not before a moment.
type lane struct {
	busy     bool
	failures int
	notUntil time.Time
}

// delivered is the end of one attempt.
type delivered struct {
	update *update
	err    error
}

// deliver posts updates to the webhook while there is one: in order within a chat, side by side across chats.
func (s *Server) deliver() {
	lanes := map[int64]*lane{}
	ends := make(chan delivered)
	running := 0
	client := &http.Client{Timeout: hookPatience}
	defer client.CloseIdleConnections()
	for {
		s.mu.Lock()
		changed, target := s.changed, s.state.hook
		ready, wait := s.state.ready(lanes, s.real(), max(target.MaxConnections, 1)-running)
		s.mu.Unlock()
		for _, u := range ready {
			lanes[u.Chat].busy = true
			running++
			go func() { ends <- delivered{u, s.postUpdate(s.stop, client, target, u)} }()
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case end := <-ends:
			running--
			s.settle(lanes, end)
		case <-s.stop.Done():
			for ; running > 0; running-- {
				<-ends
			}
			return
		}
		timer.Stop()
	}
}

// ready picks the first pending update of each chat whose lane is free, at most room of them, and says when to look again at the latest.
func (st *state) ready(lanes map[int64]*lane, now time.Time, room int) ([]*update, time.Duration) {
	var picked []*update
	wait := time.Hour
	if st.hook.URL == "" {
		return nil, wait
	}
	seen := map[int64]bool{}
	for _, u := range st.updates {
		if seen[u.Chat] {
			continue
		}
		seen[u.Chat] = true
		l := lanes[u.Chat]
		if l == nil {
			l = &lane{}
			lanes[u.Chat] = l
		}
		switch until := l.notUntil.Sub(now); {
		case l.busy || len(picked) >= room:
		case until > 0:
			wait = min(wait, until)
		default:
			picked = append(picked, u)
		}
	}
	return picked, wait
}

// settle removes an update that was taken, or makes its chat wait.
func (s *Server) settle(lanes map[int64]*lane, end delivered) {
	l := lanes[end.update.Chat]
	l.busy = false
	if end.err == nil {
		l.failures = 0
	} else {
		l.failures++
		l.notUntil = s.real().Add(s.retry.after(l.failures))
		s.log.Warn("the webhook did not take an update", "update", end.update.ID, "failures", l.failures, "error", end.err)
	}
	err := s.change(func(t *tx) error {
		if end.err == nil {
			t.put(record{Delivered: end.update.ID})
			return nil
		}
		next := t.hook
		next.LastErrorDate, next.LastError = s.opts.Now().Unix(), end.err.Error()
		t.put(record{Hook: &next})
		return nil
	})
	if err != nil && s.stop.Err() == nil {
		s.log.Error("note a delivery", "error", err)
	}
}

// postUpdate hands one update to the bot. Any status of 2xx means that it was taken; the body of the answer may be a call.
func (s *Server) postUpdate(ctx context.Context, client *http.Client, target hook, u *update) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, bytes.NewReader(u.wire()))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if target.Secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", target.Secret)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("post the update: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxJSON))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("wrong response from the webhook: %s", resp.Status)
	}
	s.callFromAnswer(body)
	return nil
}

// callFromAnswer performs the call that a webhook may put into its answer; nobody is told how it went.
// https://core.telegram.org/bots/api#making-requests-when-getting-updates
func (s *Server) callFromAnswer(body []byte) {
	c := &call{params: map[string]string{}, files: map[string]*upload{}, done: s.stop.Done()}
	var answer struct {
		Method string `json:"method"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Method == "" || c.readJSON(bytes.NewReader(body)) != nil {
		return
	}
	c.method = answer.Method
	result, err := s.run(c)
	status, answerBody := s.outcome(c, result, err)
	if s.opts.OnCall != nil {
		s.opts.OnCall(Call{Method: c.method, Params: c.params, Status: status, Response: answerBody})
	}
}
