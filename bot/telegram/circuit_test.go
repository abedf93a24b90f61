package telegram

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"versli/bot/chat"
)

// While Telegram is away there is no hot loop: one call in a while tries, answers wait for it, and all else is told to come again.
func TestCircuit(t *testing.T) {
	f := newFake(t)
	var away atomic.Bool
	var asked atomic.Int32
	flaky := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			asked.Add(1)
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(flaky.Close)
	client := connect(t, f, func(o *Options) { o.APIURL = flaky.URL })
	away.Store(true)
	const waiting = 40
	sent := make(chan error, waiting)
	for to := range int64(waiting) {
		go func() {
			_, err := client.Send(t.Context(), PriorityAnswer, chat.Message{Chat: to + 1, Text: "x"})
			sent <- err
		}()
	}
	until(t, "the circuit opens", client.Away)
	before := asked.Load()
	for range 1000 {
		if _, err := client.Send(t.Context(), PriorityNotice, chat.Message{Chat: 7, Text: "x"}); err == nil {
			t.Fatal("a notice went through")
		}
	}
	if more := asked.Load() - before; more > waiting+5 {
		t.Errorf("%d calls were made while Telegram was known to be away", more)
	}
	away.Store(false)
	for range waiting {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
	if _, err := client.Send(t.Context(), PriorityBulk, chat.Message{Chat: 7, Text: "x"}); err != nil || client.Away() {
		t.Errorf("afterwards: %v, away: %v", err, client.Away())
	}
}

func TestCircuitTriesOneAtATime(t *testing.T) {
	var c circuit
	for range circuitFailures {
		c.note("sendMessage", false)
	}
	if c.open() {
		t.Error("open after failures within a moment")
	}
	c.since = time.Now().Add(-circuitSpan)
	c.note("getUpdates", true) // says nothing of sending
	c.note("sendMessage", false)
	if _, err := c.wait(PriorityBulk); !errors.Is(err, errCircuit) {
		t.Errorf("bulk: %v", err)
	}
	if wait, err := c.wait(PriorityAnswer); wait <= 0 || wait > time.Second || err != nil {
		t.Errorf("answer: %v, %v", wait, err)
	}
	c.next = time.Now()
	if wait, err := c.wait(PriorityBulk); wait != 0 || err != nil || !c.enter() {
		t.Errorf("the try: %v, %v", wait, err)
	}
	if c.enter() {
		t.Error("two tries at a time")
	}
	if _, err := c.wait(PriorityBulk); !errors.Is(err, errCircuit) {
		t.Errorf("beside the try: %v", err)
	}
	c.note("sendMessage", true)
	if wait, err := c.wait(PriorityBulk); wait != 0 || err != nil {
		t.Errorf("closed: %v, %v", wait, err)
	}
}
