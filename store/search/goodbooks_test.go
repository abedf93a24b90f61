package search

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"versli/store"
)

// goodbooks reads the real catalogue beside the checkout. Without it the test is skipped, in CI it fails.
func goodbooks(tb testing.TB) []Doc {
	tb.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "catalogue", "goodbooks-10k_books.csv"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the real catalogue is away: %v", err)
		}
		tb.Skipf("the real catalogue is away: %v", err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	series := regexp.MustCompile(`^(.*?) \((.*)\)$`)
	docs := make([]Doc, 0, len(rows))
	for i, r := range rows[1:] {
		title := store.Title{
			ID: store.TitleID(fmt.Sprintf("t%05d", i)), Name: r[10], Authors: strings.Split(r[7], ", "),
			Language: "en", AddedAt: time.Unix(int64(i), 0),
		}
		if m := series.FindStringSubmatch(r[10]); m != nil {
			title.Name, title.Series = m[1], m[2]
		}
		if y, err := strconv.ParseFloat(r[8], 64); err == nil {
			title.Year = int(y)
		}
		docs = append(docs, Doc{Title: title, Available: true})
	}
	return docs
}

// queryKinds make a query of a known title, as people ask.
func queryKinds() []struct {
	name string
	make func(store.Title, *rand.Rand) string
} {
	return []struct {
		name string
		make func(store.Title, *rand.Rand) string
	}{
		{"as is", func(t store.Title, _ *rand.Rand) string { return t.Name }},
		{"folded", func(t store.Title, _ *rand.Rand) string { return Fold(t.Name) }},
		{"typos", func(t store.Title, r *rand.Rand) string { return withTypos(t.Name, r) }},
		{"reversed", func(t store.Title, _ *rand.Rand) string {
			ws := strings.Fields(t.Name)
			slices.Reverse(ws)
			return strings.Join(ws, " ")
		}},
		{"last word cut", func(t store.Title, _ *rand.Rand) string { return cutLast(t.Name) }},
		{"surname and a word", func(t store.Title, _ *rand.Rand) string {
			author := strings.Fields(t.Authors[0])
			longest := slices.MaxFunc(words(t.Name), func(a, b string) int { return len(a) - len(b) })
			return author[len(author)-1] + " " + longest
		}},
	}
}

// withTypos makes one typo in every word over four letters.
func withTypos(s string, r *rand.Rand) string {
	ws := strings.Fields(s)
	for i, w := range ws {
		rs := []rune(w)
		if len(rs) <= 4 || hasDigit(w) {
			continue
		}
		at := 1 + r.IntN(len(rs)-2)
		switch r.IntN(4) {
		case 0:
			rs = slices.Delete(rs, at, at+1)
		case 1:
			rs = slices.Insert(rs, at, rune('a'+r.IntN(26)))
		case 2:
			rs[at] = rune('a' + r.IntN(26))
		default:
			rs[at], rs[at+1] = rs[at+1], rs[at]
		}
		ws[i] = string(rs)
	}
	return strings.Join(ws, " ")
}

func cutLast(s string) string {
	rs := []rune(s)
	from := strings.LastIndex(s, " ") + 1
	if last := len([]rune(s[from:])); last > 4 {
		return string(rs[:len(rs)-last/3])
	}
	return s
}

// TestFindsKnownItems asks for real titles in every way people do. Titles that share their name count for each other.
func TestFindsKnownItems(t *testing.T) {
	docs := goodbooks(t)
	x := New()
	x.Put(docs...)
	names := map[store.TitleID]string{}
	for _, d := range docs {
		names[d.Title.ID] = strings.Join(words(d.Title.Name), " ")
	}
	for _, kind := range queryKinds() {
		r := rand.New(rand.NewPCG(1, 2))
		first, five, n := 0, 0, 0
		for i := 0; i < len(docs); i += 17 {
			title := docs[i].Title
			q := kind.make(title, r)
			if len(words(q)) == 0 {
				continue
			}
			n++
			place := slices.IndexFunc(x.Search(Query{Text: q, Limit: 5}).Hits, func(h Hit) bool {
				return names[h.ID] == names[title.ID]
			})
			switch {
			case place == 0:
				first++
				five++
			case place > 0:
				five++
			case testing.Verbose() && os.Getenv("SHOW_MISSES") != "":
				t.Logf("%s: %q did not find %q", kind.name, q, title.Name)
			}
		}
		at1, at5 := float64(first)/float64(n), float64(five)/float64(n)
		t.Logf("%-20s success@1 %.3f success@5 %.3f of %d", kind.name, at1, at5, n)
		if at1 < 0.85 || at5 < 0.93 {
			t.Errorf("%s: success@1 %.3f (0.85 wanted), success@5 %.3f (0.93 wanted)", kind.name, at1, at5)
		}
	}
}
