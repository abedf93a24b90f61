package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"versli/store"
)

// many makes n titles of the words of the real catalogue, with a fixed seed.
func many(b *testing.B, n int) []Doc {
	b.Helper()
	real := goodbooks(b)
	r := rand.New(rand.NewPCG(3, 4))
	out := slices.Clone(real[:min(n, len(real))])
	ends := []string{"", "", "", "as", "o", "is", "iai", "ing", "s", "os", "ams"}
	for i := len(out); i < n; i++ {
		one, two := real[r.IntN(len(real))].Title, real[r.IntN(len(real))].Title
		ws := append(strings.Fields(one.Name), strings.Fields(two.Name)...)
		r.Shuffle(len(ws), func(i, j int) { ws[i], ws[j] = ws[j], ws[i] })
		ws = ws[:max(1, min(len(ws), 2+r.IntN(5)))]
		k := r.IntN(len(ws))
		ws[k] += ends[r.IntN(len(ends))]
		out = append(out, Doc{Title: store.Title{
			ID: store.TitleID(fmt.Sprintf("t%07d", i)), Name: strings.Join(ws, " "), Authors: []string{one.Authors[0]}, Year: two.Year,
		}})
	}
	return out
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 76_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			docs := many(b, n)
			x := New()
			start := time.Now()
			x.Put(docs...)
			built := time.Since(start)
			r := rand.New(rand.NewPCG(5, 6))
			var queries []string
			for _, kind := range queryKinds() {
				for range 200 {
					queries = append(queries, kind.make(docs[r.IntN(len(docs))].Title, r))
				}
			}
			r.Shuffle(len(queries), func(i, j int) { queries[i], queries[j] = queries[j], queries[i] })
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				x.Search(Query{Text: queries[i%len(queries)]})
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(built.Seconds(), "build-s")
		})
	}
}

func BenchmarkBrowse(b *testing.B) {
	x := New()
	x.Put(many(b, 76_000)...)
	for b.Loop() {
		x.Search(Query{Newest: true})
	}
}
