package store

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"
)

func meet(tb testing.TB, s *Store, chat int64, name string) Member {
	tb.Helper()
	m, err := s.Members.Meet(tb.Context(), Person{Chat: chat, Name: name, Language: "lt"}, "lt")
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// join makes a member without Telegram, who may hold and register.
func join(tb testing.TB, s *Store, name string) Member {
	tb.Helper()
	m, err := s.Members.Add(tb.Context(), Op{}, name, "+370 600 00000", "", KindBusiness)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestMeet(t *testing.T) {
	s, c := openTest(t)
	const chat = 4503599627370495 // 52 bits, the largest that Telegram gives
	m, err := s.Members.Meet(t.Context(), Person{Chat: chat, Name: "Rūta", Username: "ruta", Language: "lv-LV"}, "lt")
	if err != nil {
		t.Fatal(err)
	}
	if m.Chat != chat || m.Role != RoleGuest || !reflect.DeepEqual(m.Settings, DefaultSettings("lv")) || !m.SeenAt.Equal(c.now()) {
		t.Errorf("a new guest is %+v", m)
	}
	if other := meet(t, s, 7, "Xi"); other.ID == m.ID || other.Settings.Language != "lt" {
		t.Errorf("a second guest is %+v", other)
	}
	if err := s.Members.Unreachable(t.Context(), chat); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Members.Get(t.Context(), m.ID); !got.Unreachable {
		t.Error("blocked the bot, and is still reachable")
	}
	c.advance(time.Hour)
	again := meet(t, s, chat, "Rūta Nauja")
	if again.ID != m.ID || again.Unreachable || again.Name != "Rūta Nauja" || !again.SeenAt.Equal(c.now()) || again.Username != "" {
		t.Errorf("met again: %+v", again)
	}
	if err := s.Members.Move(t.Context(), chat, chat-1); err != nil {
		t.Fatal(err)
	}
	if moved, err := s.Members.ByChat(t.Context(), chat-1); err != nil || moved.ID != m.ID || moved.Chat != chat-1 {
		t.Errorf("moved: %+v, %v", moved, err)
	}
	if _, err := s.Members.ByChat(t.Context(), chat); !errors.Is(err, ErrNotFound) {
		t.Errorf("the old chat: %v", err)
	}
}

func TestJoining(t *testing.T) {
	s, c := openTest(t)
	ctx := t.Context()
	librarian := meet(t, s, 1, "Biblė")
	if err := s.Members.MakeOwners(ctx, []int64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if owner := meet(t, s, 2, "Antra"); owner.Role != RoleOwner {
		t.Errorf("an awaited owner is %s", owner.Role)
	}
	guest := meet(t, s, 3, "Jonas")
	apply := Application{Member: guest.ID, Name: "Jonas Petraitis", Organisation: "UAB „Ąžuolas“", Kind: KindBusiness, Agreement: "1"}
	if err := s.Members.Apply(ctx, Op{Key: "u1"}, apply); err != nil {
		t.Fatal(err)
	}
	if due, err := s.Outbox.Due(ctx, c.now(), 10); err != nil || len(due) != 2 || due[0].Ref != string(guest.ID) {
		t.Errorf("the owners are owed %v, %v", due, err)
	}
	waiting, err := s.Members.Applications(ctx)
	if err != nil || len(waiting) != 1 || waiting[0].Name != apply.Name {
		t.Fatalf("applications: %v, %v", waiting, err)
	}
	for range 2 { // the second time is the same update again
		joined, err := s.Members.Approve(ctx, Op{Key: "u2", By: librarian.ID}, guest.ID)
		if err != nil || joined.Role != RoleMember || joined.Name != apply.Name || !joined.JoinedAt.Equal(c.now()) {
			t.Fatalf("approved: %+v, %v", joined, err)
		}
	}
	if _, err := s.Members.Approve(ctx, Op{Key: "u3"}, guest.ID); !errors.Is(err, ErrStale) {
		t.Errorf("approved twice: %v", err)
	}
	if err := s.Members.Apply(ctx, Op{}, apply); !errors.Is(err, ErrAlreadyIn) {
		t.Errorf("a member applies: %v", err)
	}

	i, err := s.Members.Invite(ctx, Op{Key: "u4", By: librarian.ID}, RoleMember, 1, c.now().Add(time.Hour))
	if err != nil || len(i.Code) > 64 {
		t.Fatalf("invited: %+v, %v", i, err)
	}
	friend := meet(t, s, 4, "Ona")
	accept := Application{Member: friend.ID, Organisation: "uab ažuolas", Kind: KindBusiness}
	got, err := s.Members.Accept(ctx, Op{Key: "u5"}, i.Code, accept)
	first, _ := s.Members.Get(ctx, guest.ID)
	if err != nil || got.Role != RoleMember || got.Organisation != first.Organisation {
		t.Errorf("accepted: %+v, %v; want organisation %s", got, err, first.Organisation)
	}
	late := meet(t, s, 5, "Vėlyvas")
	accept.Member = late.ID
	if _, err := s.Members.Accept(ctx, Op{Key: "u6"}, i.Code, accept); !errors.Is(err, ErrInvitationUsed) {
		t.Errorf("a used invitation: %v", err)
	}
	old, _ := s.Members.Invite(ctx, Op{}, RoleMember, 5, c.now().Add(time.Hour))
	c.advance(2 * time.Hour)
	if _, err := s.Members.Accept(ctx, Op{}, old.Code, accept); !errors.Is(err, ErrInvitationUsed) {
		t.Errorf("an invitation out of date: %v", err)
	}
	claim, _ := s.Members.Invite(ctx, Op{}, RoleOwner, 1, c.now().Add(time.Hour))
	if got, err := s.Members.Accept(ctx, Op{}, claim.Code, Application{Member: late.ID}); err != nil || got.Role != RoleOwner {
		t.Errorf("claimed: %+v, %v", got, err)
	}
}

func TestRoles(t *testing.T) {
	for _, tc := range []struct {
		by, is, to Role
		want       error
	}{
		{RoleOwner, RoleMember, RoleLibrarian, nil},
		{RoleOwner, RoleLibrarian, RoleMember, nil},
		{RoleOwner, RoleOwner, RoleMember, nil}, // another owner is left
		{RoleLibrarian, RoleMember, RoleDriver, nil},
		{RoleLibrarian, RoleDriver, RoleMember, nil},
		{RoleLibrarian, RoleMember, RoleLibrarian, ErrForbidden},
		{RoleLibrarian, RoleOwner, RoleMember, ErrForbidden},
		{RoleLibrarian, RoleGuest, RoleMember, ErrForbidden},
		{RoleDriver, RoleMember, RoleDriver, ErrForbidden},
		{RoleMember, RoleMember, RoleOwner, ErrForbidden},
	} {
		t.Run(string(tc.by+" "+tc.is+" "+tc.to), func(t *testing.T) {
			s, _ := openTest(t)
			if err := s.Members.MakeOwners(t.Context(), []int64{1}); err != nil {
				t.Fatal(err)
			}
			root := meet(t, s, 1, "Šaknis")
			by, who := join(t, s, "Ji"), join(t, s, "Jis")
			for id, role := range map[MemberID]Role{by.ID: tc.by, who.ID: tc.is} {
				if err := s.Members.SetRole(t.Context(), Op{By: root.ID}, id, role); err != nil {
					t.Fatal(err)
				}
			}
			err := s.Members.SetRole(t.Context(), Op{By: by.ID}, who.ID, tc.to)
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	s, _ := openTest(t)
	_ = s.Members.MakeOwners(t.Context(), []int64{1})
	only := meet(t, s, 1, "Vienintelė")
	if err := s.Members.SetRole(t.Context(), Op{By: only.ID}, only.ID, RoleMember); !errors.Is(err, ErrLastOwner) {
		t.Errorf("the last owner steps down: %v", err)
	}
}

func TestAtLeast(t *testing.T) {
	for i, a := range AllRoles() {
		for j, b := range AllRoles() {
			if got := a.AtLeast(b); got != (i >= j) {
				t.Errorf("%s.AtLeast(%s) = %v", a, b, got)
			}
		}
		if Role("").AtLeast(a) || Role("admin").AtLeast(a) {
			t.Errorf("an unknown role includes %s", a)
		}
	}
}

func TestFind(t *testing.T) {
	s, _ := openTest(t)
	ctx := t.Context()
	add := func(name, organisation string) Member {
		m, err := s.Members.Add(ctx, Op{}, name, "", organisation, KindNGO)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	zita := add("Žita Ąžuolaitė", "VšĮ Kaimo verslas")
	add("Jonas Jonaitis", "")
	add("Jānis Ozoliņš", "Rēzeknes biblioteka")
	for text, want := range map[string][]string{
		"":              {"Jānis Ozoliņš", "Jonas Jonaitis", "Žita Ąžuolaitė"},
		"jo":            {"Jonas Jonaitis"},
		"AZUOL":         {"Žita Ąžuolaitė"},
		"verslas zita":  {"Žita Ąžuolaitė"},
		"ozolins rez":   {"Jānis Ozoliņš"},
		"jonas verslas": {},
		"nobody":        {},
		"(*":            {"Jānis Ozoliņš", "Jonas Jonaitis", "Žita Ąžuolaitė"},
	} {
		found, total, err := s.Members.Find(ctx, text, 0, 10)
		if err != nil || total != len(want) || len(found) != len(want) {
			t.Errorf("find %q: %d of %d, %v; want %v", text, len(found), total, err, want)
			continue
		}
		for i, m := range found {
			if m.Name != want[i] {
				t.Errorf("find %q: %d is %s, want %s", text, i, m.Name, want[i])
			}
		}
	}
	if page, total, _ := s.Members.Find(ctx, "", 1, 1); total != 3 || len(page) != 1 || page[0].Name != "Jonas Jonaitis" {
		t.Errorf("the second page is %v of %d", page, total)
	}
	o, err := s.Members.Organisation(ctx, zita.Organisation)
	if err != nil {
		t.Fatal(err)
	}
	o.Name = "Miesto amatai"
	if err := s.Members.SetOrganisation(ctx, Op{}, o); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"amatai": 1, "kaimo": 0, "zita": 1} {
		if _, total, _ := s.Members.Find(ctx, text, 0, 10); total != want {
			t.Errorf("after renaming, find %q: %d, want %d", text, total, want)
		}
	}
}

func TestSettings(t *testing.T) {
	s, _ := openTest(t)
	m := meet(t, s, 1, "Rūta")
	choice := m.Settings
	choice.Language, choice.VisitLead, choice.News, choice.QuietFrom, choice.QuietTo = "lv", -1, false, 0, 0
	if err := s.Members.SetSettings(t.Context(), Op{}, m.ID, choice); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Members.Get(t.Context(), m.ID); !reflect.DeepEqual(got.Settings, choice) {
		t.Errorf("kept %+v, want %+v", got.Settings, choice)
	}
	for _, wrong := range []func(*Settings){
		func(s *Settings) { s.Language = "ru" },
		func(s *Settings) { s.QuietFrom = 24 * 60 },
		func(s *Settings) { s.VisitEvening = -2 },
	} {
		x := choice
		wrong(&x)
		if err := s.Members.SetSettings(t.Context(), Op{}, m.ID, x); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", x, err)
		}
	}
}

func TestFindAmongMany(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s, _ := openTest(t)
	const people = 20_000
	given, family := []string{"Rūta", "Jonas", "Ona", "Žygimantas", "Līga"}, []string{"Kazlauskas", "Petraitytė", "Bērziņš", "Ąžuolas"}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < people; i += 8 {
				name := fmt.Sprintf("%s %s%d", given[i%len(given)], family[i%len(family)], i)
				if _, err := s.Members.Meet(t.Context(), Person{Chat: int64(i + 1), Name: name}, "lt"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for text, want := range map[string]int{"": people, "azuolas7": 279, "azuolas19999": 1, "ruta kazl": 1000, "zyg": people / 5} {
		began := time.Now()
		page, total, err := s.Members.Find(t.Context(), text, 0, 10)
		if err != nil || total != want || len(page) != min(want, 10) {
			t.Errorf("find %q: %d of %d, %v; want %d", text, len(page), total, err, want)
		}
		t.Logf("find %q among %d: %v", text, people, time.Since(began))
	}
}
