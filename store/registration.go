package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"
)

var (
	registrationRegister   = newScript("registration_register", "settings", "registration")
	registrationUnregister = newScript("registration_unregister", "settings", "registration")
	registrationReplan     = newScript("registration_replan", "settings", "registration")
)

// Register takes a seat, or a place at the end of the waitlist when there is none. Reminders are planned in the same step.
// ErrNotMember, ErrAlreadyIn, ErrClosed (begun or cancelled), ErrNotFound.
func (a *Activities) Register(ctx context.Context, op Op, id ActivityID, member MemberID) (Registration, error) {
	r, err := again(func() (Registration, error) {
		x, in, err := a.prepare(ctx, id, []MemberID{member})
		if err != nil {
			return Registration{}, err
		}
		in["member"], in["cancelled"] = member, x.Cancelled
		var r Registration
		err = a.decide(ctx, registrationRegister, op, string(id)+" "+string(member), in, &r)
		return r, err
	})
	if err != nil {
		return Registration{}, fmt.Errorf("register %s for %s: %w", member, id, err)
	}
	return r, nil
}

// Unregister gives the place up; the first in the waitlist is confirmed and told ("promoted"). ErrNotFound, ErrStale,
// ErrClosed after the end.
func (a *Activities) Unregister(ctx context.Context, op Op, id ActivityID, member MemberID) (Registration, error) {
	r, err := a.unregister(ctx, op, id, member, false)
	if err != nil {
		return Registration{}, fmt.Errorf("unregister %s from %s: %w", member, id, err)
	}
	return r, nil
}

func (a *Activities) unregister(ctx context.Context, op Op, id ActivityID, member MemberID, forget bool) (Registration, error) {
	return again(func() (Registration, error) {
		heads, err := a.waiting(ctx, id, 4) // more than one, in case others come first meanwhile
		if err != nil {
			return Registration{}, err
		}
		x, in, err := a.prepare(ctx, id, heads)
		if err != nil {
			return Registration{}, err
		}
		in["member"], in["finish"], in["cancelled"], in["forget"] = member, x.End().UnixMilli(), x.Cancelled, forget
		var r Registration
		err = a.decide(ctx, registrationUnregister, op, string(id)+" "+string(member), in, &r)
		return r, err
	})
}

// forget gives up all places of a member, also past ones, and removes what is stored about them.
func (a *Activities) forget(ctx context.Context, op Op, member MemberID) error {
	ids, err := a.rdb.SMembers(ctx, a.keys.registered(member)).Result()
	if err != nil {
		return fmt.Errorf("read registrations of %s: %w", member, err)
	}
	for _, id := range ids {
		_, err := a.unregister(ctx, op, ActivityID(id), member, true)
		if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrStale) {
			return fmt.Errorf("forget %s in %s: %w", member, id, err)
		}
	}
	all, err := a.rdb.HKeys(ctx, a.keys.activities()).Result()
	if err != nil {
		return fmt.Errorf("list activities: %w", err)
	}
	pipe := a.rdb.Pipeline()
	for _, id := range all {
		pipe.HDel(ctx, a.keys.registrations(ActivityID(id)), string(member))
	}
	pipe.Del(ctx, a.keys.registered(member))
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("forget cancelled registrations of %s: %w", member, err)
	}
	return nil
}

// prepare reads an activity and gathers what lib_registration.lua needs to move registrations. ErrNotFound.
func (a *Activities) prepare(ctx context.Context, id ActivityID, candidates []MemberID) (Activity, map[string]any, error) {
	text, x, err := a.read(ctx, id)
	if err != nil {
		return x, nil, err
	}
	plans, err := a.plansFor(ctx, x, candidates)
	return x, registrationIn(text, x, x, plans), err
}

// registrationIn is IN of lib_registration.lua: an activity as it was and as it will be.
func registrationIn(text string, was, x Activity, plans map[MemberID]registrationPlan) map[string]any {
	return map[string]any{
		"activity": x.ID, "text": text, "seats": x.Seats, "start": x.Start().UnixMilli(),
		"moves": registrationMoves(), "take_back": remindersOf(was), "plans": plans,
	}
}

