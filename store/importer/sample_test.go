package importer

import (
	"io"
	"testing"

	"versli/store"
)

// TestSampleIsClean holds that the sample reads without a complaint, covers every topic and language, and that its
// routes start on their day.
func TestSampleIsClean(t *testing.T) {
	open := func(r io.Reader) report {
		f, err := Open("sample.csv", r)
		if err != nil {
			t.Fatal(err)
		}
		if _, ignored := f.Columns(); len(ignored) > 0 {
			t.Errorf("columns %q are not understood", ignored)
		}
		r2 := readAll(t, f)
		for _, c := range r2.complaints {
			t.Errorf("line %d: %s %q", c.Line, c.Code, c.Value)
		}
		return r2
	}
	books := open(SampleCatalogue())
	topics, languages, van := map[store.Topic]int{}, map[string]int{}, 0
	for _, b := range books.records {
		topics[b.Title.Topic]++
		languages[b.Title.Language]++
		if len(b.Copies) == 0 {
			t.Errorf("%q has no copies", b.Title.Name)
		}
		for _, c := range b.Copies {
			if c.Location == "Bibliobusas" {
				van++
			}
		}
	}
	if len(books.records) < 100 || len(topics) != len(store.AllTopics()) || len(languages) != 3 || van < 20 {
		t.Errorf("%d books, topics %v, languages %v, %d copies on the van", len(books.records), topics, languages, van)
	}
	stops := open(SampleTimetable())
	routes := map[string]int{}
	for _, s := range stops.stops {
		routes[s.Route]++
	}
	if len(routes) != 2 || len(stops.stops) != 15 {
		t.Errorf("%d stops on routes %v", len(stops.stops), routes)
	}
}
