package importer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"versli/store"
)

// Bounds of a title's parts, in runes.
const (
	maxName  = 500
	maxShort = 200
	maxAbout = 4000
	maxList  = 40 // authors, subjects, copies of one row
)

// record makes a title of a row.
func (f *File) record(r row, complain func(Complaint)) (store.Record, bool) {
	if f.badWidth(r, colTitle, complain) {
		return store.Record{}, false
	}
	p := picker{f: f, row: r, complain: complain}
	t := store.Title{
		Name: p.text(colTitle, maxName), Subtitle: p.text(colSubtitle, maxName), Series: p.text(colSeries, maxShort),
		Publisher: p.text(colPublisher, maxShort), About: p.text(colAbout, maxAbout),
		Language: languageCode(p.text(colLanguage, maxShort)),
	}
	if t.Name == "" {
		t.Name = p.text(colOriginal, maxName)
	}
	if t.Name == "" {
		p.flaw(colTitle, "", TitleMissing, true)
		return store.Record{}, false
	}
	if name, series, ok := splitSeries(t.Name); ok && t.Series == "" {
		t.Name, t.Series = name, series
	}
	t.Authors = authors(p.text(colAuthors, maxAbout), f.columns.inverted)
	t.Subjects = list(p.text(colSubjects, maxAbout), ";|")
	t.ISBNs = p.isbns()
	t.Year = p.year()
	call := p.text(colCallNumber, maxShort)
	t.Topic = p.topic(call)
	if c := p.text(colControl, maxShort); c != "" {
		// The column's name is part of the number: two files may both count from 1.
		t.Control = key(f.columns.name(colControl)) + ":" + c
	}
	return store.Record{Title: t, Copies: p.copies(call), Line: r.line}, true
}

// badWidth complains of a row without its needed columns, and of one with more cells than the header.
func (f *File) badWidth(r row, needed column, complain func(Complaint)) bool {
	c := f.columns
	switch {
	case len(r.cells) > c.width && !blank(r.cells[c.width:]):
		complain(complaint(r.line, "", strings.Join(r.cells, " | "), RowLong, true))
		return true
	case len(r.cells) <= c.at[needed] && f.format == CSV:
		complain(complaint(r.line, c.name(needed), strings.Join(r.cells, " | "), RowShort, true))
		return true
	case len(r.cells) < c.width && f.format == CSV:
		complain(complaint(r.line, "", strings.Join(r.cells, " | "), RowShort, false))
	}
	return false
}

// picker takes the cells of one row and complains of them.
type picker struct {
	f        *File
	row      row
	complain func(Complaint)
}

func (p picker) flaw(c column, value string, code Code, fatal bool) {
	p.complain(complaint(p.row.line, p.f.columns.name(c), value, code, fatal))
}

// text gives a cell, cut to n runes.
func (p picker) text(c column, n int) string {
	s, cut := cutRunes(p.f.columns.get(p.row, c), n)
	if cut {
		p.flaw(c, s, ValueLong, false)
	}
	return s
}

// isbns reads both columns. That one is lost or wrong is told only where the other does not make up for it.
func (p picker) isbns() []string {
	var out []string
	type bad struct {
		column column
		value  string
		code   Code
	}
	var flaws []bad
	for _, c := range []column{colISBN, colISBN13} {
		for _, s := range list(p.text(c, maxAbout), ";,|") {
			isbn, err := NormaliseISBN(s)
			switch {
			case errors.Is(err, ErrISBNLost):
				flaws = append(flaws, bad{c, s, ISBNLost})
			case err != nil:
				flaws = append(flaws, bad{c, s, ISBNInvalid})
			case !slices.Contains(out, isbn):
				out = append(out, isbn)
			}
		}
	}
	if len(out) == 0 {
		for _, b := range flaws {
			p.flaw(b.column, b.value, b.code, false)
		}
	}
	return out
}

var (
	yearSigns = regexp.MustCompile(`^[^0-9-]*(-?[0-9]{1,4})(?:[^0-9].*)?$`)
	// yearVague is a year with a sign for each digit that is not known: 19--, 20xx, 199u, 198?.
	yearVague = regexp.MustCompile(`^[^0-9-]*-?[0-9]{1,3}[\pL?-]`)
)

// maxYear bounds what is taken for a year. A library of the twenty-second century raises it.
const maxYear = 2100

func (p picker) year() int {
	s := p.text(colYear, maxShort)
	if s == "" {
		return 0
	}
	y, ok := parseYear(s)
	if !ok {
		p.flaw(colYear, s, YearInvalid, false)
	}
	return y
}

// parseYear reads 2008, 2008.0, [2008], c2008, 2008 m., -750 (before our era).
func parseYear(s string) (int, bool) {
	m := yearSigns.FindStringSubmatch(s)
	if m == nil || yearVague.MatchString(s) {
		return 0, false
	}
	y, err := strconv.Atoi(m[1])
	if err != nil || y == 0 || y > maxYear || y < -4000 {
		return 0, false
	}
	return y, true
}

