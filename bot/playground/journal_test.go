package playground

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// TestStateSurvives kills nothing gently: each reopening reads what was written, without Close having been waited for.
func TestStateSurvives(t *testing.T) {
	dir := t.TempDir()
	w := open(t, Options{Dir: dir, Limits: noLimits()})
	w.say(ona, "/start")
	asked := must[wireMessage](w, "sendMessage", fields{
		"chat_id": ona, "text": "<b>Labas</b>", "parse_mode": "HTML",
		"reply_markup": button("Taip", "yes"),
	}).MessageID
	must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "x", "reply_markup": fields{"keyboard": [][]string{{"Paieška"}}}})
	gone := must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "laikina"}).MessageID
	must[bool](w, "deleteMessage", fields{"chat_id": ona, "message_id": gone})
	must[bool](w, "setMyCommands", fields{"commands": []botCommand{{"paieska", "Ieškoti"}}, "language_code": "lt"})
	must[bool](w, "setMyDescription", fields{"description": "Biblioteka", "language_code": "lt"})
	sent := decode[wireMessage](w, w.upload("sendDocument", onasChat(), "document", "ą.ics", []byte("BEGIN")).Result)
	first := w.updates(0)
	w.updates(first[0].UpdateID + 1)
	query := w.press(ona, asked, "yes")
	added, err := w.s.AddPerson(Person{FirstName: "Rasa"})
	if err != nil {
		t.Fatal(err)
	}
	before := w.history(ona, "")

	torn, err := os.OpenFile(filepath.Join(dir, journalName), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := torn.WriteString(`[{"chat":{"id":68123`); err != nil {
		t.Fatal(err)
	}
	if err := torn.Close(); err != nil {
		t.Fatal(err)
	}

	for range 2 { // the second time without a torn line
		w = open(t, Options{Dir: dir, Limits: noLimits()})
		if n := len(w.s.People()); n != 3 {
			t.Fatalf("%d people came back, want 3", n)
		}
		after := w.history(ona, "")
		if len(after.Messages) != len(before.Messages) || after.Messages[1].HTML != "<b>Labas</b>" ||
			string(after.Keyboard) != string(before.Keyboard) || after.Description != "Biblioteka" || len(after.Commands) != 1 {
			t.Errorf("the chat came back as %+v\nwant %+v", after, before)
		}
	}
	pending := w.updates(0)
	if len(pending) != 1 || pending[0].CallbackQuery == nil || pending[0].UpdateID != first[0].UpdateID+1 {
		t.Fatalf("the unconfirmed updates came back as %+v", pending)
	}
	if got := w.call("answerCallbackQuery", fields{"callback_query_id": query}); !got.OK {
		t.Errorf("a query from before the restart: %s", got.Description)
	}
	if id := w.say(ona, "toliau"); id != sent.MessageID+1 {
		t.Errorf("the next message has the id %d, want %d", id, sent.MessageID+1)
	}
	if got := w.updates(0); last(got).UpdateID != pending[0].UpdateID+1 {
		t.Errorf("the next update has the id %d, want %d", last(got).UpdateID, pending[0].UpdateID+1)
	}
	if next, err := w.s.AddPerson(Person{FirstName: "Ieva"}); err != nil || next.ID != added.ID+1 {
		t.Errorf("the next person is %+v, %v", next, err)
	}
	f := must[struct {
		Path string `json:"file_path"`
	}](w, "getFile", fields{"file_id": sent.Document.FileID})
	status, data := w.send(w.request(http.MethodGet, "/file/bot"+testToken+"/"+f.Path, "", nil))
	if status != http.StatusOK || string(data) != "BEGIN" {
		t.Errorf("the file came back as %d %q", status, data)
	}
}

func TestWebhookSurvives(t *testing.T) {
	dir := t.TempDir()
	bot := &hookBot{got: make(chan hookPost, 10)}
	srv := httptest.NewServer(bot)
	defer srv.Close()
	w := open(t, Options{Dir: dir})
	must[bool](w, "setWebhook", fields{"url": srv.URL, "secret_token": "s"})
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, Options{Dir: dir})
	w.say(ona, "labas")
	if post := wait(t, bot.got, "a delivery after the restart"); post.text != "labas" || post.secret != "s" {
		t.Errorf("posted %+v", post)
	}
}

func TestBrokenJournalIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, journalName)
	if err := os.WriteFile(path, []byte("[{}]\nrubbish\n[{}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: dir, Token: testToken}); err == nil {
		t.Error("a journal that is broken in the middle was opened")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "[{}]\nrubbish\n[{}]\n" {
		t.Errorf("the broken journal was changed to %q, %v", got, err)
	}
}

// TestFailedWrite holds that after a write that failed, a full disk perhaps, the bot is refused, and that the next one mends the file.
func TestFailedWrite(t *testing.T) {
	dir := t.TempDir()
	w := open(t, Options{Dir: dir, Limits: noLimits()})
	w.say(ona, "/start")
	w.s.mu.Lock()
	err := w.s.journal.file.Close() // from here on every write to it fails
	w.s.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	hello := fields{"chat_id": ona, "text": "x"}
	if got := w.call("sendMessage", hello); got.status != http.StatusInternalServerError {
		t.Errorf("a message that could not be kept is answered %d %q", got.status, got.Description)
	}
	next := must[wireMessage](w, "sendMessage", hello)
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := last(open(t, Options{Dir: dir}).history(ona, "").Messages); got.MessageID != next.MessageID {
		t.Errorf("the last message that came back is %d, want %d", got.MessageID, next.MessageID)
	}
}

// TestJournalPrefix holds that a journal cut anywhere opens, and gives the state as of some earlier moment; and that compacting
// changes nothing that can be read.
func TestJournalPrefix(t *testing.T) {
	dir := t.TempDir()
	w := open(t, Options{Dir: dir, Limits: noLimits()})
	w.say(ona, "/start")
	for i := range 5 {
		m := must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": fmt.Sprint("x", i), "reply_markup": button("a", "b")})
		w.press(ona, m.MessageID, "b")
	}
	whole, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		cut := rapid.IntRange(0, len(whole)).Draw(rt, "cut")
		at := t.TempDir()
		if err := os.WriteFile(filepath.Join(at, journalName), whole[:cut], 0o600); err != nil {
			rt.Fatal(err)
		}
		st := newState()
		j, err := openJournal(at, st)
		if err != nil {
			rt.Fatalf("cut at %d: %v", cut, err)
		}
		if err := errors.Join(j.compact(st), j.append([]record{{Person: &Person{ID: 5}}}), j.close()); err != nil {
			rt.Fatal(err)
		}
		again := newState()
		if j, err = openJournal(at, again); err != nil {
			rt.Fatal(err)
		}
		if err := j.close(); err != nil {
			rt.Fatal(err)
		}
		if again.people[5] == nil || again.counters != st.counters || len(again.updates) != len(st.updates) {
			rt.Fatalf("cut at %d: compacting lost something", cut)
		}
		for id, c := range st.chats {
			if other := again.chats[id]; other == nil || other.LastID != c.LastID || len(other.messages) != len(c.messages) {
				rt.Fatalf("cut at %d: compacting lost messages of %d", cut, id)
			}
		}
		if n := len(st.updates); n > 0 && st.updates[n-1].ID != st.counters.Update {
			rt.Fatalf("cut at %d: an update without its number", cut)
		}
	})
}
