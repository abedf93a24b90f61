package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// exportedHold is a hold with its title's name.
type exportedHold struct {
	Name string `json:"name"`
	Hold
}

type exportedLoan struct {
	Name string `json:"name"`
	Loan
}

type exportedRegistration struct {
	Name string `json:"name"`
	Registration
}

type exportedNotice struct {
	ID    string `json:"id"` // kind:reference:member:revision
	State string `json:"state"`
}

type exportedReceipt struct {
	Broadcast BroadcastID `json:"broadcast"`
	State     string      `json:"state"`
	Reason    string      `json:"reason,omitempty"` // why it did not arrive
}

// Export returns everything that is stored under a member, as plain values
// that marshal to JSON. It reads every aggregate. ErrNotFound.
func (s *Store) Export(ctx context.Context, id MemberID) (map[string]any, error) {
	m, err := s.Members.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"exported_at": s.db.now().In(s.db.zone), "profile": m, "settings": m.Settings}
	for _, part := range []struct {
		name string
		read func(context.Context, Member) (any, error)
	}{
		{"organisation", s.exportOrganisation},
		{"application", s.exportApplication},
		{"holds", s.exportHolds},
		{"loans", s.exportLoans},
		{"registrations", s.exportRegistrations},
		{"followed_stops", func(ctx context.Context, m Member) (any, error) { return list(s.Van.Following(ctx, m.ID)) }},
		{"questions", func(ctx context.Context, m Member) (any, error) { return list(s.Questions.OfMember(ctx, m.ID)) }},
		{"notices", s.exportNotices},
		{"broadcasts", s.exportBroadcasts},
		{"broadcasts_received", s.exportReceived},
		{"imports", s.exportImports},
		{"invitations", s.exportInvitations},
		{"decisions", s.exportAudit},
	} {
		value, err := part.read(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("export %s of %s: %w", part.name, id, err)
		}
		if value != nil {
			out[part.name] = value
		}
	}
	return out, nil
}

// list is a list that marshals to [] when empty.
func list[T any](values []T, err error) (any, error) {
	if values == nil {
		values = []T{}
	}
	return values, err
}

func (s *Store) exportOrganisation(ctx context.Context, m Member) (any, error) {
	if m.Organisation == "" {
		return nil, nil
	}
	return s.Members.Organisation(ctx, m.Organisation)
}

func (s *Store) exportApplication(ctx context.Context, m Member) (any, error) {
	a, err := hashGet[Application](ctx, s.db, s.db.keys.applications(), string(m.ID))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return a, err
}

// titleNames reads the names of titles; those gone are left out.
func (s *Store) titleNames(ctx context.Context, ids []TitleID) (map[TitleID]string, error) {
	titles, err := s.Titles.Many(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := make(map[TitleID]string, len(titles))
	for _, t := range titles {
		names[t.ID] = t.Name
	}
	return names, nil
}

func (s *Store) exportHolds(ctx context.Context, m Member) (any, error) {
	ids, err := s.db.rdb.ZRange(ctx, s.db.keys.memberHolds(m.ID), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list holds: %w", err)
	}
	holds, err := s.Holds.many(ctx, ids)
	if err != nil {
		return nil, err
	}
	titles := make([]TitleID, len(holds))
	for i, h := range holds {
		titles[i] = h.Title
	}
	names, err := s.titleNames(ctx, titles)
	out := make([]exportedHold, len(holds))
	for i, h := range holds {
		out[i] = exportedHold{names[h.Title], h}
	}
	return out, err
}

func (s *Store) exportLoans(ctx context.Context, m Member) (any, error) {
	ids, err := s.db.rdb.ZRange(ctx, s.db.keys.memberLoans(m.ID), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list loans: %w", err)
	}
	loans, err := hashMany[Loan](ctx, s.db, s.db.keys.loans(), ids)
	if err != nil {
		return nil, err
	}
	titles := make([]TitleID, len(loans))
	for i, l := range loans {
		titles[i] = l.Title
	}
	names, err := s.titleNames(ctx, titles)
	out := make([]exportedLoan, len(loans))
	for i, l := range loans {
		out[i] = exportedLoan{names[l.Title], l}
	}
	return out, err
}

// exportRegistrations looks into every activity: past and cancelled registrations are in no index by member.
func (s *Store) exportRegistrations(ctx context.Context, m Member) (any, error) {
	activities, err := hashAll[Activity](ctx, s.db, s.db.keys.activities())
	if err != nil {
		return nil, err
	}
	out := []exportedRegistration{}
	for part := range slices.Chunk(activities, eachBatch) {
		pipe := s.db.rdb.Pipeline()
		found := make([]*redis.StringCmd, len(part))
		for i, a := range part {
			found[i] = pipe.HGet(ctx, s.db.keys.registrations(a.ID), string(m.ID))
		}
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("read registrations: %w", err)
		}
		for i, a := range part {
			if found[i].Val() == "" {
				continue
			}
			r := exportedRegistration{Name: a.Name}
			if err := json.Unmarshal([]byte(found[i].Val()), &r.Registration); err != nil {
				return nil, fmt.Errorf("decode registration for %s: %w", a.ID, err)
			}
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b exportedRegistration) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Activity, b.Activity))
	})
	return out, nil
}

