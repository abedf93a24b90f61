package handlers

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestShort(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"Mąstymas, greitas ir lėtas", 100, "Mąstymas, greitas ir lėtas"},
		{"Mąstymas, greitas ir lėtas", 18, "Mąstymas, greitas…"},
		{"Mąstymas, greitas ir lėtas", 12, "Mąstymas…"},
		{"nebeprisikiškiakopūsteliaujantiesiems", 10, "nebeprisi…"},
		{"  du\n žodžiai ", 20, "du žodžiai"},
	} {
		if got := short(c.text, c.n); got != c.want {
			t.Errorf("short(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestShortIsNeverTooLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 50).Draw(t, "n")
		if got := short(rapid.String().Draw(t, "text"), n); utf8.RuneCountInString(got) > n {
			t.Fatalf("%q is longer than %d", got, n)
		}
	})
}

func TestWholeHoursAreSaidAsHours(t *testing.T) {
	for minutes, want := range map[int]string{1: "k 1", 30: "k 30", 59: "k 59", 60: "k_hours 1", 90: "k 90", 120: "k_hours 2", 0: "k 0"} {
		key, n := inHours("k", minutes)
		if got := fmt.Sprint(key, " ", n); got != want {
			t.Errorf("%d minutes: %s, want %s", minutes, got, want)
		}
	}
}
