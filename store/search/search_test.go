package search

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"versli/store"
)

// shelf is a small collection in three languages.
func shelf() []Doc {
	mk := func(id, name, author, lang string, topic store.Topic, year int) Doc {
		return Doc{Title: store.Title{
			ID: store.TitleID(id), Name: name, Authors: []string{author}, Language: lang, Topic: topic, Year: year,
			AddedAt: time.Unix(int64(year), 0),
		}, Available: true}
	}
	docs := []Doc{
		mk("t1", "Mąstymas, greitas ir lėtas", "Daniel Kahneman", "lt", store.TopicPsychology, 2012),
		mk("t2", "Thinking, Fast and Slow", "Daniel Kahneman", "en", store.TopicPsychology, 2011),
		mk("t3", "Kaip įsigyti draugų ir daryti įtaką žmonėms", "Dale Carnegie", "lt", store.TopicEtiquette, 2008),
		mk("t4", "7 sėkmingų žmonių įpročiai", "Stephen R. Covey", "lt", store.TopicBusiness, 2006),
		mk("t5", "Nodokļi un grāmatvedība", "Jānis Bērziņš", "lv", store.TopicTaxes, 2019),
		mk("t6", "Mokesčių teisė", "Bronius Sudavičius", "lt", store.TopicTaxes, 2010),
		mk("t7", "Darbo teisė", "Jonas Łukasz Đoković", "lt", store.TopicLaw, 2015),
		mk("t8", "Personal Time Management", "Marion Haynes", "en", store.TopicBusiness, 2009),
		mk("t9", "English Grammar in Use", "Raymond Murphy", "en", store.TopicEnglish, 2019),
		mk("t10", "Audiobook Production", "Anna Smith", "en", store.TopicBusiness, 2014),
	}
	docs[0].Title.ISBNs = []string{"9780306406157"}
	docs[1].Barcodes = []string{"LT-000123"}
	docs[5].Available, docs[6].OnVan = false, true
	return docs
}

func TestSearchFindsWhatWasMeant(t *testing.T) {
	x := New()
	x.Put(shelf()...)
	for _, c := range []struct {
		text, first, suggestion string
		exact                   bool
	}{
		{text: "mastymas greitas ir letas", first: "t1", exact: true},
		{text: "MĄSTYMAS", first: "t1", exact: true},
		{text: "lėtas mąstymas", first: "t1", exact: true},
		{text: "mąstymo", first: "t1", exact: true},
		{text: "mastym", first: "t1", exact: true},
		{text: "mąsytmas", first: "t1", suggestion: "mąstymas"},
		{text: "kanheman mastymas", first: "t1", suggestion: "kahneman mąstymas"},
		{text: "kahneman fast", first: "t2", exact: true},
		{text: "draugai ir žmonės", first: "t3", exact: true},
		{text: "sėkmingi žmonės", first: "t4", exact: true},
		{text: "iprotis", first: "t4", exact: true},
		{text: "nodoklis", first: "t5", exact: true},
		{text: "nodokļu grāmatvedībā", first: "t5", exact: true},
		{text: "berzins", first: "t5", exact: true},
		{text: "mokestis", first: "t6", exact: true},
		{text: "mokesčių teisės", first: "t6", exact: true},
		{text: "knyga apie mokesčius", first: "t6", exact: true},
		{text: "lukasz dokovic", first: "t7", exact: true},
		{text: "Łukasz Djokovic", first: "t7", suggestion: "łukasz đoković"},
		{text: "timemanagement", first: "t8", exact: true},
		{text: "audio book", first: "t10", exact: true},
		{text: "grammars", first: "t9", exact: true},
		{text: "murphy english", first: "t9", exact: true},
		{text: "978-0-306-40615-7", first: "t1", exact: true},
		{text: "0-306-40615-2", first: "t1", exact: true},
		{text: "lt000123", first: "t2", exact: true},
		{text: "LT-000123", first: "t2", exact: true},
		{text: "kahneman 2012", first: "t1", exact: true},
		{text: "psiholoģija", first: "t1", exact: true},
		{text: "xyzzyq", first: ""},
		{text: "?!", first: ""},
	} {
		r := x.Search(Query{Text: c.text})
		got, exact := "", false
		if len(r.Hits) > 0 {
			got, exact = string(r.Hits[0].ID), r.Hits[0].Exact
		}
		if got != c.first || exact != c.exact || r.Suggestion != c.suggestion {
			t.Errorf("%q: first %q, exact %v, suggestion %q; want %q, %v, %q", c.text, got, exact, r.Suggestion, c.first, c.exact, c.suggestion)
		}
	}
}

