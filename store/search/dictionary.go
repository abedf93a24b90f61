package search

import (
	"cmp"
	"slices"
	"strings"
)

// dictionary numbers the words of all titles and finds those that a query word may mean.
type dictionary struct {
	numbers map[string]uint32
	terms   []string
	stems   multimap // hash of language and stem -> terms
	typos   multimap // hash of a deletion -> terms
	sorted  []uint32 // terms in the order of their words, for prefixes
	recent  []uint32 // the latest ones, in the same order, so that a new word does not move all of sorted
	fresh   []uint32 // those of the change under way, in no order
}

// number finds a word, or -1.
func (d *dictionary) number(w string) (uint32, bool) {
	n, ok := d.numbers[w]
	return n, ok
}

// add numbers a word. settle must follow before the next search.
func (d *dictionary) add(w string) uint32 {
	if n, ok := d.numbers[w]; ok {
		return n
	}
	if d.numbers == nil {
		d.numbers = map[string]uint32{}
	}
	n := number(len(d.terms))
	w = strings.Clone(w)
	d.numbers[w] = n
	d.terms = append(d.terms, w)
	d.fresh = append(d.fresh, n)
	if hasDigit(w) {
		return n
	}
	for l := range language(languages) {
		if len(w) > minStem {
			d.stems.add(stemHash(l, stem(l, w)), n)
		}
	}
	var buf [maxWord]rune
	r := runes(w, &buf)
	if len(r) >= 3 {
		k := 1
		if len(r) >= 8 {
			k = 2
		}
		deletionHashes(r, k, func(h uint32) { d.typos.add(h, n) })
	}
	return n
}

// settle brings the words of a change into order.
func (d *dictionary) settle() {
	if len(d.fresh) == 0 {
		return
	}
	byWord := func(a, b uint32) int { return cmp.Compare(d.terms[a], d.terms[b]) }
	slices.SortFunc(d.fresh, byWord)
	d.recent = merge(d.recent, d.fresh, byWord)
	d.fresh = d.fresh[:0]
	if len(d.recent) > max(4096, len(d.sorted)/16) {
		d.sorted, d.recent = merge(d.sorted, d.recent, byWord), nil
	}
}

// merge joins two sorted lists into a new one.
func merge(a, b []uint32, compare func(a, b uint32) int) []uint32 {
	out := make([]uint32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compare(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// withPrefix calls fn for every term that is longer than w and begins with it, until fn returns false.
func (d *dictionary) withPrefix(w string, fn func(n uint32) bool) {
	for _, list := range [][]uint32{d.sorted, d.recent} {
		from, _ := slices.BinarySearchFunc(list, w, func(n uint32, w string) int { return cmp.Compare(d.terms[n], w) })
		for _, n := range list[from:] {
			if !strings.HasPrefix(d.terms[n], w) {
				break
			}
			if len(d.terms[n]) > len(w) && !fn(n) {
				return
			}
		}
	}
}

// withStem calls fn for every term that has the stem of w in one of the languages.
func (d *dictionary) withStem(w string, fn func(n uint32)) {
	if len(w) <= minStem || hasDigit(w) {
		return
	}
	var buf [32]uint32
	for l := range language(languages) {
		s := stem(l, w)
		for _, n := range d.stems.find(stemHash(l, s), buf[:0]) {
			if stem(l, d.terms[n]) == s {
				fn(n)
			}
		}
	}
}

// withTypo calls fn for every other term within the edits that the length of w allows. A term may come twice.
func (d *dictionary) withTypo(w string, fn func(n uint32, edits int)) {
	var buf, other [maxWord]rune
	r := runes(w, &buf)
	k := typosAllowed(len(r))
	if k == 0 || hasDigit(w) {
		return
	}
	seen := make(map[uint32]struct{}, 64)
	var found [64]uint32
	deletionHashes(r, k, func(h uint32) {
		for _, n := range d.typos.find(h, found[:0]) {
			if _, dup := seen[n]; dup {
				continue
			}
			seen[n] = struct{}{}
			if e := distance(r, runes(d.terms[n], &other), k); e > 0 && e <= k {
				fn(n, e)
			}
		}
	})
}

func stemHash(l language, s string) uint32 {
	h := hashStart.rune(rune(l))
	for _, r := range s {
		h = h.rune(r)
	}
	return h.sum()
}

// runes spreads a word over buf.
func runes(w string, buf *[maxWord]rune) []rune {
	out := buf[:0]
	for _, r := range w {
		if len(out) == maxWord {
			break
		}
		out = append(out, r)
	}
	return out
}
