package telegram

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name  string
		text  string
		limit int
		want  []string
	}{
		{"short", "labas", 10, []string{"labas"}},
		{"nothing", " \n ", 10, nil},
		{"between lines", "viena\ndvi trys", 12, []string{"viena\n", "dvi trys"}},
		{"between words when the line is short", "a\nviena dvi trys", 12, []string{"a\nviena dvi ", "trys"}},
		{"a word too long", "abcdefgh", 3, []string{"abc", "def", "gh"}},
		{"a tag goes on", "<b>viena dvi</b>", 6, []string{"<b>viena </b>", "<b>dvi</b>"}},
		{"tags within tags", `<b>a <a href="https://x.lt/?a=1&amp;b=2">b c</a></b>`, 4, []string{
			`<b>a <a href="https://x.lt/?a=1&amp;b=2">b </a></b>`, `<b><a href="https://x.lt/?a=1&amp;b=2">c</a></b>`,
		}},
		{"an entity is one character", "a&amp;b", 2, []string{"a&amp;", "b"}},
		{"an emoji is two", "🙂🙂🙂", 4, []string{"🙂🙂", "🙂"}},
		{"code keeps its language", `<pre><code class="language-go">ab</code></pre>`, 1, []string{
			`<pre><code class="language-go">a</code></pre>`, `<pre><code class="language-go">b</code></pre>`,
		}},
		{"a lone bracket is text", "1 < 2 & 3", 4, []string{"1 < ", "2 & ", "3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := split(c.text, c.limit); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// balanced tells that every tag is closed, in order.
func balanced(text string) bool {
	var open []string
	for _, u := range units(text) {
		switch {
		case u.tag == "":
		case !u.close:
			open = append(open, u.tag)
		case len(open) == 0 || open[len(open)-1] != u.tag:
			return false
		default:
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"labas", "<blockquote expandable>a\n\nb c</blockquote>", "<tg-spoiler>🙂<u><s>x</s></u></tg-spoiler> &#128512;&#x1F600; y",
		"<b>1 &lt; 2</b\n<i>a</i>", "<b>viena <i>dvi</i></b> trys", "a&amp;b &lt;c&gt;", "🙂 \n\n ą", "<a href=\"x\">y</a", "</b><b>", "&&amp;amp;;", "<b><b><b>x",
	} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if !utf8.ValidString(text) {
			t.Skip("compose makes all text valid first")
		}
		limit = 2 + max(limit, -limit)%100 // an emoji is two
		pieces := split(text, limit)
		var seen strings.Builder
		whole := balanced(text)
		for _, p := range pieces {
			if w := width(p); w > limit {
				t.Errorf("%q is %d wide, more than %d", p, w, limit)
			}
			if whole && !balanced(p) {
				t.Errorf("%q is not balanced", p)
			}
			seen.WriteString(stripTags(p))
		}
		if visible(seen.String()) != visible(stripTags(text)) {
			t.Errorf("%q shows %q in %q", text, seen.String(), pieces)
		}
	})
}
