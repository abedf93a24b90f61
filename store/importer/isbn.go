package importer

import (
	"errors"
	"regexp"
	"strings"
)

// What may be wrong with an ISBN.
var (
	ErrISBNLost    = errors.New("the isbn's last digits are lost: a spreadsheet wrote it as a rounded number")
	ErrISBNInvalid = errors.New("no valid isbn")
)

var (
	floatISBN = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE]\+?[0-9]+$`)
	wholeISBN = regexp.MustCompile(`^([0-9]{5,13})\.0+$`)
	isbnSigns = regexp.MustCompile(`^[0-9](?:[- \x{2010}-\x{2015}]?[0-9]){3,12}(?:[- \x{2010}-\x{2015}]?[xX])?`)
)

// shortestCut is how short an ISBN-10 may be that a spreadsheet has cut of its leading zeros.
const shortestCut = 6

// NormaliseISBN gives the ISBN-13, digits only, of an ISBN-10 or ISBN-13 as people and files write it: with hyphens, a
// note behind, or leading zeros lost where the check digit proves it. Rules of the ISBN Users' Manual, 7th edition.
// ErrISBNLost for 9.78043902348e+12, else ErrISBNInvalid.
func NormaliseISBN(s string) (string, error) {
	s = strings.Trim(clean(s), `="' `)
	if floatISBN.MatchString(s) {
		return "", ErrISBNLost
	}
	if m := wholeISBN.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if len(s) > 4 && strings.EqualFold(s[:4], "isbn") {
		s = strings.TrimLeft(s[4:], ":- 	")
		for _, p := range []string{"13:", "10:", "13 ", "10 "} {
			s = strings.TrimLeft(strings.TrimPrefix(s, p), " ")
		}
	}
	digits := digitsOf(isbnSigns.FindString(s))
	switch n := len(digits); {
	case n == 13 && validISBN13(digits):
		return digits, nil
	case n >= shortestCut && n <= 10:
		if ten := strings.Repeat("0", 10-n) + digits; validISBN10(ten) {
			body := "978" + ten[:9]
			return body + string(checkISBN13(body)), nil
		}
	}
	return "", ErrISBNInvalid
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return r
		case r == 'x' || r == 'X':
			return 'X'
		}
		return -1
	}, s)
}

func validISBN10(s string) bool {
	sum := 0
	for i := range 10 {
		d := int(s[i] - '0')
		if s[i] == 'X' {
			if i != 9 {
				return false
			}
			d = 10
		}
		sum += (10 - i) * d
	}
	return sum%11 == 0 && s != "0000000000"
}

func validISBN13(s string) bool {
	return (strings.HasPrefix(s, "978") || strings.HasPrefix(s, "979")) && !strings.Contains(s, "X") && checkISBN13(s[:12]) == s[12]
}

// checkISBN13 is the check digit of the first twelve.
func checkISBN13(s string) byte {
	sum := 0
	for i := range 12 {
		sum += int(s[i]-'0') * (1 + i%2*2)
	}
	return byte('0' + (10-sum%10)%10)
}
