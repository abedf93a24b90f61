package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// NoticeID names a notice: kind, reference, member and revision, so that the same thing is owed once.
type NoticeID string

// NoticeKind says what is owed.
type NoticeKind string

// The kinds of notice. A comment names the reference (Ref).
const (
	NoticeApplication       NoticeKind = "application"        // MemberID of the applicant; to every librarian
	NoticeWelcome           NoticeKind = "welcome"            // OrganisationID
	NoticeDeclined          NoticeKind = "declined"           //
	NoticeRole              NoticeKind = "role"               // the role
	NoticeHoldAllocated     NoticeKind = "hold_allocated"     // HoldID; only when it waited in the queue before
	NoticeHoldReady         NoticeKind = "hold_ready"         // HoldID
	NoticeHoldExpired       NoticeKind = "hold_expired"       // HoldID
	NoticeHoldUnfilled      NoticeKind = "hold_unfilled"      // HoldID
	NoticeVisitEvening      NoticeKind = "visit_evening"      // VisitID
	NoticeVisitSoon         NoticeKind = "visit_soon"         // VisitID
	NoticeVisitChanged      NoticeKind = "visit_changed"      // VisitID
	NoticeTrainingDay       NoticeKind = "training_day"       // ActivityID
	NoticeTrainingSoon      NoticeKind = "training_soon"      // ActivityID
	NoticePromoted          NoticeKind = "promoted"           // ActivityID
	NoticeActivityChanged   NoticeKind = "activity_changed"   // ActivityID
	NoticeActivityCancelled NoticeKind = "activity_cancelled" // ActivityID
	NoticeQuestion          NoticeKind = "question"           // QuestionID; to every librarian
	NoticeAnswer            NoticeKind = "answer"             // QuestionID
	NoticeBroadcastLate     NoticeKind = "broadcast_late"     // BroadcastID whose hour has passed; asks its author
	NoticeBroadcastPaused   NoticeKind = "broadcast_paused"   // BroadcastID that paused by itself; to its author
	NoticeBroadcastSent     NoticeKind = "broadcast_sent"     // BroadcastID of a scheduled one that ended; to its author
)

// Notice is something owed to one member: facts, not text. It is rendered when its turn comes.
type Notice struct {
	ID       NoticeID   `json:"id"`
	Kind     NoticeKind `json:"kind"`
	Member   MemberID   `json:"member"`
	Ref      string     `json:"ref"`
	Revision int        `json:"rev"`
	Due      time.Time  `json:"due"`
}

// settledFor is how long a notice's end is remembered, so that the same thing is not owed again.
const settledFor = 60 * 24 * time.Hour

// keptFailures is how many undeliverable notices are kept for staff, the newest first.
const keptFailures = 1000

var (
	oweNotice      = newScript("notice_owe")
	postponeNotice = newScript("notice_postpone")
	handNotice     = newScript("notice_hand_over")
	settleNotice   = newScript("notice_settle")
)

// Outbox keeps what is owed, by due time, until the durable queue has it; and
// the truth about what was sent.
type Outbox struct{ *db }

// Owe writes a notice that no other decision writes. Kind, Ref, Member and Revision name it; what is owed, under way or
// ended already is not owed again.
func (o *Outbox) Owe(ctx context.Context, op Op, n Notice) (NoticeID, error) {
	var id NoticeID
	err := o.decide(ctx, oweNotice, op, noticeSubject(n), map[string]any{
		"kind": n.Kind, "ref": n.Ref, "member": n.Member, "rev": n.Revision, "due": n.Due.UnixMilli(), "due_text": stamp(n.Due),
	}, &id)
	return id, err
}

func noticeSubject(n Notice) string {
	return strings.Join([]string{string(n.Kind), n.Ref, string(n.Member), strconv.Itoa(n.Revision)}, ":")
}

// Due returns up to limit notices due at now, the earliest first, without removing them.
func (o *Outbox) Due(ctx context.Context, now time.Time, limit int) ([]Notice, error) {
	return o.upTo(ctx, o.keys.outbox(), now, limit)
}

// upTo reads the notices of a sorted set whose score is not after at.
func (o *Outbox) upTo(ctx context.Context, key string, at time.Time, limit int) ([]Notice, error) {
	ids, err := o.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: key, Start: "-inf", Stop: at.UnixMilli(), ByScore: true, Count: int64(limit),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return hashMany[Notice](ctx, o.db, o.keys.notices(), ids)
}

// Next is the earliest due time; zero when nothing is owed.
func (o *Outbox) Next(ctx context.Context) (time.Time, error) {
	first, err := o.rdb.ZRangeWithScores(ctx, o.keys.outbox(), 0, 0).Result()
	if err != nil {
		return time.Time{}, fmt.Errorf("read the outbox: %w", err)
	}
	if len(first) == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(int64(first[0].Score)).In(o.zone), nil
}

// Postpone moves a notice's due time (quiet hours, a pause). One under way goes back into the outbox; one that has
// ended stays ended.
func (o *Outbox) Postpone(ctx context.Context, id NoticeID, due time.Time) error {
	return o.decide(ctx, postponeNotice, Op{}, string(id), map[string]any{
		"id": id, "due": due.UnixMilli(), "due_text": stamp(due),
	}, nil)
}

