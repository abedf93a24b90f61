package importer

import "strings"

// column is something a table may tell.
type column string

// The columns of a catalogue.
const (
	colTitle      column = "title"
	colOriginal   column = "original title" // used where the title is empty
	colSubtitle   column = "subtitle"
	colAuthors    column = "authors"
	colISBN       column = "isbn"
	colISBN13     column = "isbn13"
	colSeries     column = "series"
	colPublisher  column = "publisher"
	colYear       column = "year"
	colLanguage   column = "language"
	colTopic      column = "topic"
	colSubjects   column = "subjects"
	colAbout      column = "about"
	colControl    column = "control"
	colBarcode    column = "barcode"
	colLocation   column = "location"
	colCallNumber column = "call number"
	colCopies     column = "copies"
)

// The columns of a timetable, after the open schema "mobile-library-stops" (LibrariesHacked/schema-librarydata).
const (
	colRoute      column = "route"
	colVan        column = "van"
	colCommunity  column = "community"
	colStop       column = "stop"
	colAddress    column = "address"
	colPostcode   column = "postcode"
	colLon        column = "longitude"
	colLat        column = "latitude"
	colArrival    column = "arrival"
	colDeparture  column = "departure"
	colRule       column = "rule"
	colStart      column = "start"
	colEnd        column = "end"
	colExceptions column = "exceptions"
)

// columns says at which place of a row each column stands.
type columns struct {
	at       map[column]int
	names    map[column]string // as the header writes them
	width    int
	inverted bool // authors stand as "Kahneman, Daniel"
}

func (c columns) has(name column) bool { _, ok := c.at[name]; return ok }

// name is the column as the file calls it.
func (c columns) name(n column) string {
	if s, ok := c.names[n]; ok {
		return s
	}
	return string(n)
}

// catalogueNames lists the names of columns in Lithuanian, Latvian and English, without spaces and diacritics.
func catalogueNames() map[column]string {
	return map[column]string{
		colTitle:     "title titleproper booktitle name pavadinimas antraste knyga knygospavadinimas nosaukums virsraksts gramatasnosaukums",
		colOriginal:  "originaltitle",
		colSubtitle:  "subtitle paantraste kitaantrastesinformacija apaksvirsraksts",
		colAuthors:   "author authors autorius autoriai autors autori creator creators",
		colISBN:      "isbn isbn10 isbnnumber isbnnumeris isbnnumurs",
		colISBN13:    "isbn13 ean",
		colSeries:    "series serija",
		colPublisher: "publisher leidejas leidykla izdevejs izdevnieciba apgads",
		colYear: "year publicationyear originalpublicationyear yearofpublication metai leidimometai isleidimometai " +
			"gads izdosanasgads izdevumagads",
		colLanguage:   "language languagecode lang kalba valoda",
		colTopic:      "topic tema sritis joma nozare",
		colSubjects:   "subject subjects keywords tags dalykai dalykas raktazodziai prieksmeti atslegvardi",
		colAbout:      "about description summary annotation anotacija aprasymas apraksts",
		colControl:    "control controlnumber bookid kontrolinisnumeris irasonumeris kontrolesnumurs ierakstanumurs",
		colBarcode:    "barcode barcodes bruksniniskodas inventorinisnumeris invnr svitrkods inventaranumurs",
		colLocation:   "location library branch vieta biblioteka filialas buvimovieta atrasanasvieta",
		colCallNumber: "callnumber udk udc sifras lentynossifras sifrs dewey plauktasifrs",
		colCopies:     "copies copycount egzemplioriai egzemplioriuskaicius egz eksemplari eksemplaruskaits kiekis",
	}
}

// timetableNames does so for timetables.
func timetableNames() map[column]string {
	return map[column]string{
		colRoute:      "route marsrutas marsruts",
		colVan:        "mobile van bibliobusas autobusas bibliobuss",
		colCommunity:  "community village town gyvenviete vietove kaimas miestelis apdzivotavieta ciems pilseta",
		colStop:       "stop stopname stotele sustojimas stotelespavadinimas pietura pieturvieta",
		colAddress:    "address adresas adrese",
		colPostcode:   "postcode pastokodas pastaindekss",
		colLon:        "geox longitude lon lng ilguma geografiskaisgarums garums",
		colLat:        "geoy latitude lat platuma geografiskaisplatums platums",
		colArrival:    "arrival arrives atvykimas atvyksta atvykimolaikas pienaksana pienak ierasanas",
		colDeparture:  "departure departs isvykimas isvyksta isvykimolaikas atiesana atiet",
		colRule:       "frequency rule rrule taisykle daznumas periodiskumas biezums noteikums",
		colStart:      "start startdate pradzia nuo pirmadiena sakums",
		colEnd:        "end enddate pabaiga iki beigas lidz",
		colExceptions: "exceptions isimtys iznemumi",
	}
}

// mapHeader reads a header. A timetable has a place and a time of arrival, a catalogue a title; ok is false otherwise.
func mapHeader(cells []string) (c columns, kind Kind, mapped, ignored []string, ok bool) {
	t := matchNames(cells, timetableNames())
	if t.has(colArrival) && (t.has(colStop) || t.has(colCommunity)) {
		c, kind = t, Timetable
	} else {
		c, kind = matchNames(cells, catalogueNames()), Catalogue
		if !c.has(colTitle) {
			if t.has(colStop) && t.has(colRule) {
				c, kind = t, Timetable
			} else {
				return columns{}, "", nil, nil, false
			}
		}
	}
	used := map[int]bool{}
	for _, at := range c.at {
		used[at] = true
	}
	for i, name := range cells {
		switch {
		case name == "":
		case used[i]:
			mapped = append(mapped, name)
		default:
			ignored = append(ignored, name)
		}
	}
	return c, kind, mapped, ignored, true
}

// matchNames finds the columns of a header; of two with one meaning the first counts.
func matchNames(cells []string, names map[column]string) columns {
	c := columns{at: map[column]int{}, names: map[column]string{}, width: len(cells)}
	meaning := map[string]column{}
	for col, list := range names {
		for n := range strings.FieldsSeq(list) {
			meaning[n] = col
		}
	}
	for i, cell := range cells {
		col, ok := meaning[key(cell)]
		if !ok || c.has(col) {
			continue
		}
		c.at[col], c.names[col] = i, cell
	}
	return c
}

// get gives a cell, "" where the row has none.
func (c columns) get(r row, name column) string {
	at, ok := c.at[name]
	if !ok || at >= len(r.cells) {
		return ""
	}
	return r.cells[at]
}
