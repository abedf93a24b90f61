package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	broadcastDraft = newScript("broadcast_draft", "broadcast")
	broadcastEdit  = newScript("broadcast_edit", "broadcast")
)

// validBroadcast tells whether a draft can be stored: it has something to say, to an audience that can be looked up.
func validBroadcast(x Broadcast) error {
	switch {
	case !x.Audience.Valid():
		return fmt.Errorf("audience %+v: %w", x.Audience, ErrInvalid)
	case x.empty():
		return fmt.Errorf("nothing to send: %w", ErrInvalid)
	case len(x.Buttons) > maxBroadcastButtons || x.Photo != "" && x.Document != "":
		return fmt.Errorf("more than fits: %w", ErrInvalid)
	case slices.ContainsFunc(x.Buttons, func(button BroadcastButton) bool { return !button.valid() }):
		return fmt.Errorf("buttons %+v: %w", x.Buttons, ErrInvalid)
	case x.Default != "" && languageOr(x.Default, "") != x.Default:
		return fmt.Errorf("default language %q: %w", x.Default, ErrInvalid)
	}
	for lang, text := range x.Texts {
		if languageOr(lang, "") != lang || strings.TrimSpace(text) == "" {
			return fmt.Errorf("text in %q: %w", lang, ErrInvalid)
		}
	}
	return nil
}

// Draft stores a new one. ErrInvalid when there is nothing to send, or no such audience.
func (b *Broadcasts) Draft(ctx context.Context, op Op, x Broadcast) (Broadcast, error) {
	if err := validBroadcast(x); err != nil {
		return Broadcast{}, fmt.Errorf("draft: %w", err)
	}
	id, err := b.reserve(ctx, "b")
	if err != nil {
		return Broadcast{}, err
	}
	x.ID, x.State, x.At, x.Progress = BroadcastID(id), BroadcastDraft, b.now(), Progress{}
	x.StartedAt, x.EndedAt, x.SendAt, x.SendBy, x.Pass, x.Paused, x.Edition = time.Time{}, time.Time{}, time.Time{}, time.Time{}, "", "", 0
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

// Edit changes the content, the audience, or where progress is shown, of one that is a draft or scheduled. ErrStale when it is
// neither any more, ErrInvalid, ErrNotFound.
func (b *Broadcasts) Edit(ctx context.Context, op Op, id BroadcastID, change func(*Broadcast)) (Broadcast, error) {
	return b.rewrite(ctx, broadcastEdit, op, id, map[string]any{"from": []BroadcastState{BroadcastDraft, BroadcastScheduled}}, change)
}

// rewrite changes what is written of a broadcast, together with a decision of a script that takes "doc", if nobody changed it meanwhile.
func (b *Broadcasts) rewrite(
	ctx context.Context, s *script, op Op, id BroadcastID, in map[string]any, change func(*Broadcast),
) (Broadcast, error) {
	for range maxAgain {
		x, before, err := b.read(ctx, id)
		if err != nil {
			return Broadcast{}, err
		}
		kept := x
		change(&x)
		x.ID, x.By, x.State, x.At, x.Progress = kept.ID, kept.By, kept.State, kept.At, Progress{}
		if err := validBroadcast(x); err != nil {
			return Broadcast{}, fmt.Errorf("broadcast %q: %w", id, err)
		}
		doc, err := json.Marshal(x)
		if err != nil {
			return Broadcast{}, fmt.Errorf("encode broadcast: %w", err)
		}
		with := broadcastIn(id)
		maps.Copy(with, in)
		with["before"], with["doc"] = before, string(doc)
		x, err = b.moved(ctx, s, op, x, with)
		if !errors.Is(err, errAgain) {
			return x, err
		}
	}
	return Broadcast{}, fmt.Errorf("broadcast %q: %w", id, ErrStale)
}

func broadcastIn(id BroadcastID) map[string]any {
	return map[string]any{"id": id, "keep": int(keepAudience / time.Second)}
}

// Get returns one. ErrNotFound.
func (b *Broadcasts) Get(ctx context.Context, id BroadcastID) (Broadcast, error) {
	x, _, err := b.read(ctx, id)
	return x, err
}

// read also returns what is written, letter by letter.
func (b *Broadcasts) read(ctx context.Context, id BroadcastID) (Broadcast, string, error) {
	pipe := b.rdb.TxPipeline()
	doc, state := pipe.HGet(ctx, b.keys.broadcasts(), string(id)), pipe.HGetAll(ctx, b.keys.broadcastState(id))
	waiting := pipe.ZCount(ctx, b.keys.leases(id), strconv.FormatInt(b.now().Add(waitingFrom).UnixMilli(), 10), "+inf")
	if _, err := pipe.Exec(ctx); errors.Is(err, redis.Nil) {
		return Broadcast{}, "", fmt.Errorf("broadcast %q: %w", id, ErrNotFound)
	} else if err != nil {
		return Broadcast{}, "", fmt.Errorf("read broadcast %q: %w", id, err)
	}
	var x Broadcast
	if err := json.Unmarshal([]byte(doc.Val()), &x); err != nil {
		return Broadcast{}, "", fmt.Errorf("decode broadcast %q: %w", id, err)
	}
	x, err := x.in(state.Val())
	x.Progress.Waiting = int(waiting.Val())
	return x, doc.Val(), err
}

// in is the broadcast in a state, as its hash has it.
func (x Broadcast) in(state map[string]string) (Broadcast, error) {
	x.State, x.Pass, x.Paused = BroadcastState(state["state"]), Pass(state["pass"]), PauseReason(state["paused"])
	p := &x.Progress
	for name, to := range map[string]*int{
		"total": &p.Total, "sent": &p.Sent, "unreachable": &p.Unreachable, "failed": &p.Failed, "left": &p.Left, "recalled": &p.Recalled,
		"pass_total": &p.PassTotal, "pass_done": &p.PassDone, "pass_failed": &p.PassFailed, "edition": &x.Edition,
	} {
		if text := state[name]; text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return x, fmt.Errorf("broadcast %q: %s: %w", x.ID, name, err)
			}
			*to = n
		}
	}
	for name, to := range map[string]*time.Time{"started_at": &x.StartedAt, "ended_at": &x.EndedAt} {
		*to = time.Time{}
		if text := state[name]; text != "" {
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return x, fmt.Errorf("broadcast %q: %s: %w", x.ID, name, err)
			}
			*to = at
		}
	}
	return x, nil
}

// Recent lists the newest.
func (b *Broadcasts) Recent(ctx context.Context, limit int) ([]Broadcast, error) {
	ids, err := b.rdb.ZRevRange(ctx, b.keys.broadcastAt(), 0, int64(max(limit, 1))-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	return b.many(ctx, ids)
}

// Scheduled lists those that wait for their time, the next first.
func (b *Broadcasts) Scheduled(ctx context.Context) ([]Broadcast, error) {
	ids, err := b.rdb.ZRange(ctx, b.keys.scheduled(), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list scheduled broadcasts: %w", err)
	}
	return b.many(ctx, ids)
}

func (b *Broadcasts) many(ctx context.Context, ids []string) ([]Broadcast, error) {
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