func TestRanking(t *testing.T) {
	mk := func(id, name, author string, year int, free bool) Doc {
		return Doc{Title: store.Title{ID: store.TitleID(id), Name: name, Authors: []string{author}, Year: year}, Available: free}
	}
	x := New()
	x.Put(
		mk("lent", "Vadyba", "A", 2020, false), mk("old", "Vadyba", "A", 2001, true), mk("new", "Vadyba", "A", 2010, true),
		mk("phrase", "Projektų vadyba", "A", 2024, true), mk("author", "Kita knyga", "Vadyba", 2024, true),
	)
	want := []store.TitleID{"new", "old", "lent", "phrase", "author"}
	var got []store.TitleID
	for _, h := range x.Search(Query{Text: "vadyba"}).Hits {
		got = append(got, h.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestFiltersAndBrowsing(t *testing.T) {
	x := New()
	x.Put(shelf()...)
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"topic by title", Query{Topic: store.TopicPsychology}, "t1 t2"},
		{"newest", Query{Newest: true, Limit: 2}, "t9 t5"},
		{"newest, next page", Query{Newest: true, Limit: 2, Offset: 2}, "t7 t10"},
		{"past the end", Query{Newest: true, Limit: 2, Offset: 200}, ""},
		{"language", Query{Text: "kahneman", Language: "EN"}, "t2"},
		{"available", Query{Text: "teisė", Available: true}, "t7"},
		{"on the van", Query{OnVan: true}, "t7"},
		{"text, newest", Query{Text: "kahneman", Newest: true}, "t1 t2"},
		{"topic asked in words", Query{Text: "etiquette"}, "t3"},
	} {
		var got []string
		for _, h := range x.Search(c.q).Hits {
			got = append(got, string(h.ID))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
	if n := x.TopicCounts()[store.TopicTaxes]; n != 2 {
		t.Errorf("%d titles on taxes, want 2", n)
	}
}

// TestFoldIsIdempotentAndPlain holds for any text.
func TestFoldIsIdempotentAndPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if f := Fold(s); Fold(f) != f {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, f, Fold(f))
		}
	})
	for in, want := range map[string]string{
		"ĄČĘĖĮŠŲŪŽ": "aceeisuuz", "āčēģīķļņšūž": "acegiklnsuz", "Łódź Øre Ægir Straße Þór": "lodz ore aegir strasse thor", "DŽ": "dz",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestAnyQueryIsAnswered holds that no text ends the process, and that a page is as long as it says.
func TestAnyQueryIsAnswered(t *testing.T) {
	x := New()
	x.Put(shelf()...)
	rapid.Check(t, func(t *rapid.T) {
		q := Query{Text: rapid.String().Draw(t, "text"), Offset: rapid.IntRange(-5, 20).Draw(t, "offset"), Limit: rapid.IntRange(-5, 20).Draw(t, "limit")}
		if r := x.Search(q); len(r.Hits) > max(DefaultLimit, q.Limit) || len(r.Hits) > r.Total {
			t.Fatalf("%+v for %+v", r, q)
		}
	})
	long := strings.Repeat("mąstymas ", 5000)
	if r := x.Search(Query{Text: long}); len(r.Hits) == 0 {
		t.Error("a long text finds nothing")
	}
}

// TestChangedIndexIsAFreshIndex holds that whatever was put, replaced and removed before, answers depend on what is
// there now.
func TestChangedIndexIsAFreshIndex(t *testing.T) {
	vocabulary := rapid.SampledFrom(strings.Fields("teisė teisės mokesčių mokestis verslas versle vadyba time management timing grāmata"))
	rapid.Check(t, func(t *rapid.T) {
		changed, now := New(), map[store.TitleID]Doc{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			id := store.TitleID(fmt.Sprintf("t%d", rapid.IntRange(0, 15).Draw(t, "id")))
			if rapid.IntRange(0, 2).Draw(t, "what") == 0 {
				changed.Remove(id)
				delete(now, id)
				continue
			}
			d := Doc{Title: store.Title{
				ID: id, Name: strings.Join(rapid.SliceOfN(vocabulary, 1, 4).Draw(t, "name"), " "),
				Authors: []string{vocabulary.Draw(t, "author")}, Year: rapid.IntRange(2000, 2003).Draw(t, "year"),
			}, Available: rapid.Bool().Draw(t, "free")}
			changed.Put(d)
			now[id] = d
		}
		fresh := New()
		for _, d := range now {
			fresh.Put(d)
		}
		for _, q := range []string{"teisė", "mokestis verslo", "time", "tmie management", "timemanagement", "grāmat", ""} {
			a, b := changed.Search(Query{Text: q, Limit: 20}), fresh.Search(Query{Text: q, Limit: 20})
			if fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("%q: changed %v, fresh %v", q, a, b)
			}
		}
	})
}

func TestPagesFitTogether(t *testing.T) {
	x := New()
	var docs []Doc
	for i := range 700 {
		docs = append(docs, Doc{Title: store.Title{ID: store.TitleID(fmt.Sprintf("t%d", i)), Name: fmt.Sprintf("Vadyba %d", i%9)}})
	}
	x.Put(docs...)
	seen := map[store.TitleID]bool{}
	for at := 0; at < 700; at += 70 {
		for _, h := range x.Search(Query{Text: "vadyba", Offset: at, Limit: 70}).Hits {
			if seen[h.ID] {
				t.Fatalf("%s is on two pages", h.ID)
			}
			seen[h.ID] = true
		}
	}
	if len(seen) != 700 {
		t.Errorf("%d titles on all pages, want 700", len(seen))
	}
}

func TestConcurrentUse(t *testing.T) {
	x, docs := New(), shelf()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 200 {
				d := docs[(n+i)%len(docs)]
				if n%3 == 0 {
					x.Remove(d.Title.ID)
				} else {
					x.Put(d)
				}
			}
		})
		wg.Go(func() {
			for range 200 {
				x.Search(Query{Text: "kahnemann mastym"})
				x.Search(Query{Newest: true})
				x.TopicCounts()
			}
		})
	}
	wg.Wait()
	x.Put(docs...)
	if got := x.Search(Query{Text: "kahneman"}).Total; got != 2 {
		t.Errorf("%d titles by Kahneman after the storm, want 2", got)
	}
}
