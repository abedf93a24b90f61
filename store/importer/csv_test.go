package importer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"versli/store"
)

// shared opens a file of the real data beside the checkout. Without it the test is skipped, in CI it fails.
func shared(tb testing.TB, parts ...string) *os.File {
	tb.Helper()
	f, err := os.Open(filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, parts...)...))
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the real data is away: %v", err)
		}
		tb.Skipf("the real data is away: %v", err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

// report is all that came of a file.
type report struct {
	records    []store.Record
	stops      []store.StopRecord
	complaints []Complaint
}

// codes counts complaints, as "code=3 code!=1", the fatal ones with a mark.
func (r report) codes() string {
	n := map[string]int{}
	for _, c := range r.complaints {
		k := string(c.Code)
		if c.Fatal {
			k += "!"
		}
		n[k]++
	}
	var out []string
	for k, v := range n {
		out = append(out, fmt.Sprintf("%s=%d", k, v))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func readAll(tb testing.TB, f *File) report {
	tb.Helper()
	var r report
	complain := func(c Complaint) { r.complaints = append(r.complaints, c) }
	var err error
	if f.Kind() == Timetable {
		err = f.Timetable(tb.Context(), func(s store.StopRecord) error { r.stops = append(r.stops, s); return nil }, complain)
	} else {
		err = f.Catalogue(tb.Context(), func(s store.Record) error { r.records = append(r.records, s); return nil }, complain)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func readText(tb testing.TB, text string) report {
	tb.Helper()
	f, err := Open("test.csv", strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return readAll(tb, f)
}

func TestGoodbooks(t *testing.T) {
	f, err := Open("goodbooks.csv", shared(t, "catalogue", "goodbooks-10k_books.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if f.Format() != CSV || f.Kind() != Catalogue || f.NamesCopies() {
		t.Errorf("format %s, kind %s, names copies %v", f.Format(), f.Kind(), f.NamesCopies())
	}
	r := readAll(t, f)
	if len(r.records) != 10000 {
		t.Errorf("%d records, want 10000", len(r.records))
	}
	if got := r.codes(); got != "isbn_invalid=24 isbn_lost=156" {
		t.Errorf("complaints %s", got)
	}
	first, second := r.records[0].Title, r.records[1].Title
	if first.Name != "The Hunger Games" || first.Series != "The Hunger Games, #1" || first.Year != 2008 || first.Language != "en" ||
		!slices.Equal(first.ISBNs, []string{"9780439023481"}) || !slices.Equal(first.Authors, []string{"Suzanne Collins"}) {
		t.Errorf("first title %+v", first)
	}
	if !slices.Equal(second.Authors, []string{"J.K. Rowling", "Mary GrandPré"}) {
		t.Errorf("authors %q", second.Authors)
	}
	oldest, with := 0, 0
	for _, x := range r.records {
		oldest = min(oldest, x.Title.Year)
		if len(x.Title.ISBNs) > 0 {
			with++
		}
	}
	if oldest != -1750 || with != 9277 {
		t.Errorf("oldest %d, %d with an ISBN", oldest, with)
	}
}

func TestTimetables(t *testing.T) {
	for name, want := range map[string]int{
		"east_riding_of_yorkshire": 158, "somerset": 126, "wiltshire": 347, "worcestershire": 210, "wrexham": 70,
	} {
		f, err := Open(name, shared(t, "timetable", name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		r := readAll(t, f)
		if f.Kind() != Timetable || len(r.stops) != want || len(r.complaints) > 0 {
			t.Errorf("%s: kind %s, %d stops of %d, %s", name, f.Kind(), len(r.stops), want, r.codes())
		}
		if s := r.stops[0]; name == "wrexham" && (s.Arrival != 9*60+20 || s.Route != "Route 2" || s.Start != "2019-01-15") {
			t.Errorf("first stop of Wrexham: %+v", s)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"": ErrEmpty, " \n\n": ErrEmpty, "a,b\n1,2\n": ErrNoHeader, "\x89PNG\r\n\x1a\n\x00\x00\x00": ErrUnknownFormat,
		"PK\x03\x04 nothing": ErrUnknownFormat, "\x1f\x8b nothing": ErrUnknownFormat,
	} {
		if _, err := Open("x", strings.NewReader(text)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

// TestCataloguesOfAllSorts reads one title from tables as different programs write them.
func TestCataloguesOfAllSorts(t *testing.T) {
	const utf8 = "Pavadinimas;Autorius;Metai\nĄžuolų šnarėjimas;Žemaitė;1999\n"
	baltic, err := charmap.Windows1257.NewEncoder().String(utf8)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(utf8, ";", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"utf-8": utf8, "bom": "\ufeff" + utf8, "windows-1257": baltic, "utf-16": wide,
		"tabs, crlf":    strings.NewReplacer(";", "\t", "\n", "\r\n").Replace(utf8),
		"report's name": "Fondo ataskaita\n2026-01-01\n\n" + utf8,
		"latvian":       "Nosaukums,Autors,Gads\nĄžuolų šnarėjimas,Žemaitė,[1999]\n",
		"english":       "\"Title\" , \"Author\",YEAR\n\"Ąžuolų\nšnarėjimas\",Žemaitė,1999 m.\n",
		"late letters":  "Pavadinimas;Autorius;Metai\n" + strings.Repeat("Abc;Def;2000\n", 9000) + utf8[strings.Index(utf8, "\n")+1:],
		"late baltic":   "Pavadinimas;Autorius;Metai\n" + strings.Repeat("Abc;Def;2000\n", 9000) + baltic[strings.Index(baltic, "\n")+1:],
	} {
		r := readText(t, text)
		if len(r.complaints) > 0 || len(r.records) == 0 {
			t.Errorf("%s: %d records, %s", name, len(r.records), r.codes())
			continue
		}
		got := r.records[len(r.records)-1].Title
		if got.Name != "Ąžuolų šnarėjimas" || got.Authors[0] != "Žemaitė" || got.Year != 1999 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestBrokenRowsKeepTheirNeighbours puts each broken row between two good ones.
func TestBrokenRowsKeepTheirNeighbours(t *testing.T) {
	for _, c := range []struct{ row, want string }{
		{`,nobody,1999`, "title_missing!=1"},
		{`"Atviras,A,1999`, "quote_open!=1"},
		{`Per daug,A,1999,dar`, "row_long!=1"},
		{`Trumpa,A`, "row_short=1"},
		{`Blogi metai,A,seniai`, "year_invalid=1"},
		{strings.Repeat("x", maxRow+5) + ",A,1999", "row_too_big!=1"},
		{strings.Repeat("x", maxName+5) + ",A,1999", "value_long=1"},
		{"\xff\xfe\xd0Sugadinta,A,1999", "encoding=1"},
		{"", ""},
		{",,", ""},
	} {
		r := readText(t, "title,author,year\nPirmoji ė,A,2000\n"+c.row+"\n\"Paskutinė, tikrai\",B,2001\n")
		n := len(r.records)
		if n < 2 || r.records[0].Title.Name != "Pirmoji ė" || r.records[n-1].Title.Name != "Paskutinė, tikrai" || r.codes() != c.want {
			t.Errorf("%.30q: %d records, %q, want %q", c.row, n, r.codes(), c.want)
		}
		if len(r.complaints) > 0 && r.complaints[0].Line != 3 {
			t.Errorf("%.30q: reported at line %d, want 3", c.row, r.complaints[0].Line)
		}
	}
}

func TestBrokenStopsKeepTheirNeighbours(t *testing.T) {
	const header = "route,community,stop,geox,geoy,arrival,departure,frequency,start,end,exceptions\n"
	const good = "A,Obeliai,Aikštė,25.8,55.94,9:20,10.00,FREQ=WEEKLY;INTERVAL=2,2026-09-03,,\n"
	for _, c := range []struct{ row, want string }{
		{"A,Salos,X,25,55,,10:00,FREQ=WEEKLY,2026-09-03,,", "time_missing!=1"},
		{"A,Salos,X,25,55,25:10,10:00,FREQ=WEEKLY,2026-09-03,,", "time_invalid!=1"},
		{"A,Salos,X,25,55,10:00,9:50,FREQ=WEEKLY,2026-09-03,,", "departure_before_arrival!=1"},
		{"A,Salos,X,25,55,9:00,9:50,kas savaitę,2026-09-03,,", "rule_invalid!=1"},
		{"A,Salos,X,25,55,9:00,9:50,FREQ=HOURLY,2026-09-03,,", "rule_invalid!=1"},
		{"A,Salos,X,25,55,9:00,9:50,,2026-09-03,,", "rule_missing!=1"},
		{"A,Salos,X,25,95,9:00,9:50,FREQ=WEEKLY,2026-09-03,,", "coordinate_invalid=1"},
		{"A,Salos,X,25,NaN,9:00,9:50,FREQ=WEEKLY,2026-09-03,,", "coordinate_invalid=1"},
		{"A,Salos,X,25,55,9:00,9:50,FREQ=WEEKLY,2026-02-30,,", "date_invalid!=1"},
		{"A,Salos,X,25,55,9:00,9:50,FREQ=WEEKLY,,,", "date_missing!=1"},
		{"A,Salos,X,25,55,9:00,9:50,FREQ=WEEKLY,2026-09-03,2026-01-01,", "end_before_start!=1"},
		{"A,Salos,X,25,55,9:00,9:50,FREQ=WEEKLY,2026-09-03,,kada nors", "date_invalid!=2"},
		{"A,,,25,55,9:00,9:50,FREQ=WEEKLY,2026-09-03,,", "stop_missing!=1"},
		{"A,Salos,X,25,55,9:00", "row_short!=1"},
	} {
		r := readText(t, header+good+c.row+"\n"+good)
		if len(r.stops) < 2 || r.codes() != c.want || r.complaints[0].Line != 3 {
			t.Errorf("%s: %d stops, %s, want %s", c.row, len(r.stops), r.codes(), c.want)
		}
	}
	r := readText(t, header+"A,Obeliai,Aikštė,,,9:20 AM,14.05 val.,RRULE:FREQ=MONTHLY;BYDAY=1FR,3.9.2026,2027/01/31,2026-12-24 2026.12.31\n")
	want := store.StopRecord{
		Route: "A", Community: "Obeliai", Name: "Aikštė", Arrival: 560, Departure: 845, Rule: "FREQ=MONTHLY;BYDAY=1FR",
		Start: "2026-09-03", End: "2027-01-31", Exceptions: []string{"2026-12-24", "2026-12-31"}, Line: 2,
	}
	if len(r.stops) != 1 || fmt.Sprint(r.stops[0]) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v", r.stops, want)
	}
}

func TestCopiesAndAuthors(t *testing.T) {
	r := readText(t, "pavadinimas;autoriai;barkodas;brūkšninis kodas;biblioteka;egz\n"+
		"Viena;Kahneman, Daniel;;B1;Juodupė;\nViena;Kahneman, Daniel;;B2;Obeliai;\nDvi;Covey, Stephen;;;;2\nTrys;Berne, Eric;;;;1 knyga\n")
	var b strings.Builder
	for _, x := range r.records {
		fmt.Fprintf(&b, "%s %q %v\n", x.Title.Name, x.Title.Authors, x.Copies)
	}
	got := b.String()
	const want = "Viena [\"Daniel Kahneman\"] [{B1  Juodupė} {B2  Obeliai}]\nDvi [\"Stephen Covey\"] [{  } {  }]\nTrys [\"Eric Berne\"] []\n"
	if got != want || r.codes() != "copies_invalid=1" {
		t.Errorf("got %s%s, want %s", got, r.codes(), want)
	}
}

func TestNormaliseISBN(t *testing.T) {
	for in, want := range map[string]string{
		"439023483": "9780439023481", "0-306-40615-2": "9780306406157", "978-0-306-40615-7": "9780306406157",
		"080442957X": "9780804429573", "ISBN 978 0 306 40615 7 (kietas)": "9780306406157", `="9780306406157"`: "9780306406157",
		"9780306406157.0": "9780306406157", "7491433": "9780007491438", "ISBN-13: 9780306406157": "9780306406157",
	} {
		if got, err := NormaliseISBN(in); got != want || err != nil {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]error{
		"9.78043902348e+12": ErrISBNLost, "9,78E+12": ErrISBNLost, "9780306406158": ErrISBNInvalid, "": ErrISBNInvalid, "123": ErrISBNInvalid,
		"B00ABCDEFG": ErrISBNInvalid, "9991234567890": ErrISBNInvalid,
	} {
		if got, err := NormaliseISBN(in); !errors.Is(err, want) {
			t.Errorf("%q: %q %v, want %v", in, got, err, want)
		}
	}
}
