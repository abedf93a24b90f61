package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// The types of key that an index may be.
const (
	kindHash = "hash"
	kindZset = "zset"
	kindSet  = "set"
)

// index is the content of one secondary index: field -> value of a hash, member
// -> score of a sorted set, member -> "" of a set.
type index struct {
	kind    string
	loose   bool // its scores give an order that nothing else tells exactly: they are not compared
	entries map[string]string
}

// indexFamilies lists all secondary indexes, and
// their types: whole names, or beginnings where they end with a colon.
func indexFamilies() map[string]string {
	return map[string]string{
		"chats": kindHash, "names": kindZset, "words": kindZset, "indexed": kindHash, "role:": kindSet, "affiliates:": kindSet,
		"organisation_names": kindHash, "organisation_words": kindHash,
		"copytitle": kindHash, "barcodes": kindHash, "identity": kindHash, "source:": kindSet, "location_names": kindHash,
		"promised": kindHash, "lent": kindHash, "loansdue": kindZset, "deadlines": kindZset,
		"activityends": kindZset, "seats:": kindZset, "waitlist:": kindZset, "registered:": kindSet,
		"openquestions": kindZset, "asked:": kindSet,
		"followers:": kindZset, "choices:": kindHash, "visitdue": kindZset,
		"queue:": kindZset, "holdsin:": kindZset, "pickups:": kindZset,
		":holds": kindZset, ":open": kindHash, ":loans": kindZset, ":lent": kindHash, // member:ID:…
	}
}

// familyOf tells which type of index a key is; "" when it is none.
func familyOf(key string) string {
	families := indexFamilies()
	if rest, ok := strings.CutPrefix(key, "member:"); ok {
		_, what, _ := strings.Cut(rest, ":")
		return families[":"+what]
	}
	if beginning, _, ok := strings.Cut(key, ":"); ok {
		return families[beginning+":"]
	}
	return families[key]
}

// looselyOrdered tells which indexes are compared by what is in them alone.
func looselyOrdered(key string) bool {
	return key == "openquestions" || strings.HasPrefix(key, "seats:") || strings.HasPrefix(key, "waitlist:")
}

// indexes are all secondary indexes by key, without the library's prefix.
type indexes map[string]*index

// add takes a key as its builder gives it.
func (x indexes) add(key, entry, value string) {
	_, key, _ = strings.Cut(key, "}:")
	if x[key] == nil {
		x[key] = &index{kind: familyOf(key), loose: looselyOrdered(key), entries: map[string]string{}}
	}
	x[key].entries[entry] = value
}

// derive says what every secondary index must hold, from the aggregates alone
// (and, where several titles share an identity, from which of them has it).
func (x *snapshot) derive() indexes {
	want := indexes{}
	x.deriveMembers(want)
	x.deriveTitles(want)
	x.deriveActivities(want)
	x.deriveQuestions(want)
	x.deriveFollowers(want)
	for id, h := range x.holds {
		x.k.deriveHold(want, id, h)
	}
	for id, l := range x.loans {
		order, k := number(orderOf(id)), x.k
		want.add(k.memberLoans(l.Member), id, order)
		if l.ReturnedAt.IsZero() {
			want.add(k.lent(), string(l.Copy), id)
			want.add(k.loansDue(), id, number(l.DueAt.UnixMilli()))
			want.add(k.memberLent(l.Member), id, string(l.Title))
		}
	}
	return want
}

func (x *snapshot) deriveMembers(want indexes) {
	for id, o := range x.organisations {
		want.add(x.k.organisationNames(), string(o.Kind)+":"+foldWords(o.Name), id)
		want.add(x.k.organisationWords(), id, foldWords(o.Name))
	}
	for id, m := range x.members {
		if m.Chat != 0 {
			want.add(x.k.chats(), strconv.FormatInt(m.Chat, 10), id)
		}
		want.add(x.k.role(m.Role), id, "")
		organisation := ""
		if m.Organisation != "" {
			want.add(x.k.affiliates(m.Organisation), id, "")
			organisation = foldWords(x.organisations[string(m.Organisation)].Name)
		}
		sort, own := foldWords(m.Name), foldWords(m.Name+" "+m.Username)
		want.add(x.k.names(), sort+unitSeparator+id, "0")
		want.add(x.k.indexed(), id, strings.Join([]string{sort, own, organisation}, unitSeparator))
		for word := range strings.FieldsSeq(own + " " + organisation) {
			want.add(x.k.words(), strings.Join([]string{word, sort, id}, unitSeparator), "0")
		}
	}
}

func (x *snapshot) deriveTitles(want indexes) {
	for id, l := range x.locations {
		want.add(x.k.locationNames(), foldWords(l.Name), id)
	}
	for id, copies := range x.shelves {
		for _, c := range copies {
			want.add(x.k.copyTitle(), string(c.ID), id)
			if c.Barcode != "" {
				want.add(x.k.barcodes(), c.Barcode, string(c.ID))
			}
		}
	}
	owners := map[string]string{}
	for _, id := range slices.SortedFunc(maps.Keys(x.titles), func(a, b string) int { return cmp.Compare(orderOf(a), orderOf(b)) }) {
		title := x.titles[id]
		want.add(x.k.source(title.Source), id, "")
		for _, key := range identities(title.Source, title) {
			if owners[key] == "" || x.identity[key] == id {
				owners[key] = id
			}
		}
	}
	for key, id := range owners {
		want.add(x.k.identity(), key, id)
	}
}

