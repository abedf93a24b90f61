package search

import (
	"cmp"
	"container/heap"
	"slices"
)

// browse lists titles without a question, by name or by when they came.
func (x *Index) browse(q Query) Result {
	var found []scored
	for i := range x.slots {
		if e := &x.slots[i]; e.alive && q.passes(e) {
			found = append(found, scored{slot: number(i)})
		}
	}
	order := x.byName
	if q.Newest {
		order = x.newer
	}
	out := Result{Total: len(found), Hits: []Hit{}}
	for _, f := range page(found, q, order) {
		out.Hits = append(out.Hits, Hit{ID: x.slots[f.slot].id, Exact: true})
	}
	return out
}

func (x *Index) byName(a, b scored) int {
	ea, eb := &x.slots[a.slot], &x.slots[b.slot]
	if ea.sortHead != eb.sortHead {
		return cmp.Compare(ea.sortHead, eb.sortHead)
	}
	return cmp.Or(cmp.Compare(ea.sortKey, eb.sortKey), cmp.Compare(ea.id, eb.id))
}

func (x *Index) newer(a, b scored) int {
	if ea, eb := &x.slots[a.slot], &x.slots[b.slot]; ea.added != eb.added {
		return cmp.Compare(eb.added, ea.added)
	}
	return x.byName(a, b)
}

// page gives the query's page of an order.
func page(found []scored, q Query, order func(a, b scored) int) []scored {
	n := min(q.Offset, len(found)) + min(q.Limit, len(found))
	first := top(found, n, order)
	return first[min(q.Offset, len(first)):]
}

// top gives the first n of an order without sorting the rest. It reuses found.
func top(found []scored, n int, order func(a, b scored) int) []scored {
	if n < len(found) {
		h := &worstFirst{found[:n], order}
		heap.Init(h)
		for _, f := range found[n:] {
			if n > 0 && order(f, h.items[0]) < 0 {
				h.items[0] = f
				heap.Fix(h, 0)
			}
		}
		found = found[:n]
	}
	slices.SortFunc(found, order)
	return found
}

// worstFirst is a heap with the last of the order on top.
type worstFirst struct {
	items []scored
	order func(a, b scored) int
}

func (h *worstFirst) Len() int           { return len(h.items) }
func (h *worstFirst) Less(i, j int) bool { return h.order(h.items[i], h.items[j]) > 0 }
func (h *worstFirst) Swap(i, j int)      { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *worstFirst) Push(v any)         { h.items = append(h.items, v.(scored)) }
func (h *worstFirst) Pop() any           { panic("worstFirst keeps its length") }
