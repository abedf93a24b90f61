package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	broadcastDraft  = newScript("broadcast_draft", "broadcast")
	broadcastStart  = newScript("broadcast_start", "broadcast")
	broadcastMove   = newScript("broadcast_move", "broadcast")
	broadcastTake   = newScript("broadcast_take", "broadcast")
	broadcastSettle = newScript("broadcast_settle", "broadcast")
)

// keepAudience is how long after its end a broadcast's recipients and message ids are kept: for as long as Telegram
// lets a bot delete its messages (https://core.telegram.org/bots/api#deletemessage).
const keepAudience = 48 * time.Hour

// Draft stores a new one. ErrInvalid when it has neither text nor picture, or no such audience.
func (b *Broadcasts) Draft(ctx context.Context, op Op, x Broadcast) (Broadcast, error) {
	switch x.Audience.Kind {
	case AudienceAll, AudienceMembers, AudienceLanguage, AudienceFollowers, AudienceActivity:
	default:
		return Broadcast{}, fmt.Errorf("draft for audience %q: %w", x.Audience.Kind, ErrInvalid)
	}
	if strings.TrimSpace(x.Text) == "" && x.Photo == "" {
		return Broadcast{}, fmt.Errorf("draft without text or picture: %w", ErrInvalid)
	}
	id, err := b.reserve(ctx, "b")
	if err != nil {
		return Broadcast{}, err
	}
	x.ID, x.State, x.At = BroadcastID(id), BroadcastDraft, b.now()
	x.EndedAt, x.Progress = time.Time{}, Progress{}
	text, err := json.Marshal(x)
	if err != nil {
		return Broadcast{}, fmt.Errorf("encode broadcast: %w", err)
	}
	in := broadcastIn(x.ID)
	in["doc"] = string(text)
	var doc string
	if err := b.decide(ctx, broadcastDraft, op, "", in, &doc); err != nil {
		return Broadcast{}, err
	}
	var stands Broadcast
	if err := json.Unmarshal([]byte(doc), &stands); err != nil {
		return Broadcast{}, fmt.Errorf("decode broadcast: %w", err)
	}
	return stands, nil
}

func broadcastIn(id BroadcastID) map[string]any {
	return map[string]any{"id": id, "keep": int(keepAudience / time.Second)}
}

// Get returns one. ErrNotFound.
func (b *Broadcasts) Get(ctx context.Context, id BroadcastID) (Broadcast, error) {
	pipe := b.rdb.TxPipeline()
	doc, state := pipe.HGet(ctx, b.keys.broadcasts(), string(id)), pipe.HGetAll(ctx, b.keys.broadcastState(id))
	if _, err := pipe.Exec(ctx); errors.Is(err, redis.Nil) {
		return Broadcast{}, fmt.Errorf("broadcast %q: %w", id, ErrNotFound)
	} else if err != nil {
		return Broadcast{}, fmt.Errorf("read broadcast %q: %w", id, err)
	}
	var x Broadcast
	if err := json.Unmarshal([]byte(doc.Val()), &x); err != nil {
		return Broadcast{}, fmt.Errorf("decode broadcast %q: %w", id, err)
	}
	return x.in(state.Val())
}

// in is the broadcast in a state, as its hash has it.
func (x Broadcast) in(state map[string]string) (Broadcast, error) {
	x.State = BroadcastState(state["state"])
	for name, to := range map[string]*int{
		"total": &x.Progress.Total, "sent": &x.Progress.Sent, "unreachable": &x.Progress.Unreachable, "failed": &x.Progress.Failed,
	} {
		if text := state[name]; text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return x, fmt.Errorf("broadcast %q: %s: %w", x.ID, name, err)
			}
			*to = n
		}
	}
	if text := state["ended_at"]; text != "" {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return x, fmt.Errorf("broadcast %q: %w", x.ID, err)
		}
		x.EndedAt = at
	}
	return x, nil
}

