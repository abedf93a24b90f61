package importer

import (
	"bytes"
	_ "embed"
	"io"
)

//go:embed sample/catalogue.csv
var sampleCatalogue []byte

//go:embed sample/timetable.csv
var sampleTimetable []byte

// SampleCatalogue is a collection to try the bot with: real books in the cluster's seven topics. sample/README.md tells
// its sources.
func SampleCatalogue() io.Reader { return bytes.NewReader(sampleCatalogue) }

// SampleTimetable is two routes of the van through real places of Rokiškis district.
func SampleTimetable() io.Reader { return bytes.NewReader(sampleTimetable) }