// topic reads the topic's column, or else the class in the call number.
func (p picker) topic(call string) store.Topic {
	s := p.text(colTopic, maxShort)
	if s == "" {
		return topicOfClass(call)
	}
	t, ok := topicNamed(s)
	if !ok {
		p.flaw(colTopic, s, TopicUnknown, false)
		return topicOfClass(call)
	}
	return t
}

// copies reads what the row says of copies: a number, or "Rokiškio biblioteka: 2; van: 1", at the row's location;
// barcodes one by one.
func (p picker) copies(call string) []store.RecordCopy {
	place, barcodes := p.text(colLocation, maxShort), list(p.text(colBarcode, maxAbout), ";,|")
	said := p.text(colCopies, maxShort)
	var out []store.RecordCopy
	for _, b := range barcodes {
		out = append(out, store.RecordCopy{Barcode: b, CallNumber: call, Location: place})
	}
	switch {
	case len(out) > 0:
		return out
	case said == "" && place == "":
		return nil
	case said == "":
		return []store.RecordCopy{{CallNumber: call, Location: place}}
	}
	for _, part := range list(said, ";") {
		at, count := place, part
		if i := strings.LastIndexAny(part, ":="); i >= 0 {
			at, count = clean(part[:i]), clean(part[i+1:])
		}
		n, err := strconv.Atoi(strings.TrimSuffix(count, ".0"))
		if err != nil || n < 0 || n > maxCopies {
			p.flaw(colCopies, part, CopiesInvalid, false)
			continue
		}
		for range n {
			out = append(out, store.RecordCopy{CallNumber: call, Location: at})
		}
	}
	return out
}

// maxCopies bounds the copies of one title in one place.
const maxCopies = 500

// splitSeries takes "The Hunger Games (The Hunger Games, #1)" apart.
func splitSeries(s string) (name, series string, ok bool) {
	at := strings.LastIndex(s, " (")
	if at <= 0 || !strings.HasSuffix(s, ")") || !strings.Contains(s[at:], "#") {
		return s, "", false
	}
	return s[:at], s[at+2 : len(s)-1], true
}

// list cuts at any of the signs, without empty parts.
func list(s, signs string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(signs, r) }) {
		if part = clean(part); part != "" && len(out) < maxList {
			out = append(out, part)
		}
	}
	return out
}

// authors reads a cell of names. Semicolons part people who may stand as "Kahneman, Daniel"; commas alone part people,
// unless the file is known to write inverted names.
func authors(s string, inverted bool) []string {
	if !strings.ContainsAny(s, ";|") && !inverted {
		return list(s, ",")
	}
	out := list(s, ";|")
	for i, name := range out {
		out[i] = upright(name)
	}
	return out
}

// upright turns "Kahneman, Daniel, 1934-" into "Daniel Kahneman". What follows the given name, dates and titles, is
// left out.
func upright(name string) string {
	surname, given, ok := strings.Cut(name, ",")
	given, _, _ = strings.Cut(given, ",")
	if given = withoutDot(clean(given)); !ok || given == "" || strings.ContainsAny(given, "0123456789") {
		return withoutDot(clean(surname))
	}
	return clean(given + " " + clean(surname))
}

// withoutDot takes off a full stop at the end, unless it belongs to an initial or an abbreviation.
func withoutDot(s string) string {
	t, ok := strings.CutSuffix(s, ".")
	last := t[strings.LastIndexAny(t, " .")+1:]
	if !ok || utf8.RuneCountInString(last) <= 2 || strings.HasSuffix(t, ".") || strings.Contains(t, ".") {
		return s
	}
	return t
}

// merger joins rows that follow each other and describe copies of one title.
type merger struct {
	take func(store.Record) error
	last store.Record
	full bool
}

func (m *merger) put(r store.Record) error {
	if m.full && len(r.Copies) > 0 && len(m.last.Copies) > 0 && len(m.last.Copies) < maxCopies && sameTitle(m.last.Title, r.Title) {
		m.last.Copies = append(m.last.Copies, r.Copies...)
		return nil
	}
	if err := m.flush(); err != nil {
		return err
	}
	m.last, m.full = r, true
	return nil
}

func (m *merger) flush() error {
	if !m.full {
		return nil
	}
	m.full = false
	if err := m.take(m.last); err != nil {
		return fmt.Errorf("take line %d: %w", m.last.Line, err)
	}
	return nil
}

func sameTitle(a, b store.Title) bool {
	return a.Control == b.Control && slices.Equal(a.ISBNs, b.ISBNs) && a.Name == b.Name && a.Subtitle == b.Subtitle &&
		a.Year == b.Year && slices.Equal(a.Authors, b.Authors)
}
