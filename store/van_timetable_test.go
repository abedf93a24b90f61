package store

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// readTimetable reads a file of the open "mobile library stops" schema, plainly.
func readTimetable(tb testing.TB, file string) []StopRecord {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	minutes := func(s string) int {
		h, m, _ := strings.Cut(s, ":")
		hour, errH := strconv.Atoi(h)
		minute, errM := strconv.Atoi(m)
		if errH != nil || errM != nil {
			tb.Fatalf("time %q", s)
		}
		return hour*60 + minute
	}
	var list []StopRecord
	for i, row := range rows[1:] {
		cell := func(name string) string { return row[slices.Index(rows[0], name)] }
		lat, _ := strconv.ParseFloat(cell("geoy"), 64)
		lon, _ := strconv.ParseFloat(cell("geox"), 64)
		list = append(list, StopRecord{
			Route: cell("route"), Van: cell("mobile"), Community: cell("community"), Name: cell("stop"), Address: cell("address"),
			Lat: lat, Lon: lon, Arrival: minutes(cell("arrival")), Departure: minutes(cell("departure")),
			Rule: cell("frequency"), Start: cell("start"), End: cell("end"), Line: i + 2,
		})
	}
	return list
}

func timetableFiles(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("../../shared/data/timetable/*.csv")
	if err != nil {
		tb.Fatal(err)
	}
	if len(files) != 5 {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("%d timetable files, want 5", len(files))
		}
		tb.Skip("no timetable files here")
	}
	return files
}

// plainDates computes a rule's dates in [from, to) by the calendar alone, for the
// rules that the files have: FREQ=WEEKLY;INTERVAL=n and FREQ=MONTHLY;BYDAY=nXX.
func plainDates(tb testing.TB, rule, start, from, to string) []string {
	tb.Helper()
	day, err := time.Parse("2006-01-02", start)
	if err != nil {
		tb.Fatal(err)
	}
	weekdays := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	first := day
	var weeks, nth int
	var weekday string
	if n, _ := fmt.Sscanf(rule, "FREQ=WEEKLY;INTERVAL=%d", &weeks); n != 1 {
		if n, _ := fmt.Sscanf(rule, "FREQ=MONTHLY;BYDAY=%d%s", &nth, &weekday); n != 2 {
			tb.Fatalf("rule %q", rule)
		}
	}
	var dates []string
	for ; day.Format("2006-01-02") < to; day = day.AddDate(0, 0, 1) {
		on := false
		if weeks > 0 {
			on = int(day.Sub(first).Hours()/24)%(7*weeks) == 0
		} else {
			on = weekdays[day.Weekday()] == weekday && (day.Day()-1)/7+1 == nth
		}
		if text := day.Format("2006-01-02"); on && text >= from {
			dates = append(dates, text)
		}
	}
	return dates
}

// TestVisitsOfTheFiles holds every stop of the five files against the plain calendar, for two years over four clock changes.
func TestVisitsOfTheFiles(t *testing.T) {
	for _, file := range timetableFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, _ := openTest(t)
			records := readTimetable(t, file)
			outcomes, err := s.Van.PutStops(t.Context(), Op{Key: "put"}, "i1", records)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range outcomes {
				if o != Added {
					t.Errorf("record %d is %s", i, o)
				}
			}
			stops, err := s.Van.Stops(t.Context(), "")
			if err != nil || len(stops) != len(records) {
				t.Fatalf("%d stops, %v; want %d", len(stops), err, len(records))
			}
			zone := s.db.zone
			from := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
			for _, stop := range stops {
				want := plainDates(t, stop.Rule, stop.Start, "2026-01-01", "2028-01-01")
				visits, err := s.Van.Visits(t.Context(), stop.ID, from, len(want))
				if err != nil || len(visits) != len(want) {
					t.Fatalf("%s: %d visits, %v; want %d", stop.ID, len(visits), err, len(want))
				}
				for i, v := range visits {
					arrival := fmt.Sprintf("%s %02d:%02d", want[i], stop.Arrival/60, stop.Arrival%60)
					departure := fmt.Sprintf("%s %02d:%02d", want[i], stop.Departure/60, stop.Departure%60)
					const form = "2006-01-02 15:04"
					if v.Arrival.In(zone).Format(form) != arrival || v.Departure.In(zone).Format(form) != departure {
						t.Fatalf("%s (%s from %s): %s to %s, want %s", stop.ID, stop.Rule, stop.Start, v.Arrival, v.Departure, arrival)
					}
				}
			}
			again, err := s.Van.PutStops(t.Context(), Op{Key: "put again"}, "i2", records)
			if err != nil || slices.ContainsFunc(again, func(o Outcome) bool { return o != Unchanged }) {
				t.Errorf("put again: %v, %v", again, err)
			}
		})
	}
}

