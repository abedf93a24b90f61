package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

var (
	vanPut    = newScript("van_put", "van")
	vanRemove = newScript("van_remove", "van")
)

// document is an aggregate's JSON on its way to its hash.
type document struct {
	ID  string `json:"id"`
	Doc string `json:"doc"`
}

// stopDocument is a stop with what is planned next for its followers.
type stopDocument struct {
	document

	Plans []plan `json:"plans"`
}

// PutStops adds or changes stops from a timetable, matched by van, route, community and name; of several alike, by their
// hour and rule first. Followers stay. All are written in one step, so some hundreds at a time are right. ErrInvalid
// names the record that can't be taken; none is then.
func (v *Van) PutStops(ctx context.Context, op Op, source string, records []StopRecord) ([]Outcome, error) {
	if len(records) == 0 {
		return nil, nil
	}
	outcomes, err := again(func() ([]Outcome, error) { return v.putStops(ctx, op, source, records) })
	if err != nil {
		return nil, fmt.Errorf("put stops of %q: %w", source, err)
	}
	return outcomes, nil
}

// again repeats what was prepared for an older state.
func again[T any](decide func() (T, error)) (T, error) {
	for range maxAgain - 1 {
		if v, err := decide(); !errors.Is(err, errAgain) {
			return v, err
		}
	}
	return decide()
}

func (v *Van) putStops(ctx context.Context, op Op, source string, records []StopRecord) ([]Outcome, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	e := &timetableEdit{view: w, added: map[string]RouteID{}}
	meant := w.meant(records)
	outcomes := make([]Outcome, len(records))
	for i, r := range records {
		if outcomes[i], err = e.record(ctx, source, r, meant[i]); err != nil {
			return nil, fmt.Errorf("record %d (line %d): %w", i, r.Line, err)
		}
	}
	var result []Outcome
	if err := v.decide(ctx, vanPut, op, source, e.in(outcomes), &result); err != nil {
		return nil, err
	}
	return result, nil
}

// record changes the stop that a row means, or adds one when it means none.
func (e *timetableEdit) record(ctx context.Context, source string, r StopRecord, meant *timedStop) (Outcome, error) {
	s := Stop{
		Community: r.Community, Name: r.Name, Address: r.Address, Lat: r.Lat, Lon: r.Lon,
		Arrival: r.Arrival, Departure: r.Departure, Rule: r.Rule, Start: r.Start, End: r.End, Exceptions: r.Exceptions,
		Source: source,
	}
	if err := checkStop(s, e.zone); err != nil {
		return "", err
	}
	var err error
	if s.Route, err = e.route(ctx, r.Van, r.Route); err != nil {
		return "", err
	}
	outcome := Added
	if meant != nil {
		s.ID, s.Source, s.Revision = meant.ID, meant.Source, meant.Revision
		if outcome = Changed; sameStop(s, meant.Stop) {
			return Unchanged, nil
		}
	}
	_, err = e.stop(ctx, s)
	return outcome, err
}

// meant finds, for each row, the stop that it means; nil is none. Where several are alike in name, rows with the same hour and
// rule as one of them mean that, and the others the rest, in their order.
func (w *view) meant(records []StopRecord) []*timedStop {
	taken := make(map[StopID]bool, len(records))
	found := make([]*timedStop, len(records))
	pick := func(fits func(StopRecord, *timedStop) bool) {
		for i, r := range records {
			if found[i] != nil {
				continue
			}
			for _, s := range w.byKey[stopKey(r.Van, r.Route, r.Community, r.Name)] {
				if !taken[s.ID] && fits(r, s) {
					taken[s.ID], found[i] = true, s
					break
				}
			}
		}
	}
	pick(func(r StopRecord, s *timedStop) bool {
		return r.Arrival == s.Arrival && r.Rule == s.Rule && r.Start == s.Start
	})
	pick(func(StopRecord, *timedStop) bool { return true })
	return found
}

// timetableEdit gathers what a script is to write.
type timetableEdit struct {
	*view
	added  map[string]RouteID
	routes []document
	stops  []stopDocument
}

// route finds a route by van and name, or makes one.
func (e *timetableEdit) route(ctx context.Context, van, name string) (RouteID, error) {
	key := routeKey(van, name)
	if id, ok := e.added[key]; ok {
		return id, nil
	}
	if id, ok := e.routeKey[key]; ok {
		return id, nil
	}
	id, err := e.v.reserve(ctx, "r")
	if err != nil {
		return "", err
	}
	r := Route{ID: RouteID(id), Name: name, Van: van}
	doc, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode route: %w", err)
	}
	e.added[key] = r.ID
	e.routes = append(e.routes, document{string(r.ID), string(doc)})
	return r.ID, nil
}

// stop adds (empty ID) or changes one, with what is planned for its followers.
func (e *timetableEdit) stop(ctx context.Context, s Stop) (Stop, error) {
	plans := []plan{}
	s.Revision++
	if s.ID == "" {
		id, err := e.v.reserve(ctx, "s")
		if err != nil {
			return s, err
		}
		s.ID = StopID(id)
	} else {
		var err error
		if plans, err = e.replan(ctx, newTimedStop(s, e.zone), nil, e.v.now()); err != nil {
			return s, err
		}
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return s, fmt.Errorf("encode stop: %w", err)
	}
	e.stops = append(e.stops, stopDocument{document{string(s.ID), string(doc)}, plans})
	return s, nil
}

func (e *timetableEdit) in(result any) map[string]any {
	routes, stops := e.routes, e.stops
	if routes == nil {
		routes = []document{}
	}
	if stops == nil {
		stops = []stopDocument{}
	}
	return e.revisions(map[string]any{"routes": routes, "stops": stops, "result": result})
}

