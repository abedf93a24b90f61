package main

import (
	"net/http"
	"testing"
	"time"
)

// Telegram answers 429, 500, breaks off before and after the effect, or is silent for ten seconds, three times in ten: every answer, notice
// and copy of the broadcast arrives, the limits are kept, and no copy goes before Telegram said that it may. The token is told to nobody.
func TestTelegramFaults(t *testing.T) {
	unraced(t)
	needRedis(t)
	t.Parallel()
	const members, steps, recipients, share = 60, 6, 300, 0.3
	const news = "Fair & market on Saturday <10:00>"
	v := newVillage(t, newRedisServer(t).url(), members, recipients)
	bin := program(t)
	v.way.first = map[string]string{"getMe": "429", "deleteWebhook": "500", "getUpdates": "lost"}
	p := v.begin(t, bin, freePort(t), "LOG_LEVEL=debug")
	announce(v.speaker(t, daiva, "lt"), news, "en", recipients)
	v.way.fail(share)
	begun := time.Now()
	done, _ := v.live(steps)
	v.lived(t, done, 5*time.Minute)
	t.Logf("people are done after %v", time.Since(begun))
	extra := v.delivered(t, news, recipients, 5*time.Minute)
	t.Logf("broadcast sent after %v, %d copies too many", time.Since(begun), extra)
	lost := len(v.way.passed(func(c *passing) bool { return c.fault == "lost" && c.says(news) }))
	if extra > lost {
		t.Errorf("%d copies of the broadcast too many, with %d answers lost", extra, lost)
	}
	v.noticed(t, lostWithin)
	v.heard(t)
	t.Logf("librarian told after %v", time.Since(begun))
	v.way.within(t)
	v.way.obeyed(t, news)
	t.Log(v.way.figures())
	status, metrics := ask(t, http.MethodGet, "http://"+p.addr+"/metrics", "", nil)
	if status != http.StatusOK {
		t.Errorf("metrics: %d", status)
	}
	secretless(t, metrics)
	v.soundness(t, bin)
}
