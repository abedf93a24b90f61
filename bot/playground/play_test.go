package playground

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the zone must be known on any machine
)

// TestForeignPagesAreRefused holds that no page but our own can drive the playground from a browser.
func TestForeignPagesAreRefused(t *testing.T) {
	w := open(t, Options{Hosts: []string{"playground.example"}})
	own := strings.TrimPrefix(w.url, "http://")
	for _, c := range []struct {
		name, host, path, kind string
		header                 map[string]string
		want                   int
	}{
		{"our own page", own, "/play/people", "application/json", map[string]string{"Origin": w.url}, http.StatusOK},
		{"a program", own, "/play/people", "application/json; charset=utf-8", nil, http.StatusOK},
		{"under localhost", "localhost:8080", "/play/people", "application/json", nil, http.StatusOK},
		{"under a name we were told", "playground.example", "/play/people", "application/json", nil, http.StatusOK},
		{"a foreign page", own, "/play/people", "application/json", map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		{"another port", own, "/play/people", "application/json", map[string]string{"Origin": "http://127.0.0.1:1"}, http.StatusForbidden},
		{"a sandboxed page", own, "/play/people", "application/json", map[string]string{"Origin": "null"}, http.StatusForbidden},
		{"a page that embeds us", own, "/play/people", "application/json", map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{
			"a foreign page at the bot's side", own, "/bot" + testToken + "/getMe", "application/json",
			map[string]string{"Origin": "https://evil.example"},
			http.StatusForbidden,
		},
		{
			"a name that resolves here", "evil.example", "/play/people", "application/json",
			map[string]string{"Origin": "http://evil.example"},
			http.StatusMisdirectedRequest,
		},
		{"a plain form", own, "/play/people", "application/x-www-form-urlencoded", nil, http.StatusUnsupportedMediaType},
		{"a text", own, "/play/people", "text/plain", nil, http.StatusUnsupportedMediaType},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := w.request(http.MethodPost, c.path, c.kind, strings.NewReader(`{"first_name":"Rasa"}`))
			req.Host = c.host
			for name, value := range c.header {
				req.Header.Set(name, value)
			}
			status, raw := w.send(req)
			if status != c.want {
				t.Errorf("got %d %s, want %d", status, raw, c.want)
			}
			var refused struct{ Error string }
			if status != http.StatusOK && (json.Unmarshal(raw, &refused) != nil || refused.Error == "") {
				t.Errorf("refused with %s, want a sentence", raw)
			}
		})
	}
}

// stream reads events of the page.
type stream struct {
	lines  *bufio.Scanner
	lastID string
	end    func()
}

func (w *world) listen(lastID string) *stream {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/play/events", nil)
	if err != nil {
		w.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		w.Fatalf("events come as %q", kind)
	}
	s := &stream{lines: bufio.NewScanner(resp.Body), end: sync.OnceFunc(func() { cancel(); _ = resp.Body.Close() })}
	w.Cleanup(s.end)
	return s
}

func (s *stream) next(t *testing.T) map[string]any {
	t.Helper()
	for s.lines.Scan() {
		if id, found := strings.CutPrefix(s.lines.Text(), "id: "); found {
			s.lastID = id
		}
		if data, found := strings.CutPrefix(s.lines.Text(), "data: "); found {
			var e map[string]any
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				t.Fatalf("the event %q: %v", data, err)
			}
			return e
		}
	}
	t.Fatalf("the stream ended: %v", s.lines.Err())
	return nil
}

// until skips to an event of a type.
func (s *stream) until(t *testing.T, kind string) map[string]any {
	t.Helper()
	for {
		if e := s.next(t); e["type"] == kind {
			return e
		}
	}
}

