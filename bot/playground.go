package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"versli/bot/playground"
	"versli/handlers/messages"
	"versli/store"
)

// persona is one of the four people whom a newcomer can be.
type persona struct {
	person playground.Person
	role   store.Role
	org    string
	kind   store.OrganisationKind
}

// personas are invented; so are their businesses.
func personas(words *messages.Catalog) []persona {
	lt, lv := words.In("lt"), words.In("lv")
	return []persona{
		{playground.Person{
			ID: 5_200_100_001, FirstName: "Rasa", LastName: "Petrauskienė", Username: "rasa_suriai", LanguageCode: "lt",
			Note: lt.Plain("playground.member"),
		}, store.RoleMember, "MB „Kamajų sūriai“", store.KindBusiness},
		{playground.Person{
			ID: 5_200_100_002, FirstName: "Inese", LastName: "Kalniņa", Username: "inese_selija", LanguageCode: "lv",
			Note: lv.Plain("playground.partner"),
		}, store.RoleMember, "Biedrība „Sēlijas mantojums”", store.KindPartner},
		{playground.Person{
			ID: 5_200_100_003, FirstName: "Daiva", LastName: "Jankauskienė", Username: "daiva_biblioteka", LanguageCode: "lt",
			Note: lt.Plain("playground.librarian"),
		}, store.RoleOwner, "", store.KindLibrary},
		{playground.Person{
			ID: 5_200_100_004, FirstName: "Vytautas", LastName: "Kazlauskas", Username: "", LanguageCode: "lt",
			Note: lt.Plain("playground.driver"),
		}, store.RoleDriver, "", store.KindLibrary},
	}
}

// libraryName is what the sample's staff belong to.
const libraryName = "Rokiškio rajono savivaldybės Juozo Keliuočio viešoji biblioteka"

// newPlayground makes the local Telegram: its token is good for this start only.
func newPlayground(cfg Config, c *clock, control playground.Clock, notices []string, log *slog.Logger) (*playground.Server, string, error) {
	token := fmt.Sprintf("%d:%s", playground.BotID, rand.Text())
	server, err := playground.New(playground.Options{
		Dir: filepath.Join(cfg.DataDir, "playground"), Token: token, Now: c.now, Zone: cfg.zone(),
		Clock: control, Notices: notices, Log: log, OnCall: cfg.hooks.call, Limits: playground.Limits{Factor: cfg.Limits},
	})
	if err != nil {
		return nil, "", fmt.Errorf("open the playground: %w", err)
	}
	return server, token, nil
}

// people puts the four people in front of the page, once, with their roles in
// the library. Each step may be repeated, so a start broken off is made good by the next.
func people(ctx context.Context, server *playground.Server, st *store.Store, words *messages.Catalog, now time.Time) error {
	if len(server.People()) > 0 {
		return nil
	}
	list := personas(words)
	librarian := list[2].person.ID
	if err := st.Members.MakeOwners(ctx, []int64{librarian}); err != nil {
		return fmt.Errorf("name the librarian: %w", err)
	}
	owner, err := meet(ctx, st, list[2].person)
	if err != nil {
		return err
	}
	for _, p := range list {
		if err := enrol(ctx, st, p, owner, now); err != nil {
			return fmt.Errorf("enrol %s: %w", p.person.FirstName, err)
		}
	}
	// What setting the scene owes is told to nobody.
	owed, err := st.Outbox.Due(ctx, now.Add(time.Hour), len(list))
	if err != nil {
		return wrap("look for what is owed", err)
	}
	for _, n := range owed {
		if err := st.Outbox.Dropped(ctx, n, "scene"); err != nil {
			return wrap("drop what is owed", err)
		}
	}
	for _, p := range list {
		// Nobody has pressed START yet, and Telegram lets a bot write to nobody before.
		if err := st.Members.Unreachable(ctx, p.person.ID); err != nil {
			return fmt.Errorf("add %s: %w", p.person.FirstName, err)
		}
		if _, err := server.AddPerson(p.person); err != nil {
			return fmt.Errorf("add %s: %w", p.person.FirstName, err)
		}
	}
	return nil
}

