package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// timetable is the whole timetable as it was at one revision, in memory: an
// answer about the van costs one question to Redis (has it changed?) and no
// walk along the rules. It is immutable but for the dates it computes on demand.
type timetable struct {
	stopsRev string
	zone     *time.Location
	routes   []Route // by name
	route    map[RouteID]Route
	routeKey map[string]RouteID // by routeKey
	stops    []*timedStop       // by community and name
	stop     map[StopID]*timedStop
	byRoute  map[RouteID][]*timedStop // by arrival
	dayOrder []*timedStop             // by route's name and arrival
	byKey    map[string][]*timedStop  // by stopKey, in the order of their ids
}

// timedStop is a stop with its rule and a window of computed dates.
type timedStop struct {
	Stop
	rule   *stopRule // nil when it can't be read: no visits
	folded string    // community, name and address

	mu       sync.Mutex
	from, to civil // dates are complete in [from, to]; from > to is nothing yet
	dates    []civil
}

// timetableCache keeps the newest timetable and the visits' changes read so far.
type timetableCache struct {
	mu        sync.Mutex
	table     *timetable
	visitsRev string
	changes   map[civil]map[StopID]visitChange
}

// visitChange is what was told about one visit.
type visitChange struct {
	Delay     int  `json:"delay,omitempty"` // minutes
	Cancelled bool `json:"cancelled,omitempty"`
	Revision  int  `json:"revision"`
}

// maxCachedDays bounds the days whose changes are kept in memory.
const maxCachedDays = 2000

// view is the timetable as one operation sees it.
type view struct {
	*timetable
	v         *Van
	visitsRev string
}

// look returns the timetable in force. What it shows is at least as new as the
// revisions it carries, so a decision that names these is refused if anything changed since.
func (v *Van) look(ctx context.Context) (*view, error) {
	revs, err := v.rdb.HMGet(ctx, v.keys.timetable(), "stops", "visits").Result()
	if err != nil {
		return nil, fmt.Errorf("read timetable revision: %w", err)
	}
	stopsRev, visitsRev := revText(revs[0]), revText(revs[1])
	v.cache.mu.Lock()
	defer v.cache.mu.Unlock()
	if v.cache.visitsRev != visitsRev || v.cache.changes == nil || len(v.cache.changes) > maxCachedDays {
		v.cache.changes, v.cache.visitsRev = map[civil]map[StopID]visitChange{}, visitsRev
	}
	if v.cache.table == nil || v.cache.table.stopsRev != stopsRev {
		t, err := v.loadTimetable(ctx, stopsRev, v.cache.table)
		if err != nil {
			return nil, err
		}
		v.cache.table = t
	}
	return &view{timetable: v.cache.table, v: v, visitsRev: visitsRev}, nil
}

func revText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return "0"
}

// loadTimetable reads all routes and stops. Stops that have not changed since before keep their computed dates.
func (v *Van) loadTimetable(ctx context.Context, rev string, before *timetable) (*timetable, error) {
	pipe := v.rdb.Pipeline()
	routes, stops := pipe.HGetAll(ctx, v.keys.routes()), pipe.HGetAll(ctx, v.keys.stops())
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read timetable: %w", err)
	}
	t := &timetable{stopsRev: rev, zone: v.zone, route: map[RouteID]Route{}, stop: make(map[StopID]*timedStop, len(stops.Val()))}
	for id, text := range routes.Val() {
		var r Route
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("decode route %s: %w", id, err)
		}
		t.route[r.ID] = r
		t.routes = append(t.routes, r)
	}
	for id, text := range stops.Val() {
		var s Stop
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return nil, fmt.Errorf("decode stop %s: %w", id, err)
		}
		if before != nil {
			if old, ok := before.stop[s.ID]; ok && old.Revision == s.Revision {
				t.stop[s.ID] = old
				continue
			}
		}
		t.stop[s.ID] = newTimedStop(s, v.zone)
	}
	t.index()
	return t, nil
}

func newTimedStop(s Stop, zone *time.Location) *timedStop {
	rule, err := readRule(s, zone)
	if err != nil {
		rule = nil // refused when saved; a state that has one anyway shows the stop without visits
	}
	return &timedStop{Stop: s, rule: rule, folded: fold(s.Community + "\n" + s.Name + "\n" + s.Address), from: 1, to: 0}
}

