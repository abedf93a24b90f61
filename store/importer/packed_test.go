package importer

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"versli/store"
)

// workbook makes an XLSX of rows.
func workbook(tb testing.TB, rows ...[]any) []byte {
	tb.Helper()
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	for i, r := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			tb.Fatal(err)
		}
		if err := book.SetSheetRow("Sheet1", cell, &r); err != nil {
			tb.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func zipped(tb testing.TB, name string, data []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for n, d := range map[string][]byte{"__MACOSX/x": nil, name: data} {
		w, err := z.Create(n)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write(d); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestWorkbook holds that an ISBN that a spreadsheet shows as 9.78E+12 is read with its digits, and that times and
// dates are read from a spreadsheet's numbers.
func TestWorkbook(t *testing.T) {
	books := workbook(t, []any{"Katalogas"}, []any{"Pavadinimas", "Autorius", "ISBN", "Metai"}, []any{"Mąstymas", "Daniel Kahneman", 9780306406157, 2012},
		[]any{}, []any{"", "A"})
	stops := workbook(t, []any{"Gyvenvietė", "Stotelė", "Atvyksta", "Išvyksta", "Taisyklė", "Pradžia"},
		[]any{"Salos", "Aikštė", 0.4375, "11:00", "FREQ=WEEKLY", 46268})
	for name, data := range map[string][]byte{"plain": books, "gzip": gzipped(t, books), "zip": zipped(t, "a.xlsx", books)} {
		f, err := Open(name, bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := readAll(t, f)
		if f.Format() != XLSX || len(r.records) != 1 || r.codes() != "title_missing!=1" || r.complaints[0].Line != 5 {
			t.Fatalf("%s: %s, %d records, %+v", name, f.Format(), len(r.records), r.complaints)
		}
		if b := r.records[0].Title; b.Name != "Mąstymas" || b.Year != 2012 || len(b.ISBNs) != 1 || b.ISBNs[0] != "9780306406157" {
			t.Errorf("%s: %+v", name, b)
		}
	}
	f, err := Open("stops", bytes.NewReader(stops))
	if err != nil {
		t.Fatal(err)
	}
	r := readAll(t, f)
	if len(r.stops) != 1 || r.stops[0].Arrival != 630 || r.stops[0].Start != "2026-09-03" {
		t.Errorf("%+v %+v", r.stops, r.complaints)
	}
}

func TestPackedTables(t *testing.T) {
	table := []byte("title\nMąstymas\n")
	for name, data := range map[string][]byte{"gzip": gzipped(t, table), "zip": zipped(t, "x.csv", table), "gzip in zip": zipped(t, "x.gz", gzipped(t, table))} {
		f, err := Open(name, bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r := readAll(t, f); len(r.records) != 1 {
			t.Errorf("%s: %d records", name, len(r.records))
		}
	}
	deep := zipped(t, "x.gz", gzipped(t, gzipped(t, gzipped(t, table))))
	if _, err := Open("deep", bytes.NewReader(deep)); err == nil {
		t.Error("an archive four deep was opened")
	}
}

// TestBrokenArchiveKeepsWhatWasRead cuts a packed file in its middle.
func TestBrokenArchiveKeepsWhatWasRead(t *testing.T) {
	var table bytes.Buffer
	table.WriteString("title\n")
	for i := range 50_000 {
		fmt.Fprintf(&table, "Knyga %d %x\n", i, i*7919)
	}
	whole := gzipped(t, table.Bytes())
	f, err := Open("x", bytes.NewReader(whole[:len(whole)/2]))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = f.Catalogue(t.Context(), func(store.Record) error { n++; return nil }, func(Complaint) {})
	if !errors.Is(err, io.ErrUnexpectedEOF) || n < 10_000 {
		t.Errorf("%v after %d records, want %v after thousands", err, n, io.ErrUnexpectedEOF)
	}
}

// TestBombIsDefused holds that an archive that expands without end is left at the bound.
func TestBombIsDefused(t *testing.T) {
	b := &bounded{r: strings.NewReader(strings.Repeat("x", 100)), left: 10}
	if _, err := io.ReadAll(b); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v, want %v", err, ErrTooLarge)
	}
}

func TestReadingEnds(t *testing.T) {
	open := func() *File {
		f, err := Open("x", strings.NewReader("title\nA\nB\n"))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	stop := errors.New("full")
	ignore := func(Complaint) {}
	if err := open().Catalogue(t.Context(), func(store.Record) error { return stop }, ignore); !errors.Is(err, stop) {
		t.Errorf("%v, want the error of take", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := open().Catalogue(ctx, func(store.Record) error { return nil }, ignore); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
	if err := open().Timetable(t.Context(), nil, ignore); !errors.Is(err, ErrWrongKind) {
		t.Errorf("%v, want %v", err, ErrWrongKind)
	}
}
