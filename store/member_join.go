package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	applyMember   = newScript("member_apply", "member")
	approveMember = newScript("member_approve", "member")
	declineMember = newScript("member_decline", "member")
	inviteMember  = newScript("member_invite")
	acceptMember  = newScript("member_accept", "member")
)

// Apply asks to join; it notifies every librarian and owner (notice
// "application"). Asked again, it replaces the application. ErrAlreadyIn for a
// member, ErrInvalid without a name or an organisation.
func (m *Members) Apply(ctx context.Context, op Op, a Application) error {
	if foldWords(a.Name) == "" || foldWords(a.Organisation) == "" || !a.Kind.valid() {
		return fmt.Errorf("apply: %w", ErrInvalid)
	}
	a.At = m.now()
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode application: %w", err)
	}
	in := map[string]any{"id": a.Member, "application": string(text)}
	if err := m.decide(ctx, applyMember, op, string(a.Member), in, nil); err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	return nil
}

// Applications lists who waits, oldest first.
func (m *Members) Applications(ctx context.Context) ([]Application, error) {
	list, err := hashAll[Application](ctx, m.db, m.keys.applications())
	slices.SortFunc(list, func(a, b Application) int { return a.At.Compare(b.At) })
	return list, err
}

// Approve makes the applicant a member of the organisation named (an existing one of that name and kind, or a new
// one) and owes them a notice ("welcome"). ErrStale when somebody decided before.
func (m *Members) Approve(ctx context.Context, op Op, id MemberID) (Member, error) {
	in := map[string]any{"id": id, "was": ""}
	was, err := m.rdb.HGet(ctx, m.keys.applications(), string(id)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return Member{}, fmt.Errorf("read application of %s: %w", id, err)
	}
	if err == nil {
		var a Application
		if err := json.Unmarshal([]byte(was), &a); err != nil {
			return Member{}, fmt.Errorf("decode application of %s: %w", id, err)
		}
		who, err := m.Get(ctx, id)
		if err != nil {
			return Member{}, err
		}
		in["was"], in["sort"], in["words"] = was, foldWords(a.Name), foldWords(a.Name+" "+who.Username)
		in["organisation"] = organisationNamed(a.Organisation, a.Kind)
	}
	if err := m.decide(ctx, approveMember, op, string(id), in, nil); err != nil {
		return Member{}, fmt.Errorf("approve %s: %w", id, err)
	}
	return m.Get(ctx, id)
}

// Decline ends the application and owes a notice ("declined"). ErrStale when somebody decided before.
func (m *Members) Decline(ctx context.Context, op Op, id MemberID) error {
	if err := m.decide(ctx, declineMember, op, string(id), map[string]any{"id": id}, nil); err != nil {
		return fmt.Errorf("decline %s: %w", id, err)
	}
	return nil
}

// Invite makes an invitation good for uses joinings until expires.
func (m *Members) Invite(ctx context.Context, op Op, role Role, uses int, expires time.Time) (Invitation, error) {
	if uses < 1 || !slices.Contains(AllRoles(), role) {
		return Invitation{}, fmt.Errorf("invite: %w", ErrInvalid)
	}
	standing, err := hashAll[Invitation](ctx, m.db, m.keys.invitations())
	if err != nil {
		return Invitation{}, err
	}
	gone := []string{}
	for _, i := range standing {
		if !m.now().Before(i.Expires) {
			gone = append(gone, i.Code)
		}
	}
	secret := make([]byte, 15)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	in := map[string]any{
		"code": base64.RawURLEncoding.EncodeToString(secret), "role": role, "uses": uses, "expires": stamp(expires), "gone": gone,
	}
	var code string
	if err := m.decide(ctx, inviteMember, op, "", in, &code); err != nil {
		return Invitation{}, fmt.Errorf("invite: %w", err)
	}
	return m.Invitation(ctx, code)
}

// Invitation returns one that is still good, else ErrInvitationUsed.
func (m *Members) Invitation(ctx context.Context, code string) (Invitation, error) {
	i, err := hashGet[Invitation](ctx, m.db, m.keys.invitations(), code)
	if errors.Is(err, ErrNotFound) || (err == nil && !m.now().Before(i.Expires)) {
		return Invitation{}, ErrInvitationUsed
	}
	return i, err
}

// Accept joins with an invitation at once. For an invitation to be owner, organisation may be empty (the library).
// ErrInvitationUsed; ErrAlreadyIn when the member's role includes the invitation's.
func (m *Members) Accept(ctx context.Context, op Op, code string, a Application) (Member, error) {
	who, err := m.Get(ctx, a.Member)
	if err != nil {
		return Member{}, err
	}
	if a.Name == "" {
		a.Name = who.Name
	}
	i, err := m.Invitation(ctx, code)
	expired := errors.Is(err, ErrInvitationUsed)
	if err != nil && !expired {
		return Member{}, err
	}
	if a.Organisation == "" {
		library, err := (&Titles{m.db}).Location(ctx, MainLibrary)
		if err != nil {
			return Member{}, fmt.Errorf("name the library: %w", err)
		}
		a.Organisation, a.Kind = library.Name, KindLibrary
		expired = expired || i.Role != RoleOwner
	}
	in := map[string]any{
		"code": code, "expired": expired, "id": a.Member, "name": a.Name, "agreement": a.Agreement, "at": stamp(m.now()),
		"sort": foldWords(a.Name), "words": foldWords(a.Name + " " + who.Username),
		"organisation": organisationNamed(a.Organisation, a.Kind),
	}
	if err := m.decide(ctx, acceptMember, op, string(a.Member), in, nil); err != nil {
		return Member{}, fmt.Errorf("accept an invitation: %w", err)
	}
	return m.Get(ctx, a.Member)
}

// chatTexts writes chats as scripts get them.
func chatTexts(chats []int64) []string {
	texts := make([]string, len(chats))
	for i, c := range chats {
		texts[i] = strconv.FormatInt(c, 10)
	}
	return texts
}