func (k keys) deriveHold(want indexes, id string, h Hold) {
	order := number(orderOf(id))
	want.add(k.memberHolds(h.Member), id, order)
	if !h.State.Open() {
		return
	}
	want.add(k.holdsIn(h.State), id, order)
	want.add(k.pickups(h.Pickup), id, order)
	want.add(k.memberOpen(h.Member), string(h.Title), id)
	if h.State == HoldPlaced {
		want.add(k.queue(h.Title), id, order)
	}
	if h.State == HoldReady {
		want.add(k.deadlines(), id, number(h.Deadline.UnixMilli()))
	}
	if h.State.promised() {
		want.add(k.promised(), string(h.Copy), id)
	}
}

// promised tells whether a hold of this state has a copy of its own.
func (s HoldState) promised() bool {
	return s == HoldAllocated || s == HoldInTransit || s == HoldReady
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// stored reads the indexes that are there, of all families.
func (d *db) storedIndexes(ctx context.Context, keys []string) (indexes, error) {
	have := indexes{}
	for _, key := range keys {
		kind := familyOf(key)
		if kind == "" || have[key] != nil {
			continue
		}
		entries, err := d.indexEntries(ctx, d.keys.prefix()+key, kind)
		if err != nil {
			return nil, fmt.Errorf("read index %s: %w", key, err)
		}
		have[key] = &index{kind: kind, entries: entries}
	}
	return have, nil
}

func (d *db) indexEntries(ctx context.Context, key, kind string) (map[string]string, error) {
	entries := map[string]string{}
	switch kind {
	case kindHash:
		return d.rdb.HGetAll(ctx, key).Result() //nolint:wrapcheck // wrapped by storedIndexes
	case kindZset:
		list, err := d.rdb.ZRangeWithScores(ctx, key, 0, -1).Result()
		for _, z := range list {
			member, _ := z.Member.(string)
			entries[member] = strconv.FormatFloat(z.Score, 'f', -1, 64)
		}
		return entries, err //nolint:wrapcheck // as above
	default:
		list, err := d.rdb.SMembers(ctx, key).Result()
		for _, member := range list {
			entries[member] = ""
		}
		return entries, err //nolint:wrapcheck // as above
	}
}

// compare lists what differs between the indexes as they must be and as they are.
func compare(want, have indexes) []Problem {
	var problems []Problem
	differ := func(key, entry, is, must string) {
		problems = append(problems, Problem{Invariant: "index", Key: key, Detail: fmt.Sprintf("%q is %s, must be %s", entry, is, must)})
	}
	for key, w := range want {
		for entry, value := range w.entries {
			is, there := "", false
			if have[key] != nil {
				is, there = have[key].entries[entry]
			}
			if !there {
				differ(key, entry, "missing", fmt.Sprintf("%q", value))
			} else if is != value && !w.loose {
				differ(key, entry, fmt.Sprintf("%q", is), fmt.Sprintf("%q", value))
			}
		}
	}
	for key, h := range have {
		for entry, value := range h.entries {
			if want[key] == nil || !has(want[key].entries, entry) {
				differ(key, entry, fmt.Sprintf("%q", value), "absent")
			}
		}
	}
	return problems
}

func has[V any](m map[string]V, key string) bool {
	_, ok := m[key]
	return ok
}

// Rebuild writes the secondary indexes anew where
// they differ from what the aggregates say, and names those keys. Nobody may
// decide anything meanwhile: it is for a state that Check finds broken.
func (s *Store) Rebuild(ctx context.Context) ([]string, error) {
	x, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	want := x.derive()
	have, err := s.db.storedIndexes(ctx, x.keys)
	if err != nil {
		return nil, err
	}
	broken := map[string]bool{}
	for _, p := range compare(want, have) {
		broken[p.Key] = true
	}
	names := slices.Sorted(maps.Keys(broken))
	for _, key := range names {
		if err := s.db.rewrite(ctx, s.db.keys.prefix()+key, want[key]); err != nil {
			return nil, fmt.Errorf("rebuild %s: %w", key, err)
		}
	}
	counters, err := s.mendIDs(ctx, x)
	if err != nil {
		return nil, err
	}
	outbox, err := s.mendOutbox(ctx)
	return slices.Concat(names, counters, outbox), err
}

func (d *db) rewrite(ctx context.Context, key string, x *index) error {
	_, err := d.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Del(ctx, key)
		if x == nil {
			return nil
		}
		for entry, value := range x.entries {
			switch x.kind {
			case kindHash:
				pipe.HSet(ctx, key, entry, value)
			case kindZset:
				score, err := strconv.ParseFloat(value, 64)
				if err != nil {
					return fmt.Errorf("score of %q: %w", entry, err)
				}
				pipe.ZAdd(ctx, key, redis.Z{Score: score, Member: entry})
			default:
				pipe.SAdd(ctx, key, entry)
			}
		}
		return nil
	})
	return wrap(err, "write")
}
