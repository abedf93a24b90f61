package search

import "math"

// multimap keeps, for a hash, the numbers of terms that have it. It is open addressing with linear probing over 64
// bits, hash above and number below: 8 bytes an entry, where a Go map of slices takes some sixty. Entries are never
// taken out, as terms never leave the dictionary. Shards keep the pause of a growing table short.
type multimap struct{ shards [mapShards]mapShard }

const mapShards = 64

type mapShard struct {
	slots []uint64 // 0 is empty; the number is stored plus one
	used  int
}

// add notes a number under a hash, once.
func (m *multimap) add(hash, n uint32) {
	s := &m.shards[hash%mapShards]
	if 4*(s.used+1) > 3*len(s.slots) {
		s.grow()
	}
	s.insert(uint64(hash)<<32 | uint64(n+1))
}

// find appends the numbers under a hash to out.
func (m *multimap) find(hash uint32, out []uint32) []uint32 {
	s := &m.shards[hash%mapShards]
	if len(s.slots) == 0 {
		return out
	}
	mask := number(len(s.slots) - 1)
	for i := spread(hash) & mask; ; i = (i + 1) & mask {
		e := s.slots[i]
		if e == 0 {
			return out
		}
		if uint32(e>>32) == hash {
			out = append(out, number(int(e&math.MaxUint32))-1)
		}
	}
}

func (s *mapShard) insert(e uint64) {
	mask := number(len(s.slots) - 1)
	for i := spread(uint32(e>>32)) & mask; ; i = (i + 1) & mask {
		if s.slots[i] == e {
			return
		}
		if s.slots[i] == 0 {
			s.slots[i] = e
			s.used++
			return
		}
	}
}

func (s *mapShard) grow() {
	old := s.slots
	s.slots, s.used = make([]uint64, max(64, 2*len(old))), 0
	for _, e := range old {
		if e != 0 {
			s.insert(e)
		}
	}
}

// number turns a place in a list into 32 bits. No list here is longer.
func number(n int) uint32 { return uint32(n & math.MaxUint32) }

func spread(h uint32) uint32 { return h * 2654435769 >> 7 }

// hasher is FNV-1a over runes.
type hasher uint32

const hashStart hasher = 2166136261

func (h hasher) rune(r rune) hasher {
	h = (h ^ hasher(r&0xff)) * 16777619
	if r > 0x7f {
		h = (h ^ hasher(r>>8)) * 16777619
	}
	return h
}

func (h hasher) sum() uint32 {
	x := uint32(h)
	x ^= x >> 15
	x *= 0x85ebca6b
	return x ^ x>>13
}
