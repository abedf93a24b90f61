package handlers

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"versli/bot/chat"
	"versli/store"
	"versli/store/search"
)

const (
	searchPage = 6
	// lastOffset keeps a page's number within four digits of callback data.
	lastOffset = 9990
	// queryBytes is what a query may take of callback data, beside the longest
	// action, a title's identifier, the offset and the filters.
	queryBytes = 38
)

// finding is a question to the index as its buttons carry it: a search, a
// topic, or what is new. It is all in the callback data, so that a result
// page can be turned a year later.
type finding struct {
	text      string
	topic     store.Topic
	available bool
	van       bool
	newest    bool
	offset    int
}

// args writes a finding as arguments of a button.
func (f finding) args() []string {
	var flags strings.Builder
	for _, flag := range []struct {
		on     bool
		letter byte
	}{{f.available, 'a'}, {f.van, 'v'}, {f.newest, 'n'}, {f.topic != "", 't'}} {
		if flag.on {
			flags.WriteByte(flag.letter)
		}
	}
	subject := cutQuery(f.text)
	if f.topic != "" {
		subject = string(f.topic)
	}
	return []string{flags.String(), subject, strconv.Itoa(min(max(0, f.offset), lastOffset))}
}

// readFinding reads arguments; ok is false when they are no finding.
func readFinding(args []string) (f finding, ok bool) {
	if len(args) != 3 {
		return f, false
	}
	offset, err := strconv.Atoi(args[2])
	if err != nil || offset < 0 || offset > lastOffset {
		return f, false
	}
	f = finding{
		offset:    offset,
		available: strings.Contains(args[0], "a"),
		van:       strings.Contains(args[0], "v"),
		newest:    strings.Contains(args[0], "n"),
	}
	if strings.Contains(args[0], "t") {
		f.topic = store.Topic(args[1])
		return f, isTopic(f.topic)
	}
	f.text = cutQuery(args[1])
	return f, f.newest || searchable(f.text)
}

// query is the finding as the index is asked.
func (f finding) query() search.Query {
	return search.Query{
		Text: f.text, Topic: f.topic, Available: f.available, OnVan: f.van, Newest: f.newest,
		Offset: f.offset, Limit: searchPage,
	}
}

// button opens the finding's page.
func (f finding) button(label string) chat.Button { return chat.Press(label, "find", f.args()...) }

// first is the same finding from its first page on.
func (f finding) first() finding {
	f.offset = 0
	return f
}

// cutQuery makes what was typed fit a button: on one line, without diacritics
// where it is too long with them, and cut at a word where it is too long
// without. Search finds the same with and without diacritics.
func cutQuery(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, " ")), " ")
	if encodedLen(text) <= queryBytes {
		return text
	}
	text = strings.Join(strings.Fields(search.Fold(firstRunes(text, 4*queryBytes))), " ")
	end, size := 0, 0
	for i, r := range text {
		n := encodedLen(string(r))
		if size+n > queryBytes {
			if text[i] == ' ' {
				end = i
			}
			break
		}
		size += n
		switch {
		case i+utf8.RuneLen(r) == len(text):
			return text
		case r == ' ':
			end = i
		}
	}
	if end > 0 {
		return text[:end]
	}
	return cutHard(text)
}

// cutHard cuts a word that is too long.
func cutHard(word string) string {
	size := 0
	for i, r := range word {
		if size += encodedLen(string(r)); size > queryBytes {
			return word[:i]
		}
	}
	return word
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// encodedLen is how many bytes of callback data a text takes (chat.Encode escapes two characters).
func encodedLen(s string) int { return len(s) + strings.Count(s, "|") + strings.Count(s, `\`) }

// searchable tells whether there is anything to search for: a letter or a digit.
func searchable(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func isTopic(t store.Topic) bool { return slices.Contains(store.AllTopics(), t) }
