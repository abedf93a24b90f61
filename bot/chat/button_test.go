package chat

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	for _, c := range []struct {
		action string
		args   []string
		want   string // "" is refused
	}{
		{"menu", nil, "1|menu"},
		{"hold", []string{"t1a", "s2"}, "1|hold|t1a|s2"},
		{"page", []string{"", "3"}, "1|page||3"},
		{"say", []string{`a|b\c`}, `1|say|a\|b\\c`},
		{"", []string{"x"}, ""},
		{"fits", []string{strings.Repeat("x", MaxData-len("1|fits|"))}, "1|fits|" + strings.Repeat("x", MaxData-len("1|fits|"))},
		{"long", []string{strings.Repeat("x", MaxData)}, ""},
		{"letters", []string{strings.Repeat("ž", 30)}, ""}, // bytes count, not letters
		{"broken", []string{"\xff"}, "1|broken|\uFFFD"},
	} {
		got, err := Encode(c.action, c.args...)
		if got != c.want || errors.Is(err, ErrBadData) != (c.want == "") {
			t.Errorf("Encode(%q, %q) = %q, %v; want %q", c.action, c.args, got, err, c.want)
		}
	}
}

func TestDecodeRefusesWhatEncodeDoesNotWrite(t *testing.T) {
	for _, data := range []string{"", "1", "1|", "1||x", "2|menu", "menu", `1|menu\`, `1|me\nu`, "1|\xff", "1|" + strings.Repeat("x", MaxData)} {
		if action, args, err := Decode(data); !errors.Is(err, ErrBadData) {
			t.Errorf("Decode(%q) = %q, %q, %v", data, action, args, err)
		}
	}
}

func TestPressPanicsOnTextThatDoesNotFit(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Press("Taip", "say", strings.Repeat("x", MaxData))
}

// FuzzDecode holds that what can be read is what would be written: there is one form of each action, so that none can be
// forged to look like another.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"1|menu", "1|hold|t1a|s2", `1|say|a\|b\\c`, "1||", "2|menu", "1|page||", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		action, args, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(action, args...)
		if err != nil || again != data {
			t.Errorf("%q is read as %q %q, which is written %q, %v", data, action, args, again, err)
		}
	})
}

func FuzzEncode(f *testing.F) {
	f.Add("hold", "t1a", "s2")
	f.Add("say", "a|b", `\`)
	f.Add("page", "", "||\\\\")
	f.Fuzz(func(t *testing.T, action, a, b string) {
		for _, args := range [][]string{{}, {a}, {a, b}, {b, a, b, a}} {
			data, err := Encode(action, args...)
			if err != nil {
				continue
			}
			if len(data) > MaxData {
				t.Errorf("%q is too long", data)
			}
			gotAction, gotArgs, err := Decode(data)
			for i := range args {
				args[i] = letters(args[i])
			}
			if err != nil || gotAction != letters(action) || !slices.Equal(gotArgs, args) {
				t.Errorf("%q %q is written %q and read %q %q, %v", action, args, data, gotAction, gotArgs, err)
			}
		}
	})
}

// letters is a text with a mark in place of each byte that is no letter's.
func letters(s string) string { return string([]rune(s)) }
