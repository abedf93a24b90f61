package store

import (
	"context"
	"regexp"
	"strings"
)

// chosenForm is one reminder that a follower chose, and since when (lib_van.lua).
var chosenForm = regexp.MustCompile(`(\S+)@[0-9]+`)

// deriveFollowers says who follows what and by which reminder, from what each member follows, and what is to be planned.
func (x *snapshot) deriveFollowers(want indexes) {
	for member, stops := range x.follows {
		for stop, chosen := range stops {
			want.add(x.k.followers(StopID(stop)), member, "0")
			for _, c := range chosenForm.FindAllStringSubmatch(chosen, -1) {
				want.add(x.k.followersBy(StopID(stop), c[1]), member, "0")
			}
		}
	}
	for stop, plans := range x.plans {
		for choice, text := range plans {
			want.add(x.k.choices(StopID(stop)), choice, text)
			if p, ok := parsePlanned(text); ok {
				want.add(x.k.visitDue(), dueName(StopID(stop), choice), number(p.due))
			}
		}
	}
}

// snapshotPlans reads what is planned next for each choice in use, and plans it where it is missing. A telling of a change
// that is under way ("cDAY.REV") is in use as well.
func (s *Store) snapshotPlans(ctx context.Context, x *snapshot) error {
	x.plans = map[string]map[string]string{}
	w, err := s.timetable(ctx)
	if err != nil {
		return err
	}
	have, err := s.db.hashesOf(ctx, x.keys, "choices:")
	if err != nil {
		return err
	}
	for stop, plans := range have {
		for choice, text := range plans {
			if _, known := w.stop[StopID(stop)]; known && strings.HasPrefix(choice, "c") {
				x.plan(stop, choice, text)
			}
		}
	}
	for _, stops := range x.follows {
		for stop, chosen := range stops {
			for _, c := range chosenForm.FindAllStringSubmatch(chosen, -1) {
				if err := x.planChosen(ctx, w, stop, c[1], have[stop]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// planChosen takes over what is planned for a choice that somebody made, or plans it.
func (x *snapshot) planChosen(ctx context.Context, w *view, stop, choice string, have map[string]string) error {
	s, known := w.stop[StopID(stop)]
	r, err := parseReminder(choice)
	if !known || err != nil || x.plans[stop][choice] != "" {
		return nil //nolint:nilerr // checkFollows complains of what cannot be read
	}
	text, planned := have[choice]
	if !planned {
		if text, _, err = w.planAfter(ctx, s, r, w.v.now(), nil); err != nil {
			return err
		}
	}
	x.plan(stop, choice, text)
	return nil
}

// timetable is the one that is stored, whatever this process has seen of it before: a restore may have begun meanwhile.
func (s *Store) timetable(ctx context.Context) (*view, error) {
	return (&Van{db: s.db}).look(ctx)
}

func (x *snapshot) plan(stop, choice, text string) {
	if x.plans[stop] == nil {
		x.plans[stop] = map[string]string{}
	}
	x.plans[stop][choice] = text
}

// checkFollows: a follower is a member, the stop is there, and each reminder chosen is one that can be read.
func (s *Store) checkFollows(ctx context.Context, x *snapshot) ([]Problem, error) {
	c := complaints{invariant: "follow"}
	w, err := s.timetable(ctx)
	if err != nil {
		return nil, err
	}
	for member, stops := range x.follows {
		if _, known := x.members[member]; !known {
			c.about(member, "follows stops and is no member")
		}
		for stop, chosen := range stops {
			if w.stop[StopID(stop)] == nil {
				c.about(member, "follows %s, which is no stop", stop)
			}
			for part := range strings.FieldsSeq(chosen) {
				choice, _, _ := strings.Cut(part, "@")
				if _, err := parseReminder(choice); err != nil {
					c.about(member, "is reminded of %s by %q", stop, choice)
				}
			}
		}
	}
	for stop, plans := range x.plans {
		for choice, text := range plans {
			if _, ok := parsePlanned(text); text != "" && !ok {
				c.about(stop, "plans %q for %s", text, choice)
			}
		}
	}
	return c.list, nil
}

// checkStops: a stop is on a route, and what is to be picked up waits at a stop or a location that is there.
func (s *Store) checkStops(ctx context.Context, x *snapshot) ([]Problem, error) {
	c := complaints{invariant: "stop"}
	w, err := s.timetable(ctx)
	if err != nil {
		return nil, err
	}
	var routes map[string]Route
	if err := walkInto(ctx, s.db, s.db.keys.routes(), &routes); err != nil {
		return nil, err
	}
	for id, stop := range w.stop {
		if !has(routes, string(stop.Route)) {
			c.about(string(id), "is on %q, which is no route", stop.Route)
		}
	}
	for id, h := range x.holds {
		if h.State.Open() && w.stop[StopID(h.Pickup)] == nil && !has(x.locations, string(h.Pickup)) {
			c.about(id, "is to be picked up at %q, which is no place", h.Pickup)
		}
	}
	return c.list, nil
}
