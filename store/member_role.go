package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

var (
	setRole         = newScript("member_role", "member")
	makeOwners      = newScript("member_own", "member")
	setOrganisation = newScript("organisation_set", "member")
)

// WithRole lists the members of exactly one role, by name.
func (m *Members) WithRole(ctx context.Context, role Role) ([]Member, error) {
	ids, err := m.rdb.SMembers(ctx, m.keys.role(role)).Result()
	if err != nil {
		return nil, fmt.Errorf("list role %s: %w", role, err)
	}
	list, err := hashMany[Member](ctx, m.db, m.keys.members(), ids)
	slices.SortFunc(list, func(a, b Member) int {
		return cmp.Or(cmp.Compare(foldWords(a.Name), foldWords(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// CountRole tells how many have one role.
func (m *Members) CountRole(ctx context.Context, role Role) (int, error) {
	n, err := m.rdb.SCard(ctx, m.keys.role(role)).Result()
	if err != nil {
		return 0, fmt.Errorf("count role %s: %w", role, err)
	}
	return int(n), nil
}

// SetRole names a librarian or driver, or takes that back (RoleMember). The deciding member must be an owner, or a
// librarian naming a driver; else ErrForbidden. ErrLastOwner when no owner would remain. Owes a notice ("role").
func (m *Members) SetRole(ctx context.Context, op Op, id MemberID, role Role) error {
	if !slices.Contains(AllRoles(), role) {
		return fmt.Errorf("role %q: %w", role, ErrInvalid)
	}
	if err := m.decide(ctx, setRole, op, string(id), map[string]any{"id": id, "role": role}, nil); err != nil {
		return fmt.Errorf("make %s %s: %w", id, role, err)
	}
	return nil
}

// MakeOwners gives the role to these Telegram accounts (OWNER_IDS), now or when they first write.
func (m *Members) MakeOwners(ctx context.Context, chats []int64) error {
	if len(chats) == 0 {
		return nil
	}
	if err := m.decide(ctx, makeOwners, Op{}, "", map[string]any{"chats": chatTexts(chats)}, nil); err != nil {
		return fmt.Errorf("make owners: %w", err)
	}
	return nil
}

// HasOwner tells whether there is an owner yet, or one awaited.
func (m *Members) HasOwner(ctx context.Context) (bool, error) {
	pipe := m.rdb.Pipeline()
	owners, awaited := pipe.SCard(ctx, m.keys.role(RoleOwner)), pipe.SCard(ctx, m.keys.awaited())
	if _, err := pipe.Exec(ctx); err != nil {
		return false, fmt.Errorf("count owners: %w", err)
	}
	return owners.Val()+awaited.Val() > 0, nil
}

// Organisation returns one. ErrNotFound.
func (m *Members) Organisation(ctx context.Context, id OrganisationID) (Organisation, error) {
	return hashGet[Organisation](ctx, m.db, m.keys.organisations(), string(id))
}

// Organisations lists those that wish to be found (or all), by name.
func (m *Members) Organisations(ctx context.Context, all bool) ([]Organisation, error) {
	list, err := hashAll[Organisation](ctx, m.db, m.keys.organisations())
	if !all {
		list = slices.DeleteFunc(list, func(o Organisation) bool { return !o.Listed })
	}
	slices.SortFunc(list, func(a, b Organisation) int {
		return cmp.Or(cmp.Compare(foldWords(a.Name), foldWords(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// SetOrganisation changes what an organisation says of itself. ErrNotFound,
// ErrInvalid, ErrInUse when another one of its kind has that name.
func (m *Members) SetOrganisation(ctx context.Context, op Op, o Organisation) error {
	if foldWords(o.Name) == "" || !o.Kind.valid() {
		return fmt.Errorf("organisation %s: %w", o.ID, ErrInvalid)
	}
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode organisation %s: %w", o.ID, err)
	}
	in := map[string]any{"id": o.ID, "organisation": string(text), "kind": o.Kind, "folded": foldWords(o.Name)}
	if err := m.decide(ctx, setOrganisation, op, string(o.ID), in, nil); err != nil {
		return fmt.Errorf("organisation %s: %w", o.ID, err)
	}
	return nil
}

// organisationNamed is how scripts find or make an organisation.
func organisationNamed(name string, kind OrganisationKind) map[string]any {
	return map[string]any{"name": name, "kind": kind, "folded": foldWords(name)}
}

func (k OrganisationKind) valid() bool {
	return slices.Contains([]OrganisationKind{KindLibrary, KindNGO, KindBusiness, KindPartner}, k)
}
