package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

var (
	meetMember     = newScript("member_meet", "member")
	addMember      = newScript("member_add", "member")
	setSettings    = newScript("member_settings")
	moveMemberChat = newScript("member_chat", "member")
)

// seenEvery is how exactly SeenAt is kept: a person who goes on writing costs
// one write in this time.
const seenEvery = time.Minute

// Members keeps people, organisations, applications and invitations.
type Members struct{ *db }

// Meet returns the member behind a Telegram account, and makes a guest of one
// not seen before (fallback is the language when Telegram names none we have).
// It notes that the member was seen (to the minute), and that they are
// reachable again. A guest is called what Telegram calls them; a member keeps
// the name given when joining.
func (m *Members) Meet(ctx context.Context, p Person, fallback string) (Member, error) {
	for {
		known, err := m.ByChat(ctx, p.Chat)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return Member{}, err
		default:
			if known.Role.AtLeast(RoleMember) || p.Name == "" {
				p.Name = known.Name
			}
			fresh := m.now().Sub(known.SeenAt) < seenEvery
			if fresh && !known.Unreachable && known.Name == p.Name && known.Username == p.Username {
				return known, nil
			}
		}
		var id MemberID
		err = m.decide(ctx, meetMember, Op{}, "", map[string]any{
			"chat":     strconv.FormatInt(p.Chat, 10),
			"name":     p.Name,
			"username": p.Username,
			"sort":     foldWords(p.Name),
			"words":    foldWords(p.Name + " " + p.Username),
			"settings": DefaultSettings(languageOr(p.Language, fallback)),
		}, &id)
		if errors.Is(err, ErrStale) {
			continue // joined with a name of their own meanwhile
		}
		if err != nil {
			return Member{}, fmt.Errorf("meet chat %d: %w", p.Chat, err)
		}
		return m.Get(ctx, id)
	}
}

// Get returns a member. ErrNotFound when there is none.
func (m *Members) Get(ctx context.Context, id MemberID) (Member, error) {
	return hashGet[Member](ctx, m.db, m.keys.members(), string(id))
}

// ByChat returns the member of a Telegram chat. ErrNotFound when there is none.
func (m *Members) ByChat(ctx context.Context, chat int64) (Member, error) {
	id, err := m.lookup(ctx, m.keys.chats(), strconv.FormatInt(chat, 10))
	if err != nil {
		return Member{}, err
	}
	return m.Get(ctx, MemberID(id))
}

// Many returns members in the order asked for; those gone are left out.
func (m *Members) Many(ctx context.Context, ids []MemberID) ([]Member, error) {
	return hashMany[Member](ctx, m.db, m.keys.members(), ids)
}

// Add makes a member without Telegram. Staff act for them. organisation may be empty.
func (m *Members) Add(ctx context.Context, op Op, name, phone, organisation string, kind OrganisationKind) (Member, error) {
	in := map[string]any{
		"name":     name,
		"phone":    phone,
		"sort":     foldWords(name),
		"words":    foldWords(name),
		"settings": DefaultSettings("lt"),
	}
	if organisation != "" {
		in["organisation"] = organisationNamed(organisation, kind)
	}
	if foldWords(name) == "" {
		return Member{}, fmt.Errorf("add a member without a name: %w", ErrInvalid)
	}
	var id MemberID
	if err := m.decide(ctx, addMember, op, "", in, &id); err != nil {
		return Member{}, fmt.Errorf("add a member: %w", err)
	}
	return m.Get(ctx, id)
}

// SetSettings replaces a member's choices. ErrInvalid, ErrNotFound. Reminders
// follow with Van.Replan and Activities.Replan.
func (m *Members) SetSettings(ctx context.Context, op Op, id MemberID, s Settings) error {
	if !s.valid() {
		return fmt.Errorf("settings of %s: %w", id, ErrInvalid)
	}
	if err := m.decide(ctx, setSettings, op, string(id), map[string]any{"id": id, "settings": s}, nil); err != nil {
		return fmt.Errorf("settings of %s: %w", id, err)
	}
	return nil
}

// Unreachable marks a member whom Telegram refuses (blocked, deleted). A chat
// that is not known is no failure.
func (m *Members) Unreachable(ctx context.Context, chat int64) error {
	in := map[string]any{"from": strconv.FormatInt(chat, 10), "unreachable": true}
	if err := m.decide(ctx, moveMemberChat, Op{}, "", in, nil); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("mark chat %d unreachable: %w", chat, err)
	}
	return nil
}

// Move rewrites a chat id that Telegram migrated. A chat that is not known is
// no failure; ErrInUse when the new id has a member already.
func (m *Members) Move(ctx context.Context, from, to int64) error {
	in := map[string]any{"from": strconv.FormatInt(from, 10), "to": strconv.FormatInt(to, 10)}
	if err := m.decide(ctx, moveMemberChat, Op{}, "", in, nil); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("move chat %d to %d: %w", from, to, err)
	}
	return nil
}
