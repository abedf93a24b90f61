package handlers

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"versli/bot/chat"
	"versli/store"
	"versli/store/importer"
)

// titleField is one field of a title that staff can change.
type titleField struct {
	name    string
	needed  bool   // it may not be empty
	labels  string // what the keys of its values' labels begin with, where it is chosen from a list
	choices func() []string
	read    func(store.Title) string
	// write takes a value as typed, "" to empty the field, and tells whether it can be; year is the present one.
	write func(t *store.Title, value string, year int) bool
}

// Bounds of what is typed, in letters.
const (
	longestTitle     = 300
	longestTitleText = 2000
	earliestYear     = 1450 // Gutenberg
)

// titleFields lists the fields in the order of the buttons.
func titleFields() []titleField {
	return []titleField{
		textField("name", longestTitle, true, func(t *store.Title) *string { return &t.Name }),
		textField("subtitle", longestTitle, false, func(t *store.Title) *string { return &t.Subtitle }),
		{name: "authors", choices: noChoices, read: func(t store.Title) string { return strings.Join(t.Authors, ", ") }, write: writeAuthors},
		{name: "year", choices: noChoices, read: yearText, write: writeYear},
		{
			name: "topic", labels: "topic.", choices: topicCodes, read: func(t store.Title) string { return string(t.Topic) },
			write: func(t *store.Title, value string, _ int) bool { t.Topic = store.Topic(value); return true },
		},
		{
			name: "language", labels: "tongue.", choices: tongueCodes, read: func(t store.Title) string { return t.Language },
			write: func(t *store.Title, value string, _ int) bool { t.Language = value; return true },
		},
		{name: "isbn", choices: noChoices, read: func(t store.Title) string { return strings.Join(t.ISBNs, ", ") }, write: writeISBN},
		textField("publisher", longestTitle, false, func(t *store.Title) *string { return &t.Publisher }),
		textField("about", longestTitleText, false, func(t *store.Title) *string { return &t.About }),
	}
}

// titleFieldOf finds one by its name.
func titleFieldOf(name string) (titleField, bool) {
	for _, f := range titleFields() {
		if f.name == name {
			return f, true
		}
	}
	return titleField{}, false
}

func noChoices() []string { return nil }

func topicCodes() []string {
	var names []string
	for _, t := range store.AllTopics() {
		names = append(names, string(t))
	}
	return names
}

// tongueCodes are the languages of books that we have words for (ISO 639-1).
func tongueCodes() []string { return []string{"lt", "lv", "en", "ru", "de", "pl", "fr"} }

func textField(name string, longest int, needed bool, of func(*store.Title) *string) titleField {
	return titleField{
		name: name, needed: needed, choices: noChoices,
		read: func(t store.Title) string { return *of(&t) },
		write: func(t *store.Title, value string, _ int) bool {
			value = strings.TrimSpace(strings.ToValidUTF8(value, ""))
			switch {
			case needed && !searchable(value):
				return false
			case utf8.RuneCountInString(value) > longest:
				return false
			}
			*of(t) = value
			return true
		},
	}
}

// writeAuthors takes names between commas or semicolons, or on lines of their own.
func writeAuthors(t *store.Title, value string, _ int) bool {
	if utf8.RuneCountInString(value) > longestTitle {
		return false
	}
	var authors []string
	for _, name := range typedList(value) {
		if !searchable(name) {
			return false
		}
		authors = append(authors, name)
	}
	t.Authors = authors
	return true
}

// typedField reads a field out of what a person typed, as a dialogue keeps it.
func (a *App) typedField(f titleField, r chat.Request) (value string, ok bool) {
	var t store.Title
	if r.Kind != chat.KindText || !f.write(&t, r.Text, a.local(a.Now()).Year()) {
		return "", false
	}
	return f.read(t), true
}

// typedList cuts a list as people type it.
func typedList(value string) []string {
	var list []string
	for part := range strings.FieldsFuncSeq(value, func(c rune) bool { return c == ',' || c == ';' || c == '\n' }) {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func yearText(t store.Title) string {
	if t.Year == 0 {
		return ""
	}
	return strconv.Itoa(t.Year)
}

func writeYear(t *store.Title, value string, year int) bool {
	if value == "" {
		t.Year = 0
		return true
	}
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || n < earliestYear || n > year+1 {
		return false
	}
	t.Year = n
	return true
}

// writeISBN takes one or more, as printed on books.
func writeISBN(t *store.Title, value string, _ int) bool {
	var isbns []string
	for _, text := range typedList(value) {
		isbn, err := importer.NormaliseISBN(text)
		if err != nil {
			return false
		}
		if !slices.Contains(isbns, isbn) {
			isbns = append(isbns, isbn)
		}
	}
	if len(isbns) == 0 && strings.TrimSpace(value) != "" {
		return false
	}
	t.ISBNs = isbns
	return true
}
