package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

var (
	forgetMember    = newScript("member_forget", "member")
	forgetRecipient = newScript("broadcast_forget", "broadcast")
)

// Obstacles tells what stands against forgetting a member: loans not returned; holds, registrations and followed
// stops that will be given up.
type Obstacles struct {
	Loans, Holds, Registrations, Follows int
	LastOwner                            bool
}

// ForgetObstacles counts them. ErrNotFound.
func (s *Store) ForgetObstacles(ctx context.Context, id MemberID) (Obstacles, error) {
	var o Obstacles
	m, err := s.Members.Get(ctx, id)
	if err != nil {
		return o, err
	}
	loans, err := s.Holds.Loans(ctx, id)
	if err != nil {
		return o, err
	}
	holds, err := s.Holds.OfMember(ctx, id)
	if err != nil {
		return o, err
	}
	registrations, err := s.Activities.OfMember(ctx, id)
	if err != nil {
		return o, err
	}
	follows, err := s.Van.Following(ctx, id)
	if err != nil {
		return o, err
	}
	o = Obstacles{Loans: len(loans), Holds: len(holds), Registrations: len(registrations), Follows: len(follows)}
	if m.Role == RoleOwner {
		owners, err := s.db.rdb.SCard(ctx, s.db.keys.role(RoleOwner)).Result()
		if err != nil {
			return o, fmt.Errorf("count owners: %w", err)
		}
		o.LastOwner = owners == 1
	}
	return o, nil
}

// Forget frees what the member holds (the next in each queue is told), and deletes all that is theirs: profile, chat,
// settings, past holds and loans, registrations, followed stops, questions, notices, and an organisation that has no
// other member. What stays, such as the audit trail, names only their id. Each step may be repeated: asked again with
// the same Op after a kill, it goes on. ErrHasLoans, ErrLastOwner, ErrNotFound.
func (s *Store) Forget(ctx context.Context, op Op, id MemberID) error {
	if err := s.forget(ctx, op, id); err != nil {
		return fmt.Errorf("forget %s: %w", id, err)
	}
	return nil
}

func (s *Store) forget(ctx context.Context, op Op, id MemberID) error {
	obstacles, err := s.ForgetObstacles(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound): // perhaps forgotten by this very Op, which the script remembers
	case err != nil:
		return err
	case obstacles.Loans > 0:
		return ErrHasLoans
	case obstacles.LastOwner:
		return ErrLastOwner
	default:
		if err := s.giveUp(ctx, op, id); err != nil {
			return err
		}
	}
	for {
		err := s.db.decide(ctx, forgetMember, Op{By: op.By}, "", map[string]any{"id": id}, nil)
		if errors.Is(err, ErrStale) { // a hold was placed meanwhile
			if err := s.cancelHolds(ctx, op, id); err != nil {
				return err
			}
			continue
		}
		if errors.Is(err, ErrNotFound) {
			return s.forgotten(ctx, op, id)
		}
		if err != nil {
			return err
		}
		return s.sweep(ctx, op, id)
	}
}

// forgotten goes on where an earlier call with the same Op ended.
func (s *Store) forgotten(ctx context.Context, op Op, id MemberID) error {
	begun, err := s.db.rdb.Exists(ctx, s.db.keys.decision(op.Key+":member_forget:"+string(id))).Result()
	if err != nil {
		return fmt.Errorf("remember: %w", err)
	}
	if op.Key == "" || begun == 0 {
		return ErrNotFound
	}
	return s.sweep(ctx, op, id)
}

// giveUp ends everything that a member has in other aggregates.
func (s *Store) giveUp(ctx context.Context, op Op, id MemberID) error {
	m, err := s.Members.Get(ctx, id)
	if err != nil {
		return err
	}
	if op.Key != "" {
		memory := s.db.keys.decision(op.Key + ":member_forget:" + string(id))
		if err := s.db.rdb.Set(ctx, memory, "begun", decisionMemory).Err(); err != nil {
			return fmt.Errorf("note the beginning: %w", err)
		}
	}
	if err := s.cancelHolds(ctx, op, id); err != nil {
		return err
	}
	if err := s.Activities.forget(ctx, Op{By: op.By}, id); err != nil {
		return err
	}
	if err := s.Van.forget(ctx, id); err != nil {
		return err
	}
	if err := s.Questions.forget(ctx, id); err != nil {
		return err
	}
	if m.Chat == 0 {
		return nil
	}
	if err := s.db.rdb.Del(ctx, s.db.keys.dialogue(m.Chat)).Err(); err != nil {
		return fmt.Errorf("end the dialogue: %w", err)
	}
	return nil
}

func (s *Store) cancelHolds(ctx context.Context, op Op, id MemberID) error {
	holds, err := s.Holds.OfMember(ctx, id)
	if err != nil {
		return err
	}
	for _, h := range holds {
		if _, err := s.Holds.Cancel(ctx, Op{By: op.By}, h.ID, id); err != nil && !errors.Is(err, ErrStale) {
			return err
		}
	}
	return nil
}

