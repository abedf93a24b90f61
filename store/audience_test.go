package store

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// audienceOf opens a library of eight people:
//
//	ona    lt, business; follows stop 0; has the seat; interested in law
//	petras lt, NGO; follows stop 1; waits for a seat
//	anna   lv, no member; follows stop 0; silent for three months
//	john   en, no member; interested in law
//	gone   lt, blocked the bot; follows stop 0
//	paused lt, paused; follows stop 0
//	out    lt, wants no news
//	desk   lt, member without Telegram; follows stop 0
func audienceOf(t *testing.T) (s *Store, c *clock, route RouteID, stop StopID, activity ActivityID) {
	t.Helper()
	s, c = openTest(t)
	stops := []Stop{stopAt(t, s, "Obeliai", "FREQ=DAILY", 600), stopAt(t, s, "Juodupė", "FREQ=DAILY", 720)}
	organisations := map[OrganisationKind]OrganisationID{KindBusiness: "o1", KindNGO: "o2"}
	for kind, id := range organisations {
		doc := fmt.Sprintf(`{"id":%q,"kind":%q}`, id, kind)
		if err := s.db.rdb.HSet(t.Context(), s.db.keys.organisations(), string(id), doc).Err(); err != nil {
			t.Fatal(err)
		}
	}
	put := func(m Member, change func(*Settings)) {
		m.Settings = plainSettings()
		m.Settings.Language = "lt"
		if m.SeenAt.IsZero() {
			m.SeenAt = c.now()
		}
		if change != nil {
			change(&m.Settings)
		}
		putMember(t, s, m)
	}
	law := []Topic{TopicLaw}
	put(Member{ID: "ona", Chat: 1, Role: RoleMember, Organisation: "o1"}, func(x *Settings) { x.Topics = law })
	put(Member{ID: "petras", Chat: 2, Role: RoleLibrarian, Organisation: "o2"}, nil)
	put(Member{ID: "anna", Chat: 3, Role: RoleGuest, SeenAt: c.now().AddDate(0, -3, 0)}, func(x *Settings) { x.Language = "lv" })
	put(Member{ID: "john", Chat: 4, Role: RoleApplicant}, func(x *Settings) { x.Language, x.Topics = "en", law })
	put(Member{ID: "gone", Chat: 5, Role: RoleMember, Unreachable: true}, nil)
	put(Member{ID: "paused", Chat: 6, Role: RoleMember}, func(x *Settings) { x.PausedUntil = c.now().Add(time.Hour) })
	put(Member{ID: "out", Chat: 7, Role: RoleMember}, func(x *Settings) { x.News = false })
	put(Member{ID: "desk", Role: RoleMember}, nil)
	follow(t, s, stops[0], "ona", "anna", "gone", "paused", "desk")
	follow(t, s, stops[1], "petras")
	start := c.now().Add(72 * time.Hour)
	a, err := s.Activities.Save(t.Context(), Op{}, Activity{
		Kind: KindTraining, Name: "Mokymai", Sessions: []Session{{start, start.Add(time.Hour)}}, Venue: "Salė", Language: "lt", Seats: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []MemberID{"ona", "petras"} {
		if _, err := s.Activities.Register(t.Context(), Op{}, a.ID, m); err != nil {
			t.Fatal(err)
		}
	}
	return s, c, stops[0].Route, stops[0].ID, a.ID
}

// TestAudience: criteria are combined by "and", exclusions take away, and whoever gets nothing is counted apart.
func TestAudience(t *testing.T) {
	s, _, route, stop, activity := audienceOf(t)
	is := func(kind AudienceKind, ref string) Criterion { return Criterion{kind, ref} }
	members, law := is(AudienceMembers, ""), is(AudienceTopic, string(TopicLaw))
	for name, test := range map[string]struct {
		all, not []Criterion
		want     []MemberID
		leftOut  int
	}{
		"everybody":             {want: []MemberID{"anna", "john", "ona", "petras"}, leftOut: 4},
		"members":               {all: []Criterion{members}, want: []MemberID{"ona", "petras"}, leftOut: 4},
		"language":              {all: []Criterion{is(AudienceLanguage, "lv")}, want: []MemberID{"anna"}},
		"organisation":          {all: []Criterion{is(AudienceOrganisation, string(KindNGO))}, want: []MemberID{"petras"}},
		"topic":                 {all: []Criterion{law}, want: []MemberID{"john", "ona"}},
		"stop":                  {all: []Criterion{is(AudienceFollowers, string(stop))}, want: []MemberID{"anna", "ona"}, leftOut: 3},
		"route":                 {all: []Criterion{is(AudienceRoute, string(route))}, want: []MemberID{"anna", "ona", "petras"}, leftOut: 3},
		"participants":          {all: []Criterion{is(AudienceParticipants, string(activity))}, want: []MemberID{"ona"}},
		"waitlist":              {all: []Criterion{is(AudienceWaitlist, string(activity))}, want: []MemberID{"petras"}},
		"silent for two months": {all: []Criterion{is(AudienceSilent, "2")}, want: []MemberID{"anna"}},
		"silent for three":      {all: []Criterion{is(AudienceSilent, "3")}}, // since that very instant: not before it
		"both":                  {all: []Criterion{members, law}, want: []MemberID{"ona"}},
		"but":                   {not: []Criterion{members}, want: []MemberID{"anna", "john"}},
		"but neither":           {not: []Criterion{members, law}, want: []MemberID{"anna"}},
		"route but stop": {
			all: []Criterion{is(AudienceRoute, string(route))}, not: []Criterion{is(AudienceFollowers, string(stop))}, want: []MemberID{"petras"},
		},
		"nobody": {all: []Criterion{is(AudienceFollowers, "s404")}},
	} {
		a := Audience{All: test.all, Not: test.not}
		n, err := s.Broadcasts.CountAudience(t.Context(), a)
		if err != nil || n != (AudienceCount{Count: len(test.want), LeftOut: test.leftOut}) {
			t.Errorf("%s: %+v, %v; want %d and %d left out", name, n, err, len(test.want), test.leftOut)
		}
		x, err := s.Broadcasts.Draft(t.Context(), Op{}, Broadcast{By: "petras", Content: said("Sveiki"), Audience: a})
		if err != nil {
			t.Fatal(name, err)
		}
		if x, err = s.Broadcasts.Start(t.Context(), Op{}, x.ID, 0, 0); err != nil || x.Progress.Total != len(test.want) {
			t.Errorf("%s: %+v, %v", name, x.Progress, err)
		}
		got, err := s.db.rdb.LRange(t.Context(), s.db.keys.audience(x.ID), 0, -1).Result()
		slices.Sort(got)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s goes to %v, %v; want %v", name, got, err, test.want)
		}
		if done := len(test.want) == 0; done != (x.State == BroadcastSent) {
			t.Errorf("%s: to %d people and %s", name, len(test.want), x.State)
		}
	}
	s.sound(t)
}

// TestAudienceCountsWhoSleeps: they get it, in the morning.
func TestAudienceCountsWhoSleeps(t *testing.T) {
	s, c, _, _, _ := audienceOf(t)
	c.advance(14 * time.Hour) // 23.00; the pause is over
	n, err := s.Broadcasts.CountAudience(t.Context(), Audience{})
	if err != nil || n != (AudienceCount{Count: 5, LeftOut: 3, Quiet: 5}) {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestAudienceIsValid(t *testing.T) {
	s, _ := openTest(t)
	for _, c := range []Criterion{
		{AudienceKind("all"), ""},
		{AudienceMembers, "x"},
		{AudienceLanguage, ""},
		{AudienceLanguage, "ru"},
		{AudienceOrganisation, "circus"},
		{AudienceTopic, "magic"},
		{AudienceFollowers, ""},
		{AudienceRoute, ""},
		{AudienceParticipants, ""},
		{AudienceWaitlist, ""},
		{AudienceSilent, "0"},
		{AudienceSilent, "61"},
		{AudienceSilent, "03"},
		{AudienceSilent, "-1"},
	} {
		for _, a := range []Audience{{All: []Criterion{c}}, {Not: []Criterion{c}}} {
			if _, err := s.Broadcasts.CountAudience(t.Context(), a); a.Valid() || err == nil {
				t.Errorf("%+v is taken for an audience: %v", a, err)
			}
		}
	}
}
