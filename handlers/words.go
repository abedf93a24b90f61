package handlers

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// short cuts a text to at most n letters, at a word where there is one, and
// puts it on one line.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	letters := []rune(s)
	cut := string(letters[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/3 && letters[n-1] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:–-") + "…"
}

// tick is a label with the sign of what is on or off.
func tick(on bool, label string) string {
	if on {
		return "✅ " + label
	}
	return "▫️ " + label
}

// capital begins a label with a capital letter.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// inHours chooses between a text in minutes and the same in hours, under the
// key's name with "_hours": whole hours are said as such.
func inHours(key string, minutes int) (string, int) {
	if minutes > 0 && minutes%60 == 0 {
		return key + "_hours", minutes / 60
	}
	return key, minutes
}
