package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// days plays followers, a timetable and its changes over the days around a change of the clock, and reckons apart
// from the store who is to be reminded: whoever chose a reminder before it was due, once it is due, while the van is
// still to come. It knows no plans, groups or cursors: it looks at everything at every step.
type days struct {
	t       *testing.T
	s       *Store
	c       *clock
	rnd     *rand.Rand
	stops   []Stop
	members []MemberID

	settings map[MemberID]Settings
	follows  map[string]bool // "stop member"
	delays   map[VisitID]time.Duration
	off      map[VisitID]bool
	armed    map[string]bool // "kind visit member choice" that was still to come at the last look
	reminded map[string]bool // "kind visit member"
}

const stepOfDays = 5 * time.Minute

func TestDaysOfReminders(t *testing.T) {
	seeds := uint64(4)
	if testing.Short() || testServer == nil {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			s, c := openTest(t)
			c.advance(time.Date(2027, 3, 26, 12, 0, 0, 0, s.db.zone).Sub(c.now())) // the clock is changed on the 28th
			d := &days{
				t: t, s: s, c: c, rnd: rand.New(rand.NewPCG(seed, 1)),
				settings: map[MemberID]Settings{}, follows: map[string]bool{}, delays: map[VisitID]time.Duration{}, off: map[VisitID]bool{},
				armed: map[string]bool{}, reminded: map[string]bool{},
			}
			for i, arrival := range []int{5*60 + 30, 7*60 + 20, 12 * 60, 21*60 + 45} {
				rule := []string{"FREQ=DAILY", "FREQ=DAILY;INTERVAL=2"}[i%2]
				d.stops = append(d.stops, stopAt(t, s, fmt.Sprintf("Kaimas %d", i), rule, arrival))
			}
			for i := range 6 {
				id := MemberID(fmt.Sprintf("m%d", i))
				d.members = append(d.members, id)
				d.choose(id)
				for _, stop := range d.stops {
					follow(t, s, stop, id)
					d.follows[string(stop.ID)+" "+string(id)] = true
				}
			}
			d.rearm()
			d.play(4 * 24 * time.Hour)
		})
	}
}

func (d *days) play(span time.Duration) {
	total := 0
	for end := d.c.now().Add(span); d.c.now().Before(end); d.c.advance(stepOfDays) {
		if d.rnd.IntN(60) == 0 {
			d.c.advance(time.Duration(d.rnd.IntN(40)) * stepOfDays) // the program was away
		}
		want := d.look()
		owed, _, err := d.s.Van.PlanDue(d.t.Context(), d.c.now())
		if err != nil {
			d.t.Fatal(err)
		}
		total += owed
		d.compare(want)
		for d.rnd.IntN(12) == 0 {
			d.act()
		}
	}
	d.t.Logf("%d reminders, %d told", len(d.reminded), total)
	if total == 0 {
		d.t.Error("nobody was reminded of anything")
	}
}

