package playground

import (
	"encoding/json"
	"net"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// maxHold is the longest that a poll is held open, in seconds, as with Telegram.
const maxHold = 50

// longPoll is a getUpdates waiting for something to come.
type longPoll struct {
	ended chan struct{}
	why   error // set before ended is closed
}

// endPoll ends the poll that is held open, if any. The caller holds s.mu.
func (s *Server) endPoll(why error) {
	if s.poll != nil {
		s.poll.why = why
		close(s.poll.ended)
		s.poll = nil
	}
}

// getUpdates confirms what lies before the offset and returns what follows. With a timeout it waits. A second call ends the first.
func (s *Server) getUpdates(c *call) (any, error) {
	me := &longPoll{ended: make(chan struct{})}
	if err := s.beginPoll(c, me); err != nil {
		return nil, err
	}
	defer s.leavePoll(me)
	timer := time.NewTimer(time.Duration(min(max(c.integer("timeout"), 0), maxHold)) * time.Second)
	defer timer.Stop()
	limit := int(c.integer("limit"))
	if limit < 1 || limit > 100 {
		limit = 100
	}
	for {
		s.mu.Lock()
		changed, found := s.changed, s.state.pending(limit)
		s.mu.Unlock()
		if len(found) > 0 {
			return found, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return found, nil
		case <-me.ended:
			return nil, me.why
		case <-c.done:
			return found, nil
		case <-s.stop.Done():
			return found, nil
		}
	}
}

func (s *Server) beginPoll(c *call, me *longPoll) error {
	return s.change(func(t *tx) error {
		if t.hook.URL != "" {
			return conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
		}
		var allowed []string
		if given, err := c.decode("allowed_updates", &allowed); err != nil {
			return err
		} else if given {
			t.allow(allowed)
		}
		s.endPoll(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
		s.poll = me
		offset := c.integer("offset")
		if offset < 0 {
			offset = t.lastUpdates(-offset)
		}
		if len(t.updates) > 0 && t.updates[0].ID < offset {
			t.put(record{Confirmed: offset})
		}
		return nil
	})
}

func (s *Server) leavePoll(me *longPoll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poll == me {
		s.poll = nil
	}
}

// lastUpdates is the offset that leaves n updates.
func (st *state) lastUpdates(n int64) int64 {
	if n >= int64(len(st.updates)) {
		return 0
	}
	return st.updates[int64(len(st.updates))-n].ID
}

func (st *state) pending(limit int) []json.RawMessage {
	found := make([]json.RawMessage, 0, min(limit, len(st.updates)))
	for _, u := range st.updates[:min(limit, len(st.updates))] {
		found = append(found, u.wire())
	}
	return found
}

// allow remembers which kinds of update the bot wants from now on. An empty list means the usual ones.
func (t *tx) allow(kinds []string) {
	next := t.hook
	if next.Allowed = kinds; len(kinds) == 0 {
		next.Allowed = nil
	}
	if slices.Equal(next.Allowed, t.hook.Allowed) {
		return
	}
	t.put(record{Hook: &next})
}

var secretTokenPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// setWebhook registers where updates are posted. Unlike Telegram's, it may be plain http on a loopback or private address.
func (s *Server) setWebhook(c *call) (any, error) {
	address := c.text("url")
	if address == "" {
		return s.deleteWebhook(c)
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return nil, badRequest("bad webhook: invalid url")
	}
	if parsed.Scheme != "https" && !isLocal(parsed.Hostname()) {
		return nil, badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if secret := c.text("secret_token"); secret != "" && !secretTokenPattern.MatchString(secret) {
		return nil, badRequest("secret token contains unallowed characters")
	}
	var allowed []string
	given, err := c.decode("allowed_updates", &allowed)
	if err != nil {
		return nil, err
	}
	next := hook{URL: address, Secret: c.text("secret_token"), MaxConnections: int(c.integer("max_connections"))}
	if next.MaxConnections < 1 || next.MaxConnections > 100 {
		next.MaxConnections = 40
	}
	return true, s.change(func(t *tx) error {
		s.endPoll(conflict("terminated by setWebhook request"))
		next.Allowed = t.hook.Allowed
		t.put(record{Hook: &next})
		if given {
			t.allow(allowed)
		}
		t.dropPending(c)
		return nil
	})
}

func (t *tx) dropPending(c *call) {
	if n := len(t.updates); n > 0 && c.flag("drop_pending_updates") {
		t.put(record{Confirmed: t.updates[n-1].ID + 1})
	}
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && (ip.IsLoopback() || ip.IsPrivate()))
}

func (s *Server) deleteWebhook(c *call) (any, error) {
	return true, s.change(func(t *tx) error {
		t.put(record{Hook: &hook{Allowed: t.hook.Allowed}})
		t.dropPending(c)
		return nil
	})
}

func (s *Server) getWebhookInfo(*call) (any, error) {
	var info struct {
		URL               string   `json:"url"`
		CustomCertificate bool     `json:"has_custom_certificate"`
		Pending           int      `json:"pending_update_count"`
		LastErrorDate     int64    `json:"last_error_date,omitempty"`
		LastError         string   `json:"last_error_message,omitempty"`
		MaxConnections    int      `json:"max_connections,omitempty"`
		Allowed           []string `json:"allowed_updates,omitempty"`
	}
	err := s.read(func(st *state) error {
		info.URL, info.Pending, info.MaxConnections, info.Allowed = st.hook.URL, len(st.updates), st.hook.MaxConnections, st.hook.Allowed
		info.LastErrorDate, info.LastError = st.hook.LastErrorDate, st.hook.LastError
		return nil
	})
	return info, err
}