// Recent lists the newest.
func (b *Broadcasts) Recent(ctx context.Context, limit int) ([]Broadcast, error) {
	ids, err := b.rdb.ZRevRange(ctx, b.keys.broadcastAt(), 0, int64(max(limit, 1))-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	list := make([]Broadcast, 0, len(ids))
	for _, id := range ids {
		x, err := b.Get(ctx, BroadcastID(id))
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

// Start fixes the audience and begins sending; chat and message are where progress is shown. ErrStale when it is no draft.
func (b *Broadcasts) Start(ctx context.Context, op Op, id BroadcastID, chat int64, message int) (Broadcast, error) {
	x, err := b.Get(ctx, id)
	if err != nil {
		return x, err
	}
	staged := "staged:" + rand.Text()
	if x.State == BroadcastDraft {
		if err := b.stage(ctx, b.keys.prefix()+staged, x.Audience); err != nil {
			return Broadcast{}, fmt.Errorf("start broadcast %q: %w", id, err)
		}
	}
	x.Chat, x.Message = chat, message
	doc, err := json.Marshal(x)
	if err != nil {
		return Broadcast{}, fmt.Errorf("encode broadcast: %w", err)
	}
	in := broadcastIn(id)
	in["staged"], in["doc"] = staged, string(doc)
	return b.moved(ctx, broadcastStart, op, x, in)
}

// moved lets a script change the state, and returns the broadcast in it.
func (b *Broadcasts) moved(ctx context.Context, s *script, op Op, x Broadcast, in map[string]any) (Broadcast, error) {
	var state map[string]string
	if err := b.decide(ctx, s, op, string(x.ID), in, &state); err != nil {
		return Broadcast{}, fmt.Errorf("broadcast %q: %w", x.ID, err)
	}
	return x.in(state)
}

func (b *Broadcasts) move(ctx context.Context, op Op, id BroadcastID, to BroadcastState, from ...BroadcastState) (Broadcast, error) {
	x, err := b.Get(ctx, id)
	if err != nil {
		return x, err
	}
	in := broadcastIn(id)
	in["from"], in["to"] = from, to
	// One update may both pause and resume only as two decisions.
	op.Key = nonEmpty(op.Key, " "+string(to))
	return b.moved(ctx, broadcastMove, op, x, in)
}

// nonEmpty appends to a text unless it is empty.
func nonEmpty(s, end string) string {
	if s == "" {
		return ""
	}
	return s + end
}

// Pause stops sending; sends in flight may still be settled. ErrStale when it is not being sent.
func (b *Broadcasts) Pause(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.move(ctx, op, id, BroadcastPaused, BroadcastSending)
}

// Resume goes on with a paused one. ErrStale.
func (b *Broadcasts) Resume(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.move(ctx, op, id, BroadcastSending, BroadcastPaused)
}

// Cancel ends one that is not sent. ErrStale.
func (b *Broadcasts) Cancel(ctx context.Context, op Op, id BroadcastID) (Broadcast, error) {
	return b.move(ctx, op, id, BroadcastCancelled, BroadcastDraft, BroadcastSending, BroadcastPaused)
}

// Sending lists those to work on.
func (b *Broadcasts) Sending(ctx context.Context) ([]BroadcastID, error) {
	ids, err := b.rdb.SMembers(ctx, b.keys.sending()).Result()
	if err != nil {
		return nil, fmt.Errorf("list broadcasts being sent: %w", err)
	}
	list := make([]BroadcastID, len(ids))
	for i, id := range ids {
		list[i] = BroadcastID(id)
	}
	return list, nil
}

// Take returns the next recipients that nobody has settled, leased to the taker until the lease ends; empty when none are
// left to take, or it is not being sent.
func (b *Broadcasts) Take(ctx context.Context, id BroadcastID, limit int, lease time.Duration) ([]MemberID, error) {
	if limit <= 0 {
		return nil, nil
	}
	in := broadcastIn(id)
	in["limit"], in["lease_end"] = limit, b.now().Add(lease).UnixMilli()
	var taken string
	if err := b.decide(ctx, broadcastTake, Op{}, string(id), in, &taken); err != nil {
		return nil, fmt.Errorf("take recipients of %q: %w", id, err)
	}
	return asMembers(strings.Fields(taken)), nil
}

// Settle notes how a send ended (with the message's id when sent). When it was the last one, the broadcast is sent. What is
// settled already, stays as it was. ErrNotFound.
func (b *Broadcasts) Settle(
	ctx context.Context, id BroadcastID, member MemberID, d Delivery, message int, reason string,
) (Broadcast, error) {
	x, err := b.Get(ctx, id)
	if err != nil {
		return x, err
	}
	switch d {
	case DeliverySent, DeliveryUnreachable, DeliveryFailed:
	default:
		return x, fmt.Errorf("settle %q as %q: %w", id, d, ErrInvalid)
	}
	in := broadcastIn(id)
	in["member"], in["outcome"], in["message"], in["reason"] = member, d, message, reason
	return b.moved(ctx, broadcastSettle, Op{}, x, in)
}

// Failures lists whom it did not reach, and why.
func (b *Broadcasts) Failures(ctx context.Context, id BroadcastID, limit int) (map[MemberID]string, error) {
	found := map[MemberID]string{}
	for cursor := uint64(0); len(found) < limit; {
		flat, next, err := b.rdb.HScan(ctx, b.keys.unreached(id), cursor, "", audienceChunk).Result()
		if err != nil {
			return nil, fmt.Errorf("list failures of %q: %w", id, err)
		}
		for i := 1; i < len(flat) && len(found) < limit; i += 2 {
			found[MemberID(flat[i-1])] = flat[i]
		}
		if cursor = next; cursor == 0 {
			break
		}
	}
	return found, nil
}
