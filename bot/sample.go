package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/BurntSushi/toml"

	"versli/handlers"
	"versli/store"
	"versli/store/importer"
)

// sampleSource marks everything of the sample, so that one button removes it.
const sampleSource = "sample"

//go:embed sample/activities.toml
var sampleActivities []byte

type sampleActivity struct {
	Kind     store.ActivityKind `toml:"kind"`
	In       int                `toml:"in"`
	Days     []int              `toml:"days"`
	From     string             `toml:"from"`
	To       string             `toml:"to"`
	Seats    int                `toml:"seats"`
	Language string             `toml:"language"`
	Topic    store.Topic        `toml:"topic"`
	Venue    string             `toml:"venue"`
	Lat      float64            `toml:"lat"`
	Lon      float64            `toml:"lon"`
	LT       string             `toml:"lt"`
	LV       string             `toml:"lv"`
	EN       string             `toml:"en"`
}

// loadSample fills an empty state with the sample: collection, route, trainings.
// The mark comes last, so that a load broken off is done again; records put twice stay one.
func loadSample(ctx context.Context, st *store.Store, now time.Time) error {
	empty, err := st.Rules.Empty(ctx)
	if err != nil || !empty {
		return wrap("look for the sample", err)
	}
	for name, r := range map[string]io.Reader{
		"catalogue.csv": importer.SampleCatalogue(),
		"timetable.csv": importer.SampleTimetable(),
	} {
		f, err := importer.Open(name, r)
		if err != nil {
			return fmt.Errorf("sample %s: %w", name, err)
		}
		report, err := handlers.Intake(ctx, st, store.Op{}, sampleSource, f, nil)
		if err != nil {
			return fmt.Errorf("sample %s: %w", name, err)
		}
		if report.Refused > 0 {
			return fmt.Errorf("sample %s: %d rows refused", name, report.Refused)
		}
	}
	if err := loadSampleActivities(ctx, st, now); err != nil {
		return err
	}
	return wrap("mark the sample", st.Rules.MarkSample(ctx, true))
}

func loadSampleActivities(ctx context.Context, st *store.Store, now time.Time) error {
	var file struct {
		Activity []sampleActivity `toml:"activity"`
	}
	if err := toml.Unmarshal(sampleActivities, &file); err != nil {
		return fmt.Errorf("sample activities: %w", err)
	}
	for i, s := range file.Activity {
		a, err := s.activity(now)
		if err != nil {
			return fmt.Errorf("sample activity %d: %w", i+1, err)
		}
		op := store.Op{Key: fmt.Sprintf("sample%d", i)}
		if _, err := st.Activities.Save(ctx, op, a); err != nil {
			return fmt.Errorf("sample activity %d: %w", i+1, err)
		}
	}
	return nil
}

func (s sampleActivity) activity(now time.Time) (store.Activity, error) {
	from, err1 := time.Parse("15:04", s.From)
	to, err2 := time.Parse("15:04", s.To)
	if err := errors.Join(err1, err2); err != nil {
		return store.Activity{}, fmt.Errorf("hours: %w", err)
	}
	days := s.Days
	if len(days) == 0 {
		days = []int{s.In}
	}
	a := store.Activity{
		Kind: s.Kind, Name: s.LT, Names: map[string]string{"lt": s.LT, "lv": s.LV, "en": s.EN},
		Venue: s.Venue, Lat: s.Lat, Lon: s.Lon, Language: s.Language, Topic: s.Topic, Seats: s.Seats, Source: sampleSource,
	}
	for _, d := range days {
		day := workday(now.AddDate(0, 0, d))
		at := func(clock time.Time) time.Time {
			return time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
		}
		a.Sessions = append(a.Sessions, store.Session{Start: at(from), End: at(to)})
	}
	return a, nil
}

// workday moves a weekend's day to the Monday after.
func workday(t time.Time) time.Time {
	switch t.Weekday() {
	case time.Saturday:
		return t.AddDate(0, 0, 2)
	case time.Sunday:
		return t.AddDate(0, 0, 1)
	case time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday:
	}
	return t
}

func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
