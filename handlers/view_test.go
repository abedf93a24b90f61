package handlers

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"slices"
	"strings"

	"versli/bot/chat"
)

// ttlForm is how long a key is kept still, which shrinks by itself.
var ttlForm = regexp.MustCompile(`"ttl":[0-9]+,`)

// watch holds a view to its word, in whatever test somebody asks for one: it changes nothing, and begins and ends no dialogue.
func (w *world) watch(r chat.Request) (unchanged func(chat.Reply)) {
	w.t.Helper()
	const enough = 2 // in one test
	name := r.Command + r.Action
	if !w.views(r) || w.viewed[name] == enough {
		return func(chat.Reply) {}
	}
	w.viewed[name]++
	// That somebody was seen is noted for whatever they ask.
	_, err := Actors{Members: w.store.Members, Fallback: "lt"}.Actor(w.t.Context(), r)
	w.check(err)
	before := w.dump()
	return func(reply chat.Reply) {
		w.t.Helper()
		if reply.Next != nil || reply.Done {
			w.t.Errorf("%s is said to be a view, and begins or ends a dialogue", name)
		}
		if after := w.dump(); !slices.Equal(before, after) {
			w.t.Errorf("%s is said to be a view, and changes\n%s\nto\n%s", name, strings.Join(without(before, after), "\n"),
				strings.Join(without(after, before), "\n"))
		}
	}
}

// views tells whether a request is registered as a view.
func (w *world) views(r chat.Request) bool {
	if r.Kind == chat.KindPress {
		return slices.Contains(w.router.Views(), r.Action)
	}
	return r.Kind == chat.KindCommand && slices.ContainsFunc(w.router.Commands(chat.Owner), func(c chat.Command) bool {
		if !c.View {
			return false
		}
		for _, names := range c.Aliases {
			if slices.Contains(names, r.Command) {
				return true
			}
		}
		return c.Name == r.Command
	})
}

// dump is all of the library's state, in lines.
func (w *world) dump() []string {
	w.t.Helper()
	var file bytes.Buffer
	w.check(w.store.Backup(w.t.Context(), &file))
	zip, err := gzip.NewReader(&file)
	w.check(err)
	text, err := io.ReadAll(zip)
	w.check(err)
	return slices.Sorted(strings.Lines(ttlForm.ReplaceAllString(string(text), "")))
}

func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
