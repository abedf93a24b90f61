package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// rescored is how many of the best by sum are looked at again for the order of their words. It does not depend on the
// page, so that pages fit together.
const rescored = 256

// Search answers a query.
func (x *Index) Search(q Query) Result {
	q.Offset, q.Limit = max(q.Offset, 0), cmp.Or(max(q.Limit, 0), DefaultLimit)
	q.Language = strings.ToLower(q.Language)
	x.mu.RLock()
	defer x.mu.RUnlock()
	ws := x.ask(q.Text)
	if len(ws) == 0 {
		if strings.TrimSpace(q.Text) != "" {
			return Result{}
		}
		return x.browse(q)
	}
	a := x.accumulator()
	defer x.release(a)
	var need uint16
	for i := range ws {
		a.add(x, i, &ws[i])
		if !ws[i].noise {
			need |= 1 << i
		}
	}
	found := x.matching(q, a, need)
	out := Result{Total: len(found)}
	if q.Newest {
		out.Hits = x.hits(page(found, q, x.newer), need, a)
		return out
	}
	found = x.best(found, ws, min(q.Offset+q.Limit, len(found)))
	out.Hits = x.hits(found[min(q.Offset, len(found)):], need, a)
	if len(found) > 0 && a.sure[found[0].slot]&need != need {
		out.Suggestion = x.suggest(found[0].slot, ws)
	}
	return out
}

// scored is a title on its way into the order of results.
type scored struct {
	slot  uint32
	score float32
}

// matching lists the titles that count, with their sums. A short title is worth a little more than a long one.
func (x *Index) matching(q Query, a *accumulator, need uint16) []scored {
	pass := func(uint32) bool { return true }
	if q.Topic != "" || q.Language != "" || q.Available || q.OnVan {
		pass = func(s uint32) bool { return q.passes(&x.slots[s]) }
	}
	l := a.level(need, pass)
	var found []scored
	for _, s := range a.touched {
		if l.takes(a.met[s], a.sure[s]) && pass(s) {
			found = append(found, scored{s, a.score[s] * (1 + 0.2/float32(2+x.slots[s].nTitle))})
		}
	}
	return found
}

func (q *Query) passes(e *entry) bool {
	return (q.Topic == "" || e.topic == q.Topic) && (q.Language == "" || e.language == q.Language) &&
		(!q.Available || e.available) && (!q.OnVan || e.onVan)
}

func (x *Index) hits(found []scored, need uint16, a *accumulator) []Hit {
	out := make([]Hit, len(found))
	for i, f := range found {
		out[i] = Hit{ID: x.slots[f.slot].id, Exact: a.sure[f.slot]&need == need}
	}
	return out
}

// best gives the first n of the final order.
func (x *Index) best(found []scored, ws []asked, n int) []scored {
	n = max(n, 0)
	first := top(found, max(rescored, n), x.better)
	again := first[:min(rescored, len(first))]
	met := meetings(ws)
	for i := range again {
		again[i].score += x.closeness(&x.slots[again[i].slot], ws, met)
		again[i].score = float32(math.Round(float64(again[i].score) * 50))
	}
	slices.SortFunc(again, x.better)
	return first[:min(n, len(first))]
}

// better orders by score; then what is available, newer, by identifier.
func (x *Index) better(a, b scored) int {
	ea, eb := &x.slots[a.slot], &x.slots[b.slot]
	return cmp.Or(cmp.Compare(b.score, a.score), compareBool(eb.available, ea.available),
		cmp.Compare(eb.year, ea.year), cmp.Compare(ea.id, eb.id))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// meeting says which words of a query a term answers, and how nearly.
type meeting struct {
	words uint16
	near  float32
}

func meetings(ws []asked) map[uint32]meeting {
	out := map[uint32]meeting{}
	for i := range ws {
		for _, c := range ws[i].candidates {
			m := out[c.term]
			out[c.term] = meeting{m.words | 1<<i, max(m.near, c.near)}
		}
	}
	return out
}

// closeness is what the order of words adds: the whole title as asked, a phrase within it, a whole author.
func (x *Index) closeness(e *entry, ws []asked, met map[uint32]meeting) float32 {
	var weight float32
	for i := range ws {
		weight += ws[i].rarity
	}
	title := e.tokens[:e.nTitle]
	authors := e.tokens[int(e.nTitle)+int(e.nSubtitle):]
	inName := align(title, met, len(ws))
	inBy := align(authors, met, len(ws))
	share := float32(inName.words) / float32(len(ws))
	out := 0.35*inName.phrase + 0.30*inName.covered*share
	if inName.run == len(title) && inName.run == len(ws) {
		out += 0.5 * inName.near
	} else if inName.starts {
		out += 0.08 * share
	}
	out += 0.12*inBy.phrase + 0.10*inBy.covered*float32(inBy.words)/float32(len(ws))
	return out * weight
}

// alignment tells how the words of a query lie in a field.
type alignment struct {
	words   int     // words of the query that are in it
	run     int     // the longest run of words in the query's order
	phrase  float32 // the run, as a share of the query; 0 for a single word of several
	covered float32 // the share of the field that was asked for
	near    float32 // how nearly, at the worst
	starts  bool    // its first word was asked for
}

func align(tokens []uint32, met map[uint32]meeting, asked int) alignment {
	a := alignment{near: 1}
	var all, ending uint16
	run, hit := 0, 0
	for i, t := range tokens {
		m, ok := met[t]
		if !ok {
			ending, run = 0, 0
			continue
		}
		hit++
		all |= m.words
		a.near = min(a.near, m.near)
		a.starts = a.starts || i == 0
		if next := ending << 1 & m.words; next != 0 {
			ending, run = next, run+1
		} else {
			ending, run = m.words, 1
		}
		a.run = max(a.run, run)
	}
	a.words = bits.OnesCount16(all)
	if a.run > 1 || asked == 1 {
		a.phrase = float32(min(a.run, asked)) / float32(asked) * a.near
	}
	if len(tokens) > 0 {
		a.covered = float32(hit) / float32(len(tokens)) * a.near
	}
	return a
}

// suggest puts the words of the best title, as they are written there, in place of those that were guessed.
func (x *Index) suggest(slot uint32, ws []asked) string {
	e := &x.slots[slot]
	shown := map[uint32]string{}
	for _, s := range shownWords(e.name) {
		for _, w := range words(s) {
			if n, ok := x.dict.number(w); ok {
				if _, ok := shown[n]; !ok {
					shown[n] = s
				}
			}
		}
	}
	var out []string
	changed := false
	for _, w := range ws {
		say := w.word
		for _, c := range w.candidates {
			if s, ok := shown[c.term]; ok {
				say = s
				changed = changed || c.guess
				break
			}
		}
		out = append(out, say)
	}
	if !changed {
		return ""
	}
	return strings.ToLower(strings.Join(slices.Compact(out), " "))
}
