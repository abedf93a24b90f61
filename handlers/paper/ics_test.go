package paper

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// A long name with letters of two bytes is folded at 75 octets (RFC 5545, section 3.1) and stays whole.
func TestICSFoldsLongLinesAndLosesNoLetter(t *testing.T) {
	name := strings.Repeat("Ąžuolų šešėlyje, ", 12) + "ēģļņ"
	start := time.Date(2026, 12, 3, 14, 0, 0, 0, time.FixedZone("EET", 2*60*60))
	doc := string(ICS(start, Event{UID: "a1-1@bot", Sequence: 3, Start: start, End: start.Add(time.Hour), Summary: name, Off: true}))
	for line := range strings.SplitSeq(doc, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("a line of %d octets, valid %v: %q", len(line), utf8.ValidString(line), line)
		}
	}
	whole := strings.ReplaceAll(strings.ReplaceAll(doc, "\r\n ", ""), `\,`, ",")
	for _, part := range []string{"SUMMARY:" + name, "UID:a1-1@bot", "SEQUENCE:3", "DTSTART:20261203T120000Z", "STATUS:CANCELLED"} {
		if !strings.Contains(whole, part) {
			t.Errorf("no %q in\n%s", part, whole)
		}
	}
}
