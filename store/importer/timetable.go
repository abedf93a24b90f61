package importer

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"versli/store"
)

// stop makes a stop of a row. What would send people to a place where no van comes is fatal.
func (f *File) stop(r row, rules ruleChecker, complain func(Complaint)) (store.StopRecord, bool) {
	needed := colArrival
	for _, c := range []column{colDeparture, colRule, colStart} {
		if f.columns.at[c] > f.columns.at[needed] {
			needed = c
		}
	}
	if f.badWidth(r, needed, complain) {
		return store.StopRecord{}, false
	}
	p := picker{f: f, row: r, complain: complain}
	s := store.StopRecord{
		Route: p.text(colRoute, maxShort), Van: p.text(colVan, maxShort), Community: p.text(colCommunity, maxShort),
		Name: p.text(colStop, maxShort), Address: p.text(colAddress, maxName), Line: r.line,
	}
	if s.Community == "" {
		s.Community = s.Name
	}
	if s.Name == "" {
		s.Name = s.Community
	}
	if s.Name == "" {
		p.flaw(colStop, "", StopMissing, true)
		return s, false
	}
	if code := p.text(colPostcode, maxShort); code != "" && s.Address != "" && !strings.Contains(s.Address, code) {
		s.Address += ", " + code
	}
	s.Lat, s.Lon = p.coordinates()
	ok := p.times(&s)
	ok = p.rule(&s, rules) && ok
	ok = p.dates(&s) && ok
	return s, ok
}

func (p picker) times(s *store.StopRecord) bool {
	var ok1, ok2 bool
	s.Arrival, ok1 = p.time(colArrival)
	s.Departure, ok2 = p.time(colDeparture)
	if ok1 && ok2 && s.Departure <= s.Arrival {
		p.flaw(colDeparture, p.f.columns.get(p.row, colArrival)+"–"+p.f.columns.get(p.row, colDeparture), DepartureBeforeArrival, true)
		return false
	}
	return ok1 && ok2
}

func (p picker) time(c column) (int, bool) {
	s := p.text(c, maxShort)
	if s == "" {
		p.flaw(c, "", TimeMissing, true)
		return 0, false
	}
	m, ok := parseClock(s)
	if !ok {
		p.flaw(c, s, TimeInvalid, true)
	}
	return m, ok
}

var clockSigns = regexp.MustCompile(`(?i)^([0-9]{1,2})\s*[:.]\s*([0-9]{2})(?::00)?\s*([ap]\.?m\.?|val\.?)?$`)

// parseClock reads 9:20, 09.20, 9:20 PM or a spreadsheet's fraction of a day, as minutes after midnight.
func parseClock(s string) (int, bool) {
	if m := clockSigns.FindStringSubmatch(s); m != nil {
		h, _ := strconv.Atoi(m[1])
		minutes, _ := strconv.Atoi(m[2])
		switch half := strings.ToLower(m[3]); {
		case half == "" || half[0] == 'v':
		case h == 0 || h > 12:
			return 0, false
		case half[0] == 'p':
			h = h%12 + 12
		default:
			h %= 12
		}
		return h*60 + minutes, h < 24 && minutes < 60
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil && x > 0 && x < 1 && strings.HasPrefix(s, "0.") {
		return int(math.Round(x * 24 * 60)), true
	}
	return 0, false
}

// ruleChecker remembers which rules are sound: a timetable repeats a few.
type ruleChecker map[string]bool

const maxRules = 1000

func (c ruleChecker) sound(rule string) bool {
	ok, known := c[rule]
	if !known {
		ok = soundRule(rule)
		if len(c) < maxRules {
			c[rule] = ok
		}
	}
	return ok
}

// soundRule tells whether a rule is an RRULE (RFC 5545, 3.3.10) of days: no start of its own, no hours.
func soundRule(rule string) bool {
	upper := strings.ToUpper(rule)
	for _, no := range []string{"DTSTART", "BYHOUR", "BYMINUTE", "BYSECOND", "BYEASTER", "\n"} {
		if strings.Contains(upper, no) {
			return false
		}
	}
	opt, err := rrule.StrToROption(rule)
	if err != nil || opt.Freq > rrule.DAILY || opt.Interval < 0 || opt.Interval > 1000 {
		return false
	}
	if strings.Contains(upper, "INTERVAL=0") && opt.Interval == 0 {
		return false
	}
	_, err = rrule.NewRRule(*opt)
	return err == nil
}

func (p picker) rule(s *store.StopRecord, rules ruleChecker) bool {
	s.Rule = strings.TrimPrefix(p.text(colRule, maxName), "RRULE:")
	switch {
	case s.Rule == "":
		p.flaw(colRule, "", RuleMissing, true)
		return false
	case !rules.sound(s.Rule):
		p.flaw(colRule, s.Rule, RuleInvalid, true)
		return false
	}
	return true
}

// coordinates gives WGS 84 degrees, or zeros where they are missing or wrong, which is told.
func (p picker) coordinates() (lat, lon float64) {
	a, b := p.text(colLat, maxShort), p.text(colLon, maxShort)
	if a == "" && b == "" {
		return 0, 0
	}
	lat, err1 := strconv.ParseFloat(strings.ReplaceAll(a, ",", "."), 64)
	lon, err2 := strconv.ParseFloat(strings.ReplaceAll(b, ",", "."), 64)
	switch {
	case err1 != nil || !(math.Abs(lat) <= 90):
		p.flaw(colLat, a, CoordinateInvalid, false)
	case err2 != nil || !(math.Abs(lon) <= 180):
		p.flaw(colLon, b, CoordinateInvalid, false)
	default:
		return lat, lon
	}
	return 0, 0
}

func (p picker) dates(s *store.StopRecord) bool {
	start, ok1 := p.date(colStart, p.text(colStart, maxShort))
	if start == "" && ok1 {
		p.flaw(colStart, "", DateMissing, true)
		ok1 = false
	}
	end, ok2 := p.date(colEnd, p.text(colEnd, maxShort))
	if ok1 && ok2 && end != "" && end < start {
		p.flaw(colEnd, start+"–"+end, EndBeforeStart, true)
		return false
	}
	s.Start, s.End = start, end
	ok := ok1 && ok2
	for part := range strings.FieldsFuncSeq(p.text(colExceptions, maxAbout), func(r rune) bool { return strings.ContainsRune(";, |", r) }) {
		d, good := p.date(colExceptions, part)
		ok = ok && good
		if good {
			s.Exceptions = append(s.Exceptions, d)
		}
	}
	return ok
}

func (p picker) date(c column, s string) (string, bool) {
	if s == "" {
		return "", true
	}
	d, ok := parseDate(s)
	if !ok {
		p.flaw(c, s, DateInvalid, true)
	}
	return d, ok
}

// excelDay is day 0 of a spreadsheet's dates (ECMA-376, the 1900 system with its leap-year fault).
const excelDay = "1899-12-30"

// parseDate gives the civil date of 2026-09-03, 2026.09.03, 3.9.2026, 03/09/2026 (day first) or a spreadsheet's day.
func parseDate(s string) (string, bool) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, " 00:00:00"), "T00:00:00")
	for _, layout := range []string{"2006-1-2", "2006.1.2", "2006/1/2", "2.1.2006", "2/1/2006", "2-1-2006", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1990 && t.Year() <= maxYear {
			return t.Format(time.DateOnly), true
		}
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 33000 && n < 73000 && n == math.Trunc(n) {
		zero, _ := time.Parse(time.DateOnly, excelDay)
		return zero.AddDate(0, 0, int(n)).Format(time.DateOnly), true
	}
	return "", false
}
