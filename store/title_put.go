package store

import (
	"context"
	"crypto/sha1" //nolint:gosec // what Redis has for comparing texts (redis.sha1hex); keeps no secret
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

var (
	putTitles   = newScript("title_put", "member", "hold", "title")
	addLocation = newScript("location_add")
)

// titleBatch is how many records one script writes: enough to make 10,000 go in
// within seconds, few enough that nobody waits for it to end.
const titleBatch = 100

// titleItem is one record as lua/title_put.lua takes it.
type titleItem struct {
	Seen   [][2]string `json:"seen"`
	ID     string      `json:"id"`
	Was    string      `json:"was"`
	Text   string      `json:"text"`
	Drop   []string    `json:"drop"`
	Add    []string    `json:"add"`
	From   string      `json:"from"`
	Source string      `json:"source"`
	Copies []copyItem  `json:"copies"`
}

type copyItem struct {
	Barcode    string     `json:"barcode"`
	CallNumber string     `json:"call_number"`
	Location   LocationID `json:"location"`
}

// putResult is the script's answer for one record.
type putResult struct {
	ID      TitleID `json:"id"`
	Outcome Outcome `json:"outcome"`
}

// retry is the outcome of a record whose title changed between reading and writing.
const retry Outcome = "retry"

// Put adds or changes records, matched by control number, else ISBN, else folded title + author + year. Copies that
// it lacks are never removed; copies are matched by barcode, else by count. A title without copies stays without.
// What a record does not say of a known title stays. The outcomes are in the records' order. Records are written in
// batches: after an error, those before are in. The same records with the same Op are put once; an Op may put several
// lots of records one after another. ErrInvalid for a record without a name.
func (t *Titles) Put(ctx context.Context, op Op, source string, records []Record) ([]Outcome, []TitleID, error) {
	for _, r := range records {
		if strings.TrimSpace(r.Title.Name) == "" {
			return nil, nil, fmt.Errorf("record %d without a title: %w", r.Line, ErrInvalid)
		}
	}
	places, err := t.places(ctx, records)
	if err != nil {
		return nil, nil, err
	}
	outcomes, ids := make([]Outcome, 0, len(records)), make([]TitleID, 0, len(records))
	for part := range slices.Chunk(records, titleBatch) {
		p := putting{t: t, source: source, places: places, records: part, results: make([]putResult, len(part))}
		subject, err := json.Marshal(part)
		if err != nil {
			return outcomes, ids, fmt.Errorf("encode records: %w", err)
		}
		if err := p.run(ctx, op, source+":"+sha1Hex(string(subject))); err != nil {
			return outcomes, ids, fmt.Errorf("put records from line %d: %w", part[0].Line, err)
		}
		for _, r := range p.results {
			outcomes, ids = append(outcomes, r.Outcome), append(ids, r.ID)
		}
	}
	return outcomes, ids, nil
}

// places resolves the names of locations in records, and makes those that are new.
func (t *Titles) places(ctx context.Context, records []Record) (map[string]LocationID, error) {
	places := map[string]LocationID{"": MainLibrary}
	known, err := t.Locations(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range known {
		places[foldWords(l.Name)] = l.ID
		places[string(l.ID)] = l.ID
	}
	for _, r := range records {
		for _, c := range r.Copies {
			folded := foldWords(c.Location)
			if _, ok := places[folded]; ok {
				continue
			}
			var id LocationID
			in := map[string]any{"name": strings.TrimSpace(c.Location), "folded": folded}
			if err := t.decide(ctx, addLocation, Op{}, "", in, &id); err != nil {
				return nil, fmt.Errorf("add location %q: %w", c.Location, err)
			}
			places[folded] = id
		}
	}
	return places, nil
}

// putting is one batch on its way in.
type putting struct {
	t       *Titles
	source  string
	places  map[string]LocationID
	records []Record
	results []putResult
}

// run writes the batch in rounds: what changed under our hands, or is in the
// batch twice, is looked at anew in the next.
func (p *putting) run(ctx context.Context, op Op, subject string) error {
	open := make([]int, len(p.records))
	for i := range open {
		open[i] = i
	}
	for round := 0; len(open) > 0; round++ {
		now, later := p.apart(open)
		items, err := p.items(ctx, now)
		if err != nil {
			return err
		}
		var results []putResult
		in := map[string]any{"table": HoldTable(), "items": items}
		if err := p.t.decide(ctx, putTitles, op, fmt.Sprintf("%s:%d", subject, round), in, &results); err != nil {
			return err
		}
		for i, r := range results {
			if r.Outcome == retry {
				later = append(later, now[i])
				continue
			}
			p.results[now[i]] = r
		}
		slices.Sort(later)
		open = later
	}
	return nil
}

// apart parts records that share no identity from those that share one with an
// earlier record, which must be in before they are matched.
func (p *putting) apart(open []int) (now, later []int) {
	seen := map[string]bool{}
	for _, i := range open {
		keys := identities(p.source, p.records[i].Title)
		if slices.ContainsFunc(keys, func(k string) bool { return seen[k] }) {
			later = append(later, i)
		} else {
			now = append(now, i)
		}
		for _, k := range keys {
			seen[k] = true
		}
	}
	return now, later
}

// items matches records with what is stored.
func (p *putting) items(ctx context.Context, open []int) ([]titleItem, error) {
	var keys []string
	for _, i := range open {
		keys = append(keys, identities(p.source, p.records[i].Title)...)
	}
	owners, err := p.t.texts(ctx, p.t.keys.identity(), keys)
	if err != nil {
		return nil, err
	}
	var candidates []string
	for _, id := range owners {
		candidates = append(candidates, id)
	}
	stored, err := p.t.texts(ctx, p.t.keys.titles(), candidates)
	if err != nil {
		return nil, err
	}
	items := make([]titleItem, len(open))
	for n, i := range open {
		if items[n], err = p.item(p.records[i], owners, stored); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (p *putting) item(r Record, owners, stored map[string]string) (titleItem, error) {
	item := titleItem{Seen: [][2]string{}, Copies: []copyItem{}}
	for _, c := range r.Copies {
		item.Copies = append(item.Copies, copyItem{c.Barcode, c.CallNumber, p.places[foldWords(c.Location)]})
	}
	var have Title
	for _, key := range identities(p.source, r.Title) {
		item.Seen = append(item.Seen, [2]string{key, owners[key]})
		text, ok := stored[owners[key]]
		if !ok || have.ID != "" {
			continue
		}
		var found Title
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			return item, fmt.Errorf("decode title %s: %w", owners[key], err)
		}
		if sameTitle(key, p.source, found, r.Title) {
			have, item.ID, item.Was = found, string(found.ID), sha1Hex(text)
		}
	}
	if have.ID == "" {
		fresh := r.Title
		fresh.Source = p.source
		fresh.AddedAt = p.t.now().UTC()
		return item, item.write(Title{}, fresh, fresh.AddedAt)
	}
	return item, item.write(have, merge(have, r.Title, p.source), p.t.now())
}

// write fills in what leads from one description to another; nothing when they are the same.
func (item *titleItem) write(have, want Title, now time.Time) error {
	item.Drop, item.Add = []string{}, []string{}
	item.Source = want.Source
	want.ID, want.ChangedAt = have.ID, have.ChangedAt
	before, err := json.Marshal(have)
	if err != nil {
		return fmt.Errorf("encode title %s: %w", have.ID, err)
	}
	after, err := json.Marshal(want)
	if err != nil {
		return fmt.Errorf("encode title %s: %w", have.ID, err)
	}
	if have.ID != "" && string(before) == string(after) {
		return nil
	}
	want.ChangedAt = now.UTC()
	if after, err = json.Marshal(want); err != nil {
		return fmt.Errorf("encode title %s: %w", have.ID, err)
	}
	item.Text = string(after)
	item.Add = identities(want.Source, want)
	if have.ID == "" {
		item.Text = strings.Replace(item.Text, `{"id":"",`, `{`, 1)
		return nil
	}
	if have.Source != want.Source {
		item.From = have.Source
	}
	for _, key := range identities(have.Source, have) {
		if !slices.Contains(item.Add, key) {
			item.Drop = append(item.Drop, key)
		}
	}
	return nil
}

// texts reads fields of a hash; those that are not there are left out.
func (d *db) texts(ctx context.Context, key string, fields []string) (map[string]string, error) {
	found := make(map[string]string, len(fields))
	for part := range slices.Chunk(fields, 1000) {
		values, err := d.rdb.HMGet(ctx, key, part...).Result()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", key, err)
		}
		for i, v := range values {
			if text, ok := v.(string); ok {
				found[part[i]] = text
			}
		}
	}
	return found, nil
}

func sha1Hex(text string) string {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
