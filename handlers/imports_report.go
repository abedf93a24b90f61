package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
	"versli/store/importer"
)

// Complaints shown in the chat, and kept with the import; the document has all.
const (
	complaintsShown = 10
	complaintsKept  = 100
)

// finish tells the result in place of the progress, with all complaints as a
// document, and ends the import.
func (run *importRun) finish(ctx context.Context, report Report, cause error) error {
	state := store.ImportDone
	text := importText(run.p, run.imp.Name, report)
	if cause != nil {
		state = store.ImportFailed
		key := fileFaultKey(cause)
		if key == "" {
			key = "import.fault_other"
		}
		text = paragraphs(run.p.HTML("import.failed", "name", run.imp.Name), run.p.HTML(key))
		if report.Taken() > 0 {
			text = paragraphs(text, run.p.HTML("import.kept", "taken", run.p.Number(report.Taken())))
		}
	}
	out := []chat.Message{{Chat: run.imp.Chat, Edit: run.imp.Message, Text: text}}
	if report.Complained > 0 {
		doc, err := complaintsTable(run.p, report.Complaints)
		if err != nil {
			return err
		}
		out = append(out, chat.Message{
			Chat: run.imp.Chat, Text: run.p.HTML("import.document", "n", report.Complained),
			Document: &chat.Attachment{Name: "import-" + string(run.imp.ID) + ".csv", Bytes: doc},
		})
	}
	for _, m := range out {
		if _, err := run.post(ctx, m); err != nil && !errors.Is(err, chat.ErrUnreachable) {
			return fmt.Errorf("report: %w", err)
		}
	}
	report.Complaints = report.Complaints[:min(len(report.Complaints), complaintsKept)]
	raw, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	if err := run.Store.Imports.Finish(ctx, run.imp.ID, state, raw); err != nil {
		return fmt.Errorf("end import: %w", err)
	}
	return nil
}

// importText is the report in the chat.
func importText(p *messages.Printer, name string, r Report) chat.HTML {
	title := p.HTML("import.done_catalogue", "name", name)
	if r.Kind == importer.Timetable {
		title = p.HTML("import.done_timetable", "name", name)
	}
	counts := lines(
		p.HTML("import.added", "count", p.Number(r.Added)),
		p.HTML("import.changed", "count", p.Number(r.Changed)),
		p.HTML("import.unchanged", "count", p.Number(r.Unchanged)),
		p.HTML("import.refused", "count", p.Number(r.Refused)))
	var remarks []chat.HTML
	for _, remark := range r.Remarks(p) {
		remarks = append(remarks, chat.Escape(remark))
	}
	var flaws []chat.HTML
	for _, c := range r.Complaints[:min(len(r.Complaints), complaintsShown)] {
		flaws = append(flaws, "• "+chat.Escape(ComplaintText(p, c)))
	}
	if len(flaws) > 0 {
		flaws = append([]chat.HTML{p.HTML("import.flaws")}, flaws...)
	}
	if rest := r.Complained - complaintsShown; rest > 0 {
		flaws = append(flaws, p.HTML("import.more_flaws", "n", rest))
	}
	return paragraphs(title, counts, lines(remarks...), lines(flaws...))
}

// complaintsTable writes complaints as a table for a spreadsheet: with a byte
// order mark, and the separator that the language's spreadsheets expect.
func complaintsTable(p *messages.Printer, list []importer.Complaint) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	if p.Lang() != "en" {
		w.Comma = ';'
	}
	head := []string{
		p.Plain("import.column_line"), p.Plain("import.column_field"), p.Plain("import.column_value"),
		p.Plain("import.column_flaw"), p.Plain("import.column_refused"),
	}
	rows := [][]string{head}
	for _, c := range list {
		refused := p.Plain("common.no")
		if c.Fatal {
			refused = p.Plain("common.yes")
		}
		rows = append(rows, []string{strconv.Itoa(c.Line), inert(c.Field), inert(c.Value), p.Plain("import.code_" + string(c.Code)), refused})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write complaints: %w", err)
	}
	return b.Bytes(), nil
}

// inert keeps a spreadsheet from taking a value for a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
