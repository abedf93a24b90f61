package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// broadcastV1 is what schema 1 wrote differently: one text, one criterion, and an audience whose members are named by their ids.
type broadcastV1 struct {
	Text     *string `json:"text"`
	Audience struct {
		Kind string `json:"kind"`
		Ref  string `json:"ref"`
	} `json:"audience"`
}

// audience is the criterion in today's form.
func (o broadcastV1) audience() Audience {
	switch o.Audience.Kind {
	case "", "all":
		return Audience{}
	case "activity":
		return Audience{All: []Criterion{{AudienceParticipants, o.Audience.Ref}}}
	}
	return Audience{All: []Criterion{{AudienceKind(o.Audience.Kind), o.Audience.Ref}}}
}

// indexAudiences brings broadcasts from schema 1 to 2. What is written of a broadcast changes in the same step as all else of it, so
// that one that was done is known.
func indexAudiences(ctx context.Context, d *db) error {
	return d.eachField(ctx, d.keys.broadcasts(), func(id, text string) error {
		var old broadcastV1
		if err := json.Unmarshal([]byte(text), &old); err != nil {
			return fmt.Errorf("decode broadcast %s: %w", id, err)
		}
		if old.Text == nil { // always written by schema 1
			return nil
		}
		var x Broadcast
		if err := json.Unmarshal([]byte(text), &x); err != nil {
			return fmt.Errorf("decode broadcast %s: %w", id, err)
		}
		x.Audience = old.audience()
		if *old.Text != "" {
			x.Default, x.Texts = "lt", map[string]string{"lt": *old.Text}
		}
		return wrap(d.indexAudience(ctx, x), "index the audience of "+id)
	})
}

// indexAudience rewrites one broadcast.
func (d *db) indexAudience(ctx context.Context, x Broadcast) error {
	k := d.keys
	pipe := d.rdb.TxPipeline()
	state := pipe.HGetAll(ctx, k.broadcastState(x.ID))
	members := pipe.LRange(ctx, k.audience(x.ID), 0, -1)
	leases := pipe.ZRangeWithScores(ctx, k.leases(x.ID), 0, -1)
	sent, unreached := pipe.HGetAll(ctx, k.copies(x.ID)), pipe.HGetAll(ctx, k.unreached(x.ID))
	ttl := pipe.TTL(ctx, k.audience(x.ID))
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	doc, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	due := map[string]float64{}
	for _, z := range leases.Val() {
		member, _ := z.Member.(string)
		due[member] = z.Score
	}
	cursor, err := strconv.Atoi("0" + state.Val()["cursor"])
	if err != nil {
		return fmt.Errorf("cursor: %w", err)
	}
	write := d.rdb.TxPipeline()
	write.HSet(ctx, k.broadcasts(), string(x.ID), doc)
	if s := BroadcastState(state.Val()["state"]); s != BroadcastDraft {
		write.HSet(ctx, k.broadcastState(x.ID), "pass", string(PassSend), "started_at", stamp(x.At))
	}
	write.Del(ctx, k.leases(x.ID), k.copies(x.ID), k.unreached(x.ID))
	results := make([]byte, len(members.Val()))
	ids := make([]byte, 8*len(results))
	for i, m := range members.Val() {
		reason, failed := unreached.Val()[m]
		score, taken := due[m]
		switch {
		case i >= cursor:
			results[i] = '0'
		case taken:
			results[i] = '1'
			write.ZAdd(ctx, k.leases(x.ID), redis.Z{Score: score, Member: i})
		case failed:
			results[i] = 'f'
			if reason == "gone" || reason == "blocked" {
				results[i] = 'u'
			}
			write.HSet(ctx, k.unreached(x.ID), i, reason)
		default:
			results[i] = 's'
			if n, err := strconv.ParseUint(sent.Val()[m], 10, 32); err == nil {
				binary.BigEndian.PutUint32(ids[8*i:], uint32(n))
			}
		}
	}
	if len(results) > 0 {
		count := func(result string) int { return strings.Count(string(results), result) }
		write.HSet(ctx, k.broadcastState(x.ID), "total", len(results), "sent", count("s"), "unreachable", count("u"), "failed", count("f"))
		write.Set(ctx, k.results(x.ID), results, 0)
		write.Set(ctx, k.copies(x.ID), ids, 0)
	}
	if ttl.Val() > 0 {
		for _, key := range []string{k.leases(x.ID), k.copies(x.ID), k.unreached(x.ID), k.results(x.ID)} {
			write.Expire(ctx, key, ttl.Val())
		}
	}
	_, err = write.Exec(ctx)
	return wrap(err, "write")
}
