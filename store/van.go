package store

import "time"

type (
	// RouteID identifies a route: "r…".
	RouteID string
	// StopID identifies a stop: "s…".
	StopID string
	// VisitID identifies a visit by stop and civil date: "s1a_20261203". It fits a deep link.
	VisitID string
)

// Route is a round of the van.
type Route struct {
	ID   RouteID `json:"id"`
	Name string  `json:"name"`
	Van  string  `json:"van,omitempty"`
}

// Stop is a place by the road where the van stands by a rule. Arrival and Departure are minutes after midnight on the
// library's wall clock. Rule is the RRULE of RFC 5545 without DTSTART; Start is its first date.
type Stop struct {
	ID         StopID   `json:"id"`
	Route      RouteID  `json:"route"`
	Community  string   `json:"community"` // village or town
	Name       string   `json:"name"`      // where in it
	Address    string   `json:"address,omitempty"`
	Lat        float64  `json:"lat,omitempty"` // WGS 84 degrees; both 0 when not known
	Lon        float64  `json:"lon,omitempty"`
	Arrival    int      `json:"arrival"`
	Departure  int      `json:"departure"`
	Rule       string   `json:"rule"`
	Start      string   `json:"start"`                // civil date 2006-01-02
	End        string   `json:"end,omitempty"`        // last civil date, "" is open
	Exceptions []string `json:"exceptions,omitempty"` // civil dates without a visit
	Source     string   `json:"source,omitempty"`     // as Title.Source
	Revision   int      `json:"revision"`
}

// StopRecord is one row of a timetable, as an importer delivers it.
type StopRecord struct {
	Route, Van, Community, Name, Address string
	Lat, Lon                             float64
	Arrival, Departure                   int
	Rule, Start, End                     string
	Exceptions                           []string
	Line                                 int
}

// Visit is one dated stand of the van at a stop.
type Visit struct {
	ID        VisitID
	Stop      Stop
	Arrival   time.Time // as planned plus Delay
	Departure time.Time
	Delay     time.Duration // as told by the driver or staff
	Cancelled bool
	Revision  int // of the change told last; 0 when as planned
}

// Near is a stop with its distance from a point, in metres along the great circle.
type Near struct {
	Stop   Stop
	Metres float64
}

// Van keeps routes, stops, their visits and who follows them.
type Van struct {
	*db
	cache timetableCache
}
