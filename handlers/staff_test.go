package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
	"versli/store/importer"
)

// served are files by the messenger's id.
type served map[string]string

func (f served) Download(_ context.Context, id string) (io.ReadCloser, int64, error) {
	body, ok := f[id]
	if !ok {
		return nil, 0, errors.New("no such file")
	}
	return io.NopCloser(strings.NewReader(body)), int64(len(body)), nil
}

// send sends a file to the bot, and lets the import run as the scheduler does. It returns what was posted.
func (p *person) send(name, body string) []chat.Message {
	p.w.t.Helper()
	p.w.app.Files = served{name: body}
	r := p.request(chat.KindFile)
	r.File = &chat.File{ID: name, Name: name, Size: int64(len(body))}
	p.do(r)
	ctx := p.w.t.Context()
	imp, err := p.w.store.Imports.Take(ctx, importLease)
	p.w.check(err)
	var posted []chat.Message
	p.w.check(p.w.app.RunImport(ctx, imp, func(_ context.Context, m chat.Message) (int, error) {
		p.w.sound(m)
		posted = append(posted, m)
		return len(posted), nil
	}))
	return posted
}

func TestACatalogueIsImportedWithAReportOfWhatWasNot(t *testing.T) {
	const body = "title,author,year,isbn,<stars>\n" +
		"Atomic Habits,James Clear,2018,9780735211292,5\n" +
		",Nobody,2001,,1\n" +
		"Verslo etiketas,Ona Onaitė,2019,9.78E+12,4\n" +
		"=HYPERLINK(1),Eva,abc,,3\n"
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		posted := p.send("books.csv", body)
		p.sees("books.csv")
		last := posted[len(posted)-1]
		report := string(posted[len(posted)-2].Text)
		for _, part := range []string{
			p.label("import.code_title_missing"), p.label("import.code_isbn_lost"),
			strings.TrimSpace(string(w.words.In(lang).HTML("import.assumed_copies"))),
			string(w.words.In(lang).HTML("import.unused_columns", "columns", "<stars>")),
		} {
			if !strings.Contains(report, part) {
				t.Errorf("%s: no %q in the report:\n%s", lang, part, report)
			}
		}
		if last.Document == nil || !bytes.Contains(last.Document.Bytes, []byte("9.78E+12")) {
			t.Errorf("%s: no document of complaints: %+v", lang, last)
		}
		titles, copies, err := w.store.Titles.Count(t.Context())
		if w.check(err); titles != 3 || copies != 3 {
			t.Errorf("%s: %d titles, %d copies", lang, titles, copies)
		}
		again := p.send("books.csv", body)
		if report := string(again[len(again)-2].Text); !strings.Contains(report, p.label("import.unchanged", "count", 3)) {
			t.Errorf("%s: the same file again:\n%s", lang, report)
		}
	}
}

func TestATimetableIsImportedAndAnUnknownFileIsNamed(t *testing.T) {
	w := newWorld(t)
	p := w.person("Lina", "en", store.RoleLibrarian)
	posted := p.send("stops.csv", "route,community,stop,address,geox,geoy,arrival,departure,frequency,start\n"+
		"R1,Juodupė,Kultūros namai,,25.61,56.08,9:20,10:05,FREQ=WEEKLY;INTERVAL=2,2026-12-01\n"+
		"R1,Obeliai,Mokykla,,25.8,55.93,11:00,10:00,FREQ=WEEKLY,2026-12-01\n")
	if report := string(posted[len(posted)-2].Text); !strings.Contains(report, p.label("import.code_departure_before_arrival")) {
		t.Errorf("report:\n%s", report)
	}
	p.write("/van juodupe").sees("Juodupė", "09:20–10:05")
	posted = p.send("photo.bin", "\x00\x01\x02\x03")
	if report := string(posted[len(posted)-1].Text); !strings.Contains(report, "could not be read") {
		t.Errorf("report:\n%s", report)
	}
	posted = p.send("empty.csv", "")
	if report := string(posted[len(posted)-1].Text); !strings.Contains(report, p.label("import.fault_empty")) {
		t.Errorf("report:\n%s", report)
	}
	huge := p.request(chat.KindFile)
	huge.File = &chat.File{ID: "f", Name: "all.csv", Size: 30 << 20}
	p.do(huge).sees("20 MB", "30.0 MB")
	if _, err := w.store.Imports.Take(t.Context(), importLease); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a file that is too large is queued: %v", err)
	}
}

func TestAnImportThatIsKilledGoesOn(t *testing.T) {
	w := newWorld(t)
	p := w.person("Lina", "lt", store.RoleLibrarian)
	var body strings.Builder
	body.WriteString("title,author\n")
	for i := range 1200 {
		fmt.Fprintf(&body, "Knyga %d,Autorius %d\n", i, i)
	}
	w.app.Files = served{"f": body.String()}
	imp, err := w.store.Imports.Queue(t.Context(), w.op(), store.Import{By: p.member().ID, Chat: p.chat, File: "f", Name: "f.csv", At: w.at})
	w.check(err)
	f, err := importer.Open("f.csv", strings.NewReader(body.String()))
	w.check(err)
	ctx, cancel := context.WithCancel(t.Context())
	op := store.Op{Key: "import." + string(imp.ID), By: imp.By}
	if _, err := Intake(ctx, w.store, op, string(imp.ID), f, func(r Report) { cancel() }); err == nil {
		t.Fatal("a cancelled intake ends as if it were done")
	}
	var last chat.Message
	w.check(w.app.RunImport(t.Context(), imp, func(_ context.Context, m chat.Message) (int, error) { last = m; return 7, nil }))
	if got := plainText(last.Text); !strings.Contains(got, p.label("import.added", "count", w.words.In("lt").Number(1200))) {
		t.Errorf("the report after a kill:\n%s", got)
	}
	done, err := w.store.Imports.Get(t.Context(), imp.ID)
	w.check(err)
	var report Report
	if w.check(json.Unmarshal(done.Report, &report)); done.State != store.ImportDone || report.Added != 1200 {
		t.Errorf("ended as %s with %+v", done.State, report)
	}
}

