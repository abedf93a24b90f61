package main

import (
	"context"
	"syscall"
	"testing"
	"time"
)

// Redis hangs, is killed and comes back, three times while people are at it: they are told to try again, and nothing that was confirmed to
// them is missing afterwards.
func TestRedisOutages(t *testing.T) {
	unraced(t)
	needRedis(t)
	t.Parallel()
	const members, steps, outages = 40, 16, 3
	r := newRedisServer(t)
	v := newVillage(t, r.url(), members, members)
	bin, addr := program(t), freePort(t)
	p := v.begin(t, bin, addr)
	always(t, v)
	done, count := v.live(steps)
	told := func() int {
		told := 0
		for _, c := range v.way.calls {
			if c.done() && c.says(tryAgain()) {
				told++
			}
		}
		return told
	}
	for i := range outages {
		moment := int64(members * steps * (i + 1) / (outages + 2))
		v.way.await(t, time.Minute, "the moment of an outage", func() bool { return count.Load() >= moment })
		before := 0
		v.way.await(t, 0, "", func() bool { before = told(); return true })
		begun := time.Now()
		sends(syscall.SIGSTOP)(t, r)
		v.way.await(t, time.Minute, "somebody is told to try again", func() bool { return told() > before })
		hung := time.Since(begun)
		r.kill()
		r.start(t)
		if err := ready(p.addr); err != nil {
			t.Fatal(err)
		}
		t.Logf("outage %d: hung for %v, back after %v, at %d steps", i+1, hung.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond), count.Load())
	}
	v.lived(t, done, 2*time.Minute)
	troubled := 0
	for _, n := range v.people {
		troubled += n.troubled
	}
	t.Logf("people were told to try again %d times: %s", troubled, v.way.figures())
	if troubled < outages {
		t.Errorf("people were told to try again %d times in %d outages", troubled, outages)
	}
	v.noticed(t, lostWithin)
	v.heard(t)
	p.end(t, syscall.SIGTERM)
	v.way.within(t)
	always(t, v)
	v.soundness(t, bin)
}

// always asserts that what is confirmed is on disk before: on the village's Redis, and on the program's own.
func always(t *testing.T, v *village) {
	t.Helper()
	dir := folder(t)
	own, done := private(t, dir)
	defer done()
	for name, ask := range map[string]func(context.Context, string) (map[string]string, error){
		"the village's Redis": func(ctx context.Context, s string) (map[string]string, error) {
			return v.rdb.ConfigGet(ctx, s).Result()
		},
		"the program's own": func(ctx context.Context, s string) (map[string]string, error) { return own.ConfigGet(ctx, s).Result() },
	} {
		for setting, want := range map[string]string{"appendonly": "yes", "appendfsync": "always"} {
			if got, err := ask(t.Context(), setting); err != nil || got[setting] != want {
				t.Errorf("%s: %s is %q, %v", name, setting, got[setting], err)
			}
		}
	}
}

// heard asserts that the librarian was told of every question.
func (v *village) heard(t *testing.T) {
	t.Helper()
	told := map[string]int{}
	for _, c := range v.way.passed(func(c *passing) bool { return c.chat == daiva && c.done() && c.send() }) {
		told[c.text]++
	}
	for _, n := range v.people {
		for _, q := range n.questions {
			count := 0
			for text, times := range told {
				if containsAll(text, []string{q}) {
					count += times
				}
			}
			if count == 0 {
				t.Errorf("the librarian was not told of %q", q)
			}
		}
	}
}
