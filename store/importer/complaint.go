package importer

import "unicode/utf8"

// Code names a flaw. It is stable: handlers put it into words, saying what was expected.
type Code string

// The flaws of any file.
const (
	RowShort   Code = "row_short"   // fewer cells than the header has
	RowLong    Code = "row_long"    // more cells than the header has: a comma without quotes
	RowTooBig  Code = "row_too_big" // over 1 MB
	QuoteOpen  Code = "quote_open"  // a quotation mark that nothing closes
	Encoding   Code = "encoding"    // letters that are not of the file's encoding
	ValueLong  Code = "value_long"  // cut to what fits
	FileBroken Code = "file_broken" // nothing after this can be read
)

// The flaws of a catalogue.
const (
	TitleMissing  Code = "title_missing"
	ISBNLost      Code = "isbn_lost" // a spreadsheet wrote 9.78E+12
	ISBNInvalid   Code = "isbn_invalid"
	YearInvalid   Code = "year_invalid"
	TopicUnknown  Code = "topic_unknown"
	CopiesInvalid Code = "copies_invalid"
)

// The flaws of a timetable.
const (
	StopMissing            Code = "stop_missing"
	TimeMissing            Code = "time_missing"
	TimeInvalid            Code = "time_invalid"
	DepartureBeforeArrival Code = "departure_before_arrival"
	RuleMissing            Code = "rule_missing"
	RuleInvalid            Code = "rule_invalid"
	CoordinateInvalid      Code = "coordinate_invalid"
	DateMissing            Code = "date_missing"
	DateInvalid            Code = "date_invalid"
	EndBeforeStart         Code = "end_before_start"
)

// The flaws of a MARC file.
const (
	Leader          Code = "leader"
	Directory       Code = "directory"
	RecordTruncated Code = "record_truncated"
	Indicator       Code = "indicator"
	SubfieldCode    Code = "subfield_code"
	Tag             Code = "tag"
	XMLBroken       Code = "xml_broken"
)

// AllCodes lists every code, for the test that each has words in every language.
func AllCodes() []Code {
	return []Code{
		RowShort, RowLong, RowTooBig, QuoteOpen, Encoding, ValueLong, FileBroken,
		TitleMissing, ISBNLost, ISBNInvalid, YearInvalid, TopicUnknown, CopiesInvalid,
		StopMissing, TimeMissing, TimeInvalid, DepartureBeforeArrival, RuleMissing, RuleInvalid, CoordinateInvalid,
		DateMissing, DateInvalid, EndBeforeStart,
		Leader, Directory, RecordTruncated, Indicator, SubfieldCode, Tag, XMLBroken,
	}
}

// Complaint is one flaw of a file.
type Complaint struct {
	Line  int    // line, row or record number, from 1
	Field string // the column's name or the MARC tag; may be empty
	Value string // what was found, cut to 80 runes
	Code  Code
	Fatal bool // the record was not taken
}

const maxShown = 80

// complaint makes one with its value cut.
func complaint(line int, field, value string, code Code, fatal bool) Complaint {
	value, _ = cutRunes(clean(value), maxShown)
	return Complaint{Line: line, Field: field, Value: value, Code: code, Fatal: fatal}
}

// cutRunes shortens s to n runes, and tells whether it did.
func cutRunes(s string, n int) (string, bool) {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s, false
	}
	i := 0
	for at := range s {
		if i == n {
			return s[:at], true
		}
		i++
	}
	return s, false
}
