package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold writes text as it is compared and sorted: lower case, without
// diacritics, with single spaces.
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case undecomposed(r) != "":
			b.WriteString(undecomposed(r))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// undecomposed spells letters that Unicode does not take apart into a base
// letter and a mark; "" for all others.
func undecomposed(r rune) string {
	switch r {
	case 'ł', 'Ł':
		return "l"
	case 'ø', 'Ø':
		return "o"
	case 'đ', 'Đ', 'ð', 'Ð':
		return "d"
	case 'ß', 'ẞ':
		return "ss"
	case 'æ', 'Æ':
		return "ae"
	case 'œ', 'Œ':
		return "oe"
	case 'þ', 'Þ':
		return "th"
	}
	return ""
}

// foldWords folds text and keeps its words of letters and digits only, with
// one space between.
func foldWords(text string) string {
	words := strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}
