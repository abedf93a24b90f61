package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// plainSettings are what a new member has: 18:00 on the evening before, half an hour and an hour before; quiet from 22:00 to 7:00.
func plainSettings() Settings {
	return Settings{
		Language: "lt", VisitReminders: true, VisitEvening: 18 * 60, VisitLead: 30, TrainingReminder: true, TrainingLead: 60,
		QuietFrom: 22 * 60, QuietTo: 7 * 60, News: true,
	}
}

// putMember writes a member as the tests of this file need one.
func putMember(tb testing.TB, s *Store, m Member) MemberID {
	tb.Helper()
	if m.Settings.Language == "" {
		m.Settings = plainSettings()
	}
	if err := s.db.rdb.HSet(tb.Context(), s.db.keys.members(), string(m.ID), memberDoc(tb, m)).Err(); err != nil {
		tb.Fatal(err)
	}
	if err := s.db.rdb.SAdd(tb.Context(), s.db.keys.role(m.Role), string(m.ID)).Err(); err != nil {
		tb.Fatal(err)
	}
	return m.ID
}

func memberDoc(tb testing.TB, m Member) string {
	tb.Helper()
	doc, err := json.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return string(doc)
}

func putMembers(tb testing.TB, s *Store, n int) []MemberID {
	tb.Helper()
	ids := make([]MemberID, n)
	for i := range ids {
		ids[i] = putMember(tb, s, Member{ID: MemberID(fmt.Sprintf("mt%d", i)), Chat: int64(1000 + i), Role: RoleMember})
	}
	return ids
}

// owedList lists the outbox as "kind ref member rev at".
func owedList(tb testing.TB, s *Store) []string {
	tb.Helper()
	ids, err := s.db.rdb.ZRangeWithScores(tb.Context(), s.db.keys.outbox(), 0, -1).Result()
	if err != nil {
		tb.Fatal(err)
	}
	list := make([]string, len(ids))
	for i, z := range ids {
		list[i] = fmt.Sprintf("%s %s", z.Member, time.UnixMilli(int64(z.Score)).In(s.db.zone).Format("01-02 15:04"))
	}
	slices.Sort(list)
	return list
}

// handOver settles everything in the outbox, as if sent.
func handOver(tb testing.TB, s *Store) {
	tb.Helper()
	due, err := s.Outbox.Due(tb.Context(), s.db.now(), 1<<20)
	if err != nil {
		tb.Fatal(err)
	}
	for _, n := range due {
		if err := s.Outbox.Sent(tb.Context(), n); err != nil {
			tb.Fatal(err)
		}
	}
}

func training(start time.Time, seats int) Activity {
	return Activity{
		Kind: KindTraining, Name: "El. prekyba", Venue: "Rokiškis", Language: "lt", Seats: seats,
		Sessions: []Session{{Start: start, End: start.Add(2 * time.Hour)}},
	}
}

