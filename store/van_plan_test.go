package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// stopAt is a stop by a rule from Monday 23 November 2026 on, which is the day of openTest's clock.
func stopAt(tb testing.TB, s *Store, name, rule string, arrival int) Stop {
	tb.Helper()
	stop, err := s.Van.SaveStop(tb.Context(), Op{}, Stop{
		Community: name, Name: "Mokykla", Arrival: arrival, Departure: arrival + 30, Rule: rule, Start: "2026-11-23",
	}, "Šiaurė")
	if err != nil {
		tb.Fatal(err)
	}
	return stop
}

func follow(tb testing.TB, s *Store, stop Stop, members ...MemberID) {
	tb.Helper()
	for _, m := range members {
		if err := s.Van.Follow(tb.Context(), Op{}, stop.ID, m, true); err != nil {
			tb.Fatal(err)
		}
	}
}

// ride steps from due instant to due instant until the end; it lists what was owed, "kind ref member rev at", and settles it as sent.
func ride(tb testing.TB, s *Store, c *clock, until time.Time) []string {
	tb.Helper()
	var list []string
	for {
		_, next, err := s.Van.PlanDue(tb.Context(), c.now())
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, owedList(tb, s)...)
		handOver(tb, s)
		if next.IsZero() || next.After(until) {
			if c.now().Before(until) {
				c.advance(until.Sub(c.now()))
			}
			return list
		}
		if c.now().Before(next) {
			c.advance(next.Sub(c.now()))
		}
	}
}

func at(s *Store, month, day, hour, minute int) time.Time {
	return time.Date(2026, time.Month(month), day, hour, minute, 0, 0, s.db.zone)
}

func TestReminders(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	early := plainSettings()
	early.VisitEvening, early.VisitLead = 20*60, 60
	off := plainSettings()
	off.VisitReminders = false
	a := putMember(t, s, Member{ID: "a", Role: RoleMember})
	b := putMember(t, s, Member{ID: "b", Role: RoleMember, Settings: early})
	n := putMember(t, s, Member{ID: "n", Role: RoleMember, Settings: off})
	stop := stopAt(t, s, "Čedasai", "FREQ=WEEKLY;BYDAY=WE", 7*60+20) // first on 25 November; the lead falls into quiet hours
	follow(t, s, stop, a, b, n)
	v := fmt.Sprintf("%s_20261125", stop.ID)
	var want []string
	for _, line := range []string{
		"visit_evening:V:a:0 11-24 18:00", "visit_evening:V:b:0 11-24 20:00", "visit_soon:V:a:0 11-24 21:59", "visit_soon:V:b:0 11-24 21:59",
	} {
		want = append(want, strings.ReplaceAll(line, "V", v))
	}
	if list := ride(t, s, c, at(s, 11, 25, 12, 0)); fmt.Sprint(list) != fmt.Sprint(want) {
		t.Errorf("first week:\n got %q\nwant %q", list, want)
	}
	if owed, next, err := s.Van.PlanDue(ctx, c.now()); err != nil || owed != 0 || !next.Equal(at(s, 12, 1, 18, 0)) {
		t.Errorf("repeated: %d, %s, %v", owed, next, err)
	}
	if list, err := s.Van.Following(ctx, b); err != nil || len(list) != 1 || list[0].ID != stop.ID {
		t.Errorf("following: %v, %v", list, err)
	}
	if err := s.Van.Follow(ctx, Op{}, stop.ID, b, false); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Van.Followers(ctx, stop.ID); err != nil || n != 2 {
		t.Errorf("followers: %d, %v", n, err)
	}
	// The one with no reminders wants one; the other comes late for the evening's.
	if err := s.db.rdb.HSet(ctx, s.db.keys.members(), "n", memberDoc(t, Member{ID: "n", Settings: plainSettings()})).Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Van.Replan(ctx, n); err != nil {
		t.Fatal(err)
	}
	c.advance(at(s, 12, 1, 18, 30).Sub(c.now()))
	follow(t, s, stop, b)
	follow(t, s, stop, putMember(t, s, Member{ID: "d", Role: RoleMember}))
	v = fmt.Sprintf("%s_20261202", stop.ID)
	want = nil
	for _, line := range []string{
		"visit_evening:V:a:0 12-01 18:00", "visit_evening:V:n:0 12-01 18:00", "visit_evening:V:b:0 12-01 20:00",
		"visit_soon:V:a:0 12-01 21:59", "visit_soon:V:b:0 12-01 21:59", "visit_soon:V:d:0 12-01 21:59", "visit_soon:V:n:0 12-01 21:59",
	} {
		want = append(want, strings.ReplaceAll(line, "V", v))
	}
	if list := ride(t, s, c, at(s, 12, 2, 12, 0)); fmt.Sprint(list) != fmt.Sprint(want) {
		t.Errorf("second week:\n got %q\nwant %q", list, want)
	}
}