// HandedOver removes a notice from the outbox: the durable queue has it. It stays known as under way until Sent,
// Dropped or Failed. Repeated, it notes the later hand-over. What was sent or postponed meanwhile stays so.
func (o *Outbox) HandedOver(ctx context.Context, id NoticeID) error {
	return o.decide(ctx, handNotice, Op{}, string(id), map[string]any{"id": id}, nil)
}

// Lost returns notices handed over before then and neither sent, dropped nor failed since, for the relay to hand over again.
func (o *Outbox) Lost(ctx context.Context, before time.Time, limit int) ([]Notice, error) {
	return o.upTo(ctx, o.keys.underWay(), before, limit)
}

// Done tells whether a notice was sent, dropped or failed already.
func (o *Outbox) Done(ctx context.Context, id NoticeID) (bool, error) {
	err := o.rdb.ZScore(ctx, o.keys.settled(), string(id)).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the end of notice %s: %w", id, err)
	}
	return true, nil
}

// Sent notes that Telegram has it. Kept for 60 days.
func (o *Outbox) Sent(ctx context.Context, n Notice) error { return o.settle(ctx, n, "sent", "") }

// Dropped notes that it was no longer true, or too late, with the reason, and counts it.
func (o *Outbox) Dropped(ctx context.Context, n Notice, reason string) error {
	return o.settle(ctx, n, "dropped", reason)
}

// Failed keeps what can't be delivered, with its reason, for staff to see.
func (o *Outbox) Failed(ctx context.Context, n Notice, reason string) error {
	return o.settle(ctx, n, "failed", reason)
}

// settle ends a notice, once: a later end of the same notice changes and counts nothing.
func (o *Outbox) settle(ctx context.Context, n Notice, how, reason string) error {
	in := map[string]any{
		"id": n.ID, "kind": n.Kind, "how": how, "reason": reason, "until": o.now().Add(settledFor).UnixMilli(),
	}
	if how == "failed" {
		doc, err := json.Marshal(FailedNotice{Notice: n, Reason: reason, At: o.now()})
		if err != nil {
			return fmt.Errorf("encode failed notice %s: %w", n.ID, err)
		}
		in["failure"], in["keep"] = string(doc), keptFailures
	}
	return o.decide(ctx, settleNotice, Op{}, string(n.ID), in, nil)
}

// FailedNotice is one that could not be delivered.
type FailedNotice struct {
	Notice
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Failures lists the newest that could not be delivered.
func (o *Outbox) Failures(ctx context.Context, limit int) ([]FailedNotice, error) {
	raw, err := o.rdb.LRange(ctx, o.keys.failedNotices(), 0, int64(limit)-1).Result()
	if err != nil {
		return nil, fmt.Errorf("read failed notices: %w", err)
	}
	list := make([]FailedNotice, len(raw))
	for i, r := range raw {
		if err := json.Unmarshal([]byte(r), &list[i]); err != nil {
			return nil, fmt.Errorf("decode failed notice: %w", err)
		}
	}
	return list, nil
}

// Attended takes one off the list of Failures: somebody has told the member in another way. One that is not there is no failure.
func (o *Outbox) Attended(ctx context.Context, id NoticeID) error {
	raw, err := o.rdb.LRange(ctx, o.keys.failedNotices(), 0, -1).Result()
	if err != nil {
		return fmt.Errorf("read failed notices: %w", err)
	}
	for _, r := range raw {
		var n FailedNotice
		if err := json.Unmarshal([]byte(r), &n); err != nil || n.ID != id {
			continue // what cannot be read is not the one
		}
		if err := o.rdb.LRem(ctx, o.keys.failedNotices(), 1, r).Err(); err != nil {
			return fmt.Errorf("take failed notice %s off the list: %w", id, err)
		}
	}
	return nil
}

// CountFailures tells how many are on the list of Failures.
func (o *Outbox) CountFailures(ctx context.Context) (int, error) {
	n, err := o.rdb.LLen(ctx, o.keys.failedNotices()).Result()
	if err != nil {
		return 0, fmt.Errorf("count failed notices: %w", err)
	}
	return int(n), nil
}

// NoticeCounts are the outbox's figures.
type NoticeCounts struct {
	Owed, UnderWay        int
	Sent, Dropped, Failed map[NoticeKind]int
}

// Counts tells how many were sent, dropped and failed by kind, and how many are owed and under way.
func (o *Outbox) Counts(ctx context.Context) (NoticeCounts, error) {
	pipe := o.rdb.Pipeline()
	owed := pipe.ZCard(ctx, o.keys.outbox())
	underWay := pipe.ZCard(ctx, o.keys.underWay())
	ends := pipe.HGetAll(ctx, o.keys.noticeCounts())
	if _, err := pipe.Exec(ctx); err != nil {
		return NoticeCounts{}, fmt.Errorf("count notices: %w", err)
	}
	c := NoticeCounts{
		Owed: int(owed.Val()), UnderWay: int(underWay.Val()),
		Sent: map[NoticeKind]int{}, Dropped: map[NoticeKind]int{}, Failed: map[NoticeKind]int{},
	}
	by := map[string]map[NoticeKind]int{"sent": c.Sent, "dropped": c.Dropped, "failed": c.Failed}
	for field, value := range ends.Val() {
		how, kind, ok := strings.Cut(field, ":")
		n, err := strconv.Atoi(value)
		if !ok || err != nil || by[how] == nil {
			continue
		}
		by[how][NoticeKind(kind)] = n
	}
	return c, nil
}
