package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// AudienceKind says by what people are chosen.
type AudienceKind string

// The kinds of criterion. A comment names the reference (Ref).
const (
	AudienceMembers      AudienceKind = "members"      // members and staff
	AudienceLanguage     AudienceKind = "language"     // lt, lv or en
	AudienceOrganisation AudienceKind = "organisation" // OrganisationKind of theirs
	AudienceTopic        AudienceKind = "topic"        // Topic that they are interested in
	AudienceFollowers    AudienceKind = "followers"    // StopID
	AudienceRoute        AudienceKind = "route"        // RouteID, any of whose stops they follow
	AudienceParticipants AudienceKind = "participants" // ActivityID where they have a seat
	AudienceWaitlist     AudienceKind = "waitlist"     // ActivityID whose waitlist they are on
	AudienceSilent       AudienceKind = "silent"       // for how many months nothing was heard of them, 1 to 60
)

// mostSilent is the longest silence that can be asked for, in months.
const mostSilent = 60

// Criterion is one condition.
type Criterion struct {
	Kind AudienceKind `json:"kind"`
	Ref  string       `json:"ref,omitempty"`
}

// Valid tells whether it is a condition that can be looked up.
func (c Criterion) Valid() bool {
	switch c.Kind {
	case AudienceMembers:
		return c.Ref == ""
	case AudienceLanguage:
		return c.Ref != "" && languageOr(c.Ref, "") == c.Ref
	case AudienceOrganisation:
		return slices.Contains([]OrganisationKind{KindLibrary, KindNGO, KindBusiness, KindPartner}, OrganisationKind(c.Ref))
	case AudienceTopic:
		return slices.Contains(AllTopics(), Topic(c.Ref))
	case AudienceFollowers, AudienceRoute, AudienceParticipants, AudienceWaitlist:
		return c.Ref != ""
	case AudienceSilent:
		n, err := strconv.Atoi(c.Ref)
		return err == nil && n >= 1 && n <= mostSilent && strconv.Itoa(n) == c.Ref
	}
	return false
}

// Audience names who gets a broadcast: who meets all of All and none of Not. An empty All is everybody known to the bot.
type Audience struct {
	All []Criterion `json:"all,omitempty"`
	Not []Criterion `json:"not,omitempty"`
}

// Valid tells whether all its criteria are.
func (a Audience) Valid() bool {
	return !slices.ContainsFunc(slices.Concat(a.All, a.Not), func(c Criterion) bool { return !c.Valid() })
}

// AudienceCount says how many would get a broadcast now. LeftOut meet the audience and get none: they paused, opted out of news,
// are unreachable or without Telegram. Quiet (of Count) get it at the end of their quiet hours.
type AudienceCount struct{ Count, LeftOut, Quiet int }

// audienceChunk is how many members are read at a time.
const audienceChunk = 500

// candidate is what decides whether a member gets a broadcast.
type candidate struct {
	ID           MemberID       `json:"id"`
	Chat         int64          `json:"chat,omitempty,string"`
	Role         Role           `json:"role"`
	Organisation OrganisationID `json:"organisation"`
	SeenAt       time.Time      `json:"seen_at"`
	Unreachable  bool           `json:"unreachable"`
	Settings     Settings       `json:"settings"`
}

// Gets tells whether broadcasts go to the member now, be it after their quiet hours.
func (m Member) Gets(now time.Time) bool {
	return candidate{Chat: m.Chat, Unreachable: m.Unreachable, Settings: m.Settings}.gets(now)
}

func (r candidate) gets(now time.Time) bool {
	return r.Chat != 0 && !r.Unreachable && r.Settings.News && !r.Settings.PausedUntil.After(now)
}

// CountAudience counts who would get a broadcast now. ErrInvalid.
func (b *Broadcasts) CountAudience(ctx context.Context, a Audience) (n AudienceCount, err error) {
	now := b.now()
	err = b.eachOfAudience(ctx, a, func(list []candidate) error {
		for _, r := range list {
			switch {
			case !r.gets(now):
				n.LeftOut++
			case r.Settings.QuietUntil(now, b.zone).After(now):
				n.Quiet++
				fallthrough
			default:
				n.Count++
			}
		}
		return nil
	})
	return n, err
}

// eachOfAudience walks the audience's members, each once, a chunk at a time.
func (b *Broadcasts) eachOfAudience(ctx context.Context, a Audience, yield func([]candidate) error) error {
	if !a.Valid() {
		return fmt.Errorf("audience %+v: %w", a, ErrInvalid)
	}
	all, err := b.tests(ctx, a.All)
	if err != nil {
		return err
	}
	not, err := b.tests(ctx, a.Not)
	if err != nil {
		return err
	}
	return b.eachMember(ctx, yield, func(r candidate) bool {
		holds := func(t func(candidate) bool) bool { return t(r) }
		return !slices.ContainsFunc(all, func(t func(candidate) bool) bool { return !t(r) }) && !slices.ContainsFunc(not, holds)
	})
}

