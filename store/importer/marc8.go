package importer

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// ansel is the Extended Latin set of MARC-8 from 0xA1 on, ANSI/NISO Z39.47 (loc.gov/marc/specifications/codetables.xml,
// set 45). Those of 0xE0 and above stand before the letter that they change. A space is a place without a letter.
const ansel = "ŁØĐÞÆŒʹ·♭®±ƠƯʼ ʻłøđþæœʺı£ð ơư  °ℓ℗©♯¿¡ß€                       " +
	"\u0309\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030c\u030a\ufe20\ufe21\u0315\u030b\u0310" +
	"\u0327\u0328\u0323\u0324\u0325\u0333\u0332\u0326\u031c\u032e\ufe22\ufe23  \u0313"

// cyrillic is the Basic Cyrillic set from 0x40 on (code table, set 4E).
const cyrillic = "юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧ"

// iso5426 is the Extended Latin set of UNIMARC from 0xA1 on (ISO 5426:1983); 0xC0 to 0xDF stand before their letter.
const iso5426 = "¡„£$¥†§′‘“«♭©℗®ʻʼ‚   ‡·″’”»♯ʹʺ¿" +
	"\u0309\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0308\u030a\u0315\u0312\u030b\u031b\u030c" +
	"\u0327\u031c\u0326\u0328\u0325\u032e\u0323\u0324\u0332\u0333\u0329\u032d \ufe20\ufe21 " +
	" ÆĐ   Ĳ ŁØŒ Þ    æđð ıĳ łøœßþ  "

// marc8 is the state of decoding: what the left half of the code table holds, and the marks that wait for a letter.
type marc8 struct {
	out    strings.Builder
	marks  strings.Builder
	right  []rune
	g0     byte
	unread bool // a set that is not known here
}

// decodeMARC8 turns MARC-8 into UTF-8: ASCII, Extended Latin, Basic Cyrillic, and the sub- and superscripts as plain
// digits. ok is false where a set is not known; its letters are left out.
func decodeMARC8(b []byte) (s string, ok bool) {
	m := marc8{right: []rune(ansel), g0: 'B'}
	for len(b) > 0 {
		if b[0] == 0x1b {
			b = m.escape(b[1:])
			continue
		}
		m.letter(b[0])
		b = b[1:]
	}
	m.out.WriteString(m.marks.String())
	return norm.NFC.String(m.out.String()), !m.unread
}

// escape reads the rest of an escape sequence, and tells what follows it.
func (m *marc8) escape(b []byte) []byte {
	if len(b) == 0 {
		m.unread = true
		return b
	}
	switch b[0] {
	case 's', 'b', 'p', 'g':
		m.g0 = b[0]
		if b[0] != 'g' {
			m.g0 = 'B'
		}
		return b[1:]
	case '(', ',', ')', '-', '$':
		left := b[0] == '(' || b[0] == ',' || b[0] == '$'
		n := 1
		for n < len(b) && strings.IndexByte("()-,$!", b[n]) >= 0 {
			left = left && b[n] != ')' && b[n] != '-'
			n++
		}
		if n == len(b) {
			m.unread = true
			return nil
		}
		m.designate(left, b[n])
		return b[n+1:]
	}
	m.unread = true
	return b
}

func (m *marc8) designate(left bool, set byte) {
	switch {
	case left:
		m.g0 = set
	case set == 'E':
		m.right = []rune(ansel)
	default:
		m.right = nil
	}
}

func (m *marc8) letter(c byte) {
	switch {
	case c < 0x20:
		m.put(' ')
	case c >= 0xa1:
		if i := int(c - 0xa1); i < len(m.right) && m.right[i] != ' ' {
			m.right8(m.right[i], c >= 0xe0)
			return
		}
		m.unread = true
	case c >= 0x80:
	case c == ' ' || m.g0 == 'B':
		m.put(rune(c))
	case m.g0 == 'N' && c >= 0x40:
		if r := []rune(cyrillic); int(c-0x40) < len(r) {
			m.put(r[c-0x40])
		}
	case m.g0 == 'N':
		m.put(rune(c))
	default:
		m.unread = true
	}
}

// right8 takes a letter of the right half; a mark waits for the letter that follows.
func (m *marc8) right8(r rune, mark bool) {
	if mark {
		m.marks.WriteRune(r)
		return
	}
	m.put(r)
}

func (m *marc8) put(r rune) {
	m.out.WriteRune(r)
	m.out.WriteString(m.marks.String())
	m.marks.Reset()
}

// decodeISO5426 turns ISO 646 with ISO 5426 into UTF-8.
func decodeISO5426(b []byte) (s string, ok bool) {
	m := marc8{right: []rune(iso5426), g0: 'B'}
	for _, c := range b {
		switch i := int(c) - 0xa1; {
		case c < 0x80:
			m.put(rune(c))
		case i >= 0 && i < len(m.right) && m.right[i] != ' ':
			m.right8(m.right[i], c >= 0xc0 && c < 0xe0)
		case c != 0x88 && c != 0x89: // marks around an article that does not sort
			m.unread = true
		}
	}
	m.out.WriteString(m.marks.String())
	return norm.NFC.String(m.out.String()), !m.unread
}

// unimarcCharset reads the codes of the character sets in 100 $a; 50 is Unicode, 01 and 03 are ISO 646 and ISO 5426.
// What names no Latin set, and reads as Russian in code page 866, is that; it is common in files from older programs.
func (r *marcRecord) unimarcCharset(coded []byte, raw []rawField) func([]byte) string {
	flawed := false
	flaw := func(s string) {
		if !flawed {
			flawed = true
			r.flaw("", s, Encoding, false)
		}
	}
	at := 4 + 26 // two indicators, the mark and the code of $a
	sets := ""
	if len(coded) >= at+4 {
		sets = string(coded[at : at+4])
	}
	if strings.HasPrefix(sets, "50") {
		return func(b []byte) string {
			if !utf8.Valid(b) {
				flaw(string(b))
			}
			return strings.ToValidUTF8(string(b), "?")
		}
	}
	if !strings.HasPrefix(sets, "01") && readsAsRussian(raw) {
		return func(b []byte) string {
			out, err := charmap.CodePage866.NewDecoder().Bytes(b)
			if err != nil {
				flaw(string(b))
			}
			return string(out)
		}
	}
	return func(b []byte) string {
		s, ok := decodeISO5426(b)
		if !ok {
			flaw(s)
		}
		return s
	}
}

// readsAsRussian tells whether nearly all letters beyond ASCII are Cyrillic ones of code page 866.
func readsAsRussian(raw []rawField) bool {
	letters, all := 0, 0
	for _, f := range raw {
		for _, c := range f.data {
			if c < 0x80 {
				continue
			}
			all++
			if c < 0xb0 || 0xe0 <= c && c <= 0xf1 {
				letters++
			}
		}
	}
	return all > 0 && letters*20 >= all*19
}
