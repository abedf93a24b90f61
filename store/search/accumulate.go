package search

import "math/bits"

// accumulator sums what the words of one query are worth for every title. It is as long as the index has slots, and
// reused.
type accumulator struct {
	score   []float32
	word    []float32 // the best of the word under way
	met     []uint16  // words met
	sure    []uint16  // words met without a guess
	touched []uint32  // slots with any word
	now     []uint32  // slots with the word under way
	weights [allFields]float32
}

func (x *Index) accumulator() *accumulator {
	a, _ := x.scratch.Get().(*accumulator)
	if a == nil {
		a = &accumulator{}
		for f := range a.weights {
			a.weights[f] = fields(f).weight()
		}
	}
	if n := len(x.slots); len(a.score) < n {
		n += n / 8
		a.score, a.word = make([]float32, n), make([]float32, n)
		a.met, a.sure = make([]uint16, n), make([]uint16, n)
	}
	return a
}

// release clears what was touched and keeps the rest for the next query.
func (x *Index) release(a *accumulator) {
	for _, s := range a.touched {
		a.score[s], a.met[s], a.sure[s] = 0, 0, 0
	}
	a.touched = a.touched[:0]
	x.scratch.Put(a)
}

// add counts the i-th word of a query.
func (a *accumulator) add(x *Index, i int, w *asked) {
	bit := uint16(1) << i
	a.now = a.now[:0]
	for _, c := range w.candidates {
		posts := x.postings[c.term]
		if c.slots != nil {
			posts = c.slots
		}
		for _, p := range posts {
			slot, f := p>>8, fields(p&0xff)
			if c.guess && f&^inTopic == 0 {
				continue
			}
			worth := c.near * a.weights[f&(allFields-1)]
			if a.met[slot]&bit == 0 {
				if a.met[slot] == 0 {
					a.touched = append(a.touched, slot)
				}
				a.met[slot] |= bit
				a.now = append(a.now, slot)
				a.word[slot] = worth
			} else {
				a.word[slot] = max(a.word[slot], worth)
			}
			if !c.guess {
				a.sure[slot] |= bit
			}
		}
	}
	for _, slot := range a.now {
		a.score[slot] += w.rarity * a.word[slot]
	}
}

// enough is the number of sure results from which on guesses are left out.
const enough = 5

// level says which titles count as results.
type level struct {
	need  uint16 // words that are not noise
	sure  bool   // all of them, none guessed
	words int    // at least so many of them
}

func (l level) takes(met, sure uint16) bool {
	if l.sure {
		return sure&l.need == l.need
	}
	return bits.OnesCount16(met&l.need) >= l.words
}

// level chooses the strictest that has results: all words for sure, all words, as many words as any title has, but at
// least half.
func (a *accumulator) level(need uint16, pass func(slot uint32) bool) level {
	all, sure, most := bits.OnesCount16(need), 0, 0
	for _, s := range a.touched {
		if !pass(s) {
			continue
		}
		if a.sure[s]&need == need {
			sure++
		}
		most = max(most, bits.OnesCount16(a.met[s]&need))
	}
	return level{need: need, sure: sure >= enough, words: max(most, (all+1)/2, 1)}
}
