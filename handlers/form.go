package handlers

import (
	"context"
	"maps"
	"slices"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// form is a dialogue that fills in fields one after the other, shows what comes
// of it, lets each be changed, and saves. Its values are text, kept in the
// dialogue's state until they are saved. Its texts are NAME.ask_FIELD,
// NAME.bad_FIELD, NAME.field_FIELD.
type form struct {
	*App
	name    string // of the dialogue, of its texts, and what its actions begin with
	fields  []field
	preview func(ctx context.Context, p *messages.Printer, data map[string]string) (chat.HTML, error)
	save    func(ctx context.Context, r chat.Request, data map[string]string) (chat.Reply, error)
	more    func(p *messages.Printer, data map[string]string) [][]chat.Button // beside saving and changing; may be nil
}

// field is one question of a form.
type field struct {
	name     string
	optional bool
	choices  func(ctx context.Context, p *messages.Printer, data map[string]string) ([]option, error)
	columns  int                                          // of choices; 1 when 0
	read     func(r chat.Request) (value string, ok bool) // what was typed or sent; nil when only choices count
}

// option is an answer on a button; its value is short.
type option struct{ label, value string }

// The steps of a form that are no field, and its own values.
const (
	formPreview = "preview"
	formSingle  = "_single" // one field is being changed: back to the preview after it
)

func (f form) register(r *chat.Router) {
	r.Dialogue(chat.Dialogue{Name: f.name, Version: 1, Role: chat.Librarian, Handler: f.typed})
	r.Action(
		chat.Action{Name: f.name + "_set", Role: chat.Librarian, Handler: f.chosen},
		chat.Action{Name: f.name + "_ask", Role: chat.Librarian, Handler: f.change},
		chat.Action{Name: f.name + "_skip", Role: chat.Librarian, Handler: f.skip},
		chat.Action{Name: f.name + "_save", Role: chat.Librarian, Handler: f.saved},
		chat.Action{Name: f.name + "_drop", Role: chat.Librarian, Handler: f.dropped},
	)
}

// begin asks the first question.
func (f form) begin(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return f.ask(ctx, r, &chat.State{Dialogue: f.name}, f.fields[0])
}

// edit shows the preview of what there is already.
func (f form) edit(ctx context.Context, r chat.Request, data map[string]string) (chat.Reply, error) {
	return f.show(ctx, r, &chat.State{Dialogue: f.name, Data: data})
}

func (f form) field(name string) (field, bool) {
	i := slices.IndexFunc(f.fields, func(x field) bool { return x.name == name })
	if i < 0 {
		return field{}, false
	}
	return f.fields[i], true
}

// running is the state when this form is what the person is in. ErrStale for a button of an earlier one.
func (f form) running(r chat.Request) (*chat.State, error) {
	if r.State == nil || r.State.Dialogue != f.name {
		return nil, store.ErrStale
	}
	return r.State, nil
}

// ask asks a field's question.
func (f form) ask(ctx context.Context, r chat.Request, s *chat.State, x field) (chat.Reply, error) {
	p := f.words(r)
	var buttons []chat.Button
	if x.choices != nil {
		list, err := x.choices(ctx, p, s.Data)
		if err != nil {
			return fail("choices of "+x.name, err)
		}
		for _, c := range list {
			buttons = append(buttons, chat.Press(clip(c.label, 40), f.name+"_set", x.name, c.value))
		}
	}
	rows := chat.Columns(max(1, x.columns), buttons...)
	if x.optional {
		rows = append(rows, chat.Row(chat.Press(p.Plain("common.skip"), f.name+"_skip", x.name)))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.cancel"), f.name+"_drop")))
	return chat.Say(p.HTML(f.name+".ask_"+x.name), rows...).Then(s.With(x.name, "", "")), nil
}

// typed takes what was typed or sent for the field that is asked.
func (f form) typed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	x, ok := f.field(r.State.Step)
	if !ok {
		return f.show(ctx, r, r.State)
	}
	value := ""
	if x.read != nil {
		value, ok = x.read(r)
	}
	if x.read == nil || !ok {
		again, err := f.ask(ctx, r, r.State, x)
		if err == nil && x.read != nil {
			again.Messages[0].Text = lines(f.words(r).HTML(f.name+".bad_"+x.name), again.Messages[0].Text)
		}
		return again, err
	}
	return f.next(ctx, r, r.State.With(x.name, x.name, value), x)
}

// chosen takes a pressed answer, if the field offers it.
func (f form) chosen(ctx context.Context, r chat.Request) (chat.Reply, error) {
	s, err := f.running(r)
	if err != nil {
		return fail("choose", err)
	}
	x, ok := f.field(r.Arg(0))
	if !ok || x.choices == nil || s.Step != x.name {
		return fail("choose", store.ErrStale)
	}
	list, err := x.choices(ctx, f.words(r), s.Data)
	if err != nil {
		return fail("choose", err)
	}
	if !slices.ContainsFunc(list, func(c option) bool { return c.value == r.Arg(1) }) {
		return fail("choose", store.ErrStale)
	}
	return f.next(ctx, r, s.With(x.name, x.name, r.Arg(1)), x)
}

// skip leaves a field empty.
func (f form) skip(ctx context.Context, r chat.Request) (chat.Reply, error) {
	s, err := f.running(r)
	if err != nil {
		return fail("skip", err)
	}
	x, ok := f.field(r.Arg(0))
	if !ok || !x.optional || s.Step != x.name {
		return fail("skip", store.ErrStale)
	}
	return f.next(ctx, r, s.With(x.name, x.name, ""), x)
}

// next asks the field after this one, or shows what there is.
func (f form) next(ctx context.Context, r chat.Request, s *chat.State, after field) (chat.Reply, error) {
	if s.Data[formSingle] == "" {
		i := slices.IndexFunc(f.fields, func(x field) bool { return x.name == after.name })
		if i+1 < len(f.fields) {
			return f.ask(ctx, r, s, f.fields[i+1])
		}
	}
	return f.show(ctx, r, s)
}

// show is the preview, with a button to change each field.
func (f form) show(ctx context.Context, r chat.Request, s *chat.State) (chat.Reply, error) {
	p := f.words(r)
	text, err := f.preview(ctx, p, s.Data)
	if err != nil {
		return fail("preview", err)
	}
	var buttons []chat.Button
	for _, x := range f.fields {
		buttons = append(buttons, chat.Press("✏️ "+p.Plain(f.name+".field_"+x.name), f.name+"_ask", x.name))
	}
	rows := append([][]chat.Button{chat.Row(chat.Press(p.Plain("form.save"), f.name+"_save"))}, chat.Columns(2, buttons...)...)
	if f.more != nil {
		rows = append(rows, f.more(p, s.Data)...)
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.cancel"), f.name+"_drop")))
	return chat.Say(paragraphs(p.HTML("form.preview"), text), rows...).Then(s.With(formPreview, formSingle, "1")), nil
}

// change asks one field again.
func (f form) change(ctx context.Context, r chat.Request) (chat.Reply, error) {
	s, err := f.running(r)
	if err != nil {
		return fail("change", err)
	}
	x, ok := f.field(r.Arg(0))
	if !ok || s.Data[formSingle] == "" {
		return fail("change", store.ErrStale)
	}
	return f.ask(ctx, r, s, x)
}

// saved saves, if all that is needed is there; a second tap finds no dialogue any more.
func (f form) saved(ctx context.Context, r chat.Request) (chat.Reply, error) {
	s, err := f.running(r)
	if err != nil || s.Data[formSingle] == "" {
		return fail("save", store.ErrStale)
	}
	for _, x := range f.fields {
		if !x.optional && s.Data[x.name] == "" {
			return f.ask(ctx, r, s, x)
		}
	}
	reply, err := f.save(ctx, r, maps.Clone(s.Data))
	if err != nil {
		return reply, err
	}
	return reply.End(), nil
}

func (f form) dropped(_ context.Context, r chat.Request) (chat.Reply, error) {
	if _, err := f.running(r); err != nil {
		return fail("drop", err)
	}
	return chat.Change(r, f.words(r).HTML("form.dropped")).End(), nil
}

// readLine takes one line of typed text of at most n letters.
func readLine(n int) func(chat.Request) (string, bool) {
	return func(r chat.Request) (string, bool) {
		text := strings.Join(strings.Fields(r.Text), " ")
		return text, r.Kind == chat.KindText && text != "" && len([]rune(text)) <= n
	}
}

// readText takes typed text of several lines.
func readText(n int) func(chat.Request) (string, bool) {
	return func(r chat.Request) (string, bool) {
		text := strings.TrimSpace(r.Text)
		return text, r.Kind == chat.KindText && text != "" && len([]rune(text)) <= n
	}
}