func TestChangedVisits(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	m := putMembers(t, s, 2)
	stop := stopAt(t, s, "Čedasai", "FREQ=DAILY", 14*60)
	follow(t, s, stop, m...)
	id := func(day int) VisitID { return VisitID(fmt.Sprintf("%s_202611%d", stop.ID, day)) }
	ride(t, s, c, at(s, 11, 24, 13, 0)) // the evening's reminder is out

	step := func(what string, told int, err error, want ...string) {
		t.Helper()
		if err != nil || told != 2 {
			t.Errorf("%s: %d told, %v", what, told, err)
		}
		sameList(t, what, owedList(t, s), both(m, want)...)
		handOver(t, s)
	}
	told, err := s.Van.Delay(ctx, Op{Key: "late"}, id(24), 40*time.Minute)
	step("late by 40", told, err, "visit_changed:"+string(id(24))+":M:1 11-24 13:00")
	if again, err := s.Van.Delay(ctx, Op{Key: "late"}, id(24), 40*time.Minute); err != nil || again != 2 {
		t.Errorf("the same update: %d, %v", again, err)
	}
	if again, err := s.Van.Delay(ctx, Op{}, id(24), 40*time.Minute); err != nil || again != 0 {
		t.Errorf("the same delay: %d, %v", again, err)
	}
	if v, err := s.Van.Visit(ctx, id(24)); err != nil || !v.Arrival.Equal(at(s, 11, 24, 14, 40)) || v.Revision != 1 {
		t.Errorf("visit: %+v, %v", v, err)
	}
	if list := ride(t, s, c, at(s, 11, 24, 13, 59)); len(list) != 0 {
		t.Errorf("before the reminder of the late van: %q", list)
	}
	sameList(t, "at the new time", ride(t, s, c, at(s, 11, 24, 14, 15)), both(m, []string{"visit_soon:" + string(id(24)) + ":M:0 11-24 14:10"})...)
	told, err = s.Van.Delay(ctx, Op{}, id(24), 90*time.Minute)
	step("later still", told, err, "visit_changed:"+string(id(24))+":M:2 11-24 14:15")
	told, err = s.Van.CancelVisit(ctx, Op{}, id(25), true)
	step("tomorrow's is off", told, err, "visit_changed:"+string(id(25))+":M:1 11-24 14:15")
	sameList(t, "nobody is reminded twice, or of what is off", ride(t, s, c, at(s, 11, 25, 15, 0)))
	told, err = s.Van.CancelVisit(ctx, Op{}, id(26), true)
	step("the day after too", told, err, "visit_changed:"+string(id(26))+":M:1 11-25 15:00")
	told, err = s.Van.CancelVisit(ctx, Op{}, id(26), false)
	step("or not", told, err, "visit_changed:"+string(id(26))+":M:2 11-25 15:00")
	sameList(t, "restored", ride(t, s, c, at(s, 11, 26, 13, 0)), both(m, []string{"visit_evening:" + string(id(26)) + ":M:0 11-25 18:00"})...)

	// Another hour by the rule: the reminder not yet owed follows; one that is overdue by it comes at once.
	stop.Arrival, stop.Departure = 13*60+10, 13*60+40
	if stop, err = s.Van.SaveStop(ctx, Op{}, stop, ""); err != nil {
		t.Fatal(err)
	}
	sameList(t, "earlier", ride(t, s, c, at(s, 11, 26, 17, 0)), both(m, []string{"visit_soon:" + string(id(26)) + ":M:0 11-26 13:00"})...)
	if told, err := s.Van.Delay(ctx, Op{}, id(26), time.Hour); err != nil || told != 0 {
		t.Errorf("a visit that has left: %d, %v", told, err)
	}
	// A program that was away for days owes nothing for vans that have left.
	c.advance(at(s, 11, 29, 17, 0).Sub(c.now()))
	sameList(t, "after days away", ride(t, s, c, at(s, 11, 29, 20, 0)), both(m, []string{"visit_evening:" + string(stop.ID) + "_20261130:M:0 11-29 18:00"})...)
}