// tests makes what decides each criterion; what is known by index is read once.
func (b *Broadcasts) tests(ctx context.Context, criteria []Criterion) ([]func(candidate) bool, error) {
	list := make([]func(candidate) bool, len(criteria))
	for i, c := range criteria {
		var err error
		if list[i], err = b.test(ctx, c); err != nil {
			return nil, fmt.Errorf("audience %s %s: %w", c.Kind, c.Ref, err)
		}
	}
	return list, nil
}

func (b *Broadcasts) test(ctx context.Context, c Criterion) (func(candidate) bool, error) {
	switch c.Kind {
	case AudienceMembers:
		return func(r candidate) bool { return r.Role.AtLeast(RoleMember) }, nil
	case AudienceLanguage:
		return func(r candidate) bool { return r.Settings.Language == c.Ref }, nil
	case AudienceOrganisation:
		kinds, err := b.organisationsOf(ctx, OrganisationKind(c.Ref))
		return func(r candidate) bool { return kinds[r.Organisation] }, err
	case AudienceTopic:
		return func(r candidate) bool { return slices.Contains(r.Settings.Topics, Topic(c.Ref)) }, nil
	case AudienceFollowers:
		return b.among(ctx, b.keys.followers(StopID(c.Ref)))
	case AudienceRoute:
		stops, err := hashAll[Stop](ctx, b.db, b.keys.stops())
		if err != nil {
			return nil, err
		}
		var keys []string
		for _, s := range stops {
			if s.Route == RouteID(c.Ref) {
				keys = append(keys, b.keys.followers(s.ID))
			}
		}
		return b.among(ctx, keys...)
	case AudienceParticipants:
		return b.among(ctx, b.keys.seats(ActivityID(c.Ref)))
	case AudienceWaitlist:
		return b.among(ctx, b.keys.waitlist(ActivityID(c.Ref)))
	case AudienceSilent:
		months, err := strconv.Atoi(c.Ref)
		since := b.now().AddDate(0, -months, 0)
		return func(r candidate) bool { return r.SeenAt.Before(since) }, wrap(err, "months")
	}
	return nil, ErrInvalid
}

// organisationsOf are the organisations of a kind.
func (b *Broadcasts) organisationsOf(ctx context.Context, kind OrganisationKind) (map[OrganisationID]bool, error) {
	all, err := hashAll[Organisation](ctx, b.db, b.keys.organisations())
	if err != nil {
		return nil, err
	}
	of := map[OrganisationID]bool{}
	for _, o := range all {
		if o.Kind == kind {
			of[o.ID] = true
		}
	}
	return of, nil
}

// among tests whether a member is in one of several sorted sets.
func (b *Broadcasts) among(ctx context.Context, keys ...string) (func(candidate) bool, error) {
	in := map[MemberID]bool{}
	for _, key := range keys {
		for start := int64(0); ; start += eachBatch {
			ids, err := b.rdb.ZRange(ctx, key, start, start+eachBatch-1).Result()
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", key, err)
			}
			for _, id := range ids {
				in[MemberID(id)] = true
			}
			if len(ids) < eachBatch {
				break
			}
		}
	}
	return func(r candidate) bool { return in[r.ID] }, nil
}

// eachMember walks all members. HSCAN may show one twice while the hash grows.
func (b *Broadcasts) eachMember(ctx context.Context, yield func([]candidate) error, in func(candidate) bool) error {
	seen := map[MemberID]struct{}{}
	for cursor := uint64(0); ; {
		flat, next, err := b.rdb.HScan(ctx, b.keys.members(), cursor, "", audienceChunk).Result()
		if err != nil {
			return fmt.Errorf("walk members: %w", err)
		}
		var list []candidate
		for i := 1; i < len(flat); i += 2 {
			var r candidate
			if err := json.Unmarshal([]byte(flat[i]), &r); err != nil {
				return fmt.Errorf("decode member %s: %w", flat[i-1], err)
			}
			if _, again := seen[r.ID]; !again && in(r) {
				seen[r.ID] = struct{}{}
				list = append(list, r)
			}
		}
		if err := yield(list); err != nil {
			return err
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// stage writes the audience as it is now into a list that ends by itself if nobody makes it a broadcast's own.
func (b *Broadcasts) stage(ctx context.Context, key string, a Audience) error {
	const keep = time.Hour
	now := b.now()
	return b.eachOfAudience(ctx, a, func(list []candidate) error {
		ids := make([]any, 0, len(list))
		for _, r := range list {
			if r.gets(now) {
				ids = append(ids, string(r.ID))
			}
		}
		if len(ids) == 0 {
			return nil
		}
		pipe := b.rdb.Pipeline()
		pipe.RPush(ctx, key, ids...)
		pipe.Expire(ctx, key, keep)
		if _, err := pipe.Exec(ctx); err != nil {
			return fmt.Errorf("stage audience: %w", err)
		}
		return nil
	})
}
