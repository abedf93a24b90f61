package main

import (
	"testing"
	"time"
)

// lostWithin is how soon a notice is out again whose process died over it.
const lostWithin = 3 * time.Minute

// A notice whose process is killed while the send is in flight is out again within 3 minutes, and not a third time.
func TestLostNotice(t *testing.T) {
	unraced(t)
	needRedis(t)
	t.Parallel()
	v := newVillage(t, newRedisServer(t).url(), 1, 1)
	bin, addr := program(t), freePort(t)
	p := v.begin(t, bin, addr)
	const question = "Is anybody there?"
	open := v.way.shut()
	if _, err := v.server.Say(v.people[0].id, "/ask "+question); err != nil {
		t.Fatal(err)
	}
	notice := func(c *passing) bool { return c.send() && c.says(question) }
	if _, ok := v.way.after(daiva, 0, patience, notice); !ok {
		t.Fatal("the librarian's notice was not sent")
	}
	p.kill(t)
	killed, before := time.Now(), v.way.length(daiva)
	open()
	v.begin(t, bin, addr)
	if _, ok := v.way.after(daiva, before, lostWithin, notice); !ok {
		t.Fatalf("the notice was not out again within %v", lostWithin)
	}
	t.Logf("out again after %v", time.Since(killed).Round(time.Second))
	v.noticed(t, patience)
	if n := v.way.copies(question)[daiva]; n != 2 {
		t.Errorf("the notice was sent %d times, once before the kill", n)
	}
	v.soundness(t, bin)
}
