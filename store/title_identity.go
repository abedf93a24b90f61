package store

import (
	"slices"
	"strconv"
	"strings"
)

// family groups the sources whose control numbers mean the same thing. A number
// of the sample says nothing about one of a real catalogue.
func family(source string) string {
	if len(source) > 1 && source[0] == 'i' && orderOf(source) > 0 {
		return "import"
	}
	return source
}

// identities lists under what a title is found when it is put again, in the
// order of trust: control number, ISBNs, and title, first author and year.
func identities(source string, t Title) []string {
	var keys []string
	if t.Control != "" {
		keys = append(keys, "control:"+family(source)+":"+t.Control)
	}
	for _, isbn := range t.ISBNs {
		keys = append(keys, "isbn:"+isbn)
	}
	return append(keys, workKey(t))
}

func workKey(t Title) string {
	author := ""
	if len(t.Authors) > 0 {
		author = foldWords(t.Authors[0])
	}
	return "work:" + strings.Join([]string{foldWords(t.Name + " " + t.Subtitle), author, strconv.Itoa(t.Year)}, unitSeparator)
}

// sameTitle tells whether a record found under an identity is the title found there.
// A control number counts only with something else in common, for two files may
// number their own books alike. Two records of one source with control numbers of
// their own are two titles. Two editions of one work with ISBNs of their own are two titles.
func sameTitle(identity, source string, have, record Title) bool {
	sameISBN := slices.ContainsFunc(record.ISBNs, func(isbn string) bool { return slices.Contains(have.ISBNs, isbn) })
	if strings.HasPrefix(identity, "control:") {
		return sameISBN || foldWords(have.Name) == foldWords(record.Name) || sharedAuthor(have, record)
	}
	if have.Source == source && have.Control != "" && record.Control != "" && have.Control != record.Control {
		return false
	}
	if strings.HasPrefix(identity, "isbn:") {
		return true
	}
	return sameISBN || len(have.ISBNs) == 0 || len(record.ISBNs) == 0
}

func sharedAuthor(a, b Title) bool {
	for _, x := range a.Authors {
		if slices.ContainsFunc(b.Authors, func(y string) bool { return foldWords(x) == foldWords(y) }) {
			return true
		}
	}
	return false
}

// merge writes what a record says over what is known; what it does not say
// stays. The source that added a title stays its source, but for the sample's.
func merge(have, record Title, source string) Title {
	merged := have
	text := func(to *string, from string) {
		if from != "" {
			*to = from
		}
	}
	list := func(to *[]string, from []string) {
		if len(from) > 0 {
			*to = from
		}
	}
	text(&merged.Name, record.Name)
	text(&merged.Subtitle, record.Subtitle)
	text(&merged.Series, record.Series)
	text(&merged.Publisher, record.Publisher)
	text(&merged.Language, record.Language)
	text(&merged.About, record.About)
	text((*string)(&merged.Topic), string(record.Topic))
	list(&merged.ISBNs, record.ISBNs)
	list(&merged.Authors, record.Authors)
	list(&merged.Subjects, record.Subjects)
	if record.Year != 0 {
		merged.Year = record.Year
	}
	if have.Source == SampleSource && source != SampleSource {
		merged.Source = source
	}
	if merged.Control == "" || merged.Source != have.Source {
		text(&merged.Control, record.Control)
	}
	return merged
}

// SampleSource is the source of everything in the embedded sample.
const SampleSource = "sample"
