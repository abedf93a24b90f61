package playground

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestUpdatesAreRedeliveredUntilConfirmed(t *testing.T) {
	w := open(t, Options{})
	w.say(ona, "/start nuoroda")
	w.say(ona, "sodininkystė")
	w.say(jonas, "dārzs")

	first := w.updates(0)
	if len(first) != 3 || first[0].UpdateID < 1_000 || first[1].UpdateID != first[0].UpdateID+1 {
		t.Fatalf("got %+v, want three updates numbered in a row", first)
	}
	m := first[0].Message
	if m.Text != "/start nuoroda" || m.From.ID != ona || m.From.LanguageCode != "lt" || m.Chat.Type != "private" || m.MessageID != 1 ||
		len(m.Entities) != 1 || m.Entities[0] != (entity{Type: "bot_command", Length: 6}) {
		t.Errorf("the command arrives as %+v", m)
	}
	if again := w.updates(0); len(again) != 3 || again[0].UpdateID != first[0].UpdateID {
		t.Errorf("asked again without an offset: %d updates, want the same 3", len(again))
	}
	if one := must[[]wireUpdate](w, "getUpdates", fields{"limit": 1}); len(one) != 1 {
		t.Errorf("a limit of 1 gives %d", len(one))
	}
	if rest := w.updates(first[2].UpdateID); len(rest) != 1 || rest[0].Message.Text != "dārzs" || rest[0].Message.MessageID != 1 {
		t.Errorf("after confirming two: %+v", rest)
	}
	if rest := w.updates(0); len(rest) != 1 {
		t.Errorf("what was confirmed came back: %d updates", len(rest))
	}
	w.say(ona, "vienas")
	w.say(ona, "du")
	if last := w.updates(-1); len(last) != 1 || last[0].Message.Text != "du" {
		t.Errorf("the last one alone: %+v", last)
	}
	if rest := w.updates(last(w.updates(0)).UpdateID + 1); len(rest) != 0 {
		t.Errorf("after confirming all: %d updates", len(rest))
	}
}

// TestManyAtOnce holds that what people write at once reaches a polling bot once each, and in order within a chat.
func TestManyAtOnce(t *testing.T) {
	const each = 25
	w := open(t, Options{Limits: noLimits()})
	var writers sync.WaitGroup
	for _, person := range []int64{ona, jonas} {
		writers.Go(func() {
			for range each {
				w.say(person, "x")
			}
		})
	}
	next := map[int64]int64{}
	offset := int64(0)
	for seen := 0; seen < 2*each; {
		for _, u := range must[[]wireUpdate](w, "getUpdates", fields{"offset": offset, "timeout": 10, "limit": 7}) {
			offset = u.UpdateID + 1
			seen++
			chat := u.Message.Chat.ID
			if next[chat]++; u.Message.MessageID != next[chat] {
				t.Fatalf("in the chat %d the message %d came as number %d", chat, u.Message.MessageID, next[chat])
			}
		}
	}
	writers.Wait()
	if rest := w.updates(offset); len(rest) != 0 {
		t.Errorf("%d updates are left over", len(rest))
	}
}

func last[T any](s []T) T { return s[len(s)-1] }

// poll starts a long poll and waits until it is held open.
func (w *world) poll() <-chan answer {
	w.Helper()
	w.s.mu.Lock()
	before := w.s.poll
	w.s.mu.Unlock()
	got := make(chan answer, 1)
	go func() { got <- w.call("getUpdates", fields{"timeout": 50}) }()
	w.until("a poll to be held open", func() bool {
		w.s.mu.Lock()
		defer w.s.mu.Unlock()
		return w.s.poll != nil && w.s.poll != before
	})
	return got
}

// until waits for a condition inside the server, which has no channel to wait on.
func (w *world) until(what string, holds func() bool) {
	w.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); {
		if time.Now().After(deadline) {
			w.Fatalf("waited in vain for %s", what)
		}
		<-tick.C
	}
}

func TestLongPoll(t *testing.T) {
	w := open(t, Options{})
	held := w.poll()
	w.say(ona, "labas")
	got := wait(t, held, "the poll to end")
	came := decode[[]wireUpdate](w, got.Result)
	if !got.OK || len(came) != 1 {
		t.Fatalf("the poll ends with %+v", got)
	}
	w.updates(came[0].UpdateID + 1)

	older := w.poll()
	newer := w.poll()
	if got := wait(t, older, "the older poll to end"); got.ErrorCode != http.StatusConflict ||
		got.Description != "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running" {
		t.Errorf("the older poll ends with %+v", got)
	}
	must[bool](w, "setWebhook", fields{"url": "http://127.0.0.1:1/"})
	if got := wait(t, newer, "the newer poll to end"); got.Description != "Conflict: terminated by setWebhook request" {
		t.Errorf("a webhook ends the poll with %+v", got)
	}
	if got := w.call("getUpdates", nil); got.status != http.StatusConflict || got.Description !=
		"Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first" {
		t.Errorf("a poll while there is a webhook: %+v", got)
	}
	must[bool](w, "deleteWebhook", nil)

	held = w.poll()
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, held, "the poll to end at Close"); !got.OK || string(got.Result) != "[]" {
		t.Errorf("Close ends the poll with %+v", got)
	}
}

