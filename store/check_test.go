package store

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// clean fails the test when an invariant of the state does not hold.
func clean(tb testing.TB, s *Store) {
	tb.Helper()
	problems, err := s.Check(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range problems {
		tb.Errorf("%+v", p)
	}
}

// Whatever index of a state is lost, Check names it, and Rebuild brings it back as it was.
func TestEveryIndexIsRebuilt(t *testing.T) {
	p := people(t)
	ctx := t.Context()
	x, err := p.s.snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, key := range x.keys {
		if familyOf(key) == "" {
			continue
		}
		family, _, _ := strings.Cut(key, ":")
		seen[family] = true
		before, err := p.s.db.storedIndexes(ctx, []string{key})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.s.db.rdb.Del(ctx, p.s.db.keys.prefix()+key).Err(); err != nil {
			t.Fatal(err)
		}
		problems, err := p.s.Check(ctx)
		if err != nil || !slices.ContainsFunc(problems, func(x Problem) bool { return x.Invariant == "index" && x.Key == key }) {
			t.Errorf("%s is lost, and found is %v, %v", key, problems, err)
		}
		mended, err := p.s.Rebuild(ctx)
		if err != nil || !slices.Contains(mended, key) {
			t.Errorf("%s is lost, and rebuilt is %v, %v", key, mended, err)
		}
		after, err := p.s.db.storedIndexes(ctx, []string{key})
		if err != nil || !looselyOrdered(key) && !reflect.DeepEqual(before, after) {
			t.Errorf("%s was %v and is %v, %v", key, before[key], after[key], err)
		}
		clean(t, p.s)
	}
	for _, family := range []string{"activityends", "seats", "registered", "openquestions", "asked", "followers", "choices", "visitdue", "queue"} {
		if !seen[family] {
			t.Errorf("the state has no %s", family)
		}
	}
}