func meet(ctx context.Context, st *store.Store, p playground.Person) (store.Member, error) {
	m, err := st.Members.Meet(ctx, store.Person{
		Chat: p.ID, Name: p.FirstName + " " + p.LastName, Username: p.Username, Language: p.LanguageCode,
	}, p.LanguageCode)
	if err != nil {
		return store.Member{}, fmt.Errorf("meet %s: %w", p.FirstName, err)
	}
	return m, nil
}

// enrol takes the way that people take: an invitation, then a role.
func enrol(ctx context.Context, st *store.Store, p persona, owner store.Member, now time.Time) error {
	m, err := meet(ctx, st, p.person)
	if err != nil {
		return err
	}
	if p.role == store.RoleOwner || m.Role.AtLeast(store.RoleMember) {
		return nil
	}
	rules, err := st.Rules.Get(ctx)
	if err != nil {
		return wrap("read the rules", err)
	}
	op := store.Op{By: owner.ID}
	invitation, err := st.Members.Invite(ctx, op, store.RoleMember, 1, now.Add(time.Hour))
	if err != nil {
		return wrap("invite", err)
	}
	org := p.org
	if org == "" {
		org = libraryName
	}
	_, err = st.Members.Accept(ctx, store.Op{By: m.ID}, invitation.Code, store.Application{
		Member: m.ID, Name: m.Name, Organisation: org, Kind: p.kind, Agreement: rules.Agreement, At: now,
	})
	if err != nil {
		return wrap("join", err)
	}
	if p.role == store.RoleMember {
		return listOrganisation(ctx, st, op, m.ID)
	}
	return wrap("name", st.Members.SetRole(ctx, op, m.ID, p.role))
}

// listOrganisation puts a persona's organisation into the directory, so that it is not empty on the first day.
func listOrganisation(ctx context.Context, st *store.Store, op store.Op, id store.MemberID) error {
	m, err := st.Members.Get(ctx, id)
	if err != nil {
		return wrap("list organisation", err)
	}
	org, err := st.Members.Organisation(ctx, m.Organisation)
	if err != nil {
		return wrap("list organisation", err)
	}
	org.Listed = true
	return wrap("list organisation", st.Members.SetOrganisation(ctx, op, org))
}

// clockControl moves the program's clock from the page (DESIGN.md section 8).
type clockControl struct {
	one     sync.Mutex // one move at a time
	clock   *clock
	store   *store.Store
	advance func(ctx context.Context, by time.Duration, set func(time.Duration) error) error
}

// Advance goes forward by a duration, doing everything that falls due on the way.
func (c *clockControl) Advance(ctx context.Context, by time.Duration) error {
	c.one.Lock()
	defer c.one.Unlock()
	before := time.Duration(c.clock.shift.Load())
	return c.advance(ctx, by, func(further time.Duration) error {
		if err := c.store.Rules.SetClockShift(ctx, before+further); err != nil {
			return wrap("store the clock", err)
		}
		c.clock.set(before + further)
		return nil
	})
}

// NextVisit is the arrival of the next visit that has not begun, of any stop.
func (c *clockControl) NextVisit(ctx context.Context) (time.Time, bool, error) {
	now := c.clock.now()
	days, err := c.store.Van.NextDays(ctx, now, 3)
	if err != nil {
		return time.Time{}, false, wrap("look for the next visit", err)
	}
	for _, day := range days {
		visits, err := c.store.Van.Day(ctx, day)
		if err != nil {
			return time.Time{}, false, wrap("look for the next visit", err)
		}
		var next time.Time
		for _, v := range visits {
			if !v.Cancelled && v.Arrival.After(now) && (next.IsZero() || v.Arrival.Before(next)) {
				next = v.Arrival
			}
		}
		if !next.IsZero() {
			return next, true, nil
		}
	}
	return time.Time{}, false, nil
}
