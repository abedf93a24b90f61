package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sessionsPerRevision is how many sessions an activity may have: the revision of a reminder's notice is the
// activity's, times this, plus the session's index. So a moved session owes new ones, each session has its own, and the
// reference stays the ActivityID.
const sessionsPerRevision = 100

// ReminderSession is the index of the session that a notice "training_day" or "training_soon" speaks of, and the
// revision of the activity that it was planned for.
func (n Notice) ReminderSession() (index, revision int) {
	return n.Revision % sessionsPerRevision, n.Revision / sessionsPerRevision
}

// reminderNotice is one reminder of a session, for a script.
type reminderNotice struct {
	Kind    NoticeKind `json:"kind"`
	Rev     int        `json:"rev"`
	Due     int64      `json:"due,omitempty"`
	DueText string     `json:"due_text,omitempty"`
}

// registrationPlan is what a member is owed when confirmed, and the settings that it was made from.
type registrationPlan struct {
	Mark    string           `json:"mark"`
	Notices []reminderNotice `json:"notices"`
}

// planTraining computes the reminders of an activity's sessions that are due after now: on the day before at
// VisitEvening, and TrainingLead before the start; before quiet hours rather than in them.
func planTraining(x Activity, s Settings, now time.Time, zone *time.Location) registrationPlan {
	p := registrationPlan{Mark: trainingMark(s), Notices: []reminderNotice{}}
	if !s.TrainingReminder || x.Cancelled {
		return p
	}
	add := func(kind NoticeKind, index int, due time.Time) {
		due = beforeQuiet(due, s.QuietFrom, s.QuietTo, zone)
		if due.After(now) {
			p.Notices = append(p.Notices, reminderNotice{kind, x.Revision*sessionsPerRevision + index, due.UnixMilli(), stamp(due)})
		}
	}
	for i, session := range x.Sessions {
		if s.VisitEvening != reminderOff {
			add(NoticeTrainingDay, i, (civilOf(session.Start, zone)-1).at(s.VisitEvening, zone))
		}
		if s.TrainingLead != reminderOff {
			add(NoticeTrainingSoon, i, session.Start.Add(-time.Duration(s.TrainingLead)*time.Minute))
		}
	}
	return p
}

// remindersOf names all reminders that may be owed for an activity.
func remindersOf(x Activity) []reminderNotice {
	list := []reminderNotice{}
	for i := range x.Sessions {
		for _, kind := range []NoticeKind{NoticeTrainingDay, NoticeTrainingSoon} {
			list = append(list, reminderNotice{Kind: kind, Rev: x.Revision*sessionsPerRevision + i})
		}
	}
	return list
}

// plansFor makes the plans of those members who may be confirmed by a decision; those gone have none.
func (a *Activities) plansFor(ctx context.Context, x Activity, members []MemberID) (map[MemberID]registrationPlan, error) {
	type known struct {
		ID       MemberID `json:"id"`
		Settings Settings `json:"settings"`
	}
	list, err := hashMany[known](ctx, a.db, a.keys.members(), members)
	if err != nil {
		return nil, err
	}
	plans := make(map[MemberID]registrationPlan, len(members))
	for _, id := range members {
		plans[id] = registrationPlan{Notices: []reminderNotice{}}
	}
	now := a.now()
	for _, m := range list {
		plans[m.ID] = planTraining(x, m.Settings, now, a.zone)
	}
	return plans, nil
}

// waiting lists the first n in the waitlist (all when n is negative).
func (a *Activities) waiting(ctx context.Context, id ActivityID, n int) ([]MemberID, error) {
	stop := int64(n) - 1
	if n < 0 {
		stop = -1
	} else if n == 0 {
		return nil, nil
	}
	return a.memberRange(ctx, a.keys.waitlist(id), stop)
}

func (a *Activities) memberRange(ctx context.Context, key string, stop int64) ([]MemberID, error) {
	ids, err := a.rdb.ZRange(ctx, key, 0, stop).Result()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return asMembers(ids), nil
}

func asMembers(ids []string) []MemberID {
	list := make([]MemberID, len(ids))
	for i, id := range ids {
		list[i] = MemberID(id)
	}
	return list
}

// Replan adapts a member's reminders to their settings.
func (a *Activities) Replan(ctx context.Context, member MemberID) error {
	regs, err := a.OfMember(ctx, member)
	if err != nil {
		return err
	}
	for _, r := range regs {
		if r.State != Confirmed {
			continue
		}
		_, err := again(func() (struct{}, error) {
			x, in, err := a.prepare(ctx, r.Activity, []MemberID{member})
			if errors.Is(err, ErrNotFound) {
				return struct{}{}, nil
			} else if err != nil {
				return struct{}{}, err
			}
			in["member"] = member
			return struct{}{}, a.decide(ctx, registrationReplan, Op{}, string(x.ID), in, nil)
		})
		if err != nil {
			return fmt.Errorf("replan %s of %s: %w", r.Activity, member, err)
		}
	}
	return nil
}
