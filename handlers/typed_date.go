package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"versli/store/search"
)

// What people type for a date and hours, after folding: lower case, no diacritics.
var (
	dateYearFirst = regexp.MustCompile(`(20\d\d)\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{1,2})\b`)
	dateDayFirst  = regexp.MustCompile(`\b(\d{1,2})[-./](\d{1,2})[-./](20\d\d)\b`)
	dateMonth     = regexp.MustCompile(`[a-z]{3,}`)
	dateYear      = regexp.MustCompile(`\b(20\d\d)\b\s*(?:m\.|g\.|gada\b)?`)
	dayAfter      = regexp.MustCompile(`^\s*(\d{1,2})(?:st|nd|rd|th)?\b\s*(?:d\.|d\b)?`)
	dayBefore     = regexp.MustCompile(`\b(\d{1,2})(?:\.|st|nd|rd|th)?\s*(?:of\s*)?$`)
	clockTime     = regexp.MustCompile(`\b(\d{1,2})(?:[:.](\d{2}))?\b`)
)

// monthPrefixes are how a month's name begins in Lithuanian, Latvian and English, after folding.
func monthPrefixes() [12][]string {
	return [12][]string{
		{"saus", "jan"},
		{"vasar", "feb"},
		{"kov", "mar"},
		{"baland", "apr"},
		{"geg", "mai", "may"},
		{"birz", "jun"},
		{"liep", "jul"},
		{"rugpj", "aug"},
		{"rugs", "sep"},
		{"spal", "okt", "oct"},
		{"lapk", "nov"},
		{"gruod", "dec"},
	}
}

// readDate finds a date in typed text, and gives what is left of it: "2026-12-03", "3.12.2026", "gruodžio 3 d.",
// "3. decembris", "3 December", with or without a year. Without one it is the next such date from today on.
func readDate(text string, today time.Time) (day time.Time, rest string, ok bool) {
	text = search.Fold(text)
	if m := dateYearFirst.FindStringSubmatchIndex(text); m != nil {
		day, ok = validDate(text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]], today)
		return day, text[:m[0]] + " " + text[m[1]:], ok
	}
	if m := dateDayFirst.FindStringSubmatchIndex(text); m != nil {
		day, ok = validDate(text[m[6]:m[7]], text[m[4]:m[5]], text[m[2]:m[3]], today)
		return day, text[:m[0]] + " " + text[m[1]:], ok
	}
	year := ""
	if m := dateYear.FindStringSubmatchIndex(text); m != nil {
		year = text[m[2]:m[3]]
		text = text[:m[0]] + " " + text[m[1]:]
	}
	for _, at := range dateMonth.FindAllStringIndex(text, -1) {
		month := monthOf(text[at[0]:at[1]])
		if month == 0 {
			continue
		}
		before, after := text[:at[0]], text[at[1]:]
		if m := dayBefore.FindStringSubmatchIndex(before); m != nil {
			day, ok = nextDate(year, month, before[m[2]:m[3]], today)
			return day, before[:m[0]] + " " + after, ok
		}
		if m := dayAfter.FindStringSubmatchIndex(after); m != nil {
			day, ok = nextDate(year, month, after[m[2]:m[3]], today)
			return day, before + " " + after[m[1]:], ok
		}
	}
	return day, text, false
}

func monthOf(word string) int {
	for i, prefixes := range monthPrefixes() {
		for _, prefix := range prefixes {
			if strings.HasPrefix(word, prefix) {
				return i + 1
			}
		}
	}
	return 0
}

// nextDate is the date in the year given, or the next such date from today on.
func nextDate(year string, month int, day string, today time.Time) (time.Time, bool) {
	if year != "" {
		return validDate(year, strconv.Itoa(month), day, today)
	}
	const leap = 8 // within so many years there is a 29 February
	for y := today.Year(); y <= today.Year()+leap; y++ {
		if date, ok := validDate(strconv.Itoa(y), strconv.Itoa(month), day, today); ok && !date.Before(today) {
			return date, true
		}
	}
	return time.Time{}, false
}

// validDate is midnight of a date in today's zone; ok is false for 31 April.
func validDate(year, month, day string, today time.Time) (time.Time, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	date := time.Date(y, time.Month(m), d, 0, 0, 0, 0, today.Location())
	return date, date.Year() == y && int(date.Month()) == m && date.Day() == d
}