// TestClockChanges walks a daily stop over both nights of the year on which the clock is changed.
func TestClockChanges(t *testing.T) {
	s, _ := openTest(t)
	stop, err := s.Van.SaveStop(t.Context(), Op{}, Stop{
		Community: "Čedasai", Name: "Mokykla", Arrival: 9*60 + 30, Departure: 10 * 60, Rule: "FREQ=DAILY", Start: "2026-01-01",
		Exceptions: []string{"2026-10-24"},
	}, "Šiaurė")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from string
		want []string // UTC
	}{
		{"2026-03-28", []string{"2026-03-28 07:30", "2026-03-29 06:30", "2026-03-30 06:30"}},
		{"2026-10-24", []string{"2026-10-25 07:30", "2026-10-26 07:30"}},
	} {
		day, err := parseCivil(c.from)
		if err != nil {
			t.Fatal(err)
		}
		visits, err := s.Van.Visits(t.Context(), stop.ID, day.at(0, s.db.zone), len(c.want))
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range visits {
			if got := v.Arrival.UTC().Format("2006-01-02 15:04"); got != c.want[i] {
				t.Errorf("visit %d from %s: %s, want %s", i, c.from, got, c.want[i])
			}
		}
	}
}

func TestFindStops(t *testing.T) {
	s, _ := openTest(t)
	if _, err := s.Van.PutStops(t.Context(), Op{}, "i1", []StopRecord{
		{Route: "10", Community: "Obeliai", Name: "Stotis", Rule: "FREQ=WEEKLY", Start: "2026-11-23", Arrival: 600, Departure: 630, Lat: 55.94, Lon: 25.79},
		{
			Route: "2", Community: "Čedasai", Name: "Mokykla", Address: "Žalioji g. 3", Rule: "FREQ=WEEKLY", Start: "2026-11-23",
			Arrival: 540, Departure: 570, Lat: 56.01, Lon: 25.42,
		},
		{Route: "2", Community: "Juodupė", Name: "Čedasų g. 1", Rule: "FREQ=WEEKLY", Start: "2026-11-24", Arrival: 540, Departure: 570},
	}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"cedasai": "Čedasai", "ČEDAS": "Čedasai Juodupė", "zalioji": "Čedasai", "mokykla cedasai": "Čedasai", "xyz": "", " obeliai ": "Obeliai",
	} {
		found, err := s.Van.FindStops(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Community)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("find %q: %v, want %s", text, got, want)
		}
	}
	near, err := s.Van.Nearest(t.Context(), 55.96, 25.58, 5)
	if err != nil || len(near) != 2 || near[0].Stop.Community != "Čedasai" || near[0].Metres < 11000 || near[0].Metres > 12000 {
		t.Errorf("near Rokiškis: %+v, %v", near, err)
	}
	routes, err := s.Van.Routes(t.Context())
	if err != nil || len(routes) != 2 || routes[0].Name != "2" {
		t.Errorf("routes: %v, %v", routes, err)
	}
	visits, err := s.Van.Day(t.Context(), s.db.now())
	if err != nil || len(visits) != 2 || visits[0].Stop.Community != "Čedasai" {
		t.Errorf("today: %v, %v", visits, err)
	}
	days, err := s.Van.NextDays(t.Context(), s.db.now(), 3)
	if err != nil || len(days) != 3 || days[1].Sub(days[0]) != 24*time.Hour || days[2].Sub(days[0]) != 7*24*time.Hour {
		t.Errorf("days: %v, %v", days, err)
	}
}
