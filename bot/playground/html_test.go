package playground

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestParseHTML(t *testing.T) {
	for _, c := range []struct {
		src, text string
		want      []entity
	}{
		{"paprasta & aišku", "paprasta & aišku", nil},
		{"1 &lt; 2 &amp;&#38; &#x17e; &quot;&nbsp;", `1 < 2 && ž "&nbsp;`, nil},
		{"<B>ž</B>", "ž", []entity{{Type: "bold", Length: 1}}},
		{"😀<i>x</i>", "😀x", []entity{{Type: "italic", Offset: 2, Length: 1}}},
		{"<b>a<i>b</i></b>", "ab", []entity{{Type: "bold", Length: 2}, {Type: "italic", Offset: 1, Length: 1}}},
		{"<b>a</>", "a", []entity{{Type: "bold", Length: 1}}},
		{`<a href="https://a.lt/?x=1&amp;y=2">čia</a>`, "čia", []entity{{Type: "text_link", Length: 3, URL: "https://a.lt/?x=1&y=2"}}},
		{`<a href='tg://user?id=5'>Ona</a>`, "Ona", []entity{{Type: "text_mention", Length: 3, User: &user{ID: 5}}}},
		{`<a href="ne nuoroda">x</a>`, "x", nil},
		{`<span class="tg-spoiler">x</span>`, "x", []entity{{Type: "spoiler", Length: 1}}},
		{`<tg-spoiler>x</tg-spoiler>`, "x", []entity{{Type: "spoiler", Length: 1}}},
		{`<tg-emoji emoji-id="5">👍</tg-emoji>`, "👍", []entity{{Type: "custom_emoji", Length: 2, CustomEmojiID: "5"}}},
		{`<pre><code class="language-go">x</code></pre>`, "x", []entity{{Type: "pre", Length: 1, Language: "go"}}},
		{"<blockquote expandable>x</blockquote>", "x", []entity{{Type: "expandable_blockquote", Length: 1}}},
		{"<blockquote>x</blockquote>", "x", []entity{{Type: "blockquote", Length: 1}}},
		{"<b></b>x", "x", nil},
	} {
		text, got, err := parseHTML(c.src)
		if err != nil || text != c.text || !slices.EqualFunc(got, c.want, sameEntity) {
			t.Errorf("parseHTML(%q)\n got %q %+v %v\nwant %q %+v", c.src, text, got, err, c.text, c.want)
		}
	}
}

func sameEntity(a, b entity) bool {
	if (a.User == nil) != (b.User == nil) || (a.User != nil && *a.User != *b.User) {
		return false
	}
	a.User, b.User = nil, nil
	return a == b
}

func TestRenderHTML(t *testing.T) {
	s := &Server{patterns: detectable()}
	for _, c := range []struct{ text, want string }{
		{`<script>"&'`, `&lt;script&gt;&#34;&amp;&#39;`},
		{"žr. /help ir /van@versli_biblioteka_bot!", `žr. <a href="#" class="command" data-command="/help">/help</a> ir ` +
			`<a href="#" class="command" data-command="/van@versli_biblioteka_bot">/van@versli_biblioteka_bot</a>!`},
		{"a/b 1/2 http:///x", "a/b 1/2 http:///x"},
		{"/paieška", "/paieška"},
		{"(/van),/holds", `(<a href="#" class="command" data-command="/van">/van</a>),` +
			`<a href="#" class="command" data-command="/holds">/holds</a>`},
		{"https://a.lt/x.", `<a href="https://a.lt/x" target="_blank" rel="noopener noreferrer nofollow">https://a.lt/x</a>.`},
		{"https://t.me/versli_biblioteka_bot?start=t_5", `<a href="https://t.me/versli_biblioteka_bot?start=t_5" target="_blank" ` +
			`rel="noopener noreferrer nofollow" data-start="t_5">https://t.me/versli_biblioteka_bot?start=t_5</a>`},
		{"info@a.lt", `<a href="mailto:info@a.lt">info@a.lt</a>`},
		{"@jonas_b #knyga", `<span class="mention">@jonas_b</span> <span class="mention">#knyga</span>`},
	} {
		if got := renderHTML(c.text, s.detect(c.text, nil)); got != c.want {
			t.Errorf("%q is shown as\n     %s\nwant %s", c.text, got, c.want)
		}
	}
	overlap := []entity{{Type: "bold", Offset: 0, Length: 2}, {Type: "italic", Offset: 1, Length: 2}}
	if got := renderHTML("abc", overlap); got != "<b>a<i>b</i></b><i>c</i>" {
		t.Errorf("overlapping entities are shown as %s", got)
	}
}

// FuzzHTML holds that whatever a bot sends is refused in Telegram's form or becomes text with entities inside of it, and that what
// the page is given is balanced, has no tag or attribute from the text, and says just what the text says.
func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		"", "<b>ž</b>", "<a href=\"https://a.lt\">😀</a>", "&#x1F600;&amp;", "<pre><code class=\"language-x\">y</code></pre>", "<b><i>x</b>",
		"<span class=tg-spoiler>x</span>", "</b>", "<", "<b", "<b x", "<a href='", "&#0;", "<b>/help https://a.lt</b> @abcd", "\x00\xff<i>\xfe</i>",
		"<tg-emoji emoji-id=1>x</tg-emoji><blockquote expandable>/x</blockquote>", "  <b> x </b> \n",
	} {
		f.Add(seed)
	}
	s := &Server{patterns: detectable(), state: newState()}
	f.Fuzz(func(t *testing.T, src string) {
		got, err := s.formatText(src, "HTML", nil)
		if err != nil {
			if refused := new(apiError); !errors.As(err, &refused) || !strings.HasPrefix(refused.Description, "Bad Request: can't parse entities: ") {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		size := utf16Len(got.text)
		for _, e := range got.entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > size {
				t.Fatalf("%+v lies outside of %q, %d units", e, got.text, size)
			}
		}
		if size <= maxText {
			checkRendered(t, got)
		}
	})
}

func checkRendered(t *testing.T, f formatted) {
	t.Helper()
	shown := renderHTML(f.text, f.entities)
	var said strings.Builder
	in := xml.NewDecoder(strings.NewReader("<x>" + xmlSafe(shown) + "</x>"))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%q is not balanced: %v", shown, err)
		}
		switch token := token.(type) {
		case xml.CharData:
			said.Write(token)
		case xml.StartElement:
			if !slices.Contains([]string{"x", "a", "b", "i", "u", "s", "code", "pre", "span", "blockquote"}, token.Name.Local) {
				t.Fatalf("%q has a tag %q", shown, token.Name.Local)
			}
			for _, attr := range token.Attr {
				value := strings.ToLower(attr.Value)
				if strings.HasPrefix(attr.Name.Local, "on") || (attr.Name.Local == "href" && strings.HasPrefix(strings.TrimSpace(value), "javascript:")) {
					t.Fatalf("%q can run a script", shown)
				}
			}
		}
	}
	if said.String() != xmlSafe(f.text) {
		t.Fatalf("%q is shown as %q", f.text, said.String())
	}
}

// xmlSafe replaces what HTML may hold and XML may not, so that an XML reader can check the rest.
func xmlSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || (r >= 0x20 && r <= 0xD7FF) || (r >= 0xE000 && r <= 0xFFFD) || r >= 0x10000 {
			return r
		}
		return '?'
	}, s)
}
