package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// floodedTelegram asks to slow down, once in each chat, before it takes a message that contains a word.
type floodedTelegram struct {
	server http.Handler
	word   string

	mu    sync.Mutex
	asked map[string]bool
}

var chatIn = regexp.MustCompile(`chat_id=\d+`)

func (f *floodedTelegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.HasSuffix(r.URL.Path, "/sendMessage") && strings.Contains(string(body), f.word) && f.first(string(body)) {
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}`)
		return
	}
	f.server.ServeHTTP(w, r)
}

func (f *floodedTelegram) first(body string) bool {
	chat := chatIn.FindString(body)
	f.mu.Lock()
	defer f.mu.Unlock()
	first := !f.asked[chat]
	f.asked[chat] = true
	return first
}

// Lines logged deep inside the sender name the update that is answered, or the notice that is delivered.
func TestLogOfTheSenderNamesUpdateAndNotice(t *testing.T) {
	needRedis(t)
	t.Parallel()
	api, server := newElsewhere(t), newRedisServer(t)
	api.serve(t)
	front := httptest.NewServer(&floodedTelegram{server: api.server.Handler(), word: "Wi-Fi", asked: map[string]bool{}})
	t.Cleanup(front.Close)
	_, log := startReal(t, front.URL, server.url(), func(c *Config) { c.Owners = []int64{api.first} })
	owner, asker := api.speaker(t, api.first, "en"), api.speaker(t, api.second, "en")
	owner.types("/start").told("start.staff")
	asker.types("/ask").told("ask.question")
	asker.types(wiFi).told("ask.sent", "question", wiFi)
	owner.told("notice.question", "name", "§", "question", wiFi)
	for chat, about := range map[int64]*regexp.Regexp{
		api.first: regexp.MustCompile(`\bnotice=question:q\w+:m\w+:0`), api.second: regexp.MustCompile(`\bupdate=\d+`),
	} {
		var found []string
		for line := range strings.Lines(log.String()) {
			if containsAll(line, []string{"telegram asks to slow down", "chat=" + number(chat) + " "}) {
				found = append(found, line)
			}
		}
		if len(found) != 1 || !about.MatchString(found[0]) {
			t.Errorf("want %s in one line, got:\n%s", about, strings.Join(found, ""))
		}
	}
}