// revisions adds to a script's IN which timetable it was prepared from.
func (w *view) revisions(in map[string]any) map[string]any {
	in["stops_rev"], in["visits_rev"] = w.stopsRev, w.visitsRev
	return in
}

func sameStop(a, b Stop) bool {
	ea, eb := a.Exceptions, b.Exceptions
	a.Exceptions, b.Exceptions = nil, nil
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y) && slices.Equal(ea, eb)
}

// SaveStop adds (empty ID) or changes one; an empty routeName leaves s.Route, another moves it to the route of that name (a new
// one when there is none). Its followers' reminders follow. ErrInvalid for a rule that does not parse or a departure
// before the arrival. ErrNotFound.
func (v *Van) SaveStop(ctx context.Context, op Op, s Stop, routeName string) (Stop, error) {
	saved, err := again(func() (Stop, error) { return v.saveStop(ctx, op, s, routeName) })
	if err != nil {
		return Stop{}, fmt.Errorf("save stop %q: %w", s.ID, err)
	}
	return saved, nil
}

func (v *Van) saveStop(ctx context.Context, op Op, s Stop, routeName string) (Stop, error) {
	if err := checkStop(s, v.zone); err != nil {
		return Stop{}, err
	}
	w, err := v.look(ctx)
	if err != nil {
		return Stop{}, err
	}
	before, known := w.stop[s.ID]
	switch {
	case s.ID != "" && !known:
		return Stop{}, ErrNotFound
	case known && s.Route == "":
		s.Route = before.Route
	}
	e := &timetableEdit{view: w, added: map[string]RouteID{}}
	if routeName = strings.TrimSpace(routeName); routeName != "" {
		if s.Route, err = e.route(ctx, e.vanOf(s.Route, routeName), routeName); err != nil {
			return Stop{}, err
		}
	} else if _, ok := w.route[s.Route]; !ok {
		return Stop{}, fmt.Errorf("route %q: %w", s.Route, ErrInvalid)
	}
	if known {
		s.Revision = before.Revision
	}
	if s, err = e.stop(ctx, s); err != nil {
		return Stop{}, err
	}
	var doc string // as text: what passes through Lua as numbers loses digits
	if err := v.decide(ctx, vanPut, op, "stop "+string(before.id()), e.in(e.stops[0].Doc), &doc); err != nil {
		return Stop{}, err
	}
	var saved Stop
	if err := json.Unmarshal([]byte(doc), &saved); err != nil {
		return Stop{}, fmt.Errorf("decode stop: %w", err)
	}
	return saved, nil
}

// vanOf is the van whose route of this name is meant: the stop's own, else the first that has one.
func (e *timetableEdit) vanOf(route RouteID, name string) string {
	if r, ok := e.view.route[route]; ok {
		return r.Van
	}
	for _, r := range e.view.routes {
		if fold(r.Name) == fold(name) {
			return r.Van
		}
	}
	return ""
}

func (s *timedStop) id() StopID {
	if s == nil {
		return ""
	}
	return s.ID
}

// checkStop tells what can't be in a timetable. ErrInvalid.
func checkStop(s Stop, zone *time.Location) error {
	const day = 24 * 60
	switch {
	case strings.TrimSpace(s.Community) == "" && strings.TrimSpace(s.Name) == "":
		return fmt.Errorf("no name: %w", ErrInvalid)
	case s.Arrival < 0 || s.Arrival >= day || s.Departure >= day || s.Departure < s.Arrival:
		return fmt.Errorf("arrival %d, departure %d: %w", s.Arrival, s.Departure, ErrInvalid)
	case math.IsNaN(s.Lat) || math.IsNaN(s.Lon) || math.Abs(s.Lat) > 90 || math.Abs(s.Lon) > 180:
		return fmt.Errorf("coordinates %g, %g: %w", s.Lat, s.Lon, ErrInvalid)
	}
	rule, err := readRule(s, zone)
	if err == nil && rule.barren() {
		err = fmt.Errorf("rule %q gives no date: %w", s.Rule, ErrInvalid)
	}
	return err
}

// RemoveStop deletes one. ErrInUse while it has followers or is a pickup place of an open hold, unless force (which ends the
// following; holds still stand against it). ErrNotFound.
func (v *Van) RemoveStop(ctx context.Context, op Op, id StopID, force bool) error {
	_, err := again(func() (struct{}, error) { return struct{}{}, v.removeStop(ctx, op, id, force) })
	if err != nil {
		return fmt.Errorf("remove stop %q: %w", id, err)
	}
	return nil
}

func (v *Van) removeStop(ctx context.Context, op Op, id StopID, force bool) error {
	w, err := v.look(ctx)
	if err != nil {
		return err
	}
	route := ""
	if s, ok := w.stop[id]; ok && len(w.byRoute[s.Route]) == 1 {
		route = string(s.Route)
	}
	return v.decide(ctx, vanRemove, op, string(id), w.revisions(map[string]any{"stop": id, "route": route, "force": force}), nil)
}

// RemoveSource deletes the stops of a source that have no followers and no holds; it tells how many went and stayed.
func (v *Van) RemoveSource(ctx context.Context, op Op, source string) (removed, kept int, err error) {
	w, err := v.look(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, s := range w.stops {
		if s.Source != source {
			continue
		}
		switch err := v.RemoveStop(ctx, op, s.ID, false); {
		case err == nil:
			removed++
		case errors.Is(err, ErrInUse):
			kept++
		case !errors.Is(err, ErrNotFound):
			return removed, kept, err
		}
	}
	return removed, kept, nil
}
