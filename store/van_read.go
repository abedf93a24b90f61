package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Routes lists all, by name.
func (v *Van) Routes(ctx context.Context) ([]Route, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(w.routes), nil
}

// Route returns one. ErrNotFound.
func (v *Van) Route(ctx context.Context, id RouteID) (Route, error) {
	w, err := v.look(ctx)
	if err != nil {
		return Route{}, err
	}
	r, ok := w.route[id]
	if !ok {
		return Route{}, fmt.Errorf("route %q: %w", id, ErrNotFound)
	}
	return r, nil
}

// Stops lists a route's stops in order of arrival ("" is all stops, by community and name).
func (v *Van) Stops(ctx context.Context, route RouteID) ([]Stop, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	if route == "" {
		return plainStops(w.stops), nil
	}
	return plainStops(w.byRoute[route]), nil
}

func plainStops(timed []*timedStop) []Stop {
	list := make([]Stop, len(timed))
	for i, s := range timed {
		list[i] = s.Stop
	}
	return list
}

// Stop returns one. ErrNotFound.
func (v *Van) Stop(ctx context.Context, id StopID) (Stop, error) {
	_, s, err := v.lookStop(ctx, id)
	if err != nil {
		return Stop{}, err
	}
	return s.Stop, nil
}

func (v *Van) lookStop(ctx context.Context, id StopID) (*view, *timedStop, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, ok := w.stop[id]
	if !ok {
		return nil, nil, fmt.Errorf("stop %q: %w", id, ErrNotFound)
	}
	return w, s, nil
}

// FindStops lists the stops whose community, name or address contains text (or each of its words), folded (diacritics and case
// do not count): exact communities first, then communities that begin so.
func (v *Van) FindStops(ctx context.Context, text string) ([]Stop, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	text = fold(text)
	words := strings.Fields(text)
	var found [3][]*timedStop
	for _, s := range w.stops {
		community, _, _ := strings.Cut(s.folded, "\n")
		switch {
		case community == text:
			found[0] = append(found[0], s)
		case strings.HasPrefix(community, text):
			found[1] = append(found[1], s)
		case containsAll(s.folded, words):
			found[2] = append(found[2], s)
		}
	}
	return plainStops(slices.Concat(found[:]...)), nil
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// Nearest lists stops with coordinates by distance.
func (v *Van) Nearest(ctx context.Context, lat, lon float64, limit int) ([]Near, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	type far struct {
		metres float64
		stop   *timedStop
	}
	all := make([]far, 0, len(w.stops))
	for _, s := range w.stops {
		if s.Lat != 0 || s.Lon != 0 {
			all = append(all, far{greatCircle(lat, lon, s.Lat, s.Lon), s})
		}
	}
	slices.SortFunc(all, func(a, b far) int {
		return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.stop.ID, b.stop.ID))
	})
	all = all[:min(len(all), max(0, limit))]
	list := make([]Near, len(all))
	for i, f := range all {
		list[i] = Near{Stop: f.stop.Stop, Metres: f.metres}
	}
	return list, nil
}

// greatCircle is the distance in metres between two points in degrees, by the
// haversine formula on a sphere of the Earth's mean radius (IUGG: 6,371,008.8 m).
func greatCircle(lat1, lon1, lat2, lon2 float64) float64 {
	const radius, degree = 6371008.8, math.Pi / 180
	sinLat := math.Sin((lat2 - lat1) * degree / 2)
	sinLon := math.Sin((lon2 - lon1) * degree / 2)
	h := sinLat*sinLat + math.Cos(lat1*degree)*math.Cos(lat2*degree)*sinLon*sinLon
	return 2 * radius * math.Asin(math.Sqrt(min(1, h)))
}

// Visits lists a stop's next visits that end after from, cancelled ones included.
func (v *Van) Visits(ctx context.Context, id StopID, from time.Time, limit int) ([]Visit, error) {
	w, s, err := v.lookStop(ctx, id)
	if err != nil {
		return nil, err
	}
	// A visit of the day before may be late enough to end after from.
	day := civilOf(from, v.zone) - 1
	list := make([]Visit, 0, min(max(limit, 0), 64))
	for len(list) < limit {
		dates := s.next(day, limit-len(list)+1)
		for _, d := range dates {
			changes, err := w.changesOf(ctx, d)
			if err != nil {
				return nil, err
			}
			if visit := w.visit(s, d, changes[id]); visit.Departure.After(from) && len(list) < limit {
				list = append(list, visit)
			}
		}
		if len(dates) == 0 {
			break
		}
		day = dates[len(dates)-1] + 1
	}
	return list, nil
}

// Visit returns one dated visit. ErrNotFound when the rule gives none on that date.
func (v *Van) Visit(ctx context.Context, id VisitID) (Visit, error) {
	_, visit, err := v.lookVisit(ctx, id)
	return visit, err
}

func (v *Van) lookVisit(ctx context.Context, id VisitID) (*view, Visit, error) {
	stop, day, err := id.split()
	if err != nil {
		return nil, Visit{}, err
	}
	w, s, err := v.lookStop(ctx, stop)
	if err != nil {
		return nil, Visit{}, err
	}
	if !s.runsOn(day) {
		return nil, Visit{}, fmt.Errorf("visit %q: %w", id, ErrNotFound)
	}
	changes, err := w.changesOf(ctx, day)
	if err != nil {
		return nil, Visit{}, err
	}
	return w, w.visit(s, day, changes[stop]), nil
}

// Day lists the visits of a civil day (the library's zone) of all routes, by route and arrival.
func (v *Van) Day(ctx context.Context, day time.Time) ([]Visit, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	date := civilOf(day, v.zone)
	changes, err := w.changesOf(ctx, date)
	if err != nil {
		return nil, err
	}
	var list []Visit
	for _, s := range w.dayOrder {
		if s.runsOn(date) {
			list = append(list, w.visit(s, date, changes[s.ID]))
		}
	}
	return list, nil
}

// NextDays lists the next days with visits, from a day on; each is midnight on the library's wall clock.
func (v *Van) NextDays(ctx context.Context, from time.Time, limit int) ([]time.Time, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	var days []time.Time
	for day := civilOf(from, v.zone); len(days) < limit; day++ {
		first, found := day, false
		for _, s := range w.stops {
			if dates := s.next(day, 1); len(dates) > 0 && (!found || dates[0] < first) {
				first, found = dates[0], true
			}
		}
		if !found {
			break
		}
		day = first
		days = append(days, day.at(0, v.zone))
	}
	return days, nil
}
