package handlers

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// The fields of the form that are not the title's own.
const (
	formShelf  = "shelf"
	formCopies = "copies"
)

// mostCopies bounds how many copies are typed at once.
const mostCopies = 100

// form asks for what a new title needs; all else is added on its card.
func (t titleEditing) form() form {
	asked := form{App: t.App, name: "edit_title", preview: t.preview, save: t.save}
	for _, name := range []string{"name", "authors", "year", "topic", "language"} {
		f, _ := titleFieldOf(name)
		x := field{name: name, optional: !f.needed}
		if len(f.choices()) > 0 {
			x.choices, x.columns = f.options, 2
		} else {
			x.read = func(r chat.Request) (string, bool) { return t.typedField(f, r) }
		}
		asked.fields = append(asked.fields, x)
	}
	asked.fields = append(asked.fields,
		field{name: formShelf, choices: t.shelves},
		field{name: formCopies, choices: copyOptions, columns: 3, read: readCopies})
	return asked
}

// options are a field's values with their labels.
func (f titleField) options(_ context.Context, p *messages.Printer, _ map[string]string) ([]option, error) {
	var list []option
	for _, value := range f.choices() {
		list = append(list, option{p.Plain(f.labels + value), value})
	}
	return list, nil
}

func (t titleEditing) shelves(ctx context.Context, p *messages.Printer, _ map[string]string) ([]option, error) {
	locations, err := t.Store.Titles.Locations(ctx)
	if err != nil {
		return nil, fmt.Errorf("shelves: %w", err)
	}
	var list []option
	for _, l := range locations {
		list = append(list, option{locationName(p, l), string(l.ID)})
	}
	return list, nil
}

func copyOptions(context.Context, *messages.Printer, map[string]string) ([]option, error) {
	list := []option{{"0", "0"}}
	for _, n := range copyCounts() {
		list = append(list, option{n, n})
	}
	return list, nil
}

func readCopies(r chat.Request) (string, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(r.Text))
	return strconv.Itoa(n), r.Kind == chat.KindText && err == nil && n >= 0 && n <= mostCopies
}

func (t titleEditing) add(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return t.form().begin(ctx, r)
}

// record is what the form says.
func (t titleEditing) record(data map[string]string) store.Record {
	record := store.Record{Line: 1}
	for _, f := range titleFields() {
		_ = f.write(&record.Title, data[f.name], t.local(t.Now()).Year()) // it was taken when it was typed
	}
	n, _ := strconv.Atoi(data[formCopies])
	for range min(max(n, 0), mostCopies) {
		record.Copies = append(record.Copies, store.RecordCopy{Location: data[formShelf]})
	}
	return record
}

// preview shows the title as it will be saved.
func (t titleEditing) preview(ctx context.Context, p *messages.Printer, data map[string]string) (chat.HTML, error) {
	record := t.record(data)
	copies := p.HTML("card.no_copies")
	if n := len(record.Copies); n > 0 {
		place, err := t.placeName(ctx, p, store.Place(data[formShelf]))
		if err != nil {
			return "", err
		}
		copies = p.HTML("edit_title.new_copies", "n", n, "place", place)
	}
	return paragraphs(describe(p, record.Title), copies), nil
}

// save adds the title. One that the catalogue has already is not doubled: what it lacks is added to it, and that is said.
func (t titleEditing) save(ctx context.Context, r chat.Request, data map[string]string) (chat.Reply, error) {
	outcomes, ids, err := t.Store.Titles.Put(ctx, t.op(r), "", []store.Record{t.record(data)})
	if err != nil {
		return fail("add a title", err)
	}
	reply, err := t.card(ctx, r, ids[0])
	if outcomes[0] == store.Added {
		return reply.WithToast(t.words(r).Plain("edit_title.added")), err
	}
	reply.Toast, reply.Alert = t.words(r).Plain("edit_title.known"), true
	return reply, err
}
