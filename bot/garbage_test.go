package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Whatever is thrown at the bot gets an answer in the person's language, and the process stays up.
func TestGarbage(t *testing.T) {
	w := start(t, t.TempDir())
	for _, lang := range []struct {
		id   int64
		code string
	}{{rasa, "lt"}, {inese, "lv"}} {
		t.Run(lang.code, func(t *testing.T) {
			p := w.person(t, lang.id)
			say := w.words(t, lang.code)
			p.say("/start").expect(say("start.greeting", "name", "§")[0])
			p.say("/nesamone").expect(say("error.unknown")...)
			p.say(strings.Repeat("ąžuolas knyga ", 350)).expect("🔎")
			p.say("🙃").expect(say("search.nothing_to_search")...)
			p.say(`<b>"&; DROP</b> \u0000 ' OR 1=1`).expect("🔎")
			message := p.chat()[0].ID
			for _, data := range []string{"", "x", "1|", "1|approve|m1", "1|title|nope", "1|reserve|t1|;", "1|unhold|h1", "1|staff", strings.Repeat("ž", 32)} {
				if data == "" {
					continue
				}
				p.forge(message, data)
				p.toast()
			}
			p.post("sticker", map[string]any{"emoji": "🦊"}).expect(say("fallback.unreadable")...)
			p.upload("knygos.csv", []byte("title;author\nx;y\n")).expect(say("fallback.file")...)
		})
	}
	t.Run("a file of 30 MB from a librarian", func(t *testing.T) {
		p := w.person(t, daiva)
		p.upload("didelis.csv", bytes.Repeat([]byte("a;b\n"), 30<<18)).expect("20 MB")
		p.upload("sugadintas.xlsx", []byte("PK\x03\x04 no zip")).expect("sugadintas.xlsx")
		p.upload("tuscias.csv", []byte("\n")).expect("tuscias.csv")
	})
	t.Run("a group", func(t *testing.T) {
		var group struct{ ID int64 }
		w.post(t, "/play/groups", map[string]any{"title": "Kamajų verslininkai", "members": []int64{rasa, inese}}, &group)
		p := w.person(t, group.ID)
		p.as = rasa
		p.expect(w.words(t, "lt")("start.group")...)
		before := len(p.fromBot())
		p.say("/help@somebody_elses_bot")
		p.say("/nesamone")
		p.say("/help").expect("ℹ️")
		if n := len(p.fromBot()) - before; n != 1 {
			t.Errorf("the bot answered %d times what was not for it:\n%s", n-1, describe(p.chat()))
		}
		p.say("/holds").expect(w.words(t, "lt")("error.private")...)
	})
	w.alive(t)
	w.validCalls(t)
}

// fromBot is what the bot has said.
func (p *person) fromBot() []bubble {
	p.t.Helper()
	return slices.DeleteFunc(p.chat(), func(b bubble) bool { return !b.FromBot })
}

// alive asks the health check.
func (w *world) alive(t *testing.T) {
	t.Helper()
	var answer []byte
	w.get(t, "/healthz", &answer)
	if string(answer) != "ok\n" {
		t.Errorf("healthz: %q", answer)
	}
}

// post does something else than typing: a sticker, a location.
func (p *person) post(what string, body map[string]any) *person {
	p.t.Helper()
	p.mark()
	if p.as != 0 {
		body["as"] = p.as
	}
	p.w.post(p.t, fmt.Sprintf("/play/chats/%d/%s", p.id, what), body, nil)
	return p
}
