package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// snapshotRest reads the aggregates that have a key each.
func (s *Store) snapshotRest(ctx context.Context, x *snapshot) error {
	x.registrations = map[string]map[string]Registration{}
	for id := range x.activities {
		var list map[string]Registration
		if err := walkInto(ctx, s.db, s.db.keys.registrations(ActivityID(id)), &list); err != nil {
			return err
		}
		x.registrations[id] = list
	}
	var err error
	if x.follows, err = s.db.hashesOf(ctx, x.keys, "follows:"); err != nil {
		return err
	}
	return s.snapshotPlans(ctx, x)
}

// hashesOf reads all hashes whose names begin so, by the rest of their names.
func (d *db) hashesOf(ctx context.Context, keys []string, beginning string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for batch := range slices.Chunk(slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return !strings.HasPrefix(key, beginning)
	}), eachBatch) {
		got := make([]*redis.MapStringStringCmd, len(batch))
		_, err := d.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, key := range batch {
				got[i] = pipe.HGetAll(ctx, d.keys.prefix()+key)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read %s…: %w", beginning, err)
		}
		for i, key := range batch {
			if fields := got[i].Val(); len(fields) > 0 { // it may be gone since it was listed
				all[strings.TrimPrefix(key, beginning)] = fields
			}
		}
	}
	return all, nil
}

// deriveActivities says who has a seat or waits, in the order of registering, and when activities end.
func (x *snapshot) deriveActivities(want indexes) {
	for id, a := range x.activities {
		want.add(x.k.activityEnds(), id, number(a.End().UnixMilli()))
	}
	for id, registrations := range x.registrations {
		order := slices.SortedFunc(maps.Values(registrations), func(a, b Registration) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Member, b.Member))
		})
		for i, r := range order {
			index := x.k.seats(ActivityID(id))
			if r.State == Waitlisted {
				index = x.k.waitlist(ActivityID(id))
			} else if r.State != Confirmed {
				continue
			}
			want.add(index, string(r.Member), number(int64(i+1)))
			want.add(x.k.registered(r.Member), id, "")
		}
	}
}

func (x *snapshot) deriveQuestions(want indexes) {
	for id, q := range x.questions {
		want.add(x.k.asked(q.From), id, "")
		if q.AnsweredAt.IsZero() {
			want.add(x.k.openQuestions(), id, number(q.At.UnixMilli()))
		}
	}
}

// checkRegistrations: who is registered is a member, and nobody waits while a seat is free.
func (s *Store) checkRegistrations(_ context.Context, x *snapshot) ([]Problem, error) {
	c := complaints{invariant: "registration"}
	now := s.db.now()
	for id, registrations := range x.registrations {
		a, confirmed, waiting := x.activities[id], 0, 0
		for member, r := range registrations {
			if string(r.Member) != member || string(r.Activity) != id {
				c.about(id, "has %s's registration for %s under %s", r.Member, r.Activity, member)
			}
			if r.State != Confirmed && r.State != Waitlisted {
				continue
			}
			if r.State == Confirmed {
				confirmed++
			} else {
				waiting++
			}
			if _, known := x.members[member]; !known {
				c.about(id, "%s is %s and no member", member, r.State)
			}
		}
		if waiting > 0 && !a.Cancelled && a.Start().After(now) && (a.Seats == 0 || confirmed < a.Seats) {
			c.about(id, "%d wait while %d of %d seats are taken", waiting, confirmed, a.Seats)
		}
	}
	return c.list, nil
}
