package importer

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"versli/store"
)

// TestMalformed pins what comes of the broken files of pymarc and ruby-marc: how many records are taken, and what is
// said of them ("!" marks a record that was not taken).
func TestMalformed(t *testing.T) {
	for name, want := range map[string]struct {
		taken int
		codes string
		first string
	}{
		"alphatag.dat":                 {1, "", "Chemistry experiments for children"},
		"bad_indicator.dat":            {1, "tag=1", "Aristocrats of color"},
		"bad_marc8_escape.dat":         {1, "encoding=1", "Bulletin de la Société linnenne de Bordeaux"},
		"bad_records.mrc":              {7, "directory=2 leader=1 title_missing!=1", "The pragmatic programmer"},
		"bad_subfield_code.dat":        {1, "directory=1 subfield_code=1", "ActivePerl with ASP and ADO"},
		"bad_tag.xml":                  {1, "leader=1 tag=1", "The Untamed"},
		"cp866_unimarc.marc":           {0, "directory=1 indicator=8 title_missing!=1", ""},
		"marc_with_bad_utf8.utf8.marc": {1, "directory=1", "Ten years at NIH"},
		"messed_up_leader.xml":         {1, "", "Applied ecotoxicology"},
		"non-numeric.dat":              {1, "", "A new kind of history, and other essays"},
		"random_tag_order.dat":         {1, "", "Blonde on blonde"},
		"three-records-second-bad.xml": {2, "xml_broken!=1", "The Texas ranger"},
		"utf8_errors.dat":              {1, "", "[Imperial military middle school, Ṣanʻāʾ]"},
		"utf8_invalid.mrc":             {1, "subfield_code=1", "The coming revolution in teacher licensure"},
		"utf8_with_bad_bytes.marc":     {1, "encoding=1", "Photčhanānukrom Čhin Klāng-TǣčhiuʻAngkrit-Thai /bad bytes => ?( <"},
		"utf8_without_leader_flag.dat": {1, "", "Escape from loneliness"},
	} {
		f, err := Open(name, shared(t, "malformed", name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := readAll(t, f)
		first := ""
		if len(r.records) > 0 {
			first = r.records[0].Title.Name
		}
		if len(r.records) != want.taken || r.codes() != want.codes || first != want.first {
			t.Errorf("%s: {%d, %q, %q}, want %+v", name, len(r.records), r.codes(), first, want)
		}
	}
}

func TestRealMARC(t *testing.T) {
	for _, c := range []struct {
		file   string
		format Format
		taken  int
		first  store.Title
		copies int
	}{
		{"jazz_1k.mrc", MARC21, 1000, store.Title{
			Control: "03-0018137", Name: "Friendly fire", Publisher: "Blue Note", Year: 1999, Language: "en",
			Authors:  []string{"Joe Lovano", "Greg Osby", "Jason Moran", "Cameron Brown", "Idris Muhammad"},
			Subjects: []string{"Saxophone with jazz ensemble"},
		}, 1},
		{"unimarc.mrc", UNIMARC, 1, store.Title{
			Control: `IT\ICCU\ANA\0019370`, ISBNs: []string{"9788804406822"}, Name: "L'altra faccia della spirale",
			Authors: []string{"Isaac Asimov"}, Publisher: "A. Mondadori", Year: 1996, Language: "it",
		}, 0},
	} {
		f, err := Open(c.file, shared(t, "catalogue", c.file))
		if err != nil {
			t.Fatal(err)
		}
		r := readAll(t, f)
		if f.Format() != c.format || len(r.records) != c.taken || len(r.complaints) != 0 {
			t.Errorf("%s: %s, %d records, %s", c.file, f.Format(), len(r.records), r.codes())
		}
		got := r.records[0]
		got.Title.Series = ""
		if fmt.Sprintf("%+v", got.Title) != fmt.Sprintf("%+v", c.first) || len(got.Copies) != c.copies {
			t.Errorf("%s: first %+v", c.file, got)
		}
	}
}

// isoRecord makes a record of ISO 2709 with a title.
func isoRecord(title string) string {
	field := "00\x1fa" + title + "\x1e"
	base := leaderLength + entryLength + 1
	return fmt.Sprintf("%05dnam  22%05d   4500", base+len(field)+1, base) + fmt.Sprintf("245%04d%05d\x1e", len(field), 0) + field + "\x1d"
}

// TestBrokenRecordKeepsItsNeighbours damages the middle of three records in every way that files are damaged.
func TestBrokenRecordKeepsItsNeighbours(t *testing.T) {
	a, b, c := isoRecord("Pirmas"), isoRecord("Antras"), isoRecord("Trečias")
	for name, middle := range map[string]string{
		"no terminator":   strings.TrimSuffix(b, "\x1d"),
		"two of them":     strings.TrimSuffix(b, "\x1d") + strings.TrimSuffix(b, "\x1d"),
		"broken off":      b[:len(b)-5],
		"half a leader":   b[:12],
		"wrong length":    "99999" + b[5:],
		"letters":         "abcde" + b[5:],
		"wrong base":      b[:12] + "99999" + b[17:],
		"empty":           "\x1d",
		"only terminator": "\x1e\x1d",
		"blank lines":     "\r\n\r\n",
		"short directory": b[:26] + b[30:],
		"huge":            "00000" + b[5:40] + strings.Repeat("x", maxRow+10) + "\x1e\x1d",
		"field lengths":   b[:27] + "0999" + b[31:],
	} {
		f, err := Open(name, strings.NewReader(a+middle+c))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := readAll(t, f)
		n := len(r.records)
		if n < 2 || r.records[0].Title.Name != "Pirmas" || r.records[n-1].Title.Name != "Trečias" {
			t.Errorf("%s: %d records, %s", name, n, r.codes())
		}
	}
}

func TestDecodeMARC8AndISO5426(t *testing.T) {
	for _, c := range []struct {
		decode   func([]byte) (string, bool)
		in, want string
	}{
		{decodeMARC8, "\xe9Siauliai \xf1a \xe9c \xf1e \xe7e \xf1i \xe9s \xf1u \xe5u \xe9z", "Šiauliai ą č ę ė į š ų ū ž"},
		{decodeMARC8, "\xe5a \xe5e \xe5i \xf0g \xf0k \xf0l \xf0n R\xe5iga", "ā ē ī ģ ķ ļ ņ Rīga"},
		{decodeMARC8, "\xb1\xa1\xb2\xa2\xb5\xa5\xb6\xa6\xb3\xa3\xc7", "łŁøØæÆœŒđĐß"},
		{decodeMARC8, "H\x1bb2\x1bsO", "H2O"},
		{decodeMARC8, "\x1b(NrUSSKIJ\x1b(B ok", "Русский ok"},
		{decodeISO5426, "\xcfSiauliai \xd3a \xc7e \xc5u \xf8\xe8\xfb", "Šiauliai ą ė ū łŁß"},
	} {
		if got, ok := c.decode([]byte(c.in)); got != c.want || !ok {
			t.Errorf("%q: %q %v, want %q", c.in, got, ok, c.want)
		}
	}
}

// TestMARC8 compares line by line with pymarc's table of what must come out, for the sets that are known here.
func TestMARC8(t *testing.T) {
	in, want := bufio.NewScanner(shared(t, "catalogue", "test_marc8.txt")), bufio.NewScanner(shared(t, "catalogue", "test_utf8.txt"))
	lines, known := 0, 0
	for in.Scan() && want.Scan() {
		lines++
		got, ok := decodeMARC8(in.Bytes())
		if !ok {
			continue
		}
		known++
		if strings.TrimSpace(got) != strings.TrimSpace(norm.NFC.String(want.Text())) {
			t.Errorf("line %d: %q, want %q", lines, got, want.Text())
		}
	}
	if known < 58 {
		t.Errorf("%d of %d lines are of known sets, 58 were", known, lines)
	}
}