func sameList(tb testing.TB, what string, got []string, want ...string) {
	tb.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		tb.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestRegistrationLife(t *testing.T) {
	s, c := openTest(t) // Monday 23 November 2026, 9:00
	ctx, zone := t.Context(), s.db.zone
	m := putMembers(t, s, 3)
	a, err := s.Activities.Save(ctx, Op{Key: "save"}, training(time.Date(2026, 11, 26, 10, 0, 0, 0, zone), 1))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Activities.Save(ctx, Op{Key: "save"}, training(time.Date(2026, 11, 26, 10, 0, 0, 0, zone), 1))
	if err != nil || again.ID != a.ID {
		t.Fatalf("saved again: %v, %v", again.ID, err)
	}
	for i, want := range []Registration{{State: Confirmed}, {State: Waitlisted, Position: 1}, {State: Waitlisted, Position: 2}} {
		r, err := s.Activities.Register(ctx, Op{Key: strconv.Itoa(i)}, a.ID, m[i])
		if err != nil || r.State != want.State || r.Position != want.Position {
			t.Fatalf("register %d: %+v, %v", i, r, err)
		}
	}
	if _, err := s.Activities.Register(ctx, Op{}, a.ID, m[0]); !errors.Is(err, ErrAlreadyIn) {
		t.Errorf("twice: %v", err)
	}
	day := fmt.Sprintf("training_day:%s:%s:", a.ID, m[0])
	sameList(t, "after registering", owedList(t, s),
		day+"0 11-25 18:00", fmt.Sprintf("training_soon:%s:%s:0 11-26 09:00", a.ID, m[0]))

	if _, err := s.Activities.Unregister(ctx, Op{}, a.ID, m[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Activities.Unregister(ctx, Op{}, a.ID, m[0]); !errors.Is(err, ErrStale) {
		t.Errorf("given up twice: %v", err)
	}
	promoted := fmt.Sprintf("promoted:%s:%s:2 11-23 09:00", a.ID, m[1])
	sameList(t, "after the seat is free", owedList(t, s), promoted,
		fmt.Sprintf("training_day:%s:%s:0 11-25 18:00", a.ID, m[1]), fmt.Sprintf("training_soon:%s:%s:0 11-26 09:00", a.ID, m[1]))
	if r, err := s.Activities.Register(ctx, Op{}, a.ID, m[0]); err != nil || r.Position != 2 {
		t.Errorf("again at the end: %+v, %v", r, err)
	}
	handOver(t, s)

	// Moved to another day: those concerned are told, the reminders follow.
	a.Sessions = training(time.Date(2026, 11, 27, 8, 0, 0, 0, zone), 1).Sessions
	if a, err = s.Activities.Save(ctx, Op{}, a); err != nil || a.Revision != 1 {
		t.Fatalf("move: %+v, %v", a, err)
	}
	changed := []string{}
	for _, id := range m {
		changed = append(changed, fmt.Sprintf("activity_changed:%s:%s:1 11-23 09:00", a.ID, id))
	}
	sameList(t, "after the move", owedList(t, s), append(changed,
		fmt.Sprintf("training_day:%s:%s:100 11-26 18:00", a.ID, m[1]), fmt.Sprintf("training_soon:%s:%s:100 11-27 07:00", a.ID, m[1]))...)
	handOver(t, s)

	// Other settings: half past seven at night, and two hours before, which is quiet: the evening before quiet begins.
	other := plainSettings()
	other.VisitEvening, other.TrainingLead = 19*60+30, 120
	putMember(t, s, Member{ID: m[1], Role: RoleMember, Settings: other})
	if err := s.Activities.Replan(ctx, m[1]); err != nil {
		t.Fatal(err)
	}
	sameList(t, "after other settings", owedList(t, s),
		fmt.Sprintf("training_day:%s:%s:100 11-26 19:30", a.ID, m[1]), fmt.Sprintf("training_soon:%s:%s:100 11-26 21:59", a.ID, m[1]))

	a.Seats = 2
	if a, err = s.Activities.Save(ctx, Op{}, a); err != nil || a.Revision != 1 {
		t.Fatalf("more seats: %+v, %v", a, err)
	}
	if r, err := s.Activities.Registration(ctx, a.ID, m[2]); err != nil || r.State != Confirmed {
		t.Errorf("more seats: %+v, %v", r, err)
	}
	if seats, err := s.Activities.Seats(ctx, a.ID); err != nil || seats != (Seats{2, 2, 1}) || seats.Free() != 0 {
		t.Errorf("seats: %+v, %v", seats, err)
	}
	if told, err := s.Activities.Cancel(ctx, Op{Key: "cancel"}, a.ID); err != nil || told != 3 {
		t.Errorf("cancel: %d, %v", told, err)
	}
	if told, err := s.Activities.Cancel(ctx, Op{}, a.ID); err != nil || told != 0 {
		t.Errorf("cancel twice: %d, %v", told, err)
	}
	if list, err := s.Activities.OfMember(ctx, m[1]); err != nil || len(list) != 0 {
		t.Errorf("of a member: %+v, %v", list, err)
	}
	cancelled := []string{fmt.Sprintf("promoted:%s:%s:2 11-23 09:00", a.ID, m[2])}
	for _, id := range m {
		cancelled = append(cancelled, fmt.Sprintf("activity_cancelled:%s:%s:2 11-23 09:00", a.ID, id))
	}
	sameList(t, "after it is called off", owedList(t, s), cancelled...)
	c.advance(time.Hour)
	if _, err := s.Activities.Register(ctx, Op{}, a.ID, putMember(t, s, Member{ID: "late", Role: RoleMember})); !errors.Is(err, ErrClosed) {
		t.Errorf("register for what is called off: %v", err)
	}
	if _, err := s.Activities.Register(ctx, Op{}, a.ID, putMember(t, s, Member{ID: "guest", Role: RoleGuest})); !errors.Is(err, ErrNotMember) {
		t.Errorf("register a guest: %v", err)
	}
}

// TestSeatsAtOnce lets many reach for few seats at once.
func TestSeatsAtOnce(t *testing.T) {
	n := 2000
	if testing.Short() || testServer == nil {
		n = 200
	}
	s, _ := openTest(t)
	m := putMembers(t, s, n)
	a, err := s.Activities.Save(t.Context(), Op{}, training(s.db.now().Add(72*time.Hour), 20))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	work := make(chan MemberID)
	for range 16 {
		all.Go(func() {
			for id := range work {
				if _, err := s.Activities.Register(t.Context(), Op{Key: string(id)}, a.ID, id); err != nil {
					t.Errorf("register %s: %v", id, err)
				}
			}
		})
	}
	for _, id := range m {
		work <- id
	}
	close(work)
	all.Wait()
	if seats, err := s.Activities.Seats(t.Context(), a.ID); err != nil || seats != (Seats{20, 20, n - 20}) {
		t.Fatalf("seats: %+v, %v", seats, err)
	}
	list, err := s.Activities.Registrations(t.Context(), a.ID)
	if err != nil || len(list) != n || list[20].Position != 1 || list[n-1].Position != n-20 {
		t.Fatalf("%d registrations, %v", len(list), err)
	}
}

// TestRegistrationProperty compares random lives of an activity with a plain list: the oracle knows no table.
func TestRegistrationProperty(t *testing.T) {
	s, _ := openTest(t)
	m := putMembers(t, s, 8)
	rapid.Check(t, func(r *rapid.T) {
		ctx := t.Context()
		x := training(s.db.now().Add(72*time.Hour), rapid.IntRange(1, 4).Draw(r, "seats"))
		a, err := s.Activities.Save(ctx, Op{}, x)
		if err != nil {
			r.Fatal(err)
		}
		var in, waiting []MemberID
		fill := func() {
			for len(waiting) > 0 && (a.Seats == 0 || len(in) < a.Seats) {
				in, waiting = append(in, waiting[0]), waiting[1:]
			}
		}
		without := func(list []MemberID, id MemberID) []MemberID {
			return slices.DeleteFunc(list, func(x MemberID) bool { return x == id })
		}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			id := rapid.SampledFrom(m).Draw(r, "member")
			known := slices.Contains(in, id) || slices.Contains(waiting, id)
			switch rapid.IntRange(0, 5).Draw(r, "event") {
			case 0, 1, 2:
				if _, err := s.Activities.Register(ctx, Op{}, a.ID, id); (err == nil) == known {
					r.Fatalf("register %s: %v, known %t", id, err, known)
				}
				if !known {
					waiting = append(waiting, id)
				}
			case 3, 4:
				if _, err := s.Activities.Unregister(ctx, Op{}, a.ID, id); (err == nil) != known {
					r.Fatalf("unregister %s: %v, known %t", id, err, known)
				}
				in, waiting = without(in, id), without(waiting, id)
			case 5:
				a.Seats = rapid.IntRange(0, 5).Draw(r, "new seats")
				if a, err = s.Activities.Save(ctx, Op{}, a); err != nil {
					r.Fatal(err)
				}
			}
			fill()
			list, err := s.Activities.Registrations(ctx, a.ID)
			if err != nil {
				r.Fatal(err)
			}
			var got []MemberID
			for i, reg := range list {
				got = append(got, reg.Member)
				if (reg.State == Confirmed) != (i < len(in)) {
					r.Fatalf("%s is %s, want %v in and %v waiting", reg.Member, reg.State, in, waiting)
				}
			}
			if !slices.Equal(got, slices.Concat(in, waiting)) {
				r.Fatalf("%v, want %v and %v", got, in, waiting)
			}
		}
	})
}
