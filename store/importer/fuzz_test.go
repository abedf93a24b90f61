package importer

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"unicode/utf8"

	"versli/store"
)

// fuzzRead opens and reads anything: it may be refused, it may not panic, and what is taken is sound.
func fuzzRead(t *testing.T, data []byte) {
	t.Helper()
	f, err := Open("fuzz", bytes.NewReader(data))
	if err != nil {
		return
	}
	complain := func(c Complaint) {
		if !slices.Contains(AllCodes(), c.Code) || !utf8.ValidString(c.Value) || utf8.RuneCountInString(c.Value) > maxShown || c.Line < 1 {
			t.Fatalf("complaint %+v", c)
		}
	}
	err = f.Catalogue(t.Context(), func(r store.Record) error {
		if r.Title.Name == "" || !utf8.ValidString(r.Title.Name) || r.Line < 1 {
			t.Fatalf("record %+v", r)
		}
		for _, isbn := range r.Title.ISBNs {
			if again, err := NormaliseISBN(isbn); err != nil || again != isbn {
				t.Fatalf("isbn %q", isbn)
			}
		}
		return nil
	}, complain)
	if !errors.Is(err, ErrWrongKind) {
		return
	}
	_ = f.Timetable(t.Context(), func(s store.StopRecord) error {
		if s.Name == "" || s.Departure <= s.Arrival || s.Departure >= 24*60 || s.Start == "" || s.Rule == "" {
			t.Fatalf("stop %+v", s)
		}
		return nil
	}, complain)
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("title,author,isbn\n\"A, b\",C,9780306406157\n\"open,D,\nE,F,9.78e+12\n"))
	f.Add([]byte("pavadinimas;metai;egz\nŠ;2008.0;1; X: 2\n"))
	f.Add([]byte("stop,arrival,departure,frequency,start,exceptions\nX,9:20,10.00,FREQ=WEEKLY;INTERVAL=2,2026-09-03,2026-12-24\n"))
	f.Fuzz(fuzzRead)
}

func FuzzMARC(f *testing.F) {
	f.Add([]byte(isoRecord("A") + isoRecord("\xe9S\x1b(Nr")))
	f.Add([]byte("00127     2200037   4500200000900000\x1e  \x1faX\x1fbY\x1e\x1d"))
	f.Add([]byte(`<collection><m:record xmlns:m="x"><leader>0</leader><datafield tag="245"><subfield code="a">A</subfield></datafield></m:record><record>`))
	f.Fuzz(fuzzRead)
}

func FuzzXLSX(f *testing.F) {
	f.Add(workbook(f, []any{"title", "isbn"}, []any{"A", 9780306406157}))
	f.Add(zipped(f, "x.csv", []byte("title\nA\n")))
	f.Add(gzipped(f, []byte("title\nA\n")))
	f.Fuzz(fuzzRead)
}

func FuzzNormaliseISBN(f *testing.F) {
	f.Add("978-0-306-40615-7")
	f.Add("439023483")
	f.Fuzz(func(t *testing.T, s string) {
		isbn, err := NormaliseISBN(s)
		if err == nil && (len(isbn) != 13 || !validISBN13(isbn)) {
			t.Fatalf("%q gave %q", s, isbn)
		}
	})
}
