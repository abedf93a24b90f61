package importer

import (
	"errors"
	"slices"
	"strings"

	"versli/store"
)

// schema says where a MARC keeps what a title needs: tags, and after "$" the subfields in the order they are joined.
type schema struct {
	title, part, subtitle, isbn, language, publisher, year, series, subjects, about, classes string
	people                                                                                   []string
	copies                                                                                   []copyField
}

// copyField says where a field about a copy keeps its parts.
type copyField struct {
	tag                     string
	barcode, location, call string // codes, the first that is there counts
}

// marc21 follows MARC 21 Format for Bibliographic Data (loc.gov/marc/bibliographic), with the copies of Koha (952) and
// SirsiDynix (949, 999) beside the standard's own 852.
func marc21() schema {
	return schema{
		title: "245$a", part: "245$np", subtitle: "245$b", isbn: "020$a", language: "041$a", publisher: "264$b 260$b", year: "264$c 260$c",
		series: "490$a 440$a 830$a 800$t", subjects: "650$a 651$a 653$a 600$a 610$a", about: "520$a", classes: "080$a 082$a",
		people: []string{"100", "110", "111", "700"},
		copies: []copyField{{"852", "p", "bca", "h"}, {"952", "p", "ab", "o"}, {"949", "i", "m", ""}, {"999", "i", "m", "a"}},
	}
}

// unimarc follows the UNIMARC Manual, Bibliographic Format (IFLA), with 995 as French and Baltic systems use it.
func unimarcSchema() schema {
	return schema{
		title: "200$a", part: "200$hi", subtitle: "200$e", isbn: "010$a", language: "101$a", publisher: "214$c 210$c", year: "214$d 210$d",
		series: "225$a 410$t", subjects: "606$a 607$a 610$a 600$a", about: "330$a", classes: "675$a 676$a",
		people: []string{"700", "701", "710", "711"},
		copies: []copyField{{"995", "f", "cb", "k"}, {"852", "p", "bca", "jh"}},
	}
}

// record makes a title of a MARC record and notes its flaws.
func (r *marcRecord) record() store.Record {
	s, uni := marc21(), r.unimarc()
	if uni {
		s = unimarcSchema()
	}
	t := store.Title{
		Name: r.short(s.title, maxName), Subtitle: r.short(s.subtitle, maxName), Series: r.short(s.series, maxShort),
		Publisher: r.short(s.publisher, maxShort), About: r.short(s.about, maxAbout),
	}
	if t.Name == "" {
		r.flaw(s.title[:3], "", TitleMissing, true)
		return store.Record{}
	}
	if part := r.short(s.part, maxShort); part != "" {
		t.Name = t.Name + ". " + part
	}
	if id := clean(r.control("001")); id != "" {
		t.Control = id
		if of := clean(r.control("003")); of != "" && !uni {
			t.Control = "(" + of + ")" + id
		}
		t.Control, _ = cutRunes(t.Control, maxShort)
	}
	t.ISBNs = r.isbns(s.isbn)
	t.Year = r.year(s, uni)
	t.Language = r.language(s, uni)
	t.Authors = r.people(s, uni)
	t.Subjects = r.each(s.subjects, maxList)
	classes := r.each(s.classes, maxList)
	for _, c := range classes {
		if t.Topic == "" {
			t.Topic = topicOfClass(c)
		}
	}
	call := ""
	if len(classes) > 0 {
		call = classes[0]
	}
	for i := range t.Subjects {
		t.Subjects[i] = withoutDot(t.Subjects[i])
	}
	t.Name, t.Subtitle = withoutDot(t.Name), withoutDot(t.Subtitle)
	return store.Record{Title: t, Copies: r.copies(s, call), Line: r.number}
}

