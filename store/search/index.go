package search

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"sync"

	"versli/store"
)

// Index is a title index. It is safe for concurrent use; a change is cut into steps of some hundred microseconds, so
// that a reader never waits for a large one.
type Index struct {
	mu       sync.RWMutex
	dict     dictionary
	postings [][]uint32 // by term: slot<<8 | fields, rising
	slots    []entry
	free     []uint32 // slots of titles that went
	byID     map[store.TitleID]uint32
	topics   map[store.Topic]int
	scratch  sync.Pool // of *accumulator
}

// entry is what the index keeps of a title. Tokens holds the words of name, subtitle and authors, one after the other.
type entry struct {
	id        store.TitleID
	sortKey   string // folded name
	sortHead  uint64 // its first eight bytes: most comparisons end there
	name      string // as written, with subtitle and authors: suggestions are taken from it
	tokens    []uint32
	terms     []uint32 // every term it is posted under
	added     int64    // Unix microseconds
	year      int
	nTitle    uint16
	nSubtitle uint16
	topic     store.Topic
	language  string
	available bool
	onVan     bool
	alive     bool
}

// New returns an empty index.
func New() *Index {
	return &Index{byID: map[store.TitleID]uint32{}, topics: map[store.Topic]int{}}
}

// changeStep is how many titles are changed under one lock.
const changeStep = 32

// Put adds titles, or replaces those that are there.
func (x *Index) Put(docs ...Doc) {
	for part := range slices.Chunk(docs, changeStep) {
		ready := make([]analysed, len(part))
		for i, d := range part {
			ready[i] = analyse(d)
		}
		x.mu.Lock()
		for i := range ready {
			x.remove(ready[i].entry.id)
			x.insert(&ready[i])
		}
		x.dict.settle()
		x.mu.Unlock()
	}
}

// Remove takes titles out; those that are not there do not matter.
func (x *Index) Remove(ids ...store.TitleID) {
	for part := range slices.Chunk(ids, changeStep) {
		x.mu.Lock()
		for _, id := range part {
			x.remove(id)
		}
		x.mu.Unlock()
	}
}

// Len tells how many titles there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.byID)
}

// TopicCounts tells how many titles each topic has.
func (x *Index) TopicCounts() map[store.Topic]int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make(map[store.Topic]int, len(x.topics))
	for t, n := range x.topics {
		if n > 0 {
			out[t] = n
		}
	}
	return out
}

// analysed is a title in words, ready to be numbered under the lock.
type analysed struct {
	entry  entry
	tokens []string
	posts  map[string]fields
}

func analyse(d Doc) analysed {
	t := d.Title
	a := analysed{posts: make(map[string]fields, 24)}
	add := func(s string, f fields) []string {
		ws := words(s)
		for _, w := range ws {
			a.posts[w] |= f
		}
		return ws
	}
	title, subtitle := add(t.Name, inTitle), add(t.Subtitle, inSubtitle)
	authors := add(strings.Join(t.Authors, " "), inAuthor)
	a.tokens = slices.Concat(title, subtitle, authors)
	add(t.Series, inSeries)
	for _, s := range t.Subjects {
		add(s, inSubject)
	}
	add(topicWords(t.Topic), inTopic)
	add(languageWords(t.Language), inTopic)
	for _, s := range slices.Concat(t.ISBNs, d.Barcodes) {
		a.posts[compact(words(s))] |= inIdent
	}
	delete(a.posts, "")
	if t.Year != 0 {
		a.posts[strconv.Itoa(max(t.Year, -t.Year))] |= inIdent
	}
	key := strings.Join(title, " ")
	a.entry = entry{
		id: t.ID, sortKey: key, sortHead: head(key), name: shownText(t), added: t.AddedAt.UnixMicro(), year: t.Year,
		nTitle: uint16(min(len(title), 1<<16-1)), nSubtitle: uint16(min(len(subtitle), 1<<16-1)),
		topic: t.Topic, language: strings.ToLower(t.Language), available: d.Available, onVan: d.OnVan, alive: true,
	}
	return a
}

// head gives the first eight bytes of s as a number of the same order.
func head(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}

func shownText(t store.Title) string {
	return strings.Join(append([]string{t.Name, t.Subtitle}, t.Authors...), " ")
}

// insert puts a title into a free slot. The caller holds the lock.
func (x *Index) insert(a *analysed) {
	var slot uint32
	if n := len(x.free); n > 0 {
		slot, x.free = x.free[n-1], x.free[:n-1]
	} else {
		slot = number(len(x.slots))
		x.slots = append(x.slots, entry{})
	}
	e := a.entry
	e.terms = make([]uint32, 0, len(a.posts))
	for w, f := range a.posts {
		n := x.dict.add(w)
		if int(n) == len(x.postings) {
			x.postings = append(x.postings, nil)
		}
		x.post(n, slot, f)
		e.terms = append(e.terms, n)
	}
	e.tokens = make([]uint32, len(a.tokens))
	for i, w := range a.tokens {
		e.tokens[i], _ = x.dict.number(w)
	}
	x.slots[slot] = e
	x.byID[e.id] = slot
	x.topics[e.topic]++
}

// remove takes a title out of its slot. The caller holds the lock.
func (x *Index) remove(id store.TitleID) {
	slot, ok := x.byID[id]
	if !ok {
		return
	}
	e := &x.slots[slot]
	for _, n := range e.terms {
		p := x.postings[n]
		if i, _ := slices.BinarySearch(p, slot<<8); i < len(p) && p[i]>>8 == slot {
			x.postings[n] = slices.Delete(p, i, i+1)
		}
	}
	delete(x.byID, id)
	x.topics[e.topic]--
	*e = entry{}
	x.free = append(x.free, slot)
}

func (x *Index) post(n, slot uint32, f fields) {
	p, v := x.postings[n], slot<<8|uint32(f)
	if len(p) == 0 || p[len(p)-1] < v {
		x.postings[n] = append(p, v)
		return
	}
	i, _ := slices.BinarySearch(p, v)
	x.postings[n] = slices.Insert(p, i, v)
}
