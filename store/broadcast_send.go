package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	broadcastTake   = newScript("broadcast_take", "broadcast")
	broadcastExtend = newScript("broadcast_extend", "broadcast")
	broadcastSettle = newScript("broadcast_settle", "broadcast")
)

// waitingFrom tells who waits from who is being served: a lease is shorter, the end of quiet hours mostly later.
const waitingFrom = time.Minute

// Take returns the next recipients that nobody has settled, leased to the taker until the lease ends; empty when none are
// left to take, or it is not being sent.
func (b *Broadcasts) Take(ctx context.Context, id BroadcastID, limit int, lease time.Duration) ([]Recipient, error) {
	if limit <= 0 || lease <= 0 {
		return nil, nil
	}
	in := broadcastIn(id)
	in["limit"], in["lease_end"] = limit, b.now().Add(lease).UnixMilli()
	var text string
	if err := b.decide(ctx, broadcastTake, Op{}, string(id), in, &text); err != nil {
		return nil, fmt.Errorf("take recipients of %q: %w", id, err)
	}
	pass, rest, _ := strings.Cut(text, " ")
	fields := strings.Fields(rest)
	list := make([]Recipient, len(fields))
	for i, f := range fields {
		if err := list[i].parse(Pass(pass), f); err != nil {
			return nil, fmt.Errorf("take recipients of %q: %w", id, err)
		}
	}
	return list, nil
}

// parse reads what broadcast_take.lua writes of a recipient: index:member:message:message.
func (r *Recipient) parse(pass Pass, text string) error {
	parts := strings.Split(text, ":")
	if len(parts) != 4 {
		return fmt.Errorf("recipient %q: %w", text, ErrInvalid)
	}
	r.Pass, r.Member = pass, MemberID(parts[1])
	var err error
	if r.Index, err = strconv.Atoi(parts[0]); err != nil {
		return fmt.Errorf("recipient %q: %w", text, err)
	}
	for _, part := range parts[2:] {
		id, err := strconv.Atoi(part)
		if err != nil {
			return fmt.Errorf("recipient %q: %w", text, err)
		}
		if id > 0 {
			r.Messages = append(r.Messages, id)
		}
	}
	return nil
}

// Extend prolongs the leases of recipients that are being served.
func (b *Broadcasts) Extend(ctx context.Context, id BroadcastID, list []Recipient, lease time.Duration) error {
	return b.until(ctx, id, list, b.now().Add(lease))
}

// Postpone lets a recipient be taken again at a later time: their quiet hours end then.
func (b *Broadcasts) Postpone(ctx context.Context, id BroadcastID, r Recipient, until time.Time) error {
	return b.until(ctx, id, []Recipient{r}, until)
}

// until moves the ends of leases that are still there.
func (b *Broadcasts) until(ctx context.Context, id BroadcastID, list []Recipient, at time.Time) error {
	if len(list) == 0 {
		return nil
	}
	in := broadcastIn(id)
	entries := make([]map[string]any, len(list))
	for i, r := range list {
		entries[i] = map[string]any{"i": r.Index, "p": r.Pass}
	}
	in["list"], in["until"] = entries, at.UnixMilli()
	return b.decide(ctx, broadcastExtend, Op{}, string(id), in, nil)
}

// maxMessage is the highest message id that is kept: Telegram's are 32 bits.
const maxMessage = 1<<31 - 1

// Settle notes how a send ended (with the messages' ids when sent, at most two). When it was the last one, the pass ends. What is
// settled already, stays as it was. ErrNotFound, ErrInvalid.
func (b *Broadcasts) Settle(
	ctx context.Context, id BroadcastID, r Recipient, d Delivery, messages []int, reason string,
) (Broadcast, error) {
	switch d {
	case DeliverySent, DeliveryUnreachable, DeliveryFailed, DeliveryLeft:
	default:
		return Broadcast{}, fmt.Errorf("settle %q as %q: %w", id, d, ErrInvalid)
	}
	in := broadcastIn(id)
	in["index"], in["pass"], in["outcome"], in["reason"] = r.Index, r.Pass, d, reason
	for i, name := range []string{"first", "second"} {
		in[name] = 0
		if i < len(messages) && messages[i] > 0 && messages[i] <= maxMessage {
			in[name] = messages[i]
		}
	}
	in["waiting_from"] = strconv.FormatInt(b.now().Add(waitingFrom).UnixMilli(), 10)
	var stands struct {
		Doc     string            `json:"doc"`
		State   map[string]string `json:"state"`
		Waiting int               `json:"waiting"`
	}
	if err := b.decide(ctx, broadcastSettle, Op{}, string(id), in, &stands); err != nil {
		return Broadcast{}, fmt.Errorf("settle %q: %w", id, err)
	}
	var x Broadcast
	if err := json.Unmarshal([]byte(stands.Doc), &x); err != nil {
		return Broadcast{}, fmt.Errorf("decode broadcast %q: %w", id, err)
	}
	x, err := x.in(stands.State)
	x.Progress.Waiting = stands.Waiting
	return x, err
}

// Failures lists whom it did not reach, and why, in the order of the audience.
func (b *Broadcasts) Failures(ctx context.Context, id BroadcastID, offset, limit int) (list []Failure, total int, err error) {
	reasons := map[int]string{}
	err = b.eachField(ctx, b.keys.unreached(id), func(index, reason string) error {
		i, err := strconv.Atoi(index)
		reasons[i] = reason
		return wrap(err, "index")
	})
	if err != nil {
		return nil, 0, fmt.Errorf("list failures of %q: %w", id, err)
	}
	for n, i := range slices.Sorted(maps.Keys(reasons)) {
		if n < offset || n >= offset+limit {
			continue
		}
		member, err := b.rdb.LIndex(ctx, b.keys.audience(id), int64(i)).Result()
		if err != nil {
			return nil, 0, fmt.Errorf("list failures of %q: %w", id, err)
		}
		list = append(list, Failure{Member: MemberID(member), Reason: reasons[i]})
	}
	return list, len(reasons), nil
}