func (s *Store) exportNotices(ctx context.Context, m Member) (any, error) {
	out := []exportedNotice{}
	err := s.db.eachField(ctx, s.db.keys.notices(), func(id, text string) error {
		var n Notice
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			return fmt.Errorf("decode notice %s: %w", id, err)
		}
		if n.Member == m.ID {
			out = append(out, exportedNotice{id, "owed"})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.eachSettled(ctx, m.ID, func(id string) error {
		out = append(out, exportedNotice{id, "settled"})
		return nil
	})
	slices.SortFunc(out, func(a, b exportedNotice) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(out), err
}

func (s *Store) exportBroadcasts(ctx context.Context, m Member) (any, error) {
	count, err := s.db.rdb.HLen(ctx, s.db.keys.broadcasts()).Result()
	if err != nil || count == 0 {
		return nil, wrap(err, "count broadcasts")
	}
	all, err := s.Broadcasts.Recent(ctx, int(count))
	return slices.DeleteFunc(all, func(b Broadcast) bool { return b.By != m.ID }), err
}

// exportReceived lists the broadcasts whose audience is still kept and has the member in it.
func (s *Store) exportReceived(ctx context.Context, m Member) (any, error) {
	out := []exportedReceipt{}
	k := s.db.keys
	err := s.db.eachField(ctx, k.broadcasts(), func(broadcast, _ string) error {
		id := BroadcastID(broadcast)
		i, err := s.db.rdb.LPos(ctx, k.audience(id), string(m.ID), redis.LPosArgs{}).Result()
		if errors.Is(err, redis.Nil) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look into the audience of %s: %w", id, err)
		}
		pipe := s.db.rdb.Pipeline()
		result, reason := pipe.GetRange(ctx, k.results(id), i, i), pipe.HGet(ctx, k.unreached(id), strconv.FormatInt(i, 10))
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return fmt.Errorf("read the result of %s: %w", id, err)
		}
		out = append(out, exportedReceipt{id, outcomes()[result.Val()], reason.Val()})
		return nil
	})
	slices.SortFunc(out, func(a, b exportedReceipt) int { return cmp.Compare(a.Broadcast, b.Broadcast) })
	return out, err
}

// outcomes names the bytes of a broadcast's results (lib_broadcast.lua).
func outcomes() map[string]string {
	return map[string]string{
		"0": "open", "1": "open", "s": string(DeliverySent), "u": string(DeliveryUnreachable), "f": string(DeliveryFailed),
		"l": string(DeliveryLeft), "r": "recalled",
	}
}

func (s *Store) exportImports(ctx context.Context, m Member) (any, error) {
	all, err := hashAll[Import](ctx, s.db, s.db.keys.imports())
	mine := slices.DeleteFunc(all, func(x Import) bool { return x.By != m.ID })
	slices.SortFunc(mine, func(a, b Import) int { return a.At.Compare(b.At) })
	return mine, err
}

func (s *Store) exportInvitations(ctx context.Context, m Member) (any, error) {
	all, err := hashAll[Invitation](ctx, s.db, s.db.keys.invitations())
	return slices.DeleteFunc(all, func(x Invitation) bool { return x.By != m.ID }), err
}

// exportAudit lists what the member decided, as far as the trail goes back.
func (s *Store) exportAudit(ctx context.Context, m Member) (any, error) {
	out := []map[string]any{}
	for from := "-"; ; {
		entries, err := s.db.rdb.XRangeN(ctx, s.db.keys.audit(), from, "+", eachBatch).Result()
		if err != nil {
			return nil, fmt.Errorf("read the audit trail: %w", err)
		}
		for _, e := range entries {
			if e.Values["by"] == string(m.ID) {
				out = append(out, e.Values)
			}
		}
		if len(entries) < eachBatch {
			return out, nil
		}
		from = "(" + entries[len(entries)-1].ID
	}
}
