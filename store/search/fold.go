package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters without a decomposition in Unicode, as catalogues transcribe them.
func foldSpecial(r rune) (string, bool) {
	switch r {
	case 'ł':
		return "l", true
	case 'đ', 'ð':
		return "d", true
	case 'ø':
		return "o", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ß':
		return "ss", true
	case 'þ':
		return "th", true
	case 'ı':
		return "i", true
	case 'ħ':
		return "h", true
	case 'ŋ':
		return "n", true
	case 'ŧ':
		return "t", true
	case 'ĸ':
		return "k", true
	case 'ə':
		return "e", true
	case 'ƒ':
		return "f", true
	}
	return "", false
}

// Fold gives the form in which texts are compared: lower case, without diacritics, ligatures apart. It is idempotent.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		foldRune(&b, r)
	}
	return b.String()
}

// plain tells whether s is its own fold for sure.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || 'A' <= s[i] && s[i] <= 'Z' {
			return false
		}
	}
	return true
}

func foldRune(b *strings.Builder, r rune) {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		b.WriteRune(r)
		return
	}
	r = unicode.ToLower(r)
	if s, ok := foldSpecial(r); ok {
		b.WriteString(s)
		return
	}
	var in [utf8.UTFMax]byte
	var out [64]byte
	d := norm.NFKD.Append(out[:0], in[:utf8.EncodeRune(in[:], r)]...)
	for len(d) > 0 {
		p, n := utf8.DecodeRune(d)
		d = d[n:]
		p = unicode.ToLower(p)
		if unicode.Is(unicode.Mn, p) {
			continue
		}
		if s, ok := foldSpecial(p); ok {
			b.WriteString(s)
			continue
		}
		b.WriteRune(p)
	}
}
