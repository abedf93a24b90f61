package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

var vanFollow = newScript("van_follow", "settings", "van")

// Follow adds or ends following; reminders are planned or dropped by the member's settings. ErrNotFound.
func (v *Van) Follow(ctx context.Context, op Op, id StopID, member MemberID, on bool) error {
	if op.Key != "" {
		op.Key = fmt.Sprintf("%s %t", op.Key, on)
	}
	return v.follow(ctx, op, id, member, on, false)
}

func (v *Van) follow(ctx context.Context, op Op, id StopID, member MemberID, on, onlyFollower bool) error {
	_, err := again(func() (struct{}, error) {
		w, err := v.look(ctx)
		if err != nil {
			return struct{}{}, err
		}
		in := w.revisions(map[string]any{"stop": id, "member": member, "on": on, "only_follower": onlyFollower})
		if !on {
			w.addTakeBack(in, id, member)
		} else if err := w.addChoices(ctx, in, id, member); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, v.decide(ctx, vanFollow, op, string(id)+" "+string(member), in, nil)
	})
	if err != nil {
		return fmt.Errorf("follow %q: %w", id, err)
	}
	return nil
}

// addChoices adds the reminders that the member's settings ask for at a stop.
func (w *view) addChoices(ctx context.Context, in map[string]any, id StopID, member MemberID) error {
	s, ok := w.stop[id]
	if !ok {
		return fmt.Errorf("stop %q: %w", id, ErrNotFound)
	}
	m, err := hashGet[struct {
		Settings Settings `json:"settings"`
	}](ctx, w.v.db, w.v.keys.members(), string(member))
	if err != nil {
		return err
	}
	plans := []plan{}
	for _, r := range visitReminders(m.Settings) {
		text, due, err := w.planAfter(ctx, s, r, w.v.now(), nil)
		if err != nil {
			return err
		}
		plans = append(plans, plan{Choice: r.String(), Text: text, Due: due})
	}
	in["mark"], in["plans"] = visitMark(m.Settings), plans
	return nil
}

// addTakeBack adds the notices that may be owed for the stop's visits of these days.
func (w *view) addTakeBack(in map[string]any, id StopID, member MemberID) {
	take := []string{}
	if s, ok := w.stop[id]; ok {
		for _, day := range s.next(civilOf(w.v.now(), w.zone)-1, 4) {
			for _, kind := range []NoticeKind{NoticeVisitEvening, NoticeVisitSoon} {
				take = append(take, fmt.Sprintf("%s:%s:%s:0", kind, visitID(id, day), member))
			}
		}
	}
	in["take_back"] = take
}

// Following lists the stops a member follows, by community and name.
func (v *Van) Following(ctx context.Context, member MemberID) ([]Stop, error) {
	w, err := v.look(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := v.followed(ctx, member)
	if err != nil {
		return nil, err
	}
	following := make(map[StopID]bool, len(ids))
	for _, id := range ids {
		following[id] = true
	}
	var list []Stop
	for _, s := range w.stops {
		if following[s.ID] {
			list = append(list, s.Stop)
		}
	}
	return list, nil
}

func (v *Van) followed(ctx context.Context, member MemberID) ([]StopID, error) {
	stops, err := v.rdb.HGetAll(ctx, v.keys.follows(member)).Result()
	if err != nil {
		return nil, fmt.Errorf("read stops followed by %s: %w", member, err)
	}
	ids := make([]StopID, 0, len(stops))
	for _, id := range slices.Sorted(maps.Keys(stops)) {
		ids = append(ids, StopID(id))
	}
	return ids, nil
}

// Followers counts a stop's followers.
func (v *Van) Followers(ctx context.Context, id StopID) (int, error) {
	n, err := v.rdb.ZCard(ctx, v.keys.followers(id)).Result()
	if err != nil {
		return 0, fmt.Errorf("count followers of %q: %w", id, err)
	}
	return int(n), nil
}

// Replan adapts a member's reminders to their settings (called when those change).
func (v *Van) Replan(ctx context.Context, member MemberID) error {
	ids, err := v.followed(ctx, member)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := v.follow(ctx, Op{}, id, member, true, true); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// forget ends all following of a member.
func (v *Van) forget(ctx context.Context, member MemberID) error {
	ids, err := v.followed(ctx, member)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := v.follow(ctx, Op{}, id, member, false, true); err != nil {
			return err
		}
	}
	return nil
}