// readHours finds one or two hours in typed text, as minutes after midnight: "14:00–16:00", "14.30", "nuo 10 iki 12".
// to is -1 when there is only one.
func readHours(text string) (from, to int, ok bool) {
	found := clockTime.FindAllStringSubmatch(text, -1)
	if len(found) == 0 || len(found) > 2 {
		return 0, -1, false
	}
	to = -1
	for i, m := range found {
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		if hour > 23 || minute > 59 {
			return 0, -1, false
		}
		if i == 0 {
			from = hour*60 + minute
		} else {
			to = hour*60 + minute
		}
	}
	return from, to, to < 0 || to > from
}

// usualLength is how long something lasts whose end was not typed.
const usualLength = 2 * time.Hour

// readWhen reads a date with hours: one session.
func readWhen(text string, today time.Time) (start, end time.Time, ok bool) {
	day, rest, ok := readDate(text, today)
	if !ok {
		return start, end, false
	}
	from, to, ok := readHours(rest)
	if !ok {
		return start, end, false
	}
	at := func(minute int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, today.Location())
	}
	start, end = at(from), at(to)
	if to < 0 {
		end = start.Add(usualLength)
	}
	return start, end, true
}

// Words for a day near today, after folding, in Lithuanian, Latvian and English, and how many days from today it is.
func nearDays() map[string]int {
	return map[string]int{
		"siandien": 0, "sodien": 0, "today": 0, "sovakar": 0, "tonight": 0,
		"rytoj": 1, "rit": 1, "ritdien": 1, "tomorrow": 1,
		"poryt": 2, "parit": 2,
	}
}

// weekdayPrefixes are how a weekday's name begins after folding, from Sunday.
func weekdayPrefixes() [7][]string {
	return [7][]string{
		{"sekmad", "svetd", "sunday"},
		{"pirmad", "pirmd", "monday"},
		{"antrad", "otrd", "tuesday"},
		{"treciad", "tresd", "wednesday"},
		{"ketvirtad", "ceturtd", "thursday"},
		{"penktad", "piektd", "friday"},
		{"sestad", "sestd", "saturday"},
	}
}

var dayWord = regexp.MustCompile(`[a-z]{3,}`)

// readNearDay finds "rytoj", "šodien" or a weekday in folded text, and gives what is left of it. A weekday is the next
// such one, today included.
func readNearDay(text string, today time.Time) (day time.Time, rest string, ok bool) {
	for _, at := range dayWord.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		rest = text[:at[0]] + " " + text[at[1]:]
		if days, known := nearDays()[word]; known {
			return civilDay(today, days), rest, true
		}
		for weekday, prefixes := range weekdayPrefixes() {
			for _, prefix := range prefixes {
				if strings.HasPrefix(word, prefix) {
					return civilDay(today, (weekday-int(today.Weekday())+7)%7), rest, true
				}
			}
		}
	}
	return day, text, false
}

func civilDay(today time.Time, days int) time.Time {
	return time.Date(today.Year(), today.Month(), today.Day()+days, 0, 0, 0, 0, today.Location())
}

// bareClock is an hour with its minutes and nothing else: "18.00", "plkst. 9:30".
var bareClock = regexp.MustCompile(`^\s*(?:plkst\.?|val\.?|at)?\s*(\d{1,2})[:.](\d{2})\s*(?:val\.?)?\s*$`)

// readMoment reads one instant: a date with an hour ("gruodžio 3 d. 9.00", "3. decembrī plkst. 9.00", "3 December 9:00"), a day near
// now ("rytoj 9 val.", "šodien 18.00", "Monday 9:00"), or an hour alone, which is the next such one. A weekday whose hour has passed
// today is a week later. The instant may be past.
func readMoment(text string, now time.Time) (at time.Time, ok bool) {
	folded := search.Fold(text)
	clock := func(day time.Time, minute int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, now.Location())
	}
	if m := bareClock.FindStringSubmatch(folded); m != nil {
		from, _, ok := readHours(m[1] + ":" + m[2])
		at = clock(now, from)
		if !at.After(now) {
			at = clock(civilDay(now, 1), from)
		}
		return at, ok
	}
	today := civilDay(now, 0)
	day, rest, ok := readDate(folded, today)
	if ok {
		from, to, ok := readHours(rest)
		return clock(day, from), ok && to < 0
	}
	day, rest, ok = readNearDay(folded, today)
	if !ok {
		return at, false
	}
	from, to, ok := readHours(rest)
	if !ok || to >= 0 {
		return at, false
	}
	at = clock(day, from)
	_, near := nearDays()[dayWord.FindString(folded)]
	if !at.After(now) && !near {
		at = clock(civilDay(day, 7), from)
	}
	return at, true
}