// compare holds the outbox against what is to be there, and sends it.
func (d *days) compare(want []string) {
	var got []string
	for _, line := range owedList(d.t, d.s) {
		kind, rest, _ := strings.Cut(line, ":")
		ref, rest, _ := strings.Cut(rest, ":")
		member, _, _ := strings.Cut(rest, ":")
		if kind != string(NoticeVisitChanged) {
			got = append(got, kind+" "+ref+" "+member)
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		d.t.Fatalf("at %s:\n got %q\nwant %q", d.c.now(), got, want)
	}
	handOver(d.t, d.s)
}

// look lists who is to be reminded now, and notes what is still to come.
func (d *days) look() []string {
	now := d.c.now()
	var want []string
	coming := map[string]bool{}
	d.eachReminder(func(kind string, v VisitID, m MemberID, choice string, due, arrival, departure time.Time) {
		key := kind + " " + string(v) + " " + string(m)
		switch {
		case due.After(now):
			coming[key+" "+choice] = true
		case d.armed[key+" "+choice] && !d.reminded[key] && departure.After(now) && (kind == string(NoticeVisitEvening) || arrival.After(now)):
			d.reminded[key] = true
			want = append(want, key)
		}
	})
	d.armed = coming
	return want
}

// rearm notes, after an action, what is to come from here on; what was to come and is overdue by the action, stays.
func (d *days) rearm() {
	now := d.c.now()
	d.eachReminder(func(kind string, v VisitID, m MemberID, choice string, due, _, _ time.Time) {
		if due.After(now) {
			d.armed[kind+" "+string(v)+" "+string(m)+" "+choice] = true
		}
	})
}

func (d *days) eachReminder(yield func(kind string, v VisitID, m MemberID, choice string, due, arrival, departure time.Time)) {
	now, zone := d.c.now(), d.s.db.zone
	for _, key := range slices.Sorted(maps.Keys(d.follows)) {
		stopID, member, _ := strings.Cut(key, " ")
		stop := d.stops[slices.IndexFunc(d.stops, func(x Stop) bool { return string(x.ID) == stopID })]
		set := d.settings[MemberID(member)]
		if !set.VisitReminders {
			continue
		}
		start, _ := time.Parse("2006-01-02", stop.Start)
		for ahead := -2; ahead <= 3; ahead++ {
			y, mo, da := now.In(zone).AddDate(0, 0, ahead).Date()
			if strings.HasSuffix(stop.Rule, "=2") && int(time.Date(y, mo, da, 0, 0, 0, 0, time.UTC).Sub(start).Hours())%48 != 0 {
				continue
			}
			v := VisitID(fmt.Sprintf("%s_%04d%02d%02d", stop.ID, y, mo, da))
			if d.off[v] {
				continue
			}
			arrival := time.Date(y, mo, da, stop.Arrival/60, stop.Arrival%60, 0, 0, zone).Add(d.delays[v])
			departure := arrival.Add(time.Duration(stop.Departure-stop.Arrival) * time.Minute)
			evening := time.Date(y, mo, da-1, set.VisitEvening/60, set.VisitEvening%60, 0, 0, zone)
			quiet := fmt.Sprint(set.QuietFrom, "-", set.QuietTo)
			yield("visit_evening", v, MemberID(member), fmt.Sprint(set.VisitEvening, quiet), loud(evening, set), arrival, departure)
			yield("visit_soon", v, MemberID(member), fmt.Sprint(set.VisitLead, quiet),
				loud(arrival.Add(-time.Duration(set.VisitLead)*time.Minute), set), arrival, departure)
		}
	}
}

// loud walks back, minute by minute, to one that is not quiet.
func loud(t time.Time, s Settings) time.Time {
	for {
		minute := t.Hour()*60 + t.Minute()
		quiet := s.QuietFrom <= minute && minute < s.QuietTo
		if s.QuietFrom > s.QuietTo {
			quiet = minute >= s.QuietFrom || minute < s.QuietTo
		}
		if !quiet || s.QuietFrom == s.QuietTo {
			return t
		}
		t = t.Add(-time.Minute)
	}
}

func (d *days) choose(m MemberID) {
	d.settings[m] = Settings{
		Language: "lt", VisitReminders: d.rnd.IntN(6) > 0, VisitEvening: 60 * (17 + d.rnd.IntN(6)), VisitLead: 15 * d.rnd.IntN(6),
		QuietFrom: []int{22 * 60, 0, 13 * 60, 21 * 60}[d.rnd.IntN(4)], QuietTo: []int{7 * 60, 0, 14 * 60, 6*60 + 15}[d.rnd.IntN(4)],
	}
	putMember(d.t, d.s, Member{ID: m, Role: RoleMember, Settings: d.settings[m]})
}

func (d *days) act() {
	stop := d.stops[d.rnd.IntN(len(d.stops))]
	m := d.members[d.rnd.IntN(len(d.members))]
	key := string(stop.ID) + " " + string(m)
	var err error
	switch what := d.rnd.IntN(8); what {
	case 0, 1, 2, 3:
		on := what > 0
		if err = d.s.Van.Follow(d.t.Context(), Op{}, stop.ID, m, on); on {
			d.follows[key] = true
		} else {
			delete(d.follows, key)
			maps.DeleteFunc(d.armed, func(k string, _ bool) bool {
				return strings.Contains(k, " "+string(stop.ID)+"_") && strings.Contains(k, " "+string(m)+" ")
			})
		}
	case 4:
		d.choose(m)
		err = d.s.Van.Replan(d.t.Context(), m)
	default:
		err = d.change(stop, what)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	d.rearm()
}

// change delays or cancels one of a stop's next visits, or takes that back, and counts who is told.
func (d *days) change(stop Stop, what int) error {
	visits, err := d.s.Van.Visits(d.t.Context(), stop.ID, d.c.now(), 2)
	if err != nil {
		return err
	}
	v := visits[d.rnd.IntN(2)].ID
	followers := 0
	for key := range d.follows {
		if strings.HasPrefix(key, string(stop.ID)+" ") {
			followers++
		}
	}
	told, changed := 0, false
	if what == 7 {
		changed = !d.off[v]
		d.off[v] = changed
		changed = true
		told, err = d.s.Van.CancelVisit(d.t.Context(), Op{}, v, d.off[v])
	} else {
		delay := time.Duration(d.rnd.IntN(8)) * 10 * time.Minute
		changed = delay != d.delays[v]
		d.delays[v] = delay
		told, err = d.s.Van.Delay(d.t.Context(), Op{}, v, delay)
	}
	if want := followers; changed && told != want || !changed && told != 0 {
		d.t.Errorf("change of %s told %d, want %d (changed %t)", v, told, want, changed)
	}
	return err
}
