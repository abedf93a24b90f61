package playground

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// eventsKept is how far back a page that lost its connection can catch up; beyond that it is told to reload.
const eventsKept = 2_000

// event is what the page is told, as JSON.
type event map[string]any

// eventRing numbers events and keeps the latest. Ids carry the run of the server, so that one of an earlier run is known as such.
type eventRing struct {
	run string

	mu      sync.Mutex
	last    int64 // number of the newest event
	kept    [][]byte
	changed chan struct{}
}

func newEventRing(run int64) *eventRing {
	return &eventRing{run: strconv.FormatInt(run, 36), changed: make(chan struct{})}
}

func (r *eventRing) publish(e event) {
	data, err := json.Marshal(e)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	if r.kept = append(r.kept, data); len(r.kept) > eventsKept {
		r.kept = r.kept[len(r.kept)-eventsKept:]
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// position is where a new listener begins: after the event with this id, or now if there is none. It is not resumable when events
// after it are gone.
func (r *eventRing) position(id string) (after int64, resumable bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == "" {
		return r.last, true
	}
	run, number, _ := strings.Cut(id, "-")
	after, err := strconv.ParseInt(number, 10, 64)
	if err != nil || run != r.run || after > r.last || after < r.last-int64(len(r.kept)) {
		return r.last, false
	}
	return after, true
}

// since returns the events after a number, the number of the last of them, and a channel that is closed when there are more.
// When events were lost in between, lost is true.
func (r *eventRing) since(after int64) (events [][]byte, last int64, more <-chan struct{}, lost bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.last - int64(len(r.kept)) // the number before the oldest kept
	if after < first {
		return nil, r.last, r.changed, true
	}
	return append([][]byte(nil), r.kept[after-first:]...), r.last, r.changed, false
}

func (r *eventRing) id(number int64) string { return fmt.Sprintf("%s-%d", r.run, number) }
