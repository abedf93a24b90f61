package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	activityPut    = newScript("activity_put", "settings", "registration")
	activityRemove = newScript("activity_remove")
)

// Save adds (empty ID) or changes one. More seats promote from the waitlist; another time or place tells those
// concerned ("activity_changed") and moves their reminders. Fewer seats than are confirmed take none away.
// ErrInvalid, ErrNotFound, ErrStale for one called off.
func (a *Activities) Save(ctx context.Context, op Op, x Activity) (Activity, error) {
	subject := string(x.ID)
	if err := checkActivity(&x); err != nil {
		return Activity{}, fmt.Errorf("save activity %q: %w", x.ID, err)
	}
	if x.ID == "" {
		id, err := a.reserve(ctx, "a")
		if err != nil {
			return Activity{}, err
		}
		x.ID = ActivityID(id)
		x.Cancelled, x.Revision = false, 0
	}
	saved, _, err := a.put(ctx, op, subject, x.ID, func(was Activity, known bool) (Activity, NoticeKind, error) {
		switch {
		case subject == "":
			return x, "", nil
		case !known:
			return x, "", ErrNotFound
		case was.Cancelled:
			return x, "", ErrStale
		}
		x.Cancelled, x.Revision = false, was.Revision
		if sameTimeAndPlace(was, x) {
			return x, "", nil
		}
		x.Revision++
		return x, NoticeActivityChanged, nil
	})
	if err != nil {
		return Activity{}, fmt.Errorf("save activity %q: %w", x.ID, err)
	}
	return saved, nil
}

// Cancel calls it off and owes everybody registered or waiting "activity_cancelled". It tells how many are told: nobody
// when it was called off before, or has ended. ErrNotFound.
func (a *Activities) Cancel(ctx context.Context, op Op, id ActivityID) (told int, err error) {
	_, told, err = a.put(ctx, op, "cancel "+string(id), id, func(was Activity, known bool) (Activity, NoticeKind, error) {
		switch {
		case !known:
			return was, "", ErrNotFound
		case was.Cancelled:
			return was, "", nil
		}
		was.Cancelled = true
		was.Revision++
		return was, NoticeActivityCancelled, nil
	})
	if err != nil {
		return 0, fmt.Errorf("cancel activity %q: %w", id, err)
	}
	return told, nil
}

// put lets change turn an activity as it is into what it will be, with the notice that this owes, and writes it.
func (a *Activities) put(ctx context.Context, op Op, subject string, id ActivityID,
	change func(was Activity, known bool) (Activity, NoticeKind, error),
) (saved Activity, told int, err error) {
	answer, err := again(func() (putAnswer, error) { return a.putOnce(ctx, op, subject, id, change) })
	if err != nil {
		return Activity{}, 0, err
	}
	if err := json.Unmarshal([]byte(answer.Doc), &saved); err != nil {
		return Activity{}, 0, fmt.Errorf("decode activity: %w", err)
	}
	return saved, answer.Told, nil
}

type putAnswer struct {
	Doc  string `json:"doc"`
	Told int    `json:"told"`
}

func (a *Activities) putOnce(ctx context.Context, op Op, subject string, id ActivityID,
	change func(was Activity, known bool) (Activity, NoticeKind, error),
) (answer putAnswer, err error) {
	text, was, err := a.read(ctx, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return answer, err
	}
	x, notice, err := change(was, err == nil)
	if err != nil {
		return answer, err
	}
	if x.End().Before(a.now()) {
		notice = ""
	}
	moved := x.Revision != was.Revision
	plans, err := a.plansOfChange(ctx, x, moved)
	if err != nil {
		return answer, err
	}
	doc, err := json.Marshal(x)
	if err != nil {
		return answer, fmt.Errorf("encode activity: %w", err)
	}
	in := registrationIn(text, was, x, plans)
	in["doc"], in["finish"], in["revision"] = string(doc), x.End().UnixMilli(), x.Revision
	in["notice"], in["superseded"], in["moved"], in["cancelled"] = notice, was.Revision, moved, x.Cancelled
	err = a.decide(ctx, activityPut, op, subject, in, &answer)
	return answer, err
}

// plansOfChange makes the plans of all whom a change of the activity may concern: those confirmed when it moves, and
// those whom more seats promote.
func (a *Activities) plansOfChange(ctx context.Context, x Activity, moved bool) (map[MemberID]registrationPlan, error) {
	confirmed, err := a.memberRange(ctx, a.keys.seats(x.ID), -1)
	if err != nil {
		return nil, err
	}
	heads := -1
	if x.Seats > 0 {
		heads = max(0, x.Seats-len(confirmed)) + 4 // more, in case others leave meanwhile
	}
	members, err := a.waiting(ctx, x.ID, heads)
	if err != nil {
		return nil, err
	}
	if moved {
		members = append(members, confirmed...)
	}
	return a.plansFor(ctx, x, members)
}

