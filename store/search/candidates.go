package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// How near a word of a title is to a word of the query.
const (
	nearSame   = 1.0
	nearJoined = 0.92 // "audio book" for "audiobook", and the other way round
	nearStem   = 0.88
	nearPrefix = 0.84 // at most: the more is missing, the less
	nearTypo   = 0.60
	nearTypos  = 0.42
)

// candidate is one thing that a query word may mean.
type candidate struct {
	term  uint32
	slots []uint32 // of two words that were written as one, the titles where they follow each other; else nil
	near  float32
	guess bool // met by a typo only
}

// asked is one word of a query.
type asked struct {
	word       string
	noise      bool
	candidates []candidate // the nearest first
	rarity     float32
}

// maxWords bounds a query; it is the width of the accumulator's sets.
const maxWords = 16

// maxPrefixed bounds the terms that a prefix stands for.
const maxPrefixed = 4000

// ask finds what the words of a text may mean. The caller holds the lock.
func (x *Index) ask(text string) []asked {
	ws := x.queryWords(text)
	out := make([]asked, len(ws))
	for i, w := range ws {
		out[i] = asked{word: w, noise: isNoise(w)}
	}
	if !slices.ContainsFunc(out, func(a asked) bool { return !a.noise }) {
		for i := range out {
			out[i].noise = false
		}
	}
	for i := range out {
		c := &collector{x: x, best: map[uint32]candidate{}}
		c.word(ws[i], i == len(ws)-1)
		if i > 0 {
			c.whole(ws[i-1]+ws[i], nearJoined)
		}
		if i+1 < len(ws) {
			c.whole(ws[i]+ws[i+1], nearJoined)
		}
		out[i].candidates = c.sorted()
		if len(x.exact(ws[i])) == 0 {
			out[i].candidates = x.appendSplits(out[i].candidates, ws[i])
		}
		out[i].rarity = x.rarity(out[i].candidates)
	}
	return out
}

// queryWords splits a text into words; an ISBN or a barcode is one word however it is written.
func (x *Index) queryWords(text string) []string {
	ws := words(text)
	if len(ws) > maxWords {
		ws = ws[:maxWords]
	}
	all := compact(ws)
	if isbn := isbn13(all); isbn != "" {
		return []string{isbn}
	}
	if len(ws) > 1 && len(all) <= maxWord && hasDigit(all) && len(x.exact(all)) > 0 {
		return []string{all}
	}
	return ws
}

// isbn13 gives the ISBN-13 of ten or thirteen signs that may be an ISBN, without judging their check digit: what is
// wrong is not found. Empty when s is something else. Source: ISBN Users' Manual, 7th edition.
func isbn13(s string) string {
	digits := strings.TrimSuffix(s, "x")
	if strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	switch len(s) {
	case 13:
		return s
	case 10:
		s = "978" + s[:9]
		sum := 0
		for i := range len(s) {
			sum += int(s[i]-'0') * (1 + i%2*2)
		}
		return s + string(rune('0'+(10-sum%10)%10))
	}
	return ""
}

func (x *Index) exact(w string) []uint32 {
	if n, ok := x.dict.number(w); ok {
		return x.postings[n]
	}
	return nil
}

// collector gathers the candidates of one word.
type collector struct {
	x    *Index
	best map[uint32]candidate
}

func (c *collector) add(n uint32, near float32, guess bool) {
	if len(c.x.postings[n]) == 0 {
		return
	}
	if old, ok := c.best[n]; !ok || near > old.near {
		c.best[n] = candidate{term: n, near: near, guess: guess}
	}
}

// whole adds a word and its other forms.
func (c *collector) whole(w string, factor float32) {
	if n, ok := c.x.dict.number(w); ok {
		c.add(n, nearSame*factor, false)
	}
	c.x.dict.withStem(w, func(n uint32) { c.add(n, nearStem*factor, false) })
}

func (c *collector) word(w string, last bool) {
	c.whole(w, 1)
	if last && utf8.RuneCountInString(w) >= 2 {
		left := maxPrefixed
		c.x.dict.withPrefix(w, func(n uint32) bool {
			missing := float32(len(c.x.dict.terms[n]) - len(w))
			c.add(n, nearPrefix-0.2*missing/(missing+4), false)
			left--
			return left > 0
		})
	}
	c.x.dict.withTypo(w, func(n uint32, edits int) {
		near := float32(nearTypo)
		if edits > 1 {
			near = nearTypos
		}
		if c.x.dict.terms[n][0] != w[0] {
			near *= 0.92
		}
		c.add(n, near, true)
	})
}

// sorted gives the nearest first; the order does not depend on the terms' numbers, which differ between processes.
func (c *collector) sorted() []candidate {
	out := make([]candidate, 0, len(c.best))
	for _, v := range c.best {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.near, a.near), cmp.Compare(c.x.dict.terms[a.term], c.x.dict.terms[b.term]))
	})
	return out
}

// maxSplit bounds the postings that are walked for one way of splitting a word.
const maxSplit = 20_000

// appendSplits adds the titles in which w stands as two words, one after the other.
func (x *Index) appendSplits(out []candidate, w string) []candidate {
	for i := range w {
		if i < 2 || len(w)-i < 2 || !utf8.RuneStart(w[i]) {
			continue
		}
		first, ok1 := x.dict.number(w[:i])
		second, ok2 := x.dict.number(w[i:])
		if !ok1 || !ok2 {
			continue
		}
		rare := first
		if len(x.postings[second]) < len(x.postings[first]) {
			rare = second
		}
		if len(x.postings[rare]) > maxSplit {
			continue
		}
		var slots []uint32
		for _, p := range x.postings[rare] {
			if follows(x.slots[p>>8].tokens, first, second) {
				slots = append(slots, p)
			}
		}
		if len(slots) > 0 {
			out = append(out, candidate{term: first, slots: slots, near: nearJoined})
			out = append(out, candidate{term: second, slots: slots, near: nearJoined})
		}
	}
	return out
}

func follows(tokens []uint32, first, second uint32) bool {
	for i := 1; i < len(tokens); i++ {
		if tokens[i-1] == first && tokens[i] == second {
			return true
		}
	}
	return false
}

// rarity is the weight of a word: the logarithm of how few titles have it, in its nearest form.
func (x *Index) rarity(cs []candidate) float32 {
	most := 0
	for _, c := range cs {
		if c.near < cs[0].near-0.05 {
			break
		}
		most = max(most, len(x.postings[c.term]))
	}
	return float32(math.Log(1 + float64(len(x.byID))/float64(1+most)))
}
