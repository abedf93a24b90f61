package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// texts are the messages of one language: key -> plural form -> text. A text without plural forms has the form "".
type texts map[string]map[string]string

func pluralForms() []string { return []string{"zero", "one", "two", "few", "many", "other"} }

func textsOf(t *testing.T, lang string) texts {
	t.Helper()
	all := texts{}
	names, err := fs.Glob(files, path.Join(lang, "*.toml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("texts of %s: %d files, %v", lang, len(names), err)
	}
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(raw, &tree); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		flatten(t, name, "", tree, all)
	}
	return all
}

func flatten(t *testing.T, file, prefix string, tree map[string]any, into texts) {
	t.Helper()
	for key, value := range tree {
		id := key
		if prefix != "" {
			id = prefix + "." + key
		}
		if _, twice := into[id]; twice {
			t.Errorf("%s: %q is there twice in this language", file, id)
		}
		switch v := value.(type) {
		case string:
			into[id] = map[string]string{"": v}
		case map[string]any:
			if _, plural := v["other"]; !plural {
				flatten(t, file, id, v, into)
				continue
			}
			into[id] = map[string]string{}
			for form, text := range v {
				s, ok := text.(string)
				if !ok || !slices.Contains(pluralForms(), form) {
					t.Errorf("%s: %q holds %q, which is no plural form: go-i18n would take the table for one message", file, id, form)
					continue
				}
				into[id][form] = s
			}
		default:
			t.Errorf("%s: %q is %T, not a text", file, id, value)
		}
	}
}

var parameter = regexp.MustCompile(`\{\{\.([a-z_]+)\}\}`)

