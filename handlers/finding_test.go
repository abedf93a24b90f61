package handlers

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"versli/bot/chat"
	"versli/store"
	"versli/store/search"
)

// Whatever was typed, and wherever in the results: the buttons carry it, and read back as the same question.
func TestAnyQueryFitsAButton(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := finding{
			text:      cutQuery(rapid.String().Draw(t, "text")),
			available: rapid.Bool().Draw(t, "available"),
			van:       rapid.Bool().Draw(t, "van"),
			offset:    rapid.IntRange(0, lastOffset).Draw(t, "offset"),
		}
		if rapid.Bool().Draw(t, "topic") {
			f.text, f.topic = "", rapid.SampledFrom(store.AllTopics()).Draw(t, "which")
		}
		data, err := chat.Encode("reserve", append([]string{"tzzzzz"}, f.args()...)...)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		_, args, err := chat.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := readFinding(args[1:])
		if ok != (f.topic != "" || searchable(f.text)) || (ok && got != f) {
			t.Fatalf("%+v came back as %+v, %v", f, got, ok)
		}
	})
}

func TestCutQuery(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"  Mąstymas,\n greitas ", "Mąstymas, greitas"},
		{"Kaip šlifuoti žąsų čiužinį ąžuolyne", "kaip slifuoti zasu ciuzini azuolyne"},
		{"žodis " + strings.Repeat("ilgas ", 20), "zodis ilgas ilgas ilgas ilgas ilgas"},
		{strings.Repeat("a", 5000), strings.Repeat("a", queryBytes)},
		{"", ""},
	} {
		got := cutQuery(c.text)
		if got != c.want || len(got) > queryBytes || !utf8.ValidString(got) {
			t.Errorf("cutQuery(%.20q…) = %q, want %q", c.text, got, c.want)
		}
		if again := cutQuery(got); again != got {
			t.Errorf("cut again, %q becomes %q", got, again)
		}
		if search.Fold(got) != got && len(search.Fold(c.text)) > queryBytes {
			t.Errorf("%q is not folded", got)
		}
	}
}
