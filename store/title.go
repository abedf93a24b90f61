package store

import "time"

// TitleID identifies a title ("t…").
type TitleID string

// CopyID identifies a copy ("c…").
type CopyID string

// LocationID identifies a location ("l…"): a library or the van.
type LocationID string

// Topic is one of the collection's topics. Empty when none is known.
type Topic string

// The collection's seven topics.
const (
	TopicBusiness   Topic = "business"
	TopicLaw        Topic = "law"
	TopicMarketing  Topic = "marketing"
	TopicEnglish    Topic = "english"
	TopicTaxes      Topic = "taxes"
	TopicEtiquette  Topic = "etiquette"
	TopicPsychology Topic = "psychology"
)

// AllTopics lists them in the order people see.
func AllTopics() []Topic {
	return []Topic{TopicBusiness, TopicLaw, TopicMarketing, TopicEnglish, TopicTaxes, TopicEtiquette, TopicPsychology}
}

// Title is a bibliographic record.
type Title struct {
	ID        TitleID   `json:"id"`
	Control   string    `json:"control,omitempty"` // control number at its source (MARC 001, an id column)
	ISBNs     []string  `json:"isbns,omitempty"`   // ISBN-13, digits only, valid
	Name      string    `json:"name"`              // title proper (MARC 21 245 $a)
	Subtitle  string    `json:"subtitle,omitempty"`
	Authors   []string  `json:"authors,omitempty"` // as the person is called: "Daniel Kahneman"
	Series    string    `json:"series,omitempty"`
	Publisher string    `json:"publisher,omitempty"`
	Year      int       `json:"year,omitempty"`
	Language  string    `json:"language,omitempty"` // ISO 639-1 where there is one
	Topic     Topic     `json:"topic,omitempty"`
	Subjects  []string  `json:"subjects,omitempty"`
	About     string    `json:"about,omitempty"`
	Source    string    `json:"source,omitempty"` // "sample", an import's id, or "" when typed by staff
	AddedAt   time.Time `json:"added_at"`
	ChangedAt time.Time `json:"changed_at"`
}

// CopyStatus says where a copy is in its life.
type CopyStatus string

// The states of a copy.
const (
	CopyAvailable CopyStatus = "available" // on its shelf, nobody's
	CopyHeld      CopyStatus = "held"      // promised to a hold: allocated, in transit or ready
	CopyLoaned    CopyStatus = "loaned"
	CopyMissing   CopyStatus = "missing"
)

// Copy is one physical item.
type Copy struct {
	ID         CopyID     `json:"id"`
	Title      TitleID    `json:"title"`
	Location   LocationID `json:"location"` // its home shelf
	Barcode    string     `json:"barcode,omitempty"`
	CallNumber string     `json:"call_number,omitempty"`
	Status     CopyStatus `json:"status"`
}

// Location is where copies live and where holds may be picked up (a van is no pickup place: its stops are).
type Location struct {
	ID      LocationID `json:"id"`
	Name    string     `json:"name"`
	Van     bool       `json:"van,omitempty"`
	Address string     `json:"address,omitempty"`
	Lat     float64    `json:"lat,omitempty"` // WGS 84 degrees
	Lon     float64    `json:"lon,omitempty"`
}

// Shelf counts a title's copies at one location.
type Shelf struct {
	Location LocationID
	Copies   int
	Free     int // available now, promised to nobody
}

// Record is one title with its copies, as an importer or a form delivers it.
// Copies name their location by Location's name ("" is the main library).
type Record struct {
	Title  Title
	Copies []RecordCopy
	Line   int // line or record number in its file
}

// RecordCopy is a copy as a file describes it.
type RecordCopy struct{ Barcode, CallNumber, Location string }

// Outcome says what became of a record that was put.
type Outcome string

// The outcomes of Put.
const (
	Added     Outcome = "added"
	Changed   Outcome = "changed"
	Unchanged Outcome = "unchanged"
)

// MainLibrary is the location that is always there.
const MainLibrary LocationID = "l1"

// MainLibraryName is the main library's official name, under which it is founded.
const MainLibraryName = "Rokiškio rajono savivaldybės Juozo Keliuočio viešoji biblioteka"

// VanLocation is the van, a location that is always there.
const VanLocation LocationID = "l2"