// checkActivity tells what can't be an activity, and puts its sessions in order. ErrInvalid.
func checkActivity(x *Activity) error {
	switch {
	case strings.TrimSpace(x.Name) == "":
		return fmt.Errorf("no name: %w", ErrInvalid)
	case !slices.Contains(AllActivityKinds(), x.Kind):
		return fmt.Errorf("kind %q: %w", x.Kind, ErrInvalid)
	case len(x.Sessions) == 0 || len(x.Sessions) > sessionsPerRevision:
		return fmt.Errorf("%d sessions: %w", len(x.Sessions), ErrInvalid)
	case x.Seats < 0:
		return fmt.Errorf("%d seats: %w", x.Seats, ErrInvalid)
	case math.IsNaN(x.Lat) || math.IsNaN(x.Lon) || math.Abs(x.Lat) > 90 || math.Abs(x.Lon) > 180:
		return fmt.Errorf("coordinates %g, %g: %w", x.Lat, x.Lon, ErrInvalid)
	}
	x.Sessions = slices.Clone(x.Sessions)
	slices.SortStableFunc(x.Sessions, func(a, b Session) int { return a.Start.Compare(b.Start) })
	for i, s := range x.Sessions {
		if s.Start.IsZero() || !s.End.After(s.Start) || i > 0 && s.End.Before(x.Sessions[i-1].End) {
			return fmt.Errorf("session from %s to %s: %w", s.Start, s.End, ErrInvalid)
		}
	}
	return nil
}

func sameTimeAndPlace(a, b Activity) bool {
	return a.Venue == b.Venue && a.Lat == b.Lat && a.Lon == b.Lon &&
		slices.EqualFunc(a.Sessions, b.Sessions, func(x, y Session) bool { return x.Start.Equal(y.Start) && x.End.Equal(y.End) })
}

// Get returns one. ErrNotFound.
func (a *Activities) Get(ctx context.Context, id ActivityID) (Activity, error) {
	return hashGet[Activity](ctx, a.db, a.keys.activities(), string(id))
}

// Upcoming lists those that end after from, by start; cancelled ones are left out.
func (a *Activities) Upcoming(ctx context.Context, from time.Time, offset, limit int) (list []Activity, total int, err error) {
	all, err := a.endingAfter(ctx, from)
	if err != nil {
		return nil, 0, err
	}
	offset = min(max(0, offset), len(all))
	return all[offset:min(len(all), offset+max(0, limit))], len(all), nil
}

// Between lists those with a session in [from, to), by start; cancelled ones are left out.
func (a *Activities) Between(ctx context.Context, from, to time.Time) ([]Activity, error) {
	all, err := a.endingAfter(ctx, from)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(x Activity) bool {
		return !slices.ContainsFunc(x.Sessions, func(s Session) bool { return s.Start.Before(to) && s.End.After(from) })
	}), nil
}

func (a *Activities) endingAfter(ctx context.Context, from time.Time) ([]Activity, error) {
	ids, err := a.rdb.ZRangeByScore(ctx, a.keys.activityEnds(),
		&redis.ZRangeBy{Min: "(" + strconv.FormatInt(from.UnixMilli(), 10), Max: "+inf"}).Result()
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	list, err := hashMany[Activity](ctx, a.db, a.keys.activities(), ids)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(x Activity) bool { return x.Cancelled })
	slices.SortFunc(list, byStart)
	return list, nil
}

// RemoveSource deletes the activities of a source without registrations; it tells how many went and stayed.
func (a *Activities) RemoveSource(ctx context.Context, op Op, source string) (removed, kept int, err error) {
	docs, err := a.rdb.HGetAll(ctx, a.keys.activities()).Result()
	if err != nil {
		return 0, 0, fmt.Errorf("list activities: %w", err)
	}
	for id, text := range docs {
		var x Activity
		if err := json.Unmarshal([]byte(text), &x); err != nil {
			return removed, kept, fmt.Errorf("decode activity %s: %w", id, err)
		}
		if x.Source != source {
			continue
		}
		switch err := a.decide(ctx, activityRemove, op, id, map[string]any{"activity": id}, nil); {
		case err == nil:
			removed++
		case errors.Is(err, ErrInUse):
			kept++
		case !errors.Is(err, ErrNotFound):
			return removed, kept, fmt.Errorf("remove activity %s: %w", id, err)
		}
	}
	return removed, kept, nil
}