// index builds the orders in which people see the timetable.
func (t *timetable) index() {
	slices.SortFunc(t.routes, func(a, b Route) int {
		return cmp.Or(compareNatural(fold(a.Name), fold(b.Name)), cmp.Compare(a.Van, b.Van), cmp.Compare(a.ID, b.ID))
	})
	rank := make(map[RouteID]int, len(t.routes))
	t.routeKey = make(map[string]RouteID, len(t.routes))
	for i, r := range t.routes {
		rank[r.ID] = i
		t.routeKey[routeKey(r.Van, r.Name)] = r.ID
	}
	for _, s := range t.stop {
		t.stops = append(t.stops, s)
	}
	slices.SortFunc(t.stops, func(a, b *timedStop) int {
		return cmp.Or(cmp.Compare(a.folded, b.folded), cmp.Compare(a.Arrival, b.Arrival), cmp.Compare(a.ID, b.ID))
	})
	t.dayOrder = slices.Clone(t.stops)
	slices.SortStableFunc(t.dayOrder, func(a, b *timedStop) int {
		return cmp.Or(cmp.Compare(rank[a.Route], rank[b.Route]), cmp.Compare(a.Arrival, b.Arrival))
	})
	t.byRoute = make(map[RouteID][]*timedStop, len(t.routes))
	for _, s := range t.dayOrder {
		t.byRoute[s.Route] = append(t.byRoute[s.Route], s)
	}
	t.byKey = make(map[string][]*timedStop, len(t.stops))
	for _, s := range t.stops {
		r := t.route[s.Route]
		key := stopKey(r.Van, r.Name, s.Community, s.Name)
		t.byKey[key] = append(t.byKey[key], s)
	}
	for _, same := range t.byKey {
		slices.SortFunc(same, func(a, b *timedStop) int {
			return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
		})
	}
}

// routeKey is by what a route is known again.
func routeKey(van, name string) string { return fold(van) + "\n" + fold(name) }

// stopKey is by what a row of a timetable is known again.
func stopKey(van, route, community, name string) string {
	return routeKey(van, route) + "\n" + fold(community) + "\n" + fold(name)
}

// compareNatural compares texts with their numbers as numbers: "route 2" stands before "route 10".
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		i, j := digits(a), digits(b)
		if i > 0 && j > 0 {
			x, y := strings.TrimLeft(a[:i], "0"), strings.TrimLeft(b[:j], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[i:], b[j:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// window returns the stop's dates, complete at least in [from, to].
func (s *timedStop) window(from, to civil) []civil {
	if s.rule == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if from < s.from || to > s.to || s.from > s.to {
		s.from, s.to = from-windowBehind, to+windowAhead
		s.dates = s.rule.between(s.from, s.to)
	}
	return s.dates
}

// runsOn tells whether the rule gives a visit on the day.
func (s *timedStop) runsOn(day civil) bool {
	_, found := slices.BinarySearch(s.window(day, day), day)
	return found
}

// from lists up to limit dates from a day on.
func (s *timedStop) next(from civil, limit int) []civil {
	for ahead := civil(windowAhead); ; ahead *= 2 {
		dates := s.window(from, from+ahead)
		i, _ := slices.BinarySearch(dates, from)
		if len(dates)-i >= limit || ahead > ruleHorizon {
			return dates[i:min(len(dates), i+limit)]
		}
	}
}

// changesOf returns what was told about a day's visits. The map is not to be changed.
func (w *view) changesOf(ctx context.Context, day civil) (map[StopID]visitChange, error) {
	c := &w.v.cache
	c.mu.Lock()
	known, ok := c.changes[day]
	ok = ok && c.visitsRev == w.visitsRev
	c.mu.Unlock()
	if ok {
		return known, nil
	}
	raw, err := w.v.rdb.HGetAll(ctx, w.v.keys.visits(day.compact())).Result()
	if err != nil {
		return nil, fmt.Errorf("read changes of %s: %w", day, err)
	}
	changes := make(map[StopID]visitChange, len(raw))
	for id, text := range raw {
		var ch visitChange
		if err := json.Unmarshal([]byte(text), &ch); err != nil {
			return nil, fmt.Errorf("decode change of %s on %s: %w", id, day, err)
		}
		changes[StopID(id)] = ch
	}
	c.mu.Lock()
	if c.visitsRev == w.visitsRev {
		c.changes[day] = changes
	}
	c.mu.Unlock()
	return changes, nil
}

// visit is a stop's visit on a day, as changed.
func (t *timetable) visit(s *timedStop, day civil, ch visitChange) Visit {
	delay := time.Duration(ch.Delay) * time.Minute
	return Visit{
		ID:        visitID(s.ID, day),
		Stop:      s.Stop,
		Arrival:   day.at(s.Arrival, t.zone).Add(delay),
		Departure: day.at(s.Departure, t.zone).Add(delay),
		Delay:     delay,
		Cancelled: ch.Cancelled,
		Revision:  ch.Revision,
	}
}

func visitID(id StopID, day civil) VisitID { return VisitID(string(id) + "_" + day.compact()) }

// split reads a visit's identifier. ErrNotFound.
func (id VisitID) split() (StopID, civil, error) {
	stop, day, ok := strings.Cut(string(id), "_")
	if !ok {
		return "", 0, fmt.Errorf("visit %q: %w", id, ErrNotFound)
	}
	c, err := parseCompact(day)
	return StopID(stop), c, err
}