// sweep removes what is kept about a member where no index leads to it: notices, imports, broadcasts, and decisions
// remembered.
func (s *Store) sweep(ctx context.Context, op Op, id MemberID) error {
	for _, step := range []func(context.Context, MemberID) error{
		s.sweepNotices, s.sweepSettled, s.sweepImports, s.sweepBroadcasts,
	} {
		if err := step(ctx, id); err != nil {
			return err
		}
	}
	own := s.db.keys.decision(op.Key + ":member_forget:" + string(id))
	return s.db.eachKey(ctx, func(key string) error {
		key = s.db.keys.prefix() + key
		if !strings.HasPrefix(key, s.db.keys.decision("")) || key == own {
			return nil
		}
		text, err := s.db.rdb.Get(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return fmt.Errorf("read a decision: %w", err)
		}
		if !mentions(text, string(id)) && !mentions(key, string(id)) {
			return nil
		}
		return wrap(s.db.rdb.Del(ctx, key).Err(), "delete a decision")
	})
}

// mentions tells whether text has the id as a word of its own.
func mentions(text, id string) bool {
	isPart := func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
	for rest := text; ; {
		before, after, found := strings.Cut(rest, id)
		if !found {
			return false
		}
		if (before == "" || !isPart(before[len(before)-1])) && (after == "" || !isPart(after[0])) {
			return true
		}
		rest = after
	}
}

// sweepNotices takes back what is owed to a member, or about them as an applicant.
func (s *Store) sweepNotices(ctx context.Context, id MemberID) error {
	k := s.db.keys
	err := s.db.eachField(ctx, k.notices(), func(notice, text string) error {
		var n Notice
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			return fmt.Errorf("decode notice %s: %w", notice, err)
		}
		if n.Member != id && n.Ref != string(id) {
			return nil
		}
		_, err := s.db.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.ZRem(ctx, k.outbox(), notice)
			pipe.ZRem(ctx, k.underWay(), notice)
			pipe.HDel(ctx, k.notices(), notice)
			return nil
		})
		return wrap(err, "take a notice back")
	})
	if err != nil {
		return err
	}
	failed, err := s.db.rdb.LRange(ctx, k.failedNotices(), 0, -1).Result()
	if err != nil {
		return fmt.Errorf("read failed notices: %w", err)
	}
	for _, text := range failed {
		if mentions(text, string(id)) {
			if err := s.db.rdb.LRem(ctx, k.failedNotices(), 0, text).Err(); err != nil {
				return fmt.Errorf("forget a failed notice: %w", err)
			}
		}
	}
	return nil
}

func (s *Store) sweepSettled(ctx context.Context, id MemberID) error {
	return s.eachSettled(ctx, id, func(notice string) error {
		return wrap(s.db.rdb.ZRem(ctx, s.db.keys.settled(), notice).Err(), "forget a notice sent")
	})
}

// eachSettled walks the notices of a member, or about them, that have ended.
func (s *Store) eachSettled(ctx context.Context, id MemberID, fn func(notice string) error) error {
	for cursor := uint64(0); ; {
		entries, next, err := s.db.rdb.ZScan(ctx, s.db.keys.settled(), cursor, "*:"+string(id)+":*", eachBatch).Result()
		if err != nil {
			return fmt.Errorf("walk settled notices: %w", err)
		}
		for i := 0; i+1 < len(entries); i += 2 {
			if err := fn(entries[i]); err != nil {
				return err
			}
		}
		if next == 0 {
			return nil
		}
		cursor = next
	}
}

// sweepImports takes a member's name off the files they sent; what came of them stays.
func (s *Store) sweepImports(ctx context.Context, id MemberID) error {
	imports, err := hashAll[Import](ctx, s.db, s.db.keys.imports())
	if err != nil {
		return err
	}
	for _, x := range imports {
		if x.By != id {
			continue
		}
		if err := s.Imports.change(ctx, x.ID, map[string]any{"disown": true}); err != nil {
			return err
		}
	}
	return nil
}

// sweepBroadcasts takes a member out of the audiences that are kept, and their name off the announcements they wrote; what was
// announced stays.
func (s *Store) sweepBroadcasts(ctx context.Context, id MemberID) error {
	return s.db.eachField(ctx, s.db.keys.broadcasts(), func(broadcast, _ string) error {
		for range maxAgain {
			err := s.disown(ctx, BroadcastID(broadcast), id)
			if !errors.Is(err, errAgain) {
				return err
			}
		}
		return fmt.Errorf("broadcast %s: %w", broadcast, ErrStale)
	})
}

func (s *Store) disown(ctx context.Context, broadcast BroadcastID, id MemberID) error {
	x, before, err := s.Broadcasts.read(ctx, broadcast)
	if err != nil {
		return err
	}
	doc := before
	if x.By == id {
		x.By, x.Chat, x.Message, x.Progress = "", 0, 0, Progress{}
		disowned, err := json.Marshal(x)
		if err != nil {
			return fmt.Errorf("encode broadcast %s: %w", broadcast, err)
		}
		doc = string(disowned)
	}
	in := broadcastIn(broadcast)
	in["member"], in["before"], in["doc"] = id, before, doc
	return s.db.decide(ctx, forgetRecipient, Op{}, "", in, nil)
}
