package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWord bounds a word in bytes; what is longer is no word of any language, and is cut.
const maxWord = 64

// words splits a text into folded words: runs of letters and digits. An apostrophe within a word is left out
// ("don't" is "dont"), since people type it or not.
func words(s string) []string {
	f := Fold(s)
	var out []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range f {
		switch {
		case r == utf8.RuneError:
			flush()
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			if b.Len() < maxWord {
				b.WriteRune(r)
			}
		case isApostrophe(r):
		default:
			flush()
		}
	}
	flush()
	return out
}

// shownWords splits a text as words does, but keeps each word as it is written.
func shownWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !isApostrophe(r)
	})
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', 'ʼ', 'ʻ', '`', '´':
		return true
	}
	return false
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }

// compact leaves only the letters and digits of folded words.
func compact(ws []string) string { return strings.Join(ws, "") }

// isNoise tells the words that people put around what they look for. They count for the order of results, but a
// title need not have them.
func isNoise(w string) bool {
	switch w {
	case "ir", "apie", "kaip", "del", "su", "be", "knyga", "knygos", "knygu", "noriu", "ieskau", "autorius",
		"un", "par", "ka", "ar", "gramata", "gramatas", "gribu", "mekleju", "autors",
		"the", "a", "an", "of", "and", "or", "in", "on", "to", "for", "by", "about", "book", "books":
		return true
	}
	return false
}