// both writes each line for each member, in place of M.
func both(members []MemberID, lines []string) []string {
	var list []string
	for _, m := range members {
		for _, line := range lines {
			list = append(list, strings.Replace(line, ":M:", ":"+string(m)+":", 1))
		}
	}
	return list
}

func TestRemoveStop(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	m := putMembers(t, s, 1)[0]
	stop := stopAt(t, s, "Čedasai", "FREQ=DAILY", 600)
	follow(t, s, stop, m)
	if err := s.Van.RemoveStop(ctx, Op{}, stop.ID, false); err == nil {
		t.Error("a followed stop went")
	}
	if err := s.Van.RemoveStop(ctx, Op{}, stop.ID, true); err != nil {
		t.Fatal(err)
	}
	left, err := s.db.rdb.Keys(ctx, s.db.keys.prefix()+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range left {
		for _, gone := range []string{"follow", "choices", "visitdue", "stops", "routes"} {
			if strings.Contains(key, gone) {
				t.Errorf("%s is left", key)
			}
		}
	}
}

// TestManyFollowers kills the planning between chunks: everybody is told once all the same.
func TestManyFollowers(t *testing.T) {
	n := 2*oweChunk + 300
	if testServer == nil {
		t.Skip("slow in memory")
	}
	s, c := openTest(t)
	stop := stopAt(t, s, "Čedasai", "FREQ=DAILY", 14*60)
	follow(t, s, stop, putMembers(t, s, n)...)
	told, err := s.Van.Delay(t.Context(), Op{}, VisitID(string(stop.ID)+"_20261123"), 30*time.Minute)
	if err != nil || told != n {
		t.Fatalf("%d told, %v", told, err)
	}
	if got := len(owedList(t, s)); got != tellAtOnce {
		t.Errorf("%d at once", got)
	}
	if _, _, err := s.Van.PlanDue(t.Context(), c.now()); err != nil {
		t.Fatal(err)
	}
	if got := len(owedList(t, s)); got != n {
		t.Errorf("%d told in the end, want %d", got, n)
	}
	c.advance(9 * time.Hour)
	for killed := 0; ; killed++ {
		ctx, cancel := context.WithCancel(t.Context())
		got, err := s.Van.planSome(ctx, stop.ID, plainReminder(true), c.now())
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if got.Done {
			break
		}
	}
	if _, _, err := s.Van.PlanDue(t.Context(), c.now()); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, line := range owedList(t, s) {
		kind, _, _ := strings.Cut(line, ":")
		counts[kind]++
	}
	if counts["visit_changed"] != n || counts["visit_evening"] != n {
		t.Errorf("owed: %v, want %d of each", counts, n)
	}
}

func plainReminder(evening bool) string {
	for _, r := range visitReminders(plainSettings()) {
		if r.evening == evening {
			return r.String()
		}
	}
	return ""
}