func TestEveryComplaintHasWords(t *testing.T) {
	words, err := messages.Load("lt")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range messages.Languages() {
		for _, code := range importer.AllCodes() {
			text := ComplaintText(words.In(lang), importer.Complaint{Line: 12, Field: "isbn", Value: "<b>", Code: code, Fatal: true})
			if strings.Contains(text, "import.") || !strings.Contains(text, "12") || !strings.Contains(text, "<b>") {
				t.Errorf("%s, %s: %q", lang, code, text)
			}
		}
	}
}

func TestTheSampleIsRemovedButWhatIsUsedStays(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p := w.person("Lina", lang, store.RoleLibrarian)
		ctx := t.Context()
		_, ids, err := w.store.Titles.Put(ctx, w.op(), sampleSource, []store.Record{
			{Title: store.Title{Name: "Viena"}, Copies: []store.RecordCopy{{}}}, {Title: store.Title{Name: "Kita"}, Copies: []store.RecordCopy{{}}},
		})
		w.check(err)
		w.check(w.store.Rules.MarkSample(ctx, true))
		_, err = w.store.Holds.Place(ctx, w.op(), ids[0], p.member().ID, store.Place(store.MainLibrary))
		w.check(err)
		p.write("/staff").reads("staff.sample")
		p.press(p.label("staff.remove_sample")).reads("staff.ask_sample")
		p.press(p.label("staff.remove_yes")).reads("staff.sample_gone", "staff.sample_kept")
		if titles, _, err := w.store.Titles.Count(ctx); err != nil || titles != 1 {
			t.Errorf("%s: %d titles stay, %v", lang, titles, err)
		}
		if p.write("/staff"); strings.Contains(p.screen(), p.label("staff.remove_sample")) && p.said != "" &&
			strings.Contains(p.said, string(w.words.In(lang).HTML("staff.sample"))) {
			t.Errorf("%s: the sample is still offered", lang)
		}
	}
}

func TestARuleIsSetByTheValueOnItsButton(t *testing.T) {
	w := newWorld(t)
	p := w.person("Lina", "en", store.RoleLibrarian)
	p.write("/staff").press(p.label("staff.to_rules"))
	data, err := chat.Encode("ruleset", "loan", "31")
	w.check(err)
	p.pressData(101, data)
	p.pressData(101, data) // a double tap
	if b, err := w.store.Rules.Get(t.Context()); err != nil || b.LoanDays != 31 {
		t.Errorf("loan days %d, %v", b.LoanDays, err)
	}
	forged, err := chat.Encode("ruleset", "loan", "-5")
	w.check(err)
	p.pressData(101, forged)
	if b, err := w.store.Rules.Get(t.Context()); err != nil || b.LoanDays != 31 {
		t.Errorf("a forged button sets %d days, %v", b.LoanDays, err)
	}
}

func TestTheDeskTakesAHoldThroughItsLife(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := newWorld(t)
		p, reader, next := w.person("Lina", lang, store.RoleLibrarian), w.person("Asta", lang, store.RoleMember), w.person("Rasa", lang, store.RoleMember)
		ctx := t.Context()
		title := w.title("Etiketas", 1)
		h, err := w.store.Holds.Place(ctx, w.op(), title, reader.member().ID, store.Place(store.MainLibrary))
		w.check(err)
		_, err = w.store.Holds.Place(ctx, w.op(), title, next.member().ID, store.Place(store.MainLibrary))
		w.check(err)

		p.write("/desk").press(p.label("desk.list_allocated")).sees("Etiketas", "Asta").press("1. Etiketas")
		ready, err := chat.Encode("dact", string(h.ID), "ready")
		w.check(err)
		p.press(p.label("desk.ready")).sees(p.label("desk.state_ready"))
		if p.pressData(101, ready); p.toast != p.label("desk.stale") {
			t.Errorf("%s: a second tap: %q", lang, p.toast)
		}
		p.press(p.label("desk.collect")).sees(p.label("desk.state_collected"))
		loans, err := w.store.Holds.Loans(ctx, reader.member().ID)
		if w.check(err); len(loans) != 1 {
			t.Fatalf("%s: loans %+v", lang, loans)
		}
		p.write("/desk").press(p.label("desk.scan"))
		p.write("nesamas").sees("nesamas")
		p.write("Etiketas-0").press(p.label("desk.return")).reads("desk.next_waits").sees("Rasa")
		if h, err := w.store.Holds.Of(ctx, title, next.member().ID); err != nil || h.State != store.HoldAllocated {
			t.Errorf("%s: the next has %+v, %v", lang, h, err)
		}
		p.write("/stats").reads("stats.title")
	}
}
