package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// unitSeparator parts the fields of a name index's entries. It sorts before
// every letter, and folded words never have it.
const unitSeparator = "\x1f"

// named is one member as the name indexes have them.
type named struct{ sort, id string }

// Find lists people by name: those with, for each word of text (folded), a word of their name, username or
// organisation that begins with it. An empty text lists all. Its cost grows with the people found by the
// longest word, not with all members.
func (m *Members) Find(ctx context.Context, text string, offset, limit int) (found []Member, total int, err error) {
	words := strings.Fields(foldWords(text))
	if len(words) == 0 {
		return m.all(ctx, offset, limit)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	people, err := m.withWord(ctx, words[0])
	if err != nil {
		return nil, 0, err
	}
	for _, word := range words[1:] {
		if people, err = m.narrow(ctx, people, word); err != nil {
			return nil, 0, err
		}
	}
	slices.SortFunc(people, func(a, b named) int { return cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(a.id, b.id)) })
	page := people[min(max(offset, 0), len(people)):]
	found, err = m.named(ctx, page[:min(max(limit, 0), len(page))])
	return found, len(people), err
}

func (m *Members) all(ctx context.Context, offset, limit int) ([]Member, int, error) {
	if limit <= 0 {
		limit = 0
	}
	pipe := m.rdb.Pipeline()
	count := pipe.ZCard(ctx, m.keys.names())
	entries := pipe.ZRange(ctx, m.keys.names(), int64(max(offset, 0)), int64(max(offset, 0)+limit)-1)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, fmt.Errorf("list names: %w", err)
	}
	if limit == 0 {
		return nil, int(count.Val()), nil
	}
	people := make([]named, 0, limit)
	for _, e := range entries.Val() {
		sort, id, _ := strings.Cut(e, unitSeparator)
		people = append(people, named{sort, id})
	}
	list, err := m.named(ctx, people)
	return list, int(count.Val()), err
}

// withWord reads everybody who has a word that begins so, each once.
func (m *Members) withWord(ctx context.Context, word string) ([]named, error) {
	entries, err := m.rdb.ZRangeByLex(ctx, m.keys.words(), &redis.ZRangeBy{Min: "[" + word, Max: "[" + word + "\xff"}).Result()
	if err != nil {
		return nil, fmt.Errorf("find names: %w", err)
	}
	seen := make(map[string]bool, len(entries))
	var people []named
	for _, e := range entries {
		parts := strings.Split(e, unitSeparator)
		if len(parts) != 3 || seen[parts[2]] {
			continue
		}
		seen[parts[2]] = true
		people = append(people, named{sort: parts[1], id: parts[2]})
	}
	return people, nil
}

// narrow keeps those who also have a word that begins so.
func (m *Members) narrow(ctx context.Context, people []named, word string) ([]named, error) {
	others, err := m.withWord(ctx, word)
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool, len(others))
	for _, o := range others {
		has[o.id] = true
	}
	return slices.DeleteFunc(people, func(p named) bool { return !has[p.id] }), nil
}

func (m *Members) named(ctx context.Context, people []named) ([]Member, error) {
	ids := make([]MemberID, len(people))
	for i, p := range people {
		ids[i] = MemberID(p.id)
	}
	return m.Many(ctx, ids)
}
