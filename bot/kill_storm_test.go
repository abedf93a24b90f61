package main

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// Killed twenty times with messages in flight, while 300 people change the state 3,000 times and a broadcast goes to 3,000: every effect is
// there exactly once and was answered, everybody has the broadcast, and no more messages came twice than were in flight at the kills.
func TestKillStorm(t *testing.T) {
	unraced(t)
	needRedis(t)
	t.Parallel()
	const members, recipients, steps, kills = 300, 3000, 10, 20
	const news = "Fair & market on Saturday <10:00>"
	v := newVillage(t, newRedisServer(t).url(), members, recipients)
	bin, addr := program(t), freePort(t)
	p := v.begin(t, bin, addr)
	announce(v.speaker(t, daiva, "lt"), news, "en", recipients)
	begun := time.Now()
	done, count := v.live(steps)
	moments := make([]int, kills)
	for i := range moments {
		moments[i] = v.random.IntN((members*steps + recipients) * 9 / 10) // in messages
	}
	slices.Sort(moments)
	lost, held, unanswered := 0, 0, 0
	for _, moment := range moments {
		v.way.await(t, deadsLeases, "the moment of a kill", func() bool { return v.way.shown >= moment })
		open := v.way.shut()
		v.way.await(t, deadsLeases, "a message in flight", func() bool { held = v.way.held; return held > 0 })
		p.kill(t)
		n, silent := v.way.inFlight()
		lost, unanswered = lost+n, unanswered+silent
		t.Logf("%v: killed at %d messages and %d steps; %d answers held back, %d messages unanswered, %d in flight",
			time.Since(begun).Round(time.Millisecond), moment, count.Load(), held, silent, n)
		v.way.dead()
		open()
		p = v.begin(t, bin, addr)
	}
	v.lived(t, done, 3*time.Minute)
	t.Logf("%v: %d steps are done", time.Since(begun).Round(time.Millisecond), count.Load())
	extra := v.delivered(t, news, recipients, 3*time.Minute)
	t.Logf("%v: broadcast sent, %d copies too many", time.Since(begun).Round(time.Millisecond), extra)
	for _, n := range v.people {
		for _, q := range n.questions {
			extra += v.way.copies(q)[n.id] - 1
		}
	}
	t.Logf("%d messages came twice, %d were in flight at kills, %d of them unanswered; %s", extra, lost, unanswered, v.way.figures())
	if extra > lost {
		t.Errorf("%d messages came twice, and only %d were in flight at kills", extra, lost)
	}
	v.once(t)
	p.end(t, syscall.SIGTERM)
	v.way.within(t)
	v.soundness(t, bin)
}

// once asserts by the audit trail that nobody's hold was placed or cancelled more often than they did it.
func (v *village) once(t *testing.T) {
	t.Helper()
	trail, err := v.rdb.XRange(t.Context(), "{versli}:audit", "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	events := map[string]map[string]int{}
	for _, e := range trail {
		by, _ := e.Values["by"].(string)
		event, _ := e.Values["event"].(string)
		if events[by] == nil {
			events[by] = map[string]int{}
		}
		events[by][event]++
	}
	for _, n := range v.people {
		got := events[string(n.member)]
		if got["place"] != n.placed || got["cancel"] != n.cancelled {
			t.Errorf("person %d placed %d holds and cancelled %d; the trail has %v", n.id, n.placed, n.cancelled, got)
		}
	}
}