func TestEvents(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	s := w.listen("")
	w.say(ona, "/start")
	if e := s.until(t, "message"); e["chat"] != float64(ona) || e["message"].(map[string]any)["from_bot"] != false {
		t.Errorf("a person's message is told as %v", e)
	}
	must[bool](w, "sendChatAction", fields{"chat_id": ona, "action": "typing"})
	if e := s.until(t, "action"); e["action"] != "typing" {
		t.Errorf("typing is told as %v", e)
	}
	m := must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "a", "reply_markup": button("Taip", "y")})
	s.until(t, "message")
	resume := s.lastID
	must[wireMessage](w, "editMessageText", fields{"chat_id": ona, "message_id": m.MessageID, "text": "b", "reply_markup": button("Taip", "y")})
	id := w.press(ona, m.MessageID, "y")
	must[bool](w, "answerCallbackQuery", fields{"callback_query_id": id, "text": "Gerai", "show_alert": true})
	must[bool](w, "deleteMessage", fields{"chat_id": ona, "message_id": m.MessageID})
	check := func(s *stream) {
		t.Helper()
		if e := s.until(t, "edit"); e["message"].(map[string]any)["html"] != "b" {
			t.Errorf("the edit is told as %v", e)
		}
		if e := s.until(t, "toast"); e["query_id"] != id || e["text"] != "Gerai" || e["alert"] != true {
			t.Errorf("the answer is told as %v", e)
		}
		if e := s.until(t, "delete"); e["message_id"] != float64(m.MessageID) {
			t.Errorf("the deletion is told as %v", e)
		}
	}
	check(s)
	s.end()
	check(w.listen(resume))

	if e := w.listen("another-1").next(t); e["type"] != "reset" {
		t.Errorf("resuming an earlier run tells %v, want reset", e)
	}
	for range eventsKept + 1 {
		w.s.SetNotices([]string{"Ši būsena neišliks."})
	}
	if e := w.listen(resume).next(t); e["type"] != "reset" {
		t.Errorf("resuming too late tells %v, want reset", e)
	}

	live := w.listen("")
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	if live.lines.Scan(); live.lines.Err() != nil {
		t.Errorf("Close cuts the stream with %v", live.lines.Err())
	}
}

func TestReplyKeyboards(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	w.say(ona, "/start")
	send := func(markup fields) {
		must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "x", "reply_markup": markup})
	}
	place := fields{"keyboard": [][]fields{{{"text": "Kur esu", "request_location": true}, {"text": "Ne"}}}, "one_time_keyboard": true}
	send(place)
	w.say(ona, "kita")
	if w.history(ona, "").Keyboard == nil || string(w.history(ona, "").Keyboard) == "null" {
		t.Error("a one-time keyboard went away though none of its buttons was used")
	}
	do[sentID](w, http.MethodPost, fmt.Sprintf("chats/%d/location", ona), fields{"latitude": 55.96, "longitude": 25.58})
	if got := w.history(ona, "").Keyboard; string(got) != "null" {
		t.Errorf("after its button was used a one-time keyboard is %s", got)
	}
	if at := last(w.updates(0)).Message.Location; at == nil || *at != (location{55.96, 25.58}) {
		t.Errorf("the location arrives as %v", at)
	}
	send(fields{"keyboard": [][]string{{"Paieška", "Mokymai"}}})
	w.say(ona, "Paieška")
	if got := w.history(ona, "").Keyboard; !strings.Contains(string(got), "Mokymai") {
		t.Errorf("a lasting keyboard is %s", got)
	}
	send(fields{"remove_keyboard": true})
	if got := w.history(ona, "").Keyboard; string(got) != "null" {
		t.Errorf("a removed keyboard is %s", got)
	}
	send(fields{"force_reply": true, "input_field_placeholder": "Pavadinimas"})
	if got := last(w.history(ona, "").Messages).ForceReply; got == nil || got.Placeholder != "Pavadinimas" {
		t.Errorf("a forced reply is %+v", got)
	}
}

func TestCommandMenus(t *testing.T) {
	w := open(t, Options{})
	w.say(ona, "/start")
	set := func(name, language string, scope fields) {
		t.Helper()
		params := fields{"commands": []botCommand{{name, "x"}}, "language_code": language}
		if scope != nil {
			params["scope"] = scope
		}
		must[bool](w, "setMyCommands", params)
	}
	shown := func(chat int64) string {
		t.Helper()
		var names []string
		for _, c := range w.history(chat, "").Commands {
			names = append(names, c.Command)
		}
		return strings.Join(names, " ")
	}
	expect := func(what, lt, lv string) {
		t.Helper()
		if got := shown(ona); got != lt {
			t.Errorf("%s: Ona sees %q, want %q", what, got, lt)
		}
		if got := shown(jonas); got != lv {
			t.Errorf("%s: Jānis sees %q, want %q", what, got, lv)
		}
	}
	expect("none", "", "")
	set("all", "", nil)
	expect("default", "all", "all")
	set("visi", "lt", nil)
	expect("default in Lithuanian", "visi", "all")
	set("private", "", fields{"type": "all_private_chats"})
	expect("private before default", "private", "private")
	set("own", "", fields{"type": "chat", "chat_id": ona})
	expect("the chat before all", "own", "private")
	set("savo", "lt", fields{"type": "chat", "chat_id": strconv.FormatInt(ona, 10)})
	expect("the chat in Lithuanian", "savo", "private")
	must[bool](w, "deleteMyCommands", fields{"scope": fields{"type": "all_private_chats"}})
	expect("deleted", "savo", "all")
	if got := must[[]botCommand](w, "getMyCommands", fields{"language_code": "lt"}); len(got) != 1 || got[0].Command != "visi" {
		t.Errorf("getMyCommands gives %+v", got)
	}
}

