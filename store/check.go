package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Problem is one invariant of the state that does not hold.
type Problem struct {
	// Invariant is "copy", "hold", "loan", "member", "index", "notice", "registration", "follow", "stop", "import", "broadcast",
	// "id" or "state".
	Invariant string
	Key       string // the key or id that it is about
	Detail    string
}

// Check verifies every invariant of the state, and returns what is broken. It
// changes nothing and may run beside everything else: what is seen broken once,
// because it changed while it was read, is looked at again.
func (s *Store) Check(ctx context.Context) ([]Problem, error) {
	problems, err := s.checkOnce(ctx)
	if err != nil || len(problems) == 0 {
		return nil, err
	}
	again, err := s.checkOnce(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(again, func(p Problem) bool { return !slices.Contains(problems, p) }), nil
}

func (s *Store) checkOnce(ctx context.Context) ([]Problem, error) {
	x, err := s.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	have, err := s.db.storedIndexes(ctx, x.keys)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	problems := slices.Concat(compare(x.derive(), have), x.checkCopies(), x.checkHolds(), x.checkLoans(), x.checkMembers(), x.checkState())
	for _, check := range []func(context.Context, *snapshot) ([]Problem, error){
		s.checkNotices, s.checkRegistrations, s.checkFollows, s.checkStops, s.checkImports, s.checkIDs, s.checkBroadcasts,
	} {
		more, err := check(ctx, x)
		if err != nil {
			return nil, fmt.Errorf("check: %w", err)
		}
		problems = append(problems, more...)
	}
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Invariant, b.Invariant), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Detail, b.Detail))
	})
	return problems, nil
}

// complaints gathers what is wrong with one kind of thing.
type complaints struct {
	invariant string
	list      []Problem
}

func (c *complaints) about(key, format string, args ...any) {
	c.list = append(c.list, Problem{Invariant: c.invariant, Key: key, Detail: fmt.Sprintf(format, args...)})
}

// checkCopies: a copy is in one pair of hands, and its status says whose.
func (x *snapshot) checkCopies() []Problem {
	c := complaints{invariant: "copy"}
	holders := map[CopyID][]string{}
	for id, h := range x.holds {
		if h.State.promised() {
			holders[h.Copy] = append(holders[h.Copy], id)
		}
	}
	borrowers := map[CopyID][]string{}
	for id, l := range x.loans {
		if l.ReturnedAt.IsZero() {
			borrowers[l.Copy] = append(borrowers[l.Copy], id)
		}
	}
	for title, copies := range x.shelves {
		if _, known := x.titles[title]; !known {
			c.about(title, "has copies and is no title")
		}
		for _, y := range copies {
			holds, loans := len(holders[y.ID]), len(borrowers[y.ID])
			wantHolds, wantLoans := 0, 0
			switch y.Status {
			case CopyHeld:
				wantHolds = 1
			case CopyLoaned:
				wantLoans = 1
			case CopyAvailable, CopyMissing:
			default:
				c.about(string(y.ID), "has the status %q", y.Status)
			}
			if holds != wantHolds || loans != wantLoans || string(y.Title) != title {
				slices.Sort(holders[y.ID])
				c.about(string(y.ID), "of %s is %s with holds %v and loans %v", y.Title, y.Status, holders[y.ID], borrowers[y.ID])
			}
			if _, known := x.locations[string(y.Location)]; !known {
				c.about(string(y.ID), "is at %q, which is no location", y.Location)
			}
		}
	}
	return c.list
}

func (x *snapshot) findCopy(title TitleID, id CopyID) bool {
	return slices.ContainsFunc(x.shelves[string(title)], func(y Copy) bool { return y.ID == id })
}

// checkHolds: an open hold has a member, a title, a copy if its state says so, and does not wait while one is free.
func (x *snapshot) checkHolds() []Problem {
	c := complaints{invariant: "hold"}
	open := map[string]string{}
	for id, h := range x.holds {
		if !h.State.Open() {
			continue
		}
		pair := string(h.Member) + " " + string(h.Title)
		if first := open[pair]; first != "" {
			c.about(max(id, first), "is a second hold of %s", pair)
		}
		open[pair] = id
		if m, known := x.members[string(h.Member)]; !known {
			c.about(id, "is %s for %s, who is no member", h.State, h.Member)
		} else if m.ID != h.Member {
			c.about(id, "names %s", m.ID)
		}
		if h.State.promised() && !x.findCopy(h.Title, h.Copy) {
			c.about(id, "is %s with copy %q, which is none of %s", h.State, h.Copy, h.Title)
		}
		if h.State == HoldPlaced {
			if i := slices.IndexFunc(x.shelves[string(h.Title)], func(y Copy) bool { return y.Status == CopyAvailable }); i >= 0 {
				c.about(id, "waits while copy %s is free", x.shelves[string(h.Title)][i].ID)
			}
		}
		if (h.State == HoldReady) == h.Deadline.IsZero() {
			c.about(id, "is %s with the deadline %v", h.State, h.Deadline)
		}
	}
	return c.list
}

func (x *snapshot) checkLoans() []Problem {
	c := complaints{invariant: "loan"}
	for id, l := range x.loans {
		if !l.ReturnedAt.IsZero() {
			continue
		}
		if _, known := x.members[string(l.Member)]; !known {
			c.about(id, "is %s's, who is no member", l.Member)
		}
		if !x.findCopy(l.Title, l.Copy) {
			c.about(id, "is of copy %s, which is none of %s", l.Copy, l.Title)
		}
	}
	return c.list
}

func (x *snapshot) checkMembers() []Problem {
	c := complaints{invariant: "member"}
	for id, m := range x.members {
		if string(m.ID) != id || !slices.Contains(AllRoles(), m.Role) {
			c.about(id, "is %s with the role %q", m.ID, m.Role)
		}
		if _, applied := x.applications[id]; applied != (m.Role == RoleApplicant) {
			c.about(id, "has the role %s; application: %v", m.Role, applied)
		}
		if _, known := x.organisations[string(m.Organisation)]; m.Organisation != "" && !known {
			c.about(id, "belongs to %s, which is no organisation", m.Organisation)
		}
	}
	for id := range x.applications {
		if _, known := x.members[id]; !known {
			c.about(id, "applied and is unknown")
		}
	}
	return c.list
}

func (x *snapshot) checkState() []Problem {
	c := complaints{invariant: "state"}
	if slices.Contains(x.keys, "restoring") {
		c.about("restoring", "a restore did not come to its end")
	}
	if !slices.Contains(x.keys, "schema") {
		c.about("schema", "is missing")
	}
	for _, id := range []LocationID{MainLibrary, VanLocation} {
		if _, there := x.locations[string(id)]; !there {
			c.about(string(id), "is missing")
		}
	}
	return c.list
}

// checkImports: just the imports that have not ended are in the queue.
func (s *Store) checkImports(ctx context.Context, x *snapshot) ([]Problem, error) {
	c := complaints{invariant: "import"}
	queued, err := s.db.rdb.ZRange(ctx, s.db.keys.importQueue(), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read the imports' queue: %w", err)
	}
	for id, i := range x.imports {
		over := i.State == ImportDone || i.State == ImportFailed
		if over == slices.Contains(queued, id) {
			c.about(id, "is %s; in the queue: %v", i.State, !over)
		}
	}
	return c.list, nil
}