func TestAllowedUpdates(t *testing.T) {
	w := open(t, Options{})
	must[[]wireUpdate](w, "getUpdates", fields{"allowed_updates": []string{"callback_query"}})
	w.say(ona, "nematoma")
	if got := w.updates(0); len(got) != 0 {
		t.Errorf("a message came though only button presses are wanted: %+v", got)
	}
	must[[]wireUpdate](w, "getUpdates", fields{"allowed_updates": []string{}})
	w.say(ona, "matoma")
	if got := w.updates(0); len(got) != 1 {
		t.Errorf("an empty list means the usual updates, got %d", len(got))
	}
}

func TestCallbackQuery(t *testing.T) {
	w := open(t, Options{})
	w.say(ona, "/start")
	id := must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "Rezervuoti?", "reply_markup": button("Taip", "h:1:7")}).MessageID
	press := func(body fields) (int, string) {
		status, raw := w.page(http.MethodPost, "chats/6812345678/press", body)
		return status, string(raw)
	}
	if status, raw := press(fields{"message_id": id, "data": "h:1:8"}); status != http.StatusConflict {
		t.Errorf("a button that is not there: %d %s", status, raw)
	}
	if status, raw := press(fields{"message_id": 99, "data": "padirbta", "forge": true}); status != http.StatusOK {
		t.Errorf("a forged button: %d %s", status, raw)
	}
	query := w.press(ona, id, "h:1:7")
	all := w.updates(0)
	forged, real := all[1].CallbackQuery, all[2].CallbackQuery
	if forged.Data != "padirbta" || forged.Message.Date != 0 {
		t.Errorf("the forged press arrives as %+v", forged)
	}
	if real.ID != query || real.Data != "h:1:7" || real.From.ID != ona || real.Message.MessageID != id || real.ChatInstance == "" ||
		real.Message.ReplyMarkup.Rows[0][0].CallbackData != "h:1:7" {
		t.Errorf("the press arrives as %+v", real)
	}
}

// hookBot takes updates over a webhook; the first posts of each text are refused as often as refuse says.
type hookBot struct {
	refuse map[string]int
	got    chan hookPost
	answer string
}

type hookPost struct {
	secret string
	chat   int64
	text   string
	took   bool
}

func (b *hookBot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var u wireUpdate
	if err != nil || json.Unmarshal(raw, &u) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	post := hookPost{secret: r.Header.Get("X-Telegram-Bot-Api-Secret-Token"), chat: u.Message.Chat.ID, text: u.Message.Text}
	if post.took = b.refuse[post.text] == 0; !post.took {
		b.refuse[post.text]--
		w.WriteHeader(http.StatusServiceUnavailable)
	} else if b.answer != "" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, b.answer)
	}
	b.got <- post
}

func TestWebhook(t *testing.T) {
	w := open(t, Options{Limits: noLimits(), retry: backoff{time.Millisecond, 4 * time.Millisecond}})
	bot := &hookBot{
		refuse: map[string]int{"pirmas": 3}, got: make(chan hookPost, 10),
		answer: `{"method":"sendMessage","chat_id":6812345678,"text":"iš atsakymo"}`,
	}
	srv := httptest.NewServer(bot)
	defer srv.Close()
	w.say(ona, "pirmas")
	w.say(ona, "antras")
	must[bool](w, "setWebhook", fields{"url": srv.URL, "secret_token": "paslaptis_1", "max_connections": 1})

	var order []string
	for range 5 {
		post := wait(t, bot.got, "a delivery")
		if post.secret != "paslaptis_1" {
			t.Errorf("posted with the secret %q", post.secret)
		}
		order = append(order, post.text)
	}
	if want := []string{"pirmas", "pirmas", "pirmas", "pirmas", "antras"}; !slices.Equal(order, want) {
		t.Errorf("posted %q, want %q: in order, again until taken", order, want)
	}
	type info struct {
		URL       string
		Pending   int    `json:"pending_update_count"`
		LastError string `json:"last_error_message"`
	}
	w.until("all updates to be taken", func() bool { return must[info](w, "getWebhookInfo", nil).Pending == 0 })
	if got := must[info](w, "getWebhookInfo", nil); got.URL != srv.URL || !strings.Contains(got.LastError, "503") {
		t.Errorf("the webhook tells of itself %+v", got)
	}
	w.until("the call in the answer", func() bool { return last(w.history(ona, "").Messages).Text == "iš atsakymo" })

	must[bool](w, "deleteWebhook", nil)
	w.say(ona, "trečias")
	if got := w.updates(0); len(got) != 1 || got[0].Message.Text != "trečias" {
		t.Errorf("after deleteWebhook the bot polls %+v", got)
	}
}

// TestWebhookAcrossChats holds that a chat whose update is not taken does not stop another.
func TestWebhookAcrossChats(t *testing.T) {
	w := open(t, Options{retry: backoff{time.Hour, time.Hour}})
	bot := &hookBot{refuse: map[string]int{"stringa": 1000}, got: make(chan hookPost, 10)}
	srv := httptest.NewServer(bot)
	defer srv.Close()
	must[bool](w, "setWebhook", fields{"url": srv.URL, "max_connections": 1})
	w.say(ona, "stringa")
	if post := wait(t, bot.got, "the refused delivery"); post.took {
		t.Fatal("the bot took what it should refuse")
	}
	w.say(ona, "po jos")
	w.say(jonas, "cits")
	if post := wait(t, bot.got, "the other chat's delivery"); post.chat != jonas {
		t.Errorf("%q was posted before its turn", post.text)
	}
}