func TestUnreadAndPaging(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	w.say(ona, "/start")
	for range 6 {
		must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "x"})
	}
	unread := func() int {
		return do[struct{ People []pagePerson }](w, http.MethodGet, "state", nil).People[0].Unread
	}
	if n := unread(); n != 6 {
		t.Errorf("%d unread, want 6", n)
	}
	do[struct{}](w, http.MethodPost, fmt.Sprintf("chats/%d/read", ona), fields{"message_id": 5})
	if n := unread(); n != 2 {
		t.Errorf("after reading up to 5: %d unread, want 2", n)
	}
	page := w.history(ona, "limit=3")
	if len(page.Messages) != 3 || page.Messages[0].MessageID != 5 || !page.More {
		t.Errorf("the last page: %+v", page)
	}
	if page = w.history(ona, "limit=10&before=5"); len(page.Messages) != 4 || page.Messages[3].MessageID != 4 || page.More {
		t.Errorf("the page before: %+v", page)
	}
	long := w.say(ona, strings.Repeat("ž", 5000))
	if got := w.updates(0); utf16Len(got[1].Message.Text) != maxText || utf16Len(got[2].Message.Text) != 904 || got[2].Message.MessageID != long {
		t.Error("5,000 letters do not arrive as two messages")
	}
}

func TestGroups(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	g := do[pageGroup](w, http.MethodPost, "groups", fields{"title": "Skaitytojai", "members": []int64{ona, jonas}})
	say := func(chat, as int64, text string) {
		t.Helper()
		do[sentID](w, http.MethodPost, fmt.Sprintf("chats/%d/text", chat), fields{"text": text, "as": as})
	}
	for _, text := range []string{"labas", "/help@kitas_botas", "/help", "/help@versli_biblioteka_bot", "sveikas, @versli_biblioteka_bot"} {
		say(g.ID, jonas, text)
	}
	var seen []string
	for _, u := range w.updates(0) {
		if u.Message != nil {
			seen = append(seen, u.Message.Text)
		}
	}
	if got, want := strings.Join(seen, "|"), "|/help|/help@versli_biblioteka_bot|sveikas, @versli_biblioteka_bot"; got != want {
		t.Errorf("in a group the bot sees %q, want %q", got, want)
	}
	if m := must[chatMember](w, "getChatMember", fields{"chat_id": g.ID, "user_id": ona}); m.Status != "creator" {
		t.Errorf("who made the group is %q", m.Status)
	}

	super := do[pageGroup](w, http.MethodPost, fmt.Sprintf("groups/%d/migrate", g.ID), fields{})
	got := w.call("sendMessage", fields{"chat_id": g.ID, "text": "x"})
	if got.Description != "Bad Request: group chat was upgraded to a supergroup chat" || got.Parameters.MigrateToChatID != super.ID {
		t.Errorf("writing to the old group: %q %+v, want to be sent to %d", got.Description, got.Parameters, super.ID)
	}
	must[wireMessage](w, "sendMessage", fields{"chat_id": super.ID, "text": "x"})
	all := w.updates(0)
	leaving, arriving := all[len(all)-2].Message, all[len(all)-1].Message
	if leaving.Chat.ID != g.ID || leaving.MigrateTo != super.ID || arriving.Chat.ID != super.ID || arriving.MigrateFrom != g.ID {
		t.Errorf("the move is told as %+v, %+v", leaving, arriving)
	}
	must[bool](w, "leaveChat", fields{"chat_id": super.ID})
	if got := w.call("sendMessage", fields{"chat_id": super.ID, "text": "x"}); got.Description != "Forbidden: bot is not a member of the supergroup chat" {
		t.Errorf("after leaving: %q", got.Description)
	}
}

