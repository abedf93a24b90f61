package telegram

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unit is the smallest piece of HTML that is never cut: a tag, an entity or a character.
type unit struct {
	raw   string
	tag   string // name; "" of text
	close bool
	width int // UTF-16 units that a person sees; 0 of a tag
	space bool
	line  bool
}

// units cuts HTML into its units. A '<' or '&' that begins no tag or entity is text.
func units(text string) []unit {
	var list []unit
	for text != "" {
		u := nextUnit(text)
		list = append(list, u)
		text = text[len(u.raw):]
	}
	return list
}

// entityForm is what Telegram takes for an entity (https://core.telegram.org/bots/api#html-style).
var entityForm = regexp.MustCompile(`^&(?:lt|gt|amp|quot|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});`)

func nextUnit(text string) unit {
	switch text[0] {
	case '<':
		if u, ok := tagUnit(text); ok {
			return u
		}
	case '&':
		if raw := entityForm.FindString(text); raw != "" {
			return textUnit(raw, html.UnescapeString(raw))
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return textUnit(text[:size], text[:size])
}

func tagUnit(text string) (unit, bool) {
	end := strings.IndexByte(text, '>')
	if end < 2 {
		return unit{}, false
	}
	u := unit{raw: text[:end+1]}
	name := text[1:end]
	name, u.close = strings.CutPrefix(name, "/")
	if i := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }); i >= 0 {
		if u.close || name[i] != ' ' {
			return unit{}, false
		}
		name = name[:i]
	}
	u.tag = name
	return u, name != "" && !strings.ContainsRune(u.raw[1:], '<')
}

func textUnit(raw, seen string) unit {
	u := unit{raw: raw, line: seen == "\n"}
	for _, r := range seen {
		u.space = unicode.IsSpace(r)
		u.width++
		if r > 0xFFFF {
			u.width++
		}
	}
	return u
}

// width is how long HTML is for Telegram: in UTF-16 units, without tags.
func width(text string) int {
	n := 0
	for _, u := range units(text) {
		n += u.width
	}
	return n
}

// stripTags is what a person sees of HTML.
func stripTags(text string) string {
	var b strings.Builder
	for _, u := range units(text) {
		if u.tag == "" {
			b.WriteString(html.UnescapeString(u.raw))
		}
	}
	return b.String()
}

// split cuts HTML into pieces of at most limit UTF-16 units each: between lines where that leaves the piece at least
// half full, else between words, else between characters; never inside a tag or an entity. Tags open at a cut are closed
// there and opened again after it. A piece that shows nothing is left out.
func split(text string, limit int) []string {
	if whole(text, limit) {
		return []string{text}
	}
	list := units(text)
	var (
		pieces []string
		open   []unit
	)
	for len(list) > 0 {
		n := cut(list, limit)
		var b strings.Builder
		for _, u := range open {
			b.WriteString(u.raw)
		}
		shows := false
		for _, u := range list[:n] {
			b.WriteString(u.raw)
			shows = shows || (u.tag == "" && !u.space)
			open = follow(open, u)
		}
		for _, u := range slices.Backward(open) {
			b.WriteString("</" + u.tag + ">")
		}
		if shows {
			pieces = append(pieces, b.String())
		}
		list = list[n:]
	}
	return pieces
}

// whole tells of a text that it is one piece as it is, without cutting it into units: UTF-8 has at least a byte for each UTF-16 unit.
func whole(text string, limit int) bool {
	if len(text) > limit {
		return false
	}
	var open []unit
	shows := false
	for text != "" {
		if text[0] == '<' {
			if u, ok := tagUnit(text); ok {
				open = follow(open, u)
				text = text[len(u.raw):]
				continue
			}
		}
		shows = shows || text[0] > ' ' && text[0] < utf8.RuneSelf
		text = text[1:]
	}
	return shows && len(open) == 0
}

// follow keeps track of the tags that are open after a unit.
func follow(open []unit, u unit) []unit {
	switch {
	case u.tag == "":
	case !u.close:
		return append(open, u)
	case len(open) > 0 && open[len(open)-1].tag == u.tag:
		return open[:len(open)-1]
	}
	return open
}

// cut is how many units go into the next piece.
func cut(list []unit, limit int) int {
	used, line, word, lineUsed := 0, 0, 0, 0
	for i, u := range list {
		if used+u.width > limit {
			switch {
			case line > 0 && lineUsed >= limit/2:
				return line
			case word > 0:
				return word
			}
			return max(i, 1)
		}
		used += u.width
		if u.line {
			line, lineUsed = i+1, used
		}
		if u.space {
			word = i + 1
		}
	}
	return len(list)
}