// parametersOf lists what a text has in all its plural forms together.
func parametersOf(forms map[string]string) []string {
	found := map[string]bool{}
	for _, text := range forms {
		for _, m := range parameter.FindAllStringSubmatch(text, -1) {
			found[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestAllLanguagesHaveTheSameKeysAndParameters(t *testing.T) {
	reference := textsOf(t, "lt")
	for _, lang := range []string{"lv", "en"} {
		other := textsOf(t, lang)
		for _, key := range slices.Sorted(maps.Keys(reference)) {
			forms, ok := other[key]
			if !ok {
				t.Errorf("%s lacks %q", lang, key)
				continue
			}
			if a, b := parametersOf(reference[key]), parametersOf(forms); !slices.Equal(a, b) {
				t.Errorf("%q has parameters %v in lt and %v in %s", key, a, b, lang)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(other)) {
			if _, ok := reference[key]; !ok {
				t.Errorf("%s has %q, which lt lacks", lang, key)
			}
		}
	}
}

// The forms of CLDR that each language must have (https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html).
func TestPluralFormsAreComplete(t *testing.T) {
	want := map[string][]string{
		"lt": {"few", "many", "one", "other"},
		"lv": {"one", "other", "zero"},
		"en": {"one", "other"},
	}
	for _, lang := range Languages() {
		for key, forms := range textsOf(t, lang) {
			if _, plain := forms[""]; plain {
				if strings.Contains(forms[""], "{{.n}}") && lang != "en" && !formless(key) {
					t.Errorf("%s: %q counts {{.n}} without plural forms", lang, key)
				}
				continue
			}
			if got := slices.Sorted(maps.Keys(forms)); !slices.Equal(got, want[lang]) {
				t.Errorf("%s: %q has the forms %v, want %v", lang, key, got, want[lang])
			}
		}
	}
}

// formless are texts where a number stands without a noun that it would bend.
func formless(key string) bool {
	return strings.HasPrefix(key, "cli.") || strings.HasPrefix(key, "command")
}

var (
	element = regexp.MustCompile(`<(/?)([a-z]+)[^>]*>`)
	entity  = regexp.MustCompile(`&(amp|lt|gt|quot|#\d+);`)
)

// Telegram refuses a message whose markup is not well formed, or has an element that it does not know
// (https://core.telegram.org/bots/api#html-style).
func TestMarkupIsWellFormed(t *testing.T) {
	known := []string{"b", "i", "u", "s", "code", "pre", "a", "blockquote"}
	for _, lang := range Languages() {
		for key, forms := range textsOf(t, lang) {
			for _, text := range forms {
				var open []string
				for _, m := range element.FindAllStringSubmatch(text, -1) {
					switch {
					case !slices.Contains(known, m[2]):
						t.Errorf("%s: %q has <%s>", lang, key, m[2])
					case m[1] == "":
						open = append(open, m[2])
					case len(open) == 0 || open[len(open)-1] != m[2]:
						t.Errorf("%s: %q closes <%s> that is not open", lang, key, m[2])
					default:
						open = open[:len(open)-1]
					}
				}
				bare := entity.ReplaceAllString(element.ReplaceAllString(text, ""), "")
				if len(open) > 0 || strings.ContainsAny(bare, "<>&") && strings.Contains(text, "</") {
					t.Errorf("%s: %q is not well formed: %s", lang, key, text)
				}
			}
		}
	}
}

// call is a place in the code that asks for a text.
type call struct {
	at     token.Position
	key    string // complete, or the beginning of a key that is put together
	joined bool
	given  []string // names of parameters; nil when they are not literals
	known  bool     // given is complete
}

// callsIn finds the texts that the handlers ask for: p.HTML("key", …), p.Plain("key", …) and Help: "key".
func callsIn(t *testing.T, dir string) []call {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var calls []call
	set := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Logf("%s does not parse: %v", name, err)
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if ok && (sel.Sel.Name == "HTML" || sel.Sel.Name == "Plain") && len(n.Args) > 0 && !isPackage(sel.X, "chat") {
					if c, ok := callOf(n); ok {
						c.at = set.Position(n.Pos())
						calls = append(calls, c)
					}
				}
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok && id.Name == "Help" {
					if key, ok := literal(n.Value); ok {
						calls = append(calls, call{at: set.Position(n.Pos()), key: key, known: true})
					}
				}
			}
			return true
		})
	}
	return calls
}

// isPackage tells a conversion such as chat.HTML(s) from a printer's method.
func isPackage(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func callOf(n *ast.CallExpr) (c call, ok bool) {
	key := n.Args[0]
	if sum, joined := key.(*ast.BinaryExpr); joined {
		key, c.joined = sum.X, true
	}
	if c.key, ok = literal(key); !ok {
		return c, false
	}
	c.known = n.Ellipsis == token.NoPos
	for i := 1; i < len(n.Args); i += 2 {
		name, ok := literal(n.Args[i])
		if !ok {
			c.known = false
			break
		}
		c.given = append(c.given, name)
	}
	return c, true
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func TestEveryTextThatIsAskedForExists(t *testing.T) {
	all := textsOf(t, "lt")
	calls := callsIn(t, "..")
	if len(calls) < 100 {
		t.Fatalf("only %d uses of texts found", len(calls))
	}
	for _, c := range calls {
		if c.joined {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(k string) bool { return strings.HasPrefix(k, c.key) }) {
				t.Errorf("%s: no text begins with %q", c.at, c.key)
			}
			continue
		}
		forms, ok := all[c.key]
		if !ok {
			t.Errorf("%s: there is no text %q", c.at, c.key)
			continue
		}
		if !c.known {
			continue
		}
		for _, name := range parametersOf(forms) {
			if !slices.Contains(c.given, name) {
				t.Errorf("%s: %q needs {{.%s}}", c.at, c.key, name)
			}
		}
		if _, plain := forms[""]; !plain && !slices.Contains(c.given, "n") {
			t.Errorf("%s: %q needs n to choose its form", c.at, c.key)
		}
	}
}

func TestPrinterEscapesParameters(t *testing.T) {
	c, err := Load("lt")
	if err != nil {
		t.Fatal(err)
	}
	got := string(c.In("lt").HTML("error.incident", "incident", `<b>"&`))
	if strings.Contains(got, "<b>") || !strings.Contains(got, "&lt;b&gt;&#34;&amp;") {
		t.Errorf("the parameter is not escaped: %s", got)
	}
	if got := c.In("xx-YY").Lang(); got != "lt" {
		t.Errorf("a language that we lack falls back to %q", got)
	}
	if got, ok := Has("lv-LV"); got != "lv" || !ok {
		t.Errorf("lv-LV is %q, %v", got, ok)
	}
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	c, err := Load("lt")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		lang string
		n    int
		text string
	}{
		{"lt", 1, "1 knyga<"},
		{"lt", 2, "2 knygos<"},
		{"lt", 10, "10 knygų<"},
		{"lt", 11, "11 knygų<"},
		{"lt", 21, "21 knyga<"},
		{"lv", 0, "0 grāmatu<"},
		{"lv", 1, "1 grāmata<"},
		{"lv", 2, "2 grāmatas<"},
		{"lv", 11, "11 grāmatu<"},
		{"lv", 21, "21 grāmata<"},
		{"en", 1, "1 book<"},
		{"en", 2, "2 books<"},
	} {
		got := string(c.In(want.lang).HTML("search.head", "query", "x", "n", want.n)) + "<"
		if !strings.Contains(got, want.text) {
			t.Errorf("%s %d: %s", want.lang, want.n, got)
		}
	}
}