func TestBlockingIsTold(t *testing.T) {
	w := open(t, Options{})
	w.say(ona, "/start")
	for _, blocked := range []bool{true, true, false} {
		do[struct{}](w, http.MethodPost, fmt.Sprintf("chats/%d/block", ona), fields{"blocked": blocked})
	}
	all := w.updates(0)
	if len(all) != 3 || all[1].MyChatMember.NewChatMember.Status != "kicked" || all[2].MyChatMember.NewChatMember.Status != "member" ||
		all[1].MyChatMember.NewChatMember.User.ID != BotID {
		t.Errorf("blocking twice and letting in is told as %+v", all[1:])
	}
}

func TestFilesCannotRun(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	w.say(ona, "/start")
	kind, body := multipartBody(t, map[string]string{"caption": "žr."}, "file", `..\../ą".html`, []byte("<script>alert(1)</script>"))
	if status, raw := w.send(w.request(http.MethodPost, fmt.Sprintf("/play/chats/%d/file", ona), kind, body)); status != http.StatusOK {
		t.Fatalf("upload: %d %s", status, raw)
	}
	kind, body = multipartBody(t, map[string]string{"kind": "photo"}, "file", "a.png", pngFile(t, 3, 2))
	if status, raw := w.send(w.request(http.MethodPost, fmt.Sprintf("/play/chats/%d/file", ona), kind, body)); status != http.StatusOK {
		t.Fatalf("upload a photo: %d %s", status, raw)
	}
	all := w.history(ona, "").Messages
	doc, photo := all[1].Document, all[2].Photo
	if doc.FileName != `ą".html` || all[1].Text != "žr." || photo.Width != 3 || photo.Height != 2 {
		t.Errorf("shown as %+v, %+v", doc, photo)
	}
	for _, c := range []struct {
		url, kind, disposition string
		status                 int
	}{
		{doc.URL, "application/octet-stream", "attachment", http.StatusOK},
		{photo.URL, "image/png", "inline", http.StatusOK},
		{"/play/pictures/" + doc.FileID, "application/json", "", http.StatusNotFound},
		{"/play/files/..%2f" + journalName, "application/json", "", http.StatusNotFound},
	} {
		resp, err := w.client.Do(w.request(http.MethodGet, c.url, "", nil))
		if err != nil {
			t.Fatal(err)
		}
		h := resp.Header
		_ = resp.Body.Close()
		if resp.StatusCode != c.status || h.Get("Content-Type") != c.kind || !strings.HasPrefix(h.Get("Content-Disposition"), c.disposition) ||
			h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", c.url, resp.StatusCode, h)
		}
	}
}

// steppedClock is a Clock over a movedClock.
type steppedClock struct {
	*movedClock
	visit time.Duration
}

func (c *steppedClock) Advance(_ context.Context, by time.Duration) error {
	c.move(by)
	return nil
}

func (c *steppedClock) NextVisit(context.Context) (time.Time, bool, error) {
	return c.Now().Add(c.visit), c.visit > 0, nil
}

func TestClock(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	start := newMovedClock()
	clock := &steppedClock{start, 90 * time.Minute}
	w := open(t, Options{Now: clock.Now, Zone: zone, Clock: clock, real: newMovedClock().Now})
	s := w.listen("")
	got := do[pageClock](w, http.MethodPost, "clock", fields{"advance": "1h"})
	want := pageClock{Now: "2026-12-03T15:30:00+02:00", ShiftSeconds: 3600, Zone: "Europe/Vilnius", Controllable: true}
	if got != want {
		t.Errorf("after an hour: %+v, want %+v", got, want)
	}
	if e := s.until(t, "clock"); e["clock"].(map[string]any)["shift_seconds"] != float64(3600) {
		t.Errorf("the page is told %v", e)
	}
	if got = do[pageClock](w, http.MethodPost, "clock", fields{"to": "next-visit"}); got.Now != "2026-12-03T17:00:00+02:00" {
		t.Errorf("at the next visit it is %s", got.Now)
	}
	clock.visit = 0
	for body, want := range map[string]int{
		`{"advance":"-1h"}`: http.StatusBadRequest, `{"advance":"soon"}`: http.StatusBadRequest, `{"advance":"9000h"}`: http.StatusBadRequest,
		`{"to":"next-visit"}`: http.StatusNotFound, `{`: http.StatusBadRequest,
	} {
		req := w.request(http.MethodPost, "/play/clock", "application/json", bytes.NewReader([]byte(body)))
		if status, raw := w.send(req); status != want {
			t.Errorf("%s: %d %s, want %d", body, status, raw, want)
		}
	}
	w.say(ona, "/start")
	if d := w.updates(0)[0].Message.Date; d != clock.Now().Unix() {
		t.Errorf("a message is dated %d, want the moved clock", d)
	}
}