// each lists the values at a place such as "650$a 651$a", without ISBD's punctuation and without repeats.
func (r *marcRecord) each(place string, limit int) []string {
	var out []string
	for p := range strings.FieldsSeq(place) {
		tag, codes, _ := strings.Cut(p, "$")
		for _, f := range r.all(tag) {
			var parts []string
			for _, s := range f.subs {
				if strings.IndexByte(codes, s.code) >= 0 && s.value != "" {
					parts = append(parts, withoutISBD(s.value))
				}
			}
			v := strings.Join(parts, ", ")
			if v != "" && len(out) < limit && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// short gives the first value at a place, cut to n runes.
func (r *marcRecord) short(place string, n int) string {
	all := r.each(place, 1)
	if len(all) == 0 {
		return ""
	}
	s, cut := cutRunes(all[0], n)
	if cut {
		r.flaw(place[:3], s, ValueLong, false)
	}
	return s
}

// withoutISBD takes off the punctuation that ISBD puts between areas.
func withoutISBD(s string) string {
	s = clean(s)
	for {
		t := strings.TrimLeft(strings.TrimRight(s, " /:;=,"), " ,;")
		t = strings.TrimSuffix(t, " .")
		if t == s {
			return s
		}
		s = t
	}
}

func (r *marcRecord) isbns(place string) []string {
	var out []string
	for _, s := range r.each(place, maxList) {
		isbn, err := NormaliseISBN(s)
		switch {
		case errors.Is(err, ErrISBNLost):
			r.flaw(place[:3], s, ISBNLost, false)
		case err != nil:
			r.flaw(place[:3], s, ISBNInvalid, false)
		case !slices.Contains(out, isbn):
			out = append(out, isbn)
		}
	}
	return out
}

// year is the coded one (008/07–10; UNIMARC 100 $a 9–12), or else what the imprint says.
func (r *marcRecord) year(s schema, uni bool) int {
	coded := ""
	if uni {
		if all := r.all("100"); len(all) > 0 {
			coded = piece(all[0].sub('a'), 9, 13)
		}
	} else {
		coded = piece(r.control("008"), 7, 11)
	}
	if y, ok := parseYear(coded); ok && len(strings.Trim(coded, "0123456789")) == 0 && y > 999 {
		return y
	}
	said := r.short(s.year, maxShort)
	y, ok := parseYear(said)
	if said != "" && !ok {
		r.flaw(s.year[:3], said, YearInvalid, false)
	}
	return y
}

func (r *marcRecord) language(s schema, uni bool) string {
	if !uni {
		if code := languageCode(piece(r.control("008"), 35, 38)); code != "" {
			return code
		}
	}
	return languageCode(piece(r.short(s.language, maxShort), 0, 3))
}

// piece cuts a fixed field; "" where it is too short.
func piece(s string, from, to int) string {
	if len(s) < to {
		return ""
	}
	return s[from:to]
}

// people lists the authors as they are called.
func (r *marcRecord) people(s schema, uni bool) []string {
	var out []string
	for _, f := range r.all(s.people...) {
		name := withoutISBD(f.sub('a'))
		switch {
		case f.tag[1:] != "00" && f.tag != "701":
			name = withoutDot(name)
		case uni && f.sub('b') != "":
			name = withoutISBD(f.sub('b')) + " " + name
		default:
			name = upright(name)
		}
		name, _ = cutRunes(clean(name), maxShort)
		if name != "" && len(out) < maxList && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (r *marcRecord) copies(s schema, call string) []store.RecordCopy {
	var out []store.RecordCopy
	for _, c := range s.copies {
		for _, f := range r.all(c.tag) {
			x := store.RecordCopy{Barcode: f.first(c.barcode), Location: f.first(c.location), CallNumber: f.first(c.call)}
			if x.Barcode == "" && x.Location == "" || len(out) >= maxCopies {
				continue
			}
			if x.CallNumber == "" {
				x.CallNumber = call
			}
			out = append(out, x)
		}
		if len(out) > 0 {
			return out
		}
	}
	return out
}

// first gives the first of the subfields that is there.
func (f marcField) first(codes string) string {
	for i := range len(codes) {
		if v, _ := cutRunes(f.sub(codes[i]), maxShort); v != "" {
			return v
		}
	}
	return ""
}
