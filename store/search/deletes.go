package search

// Typos are found by symmetric deletion: two words are within k edits only if they meet when up to k letters are taken
// out of each. The index keeps the deletions of every term, a query makes its own, and what meets is verified. Only
// the first typoPrefix letters take part, which keeps the number small and loses nothing: of two words within k
// edits the prefixes meet as well (W. Garbe, SymSpell; T. Bocek and others, Fast Similarity Search, 2007).

const typoPrefix = 9

// typosAllowed is how many edits a word of n letters may be away from what was meant.
func typosAllowed(n int) int {
	switch {
	case n < 4:
		return 0
	case n < 8:
		return 1
	default:
		return 2
	}
}

// deletionHashes calls fn with the hash of every form of w with up to k letters of its prefix taken out.
func deletionHashes(w []rune, k int, fn func(uint32)) {
	p := w[:min(len(w), typoPrefix)]
	fn(hashWithout(p, -1, -1))
	if k < 1 {
		return
	}
	for i := range p {
		fn(hashWithout(p, i, -1))
		if k < 2 {
			continue
		}
		for j := i + 1; j < len(p); j++ {
			fn(hashWithout(p, i, j))
		}
	}
}

func hashWithout(w []rune, i, j int) uint32 {
	h := hashStart
	for k, r := range w {
		if k != i && k != j {
			h = h.rune(r)
		}
	}
	return h.sum()
}

// distance is the Damerau distance (optimal string alignment: insertion, deletion, substitution, and transposition of
// neighbours each cost one) of a and b, or limit+1 when it is more than limit.
func distance(a, b []rune, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	var buf [3][maxWord + 1]int
	before, last, row := buf[0][:len(b)+1], buf[1][:len(b)+1], buf[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}
