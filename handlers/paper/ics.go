// Package paper makes what leaves the chat: QR codes, calendar files, and what else is read outside of it.
// It knows the formats and nothing of the library.
package paper

import (
	"strconv"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Event is something with a date for a person's own calendar.
type Event struct {
	UID      string // the same for the same event, whatever changes in it (RFC 5545, section 3.8.4.7)
	Sequence int    // grows with each change of time or place (section 3.8.7.4)
	Start    time.Time
	End      time.Time
	Summary  string
	About    string
	Place    string
	Lat, Lon float64 // WGS 84 degrees; both 0 when not known
	URL      string
	Off      bool // it was called off
}

// ICS writes events as an iCalendar document (RFC 5545), with instants in UTC so
// that any calendar shows them on its owner's clock. stamp is when it is written.
func ICS(stamp time.Time, events ...Event) []byte {
	c := ics.NewCalendarFor("Versli biblioteka")
	c.SetMethod(ics.MethodPublish)
	for _, e := range events {
		v := c.AddEvent(e.UID)
		v.SetSequence(e.Sequence)
		v.SetDtStampTime(stamp.UTC())
		v.SetStartAt(e.Start.UTC())
		v.SetEndAt(e.End.UTC())
		v.SetSummary(e.Summary)
		if e.About != "" {
			v.SetDescription(e.About)
		}
		if e.Place != "" {
			v.SetLocation(e.Place)
		}
		if e.Lat != 0 || e.Lon != 0 {
			v.SetProperty(ics.ComponentPropertyGeo, degrees(e.Lat)+";"+degrees(e.Lon))
		}
		if e.URL != "" {
			v.SetURL(e.URL)
		}
		if e.Off {
			v.SetStatus(ics.ObjectStatusCancelled)
		} else {
			v.SetStatus(ics.ObjectStatusConfirmed)
		}
	}
	return []byte(c.Serialize(ics.WithNewLineWindows))
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', 6, 64) }
