package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"versli/store"
)

type exportCmd struct {
	Kind string `arg:"" enum:"catalogue,timetable" help:"catalogue or timetable."`
	File string `arg:"" help:"File to write; - is standard output."`
}

// Run writes CSV with the header names that an import maps.
func (c exportCmd) Run(ctx context.Context, cfg Config) (err error) {
	o, err := openCommand(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	write := exportCatalogue
	if c.Kind == "timetable" {
		write = exportTimetable
	}
	return writeFile(c.File, func(w io.Writer) error {
		out := csv.NewWriter(w)
		if err := write(ctx, o.store, out); err != nil {
			return err
		}
		out.Flush()
		return wrap("write CSV", out.Error())
	})
}

// exportCatalogue writes a row a copy, or one for a title without copies.
func exportCatalogue(ctx context.Context, st *store.Store, out *csv.Writer) error {
	locations, err := st.Titles.Locations(ctx)
	if err != nil {
		return wrap("read locations", err)
	}
	names := make(map[store.LocationID]string, len(locations))
	for _, l := range locations {
		names[l.ID] = l.Name
	}
	if err := out.Write([]string{
		"control", "title", "subtitle", "authors", "series", "publisher", "year", "language", "topic", "subjects",
		"isbn", "barcode", "call_number", "location",
	}); err != nil {
		return wrap("write CSV", err)
	}
	err = st.Titles.Each(ctx, func(t store.Title, copies []store.Copy) error {
		year := ""
		if t.Year != 0 {
			year = strconv.Itoa(t.Year)
		}
		row := []string{
			t.Control, t.Name, t.Subtitle, strings.Join(t.Authors, "; "), t.Series, t.Publisher, year, t.Language,
			string(t.Topic), strings.Join(t.Subjects, "; "), strings.Join(t.ISBNs, "; "),
		}
		if len(copies) == 0 {
			return wrap("write CSV", out.Write(append(row, "", "", "")))
		}
		for _, c := range copies {
			if err := out.Write(append(slices.Clip(row), c.Barcode, c.CallNumber, names[c.Location])); err != nil {
				return wrap("write CSV", err)
			}
		}
		return nil
	})
	return wrap("read titles", err)
}

// exportTimetable writes the open "mobile library stops" schema.
func exportTimetable(ctx context.Context, st *store.Store, out *csv.Writer) error {
	routes, err := st.Van.Routes(ctx)
	if err != nil {
		return wrap("read routes", err)
	}
	if err := out.Write([]string{
		"organisation", "mobile", "route", "community", "stop", "address", "geox", "geoy", "type",
		"arrival", "departure", "frequency", "start", "end", "exceptions",
	}); err != nil {
		return wrap("write CSV", err)
	}
	for _, r := range routes {
		stops, err := st.Van.Stops(ctx, r.ID)
		if err != nil {
			return wrap("read stops", err)
		}
		for _, s := range stops {
			lon, lat := "", ""
			if s.Lat != 0 || s.Lon != 0 {
				lon, lat = strconv.FormatFloat(s.Lon, 'f', -1, 64), strconv.FormatFloat(s.Lat, 'f', -1, 64)
			}
			if err := out.Write([]string{
				"", r.Van, r.Name, s.Community, s.Name, s.Address, lon, lat, "Public",
				clockText(s.Arrival), clockText(s.Departure), s.Rule, s.Start, s.End, strings.Join(s.Exceptions, ";"),
			}); err != nil {
				return wrap("write CSV", err)
			}
		}
	}
	return nil
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