// read returns an activity's text and what it says. ErrNotFound.
func (a *Activities) read(ctx context.Context, id ActivityID) (string, Activity, error) {
	var x Activity
	text, err := a.rdb.HGet(ctx, a.keys.activities(), string(id)).Result()
	if errors.Is(err, redis.Nil) {
		return "", x, ErrNotFound
	}
	if err != nil {
		return "", x, fmt.Errorf("read activity %s: %w", id, err)
	}
	if err := json.Unmarshal([]byte(text), &x); err != nil {
		return "", x, fmt.Errorf("decode activity %s: %w", id, err)
	}
	return text, x, nil
}

// Seats counts places. ErrNotFound.
func (a *Activities) Seats(ctx context.Context, id ActivityID) (Seats, error) {
	x, err := a.Get(ctx, id)
	if err != nil {
		return Seats{}, err
	}
	all, err := a.SeatsOf(ctx, []Activity{x})
	if err != nil {
		return Seats{}, err
	}
	return all[0], nil
}

// SeatsOf counts the places of several activities, in their order.
func (a *Activities) SeatsOf(ctx context.Context, list []Activity) ([]Seats, error) {
	if len(list) == 0 {
		return nil, nil
	}
	pipe := a.rdb.Pipeline()
	counts := make([]*redis.IntCmd, 0, 2*len(list))
	for _, x := range list {
		counts = append(counts, pipe.ZCard(ctx, a.keys.seats(x.ID)), pipe.ZCard(ctx, a.keys.waitlist(x.ID)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("count seats: %w", err)
	}
	seats := make([]Seats, len(list))
	for i, x := range list {
		seats[i] = Seats{Capacity: x.Seats, Confirmed: int(counts[2*i].Val()), Waiting: int(counts[2*i+1].Val())}
	}
	return seats, nil
}

// Registration returns a member's. ErrNotFound when there is none, or it was cancelled.
func (a *Activities) Registration(ctx context.Context, id ActivityID, member MemberID) (Registration, error) {
	r, err := hashGet[Registration](ctx, a.db, a.keys.registrations(id), string(member))
	if err != nil {
		return r, err
	}
	switch r.State {
	case RegistrationCancelled:
		return Registration{}, fmt.Errorf("registration of %s for %s: %w", member, id, ErrNotFound)
	case Waitlisted:
		rank, err := a.rdb.ZRank(ctx, a.keys.waitlist(id), string(member)).Result()
		if err != nil {
			return Registration{}, fmt.Errorf("find %s in the waitlist of %s: %w", member, id, err)
		}
		r.Position = int(rank) + 1
	case Confirmed, Offered, Attended, NoShow:
	}
	return r, nil
}

// Registrations lists confirmed ones by time, then the waitlist in its order.
func (a *Activities) Registrations(ctx context.Context, id ActivityID) ([]Registration, error) {
	pipe := a.rdb.TxPipeline()
	seats, waitlist := pipe.ZRange(ctx, a.keys.seats(id), 0, -1), pipe.ZRange(ctx, a.keys.waitlist(id), 0, -1)
	docs := pipe.HGetAll(ctx, a.keys.registrations(id))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read registrations of %s: %w", id, err)
	}
	list := make([]Registration, 0, len(seats.Val())+len(waitlist.Val()))
	for i, member := range slices.Concat(seats.Val(), waitlist.Val()) {
		var r Registration
		if err := json.Unmarshal([]byte(docs.Val()[member]), &r); err != nil {
			return nil, fmt.Errorf("decode registration of %s for %s: %w", member, id, err)
		}
		if i >= len(seats.Val()) {
			r.Position = i - len(seats.Val()) + 1
		}
		list = append(list, r)
	}
	return list, nil
}

// OfMember lists a member's confirmed and waitlisted registrations for activities that have not ended and are not called off, by start.
func (a *Activities) OfMember(ctx context.Context, member MemberID) ([]Registration, error) {
	ids, err := a.rdb.SMembers(ctx, a.keys.registered(member)).Result()
	if err != nil {
		return nil, fmt.Errorf("read registrations of %s: %w", member, err)
	}
	activities, err := hashMany[Activity](ctx, a.db, a.keys.activities(), ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(activities, byStart)
	now := a.now()
	var list []Registration
	for _, x := range activities {
		if x.Cancelled || !x.End().After(now) {
			continue
		}
		r, err := a.Registration(ctx, x.ID, member)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func byStart(a, b Activity) int {
	return cmp.Or(a.Start().Compare(b.Start()), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}
