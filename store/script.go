package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// decisionMemory is how long a decision's result is kept for being asked for
// again. Telegram keeps updates for 24 hours.
const decisionMemory = 48 * time.Hour

// script is one atomic decision: lua/NAME.lua behind lua/prelude.lua and the
// libraries it names.
type script struct {
	name string
	run  *redis.Script
}

// newScript builds lua/NAME.lua; each library is lua/lib_LIBRARY.lua, in the
// order given.
func newScript(name string, libraries ...string) *script {
	files := []string{"prelude"}
	for _, l := range libraries {
		files = append(files, "lib_"+l)
	}
	var source strings.Builder
	for _, f := range append(files, name) {
		text, err := luaFiles.ReadFile("lua/" + f + ".lua")
		if err != nil {
			panic(err) // embedded: can't be missing
		}
		source.Write(text)
	}
	return &script{name: name, run: redis.NewScript(source.String())}
}

// newBareScript loads lua/NAME.lua without the prelude: a step that is no decision of the domain.
func newBareScript(name string) *redis.Script {
	body, err := luaFiles.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // embedded: can't be missing
	}
	return redis.NewScript(string(body))
}

// failures maps what a script answers as {"err": code} to the domain's sentinels.
func failure(code string) error {
	for c, err := range map[string]error{
		"not_found":       ErrNotFound,
		"forbidden":       ErrForbidden,
		"stale":           ErrStale,
		"invalid":         ErrInvalid,
		"no_copies":       ErrNoCopies,
		"already_held":    ErrAlreadyHeld,
		"too_many_holds":  ErrTooManyHolds,
		"not_member":      ErrNotMember,
		"closed":          ErrClosed,
		"already_in":      ErrAlreadyIn,
		"invitation_used": ErrInvitationUsed,
		"last_owner":      ErrLastOwner,
		"has_loans":       ErrHasLoans,
		"in_use":          ErrInUse,
		"again":           errAgain,
	} {
		if c == code {
			return err
		}
	}
	return fmt.Errorf("script failure %q", code)
}

// decide runs a script once per operation and subject. The script sees args as
// its table IN; what it returns is decoded into out (nil to ignore it). Asked
// again with the same op.Key and subject, the first answer (a failure too) comes back and nothing changes.
func (d *db) decide(ctx context.Context, s *script, op Op, subject string, in map[string]any, out any) error {
	if in == nil {
		in = map[string]any{}
	}
	args, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s: encode arguments: %w", s.name, err)
	}
	memory := ""
	if op.Key != "" {
		memory = d.keys.decision(strings.Join([]string{op.Key, s.name, subject}, ":"))
	}
	now := d.now()
	answer, err := s.run.Run(ctx, d.rdb, []string{d.keys.prefix()},
		memory, int64(decisionMemory/time.Second), now.UnixMilli(), stamp(now), string(op.By), string(args)).Text()
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	var envelope struct {
		Err string          `json:"err"`
		OK  json.RawMessage `json:"ok"`
	}
	if err := json.Unmarshal([]byte(answer), &envelope); err != nil {
		return fmt.Errorf("%s: decode answer: %w", s.name, err)
	}
	if envelope.Err != "" {
		return failure(envelope.Err)
	}
	if out == nil || len(envelope.OK) == 0 {
		return nil
	}
	if err := json.Unmarshal(envelope.OK, out); err != nil {
		return fmt.Errorf("%s: decode result: %w", s.name, err)
	}
	return nil
}

// stamp writes an instant as the JSON of an aggregate has it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// hashGet reads one aggregate out of its hash. ErrNotFound.
func hashGet[T any](ctx context.Context, d *db, key, id string) (T, error) {
	var v T
	raw, err := d.rdb.HGet(ctx, key, id).Bytes()
	if errors.Is(err, redis.Nil) {
		return v, ErrNotFound
	}
	if err != nil {
		return v, fmt.Errorf("read %s %s: %w", key, id, err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("decode %s %s: %w", key, id, err)
	}
	return v, nil
}

// hashMany reads aggregates in the order asked for; those gone are left out.
func hashMany[T any, ID ~string](ctx context.Context, d *db, key string, ids []ID) ([]T, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	fields := make([]string, len(ids))
	for i, id := range ids {
		fields[i] = string(id)
	}
	raw, err := d.rdb.HMGet(ctx, key, fields...).Result()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	list := make([]T, 0, len(raw))
	for i, r := range raw {
		text, ok := r.(string)
		if !ok {
			continue
		}
		var v T
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return nil, fmt.Errorf("decode %s %s: %w", key, fields[i], err)
		}
		list = append(list, v)
	}
	return list, nil
}

// hashAll reads every aggregate of a small hash, in no order.
func hashAll[T any](ctx context.Context, d *db, key string) ([]T, error) {
	raw, err := d.rdb.HVals(ctx, key).Result()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	list := make([]T, 0, len(raw))
	for _, text := range raw {
		var v T
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return nil, fmt.Errorf("decode %s: %w", key, err)
		}
		list = append(list, v)
	}
	return list, nil
}

// lookup reads what an index says. ErrNotFound when it says nothing.
func (d *db) lookup(ctx context.Context, key, field string) (string, error) {
	id, err := d.rdb.HGet(ctx, key, field).Result()
	if errors.Is(err, redis.Nil) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	return id, nil
}
