package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// audienceChunk is how many members are read at a time.
const audienceChunk = 500

// recipient is what decides whether a member gets a broadcast.
type recipient struct {
	ID          MemberID `json:"id"`
	Chat        int64    `json:"chat,omitempty,string"`
	Role        Role     `json:"role"`
	Unreachable bool     `json:"unreachable"`
	Settings    Settings `json:"settings"`
}

// gets tells whether broadcasts go to the member now.
func (r recipient) gets(now time.Time) bool {
	return r.Chat != 0 && !r.Unreachable && r.Settings.News && !r.Settings.PausedUntil.After(now)
}

// CountAudience counts who would get it now, without those paused, opted out of news, unreachable or without Telegram
// (leftOut). ErrInvalid.
func (b *Broadcasts) CountAudience(ctx context.Context, a Audience) (count, leftOut int, err error) {
	now := b.now()
	err = b.eachOfAudience(ctx, a, func(list []recipient) error {
		for _, r := range list {
			if r.gets(now) {
				count++
			} else {
				leftOut++
			}
		}
		return nil
	})
	return count, leftOut, err
}

// eachOfAudience walks the audience's members, each once, a chunk at a time.
func (b *Broadcasts) eachOfAudience(ctx context.Context, a Audience, yield func([]recipient) error) error {
	switch a.Kind {
	case AudienceAll:
		return b.eachMember(ctx, yield, func(recipient) bool { return true })
	case AudienceMembers:
		return b.eachMember(ctx, yield, func(r recipient) bool { return r.Role != RoleGuest && r.Role != RoleApplicant })
	case AudienceLanguage:
		return b.eachMember(ctx, yield, func(r recipient) bool { return r.Settings.Language == a.Ref })
	case AudienceFollowers:
		return b.eachOfSet(ctx, b.keys.followers(StopID(a.Ref)), yield)
	case AudienceActivity:
		return b.eachOfSet(ctx, b.keys.seats(ActivityID(a.Ref)), yield)
	}
	return fmt.Errorf("audience %q: %w", a.Kind, ErrInvalid)
}

// eachMember walks all members. HSCAN may show one twice while the hash grows.
func (b *Broadcasts) eachMember(ctx context.Context, yield func([]recipient) error, in func(recipient) bool) error {
	seen := map[MemberID]struct{}{}
	for cursor := uint64(0); ; {
		flat, next, err := b.rdb.HScan(ctx, b.keys.members(), cursor, "", audienceChunk).Result()
		if err != nil {
			return fmt.Errorf("walk members: %w", err)
		}
		var list []recipient
		for i := 1; i < len(flat); i += 2 {
			var r recipient
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

// eachOfSet walks the members whose ids are in a sorted set.
func (b *Broadcasts) eachOfSet(ctx context.Context, key string, yield func([]recipient) error) error {
	ids, err := b.rdb.ZRange(ctx, key, 0, -1).Result()
	if err != nil {
		return fmt.Errorf("read %s: %w", key, err)
	}
	for chunk := range slices.Chunk(ids, audienceChunk) {
		list, err := hashMany[recipient](ctx, b.db, b.keys.members(), chunk)
		if err != nil {
			return err
		}
		if err := yield(list); err != nil {
			return err
		}
	}
	return nil
}

// stage writes the audience as it is now into a list that ends by itself if nobody makes it a broadcast's own.
func (b *Broadcasts) stage(ctx context.Context, key string, a Audience) error {
	const keep = time.Hour
	now := b.now()
	return b.eachOfAudience(ctx, a, func(list []recipient) error {
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
