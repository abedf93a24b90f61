package playground

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func getPage(t *testing.T, method, target string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8080/", http.NoBody)
	r.URL.Path = target
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	pageHandler().ServeHTTP(w, r)
	return w.Result()
}

func TestPageServesItsFilesAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		contentType  string
	}{
		{http.MethodGet, "/", http.StatusOK, "text/html; charset=utf-8"},
		{http.MethodHead, "/", http.StatusOK, "text/html; charset=utf-8"},
		{http.MethodGet, "/static/main.js", http.StatusOK, "text/javascript; charset=utf-8"},
		{http.MethodGet, "/static/tokens.css", http.StatusOK, "text/css; charset=utf-8"},
		{http.MethodGet, "/static/words.json", http.StatusOK, "application/json; charset=utf-8"},
		{http.MethodGet, "/static/icons.svg", http.StatusOK, "image/svg+xml"},
		{http.MethodGet, "/static/", http.StatusNotFound, ""},
		{http.MethodGet, "/static/index.html", http.StatusNotFound, ""},
		{http.MethodGet, "/static/../page.go", http.StatusNotFound, ""},
		{http.MethodGet, "/static//main.js", http.StatusNotFound, ""},
		{http.MethodGet, "/main.js", http.StatusNotFound, ""},
		{http.MethodPost, "/", http.StatusMethodNotAllowed, ""},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			answer := getPage(t, c.method, c.path, nil)
			defer answer.Body.Close()
			if answer.StatusCode != c.status {
				t.Fatalf("status %d, want %d", answer.StatusCode, c.status)
			}
			if c.status != http.StatusOK {
				return
			}
			for name, want := range map[string]string{
				"Content-Type": c.contentType, "Content-Security-Policy": contentSecurityPolicy,
				"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer",
			} {
				if got := answer.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestPageIsNotSentAgainUnchanged(t *testing.T) {
	first := getPage(t, http.MethodGet, "/static/main.js", nil)
	defer first.Body.Close()
	again := getPage(t, http.MethodGet, "/static/main.js", http.Header{"If-None-Match": {first.Header.Get("ETag")}})
	defer again.Body.Close()
	if again.StatusCode != http.StatusNotModified {
		t.Fatalf("status %d, want 304", again.StatusCode)
	}
}

// The policy allows neither inline scripts nor inline styles: what the HTML would carry of them would silently not work.
func TestPolicyAndHTMLAgree(t *testing.T) {
	if strings.Contains(contentSecurityPolicy, "unsafe-") || !strings.HasPrefix(contentSecurityPolicy, "default-src 'self';") {
		t.Errorf("the policy is not strict: %s", contentSecurityPolicy)
	}
	index := string(mustLoadPageAssets()["index.html"].content)
	for _, inline := range []string{`<script>`, `<style`, ` style=`, ` onclick=`, `javascript:`} {
		if strings.Contains(index, inline) {
			t.Errorf("index.html holds %q", inline)
		}
	}
}

// outside lists the addresses that may stand in the files: names of XML vocabularies, and links that a person may follow.
func outside() []string {
	return []string{"http://www.w3.org/2000/svg", "https://www.openstreetmap.org/"}
}

func TestPageLoadsNothingFromElsewhere(t *testing.T) {
	address := regexp.MustCompile("(?:https?|wss?)://[^\\s'\"`)<>]*|[\"'(=]//[a-z][^\\s'\")]*")
	for name, asset := range mustLoadPageAssets() {
		for line := range strings.Lines(string(asset.content)) {
			if comment := strings.TrimSpace(line); strings.HasPrefix(comment, "* ") || strings.HasPrefix(comment, "// ") {
				continue
			}
			for _, found := range address.FindAllString(line, -1) {
				if !slices.Contains(outside(), found) {
					t.Errorf("%s names %s", name, found)
				}
			}
		}
	}
}

func TestEveryFileOfThePageIsUsedAndThere(t *testing.T) {
	reference := regexp.MustCompile(`"/static/([\w.-]+)"|'/static/([\w.-]+)'|/static/([\w-]+\.svg)|from '\./([\w.-]+)'`)
	assets := mustLoadPageAssets()
	used := map[string]bool{"index.html": true}
	for name, asset := range assets {
		for _, match := range reference.FindAllStringSubmatch(string(asset.content), -1) {
			file := match[1] + match[2] + match[3] + match[4]
			used[file] = true
			if _, there := assets[file]; !there {
				t.Errorf("%s refers to %s, which is missing", name, file)
			}
		}
	}
	for name := range assets {
		if !used[name] {
			t.Errorf("%s is used by nothing", name)
		}
	}
}

func TestEveryIconIsDrawn(t *testing.T) {
	assets := mustLoadPageAssets()
	drawn := string(assets["icons.svg"].content)
	use := regexp.MustCompile(`\bicon(?:Button)?\('([a-z-]+)'|icon: '([a-z-]+)'`)
	for name, asset := range assets {
		for _, match := range use.FindAllStringSubmatch(string(asset.content), -1) {
			if id := match[1] + match[2]; !strings.Contains(drawn, `id="`+id+`"`) {
				t.Errorf("%s shows the icon %q, which icons.svg does not have", name, id)
			}
		}
	}
}

// dictionary is words.json: by language and key, a text or its plural forms; "refusals" is a table of its own.
type dictionary map[string]map[string]json.RawMessage

func pageWords(t *testing.T) dictionary {
	t.Helper()
	var words dictionary
	if err := json.Unmarshal(mustLoadPageAssets()["words.json"].content, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

// forms returns the text of a key under "other", or its plural forms by category.
func (d dictionary) forms(t *testing.T, language, key string) map[string]string {
	t.Helper()
	var text string
	if json.Unmarshal(d[language][key], &text) == nil {
		return map[string]string{"other": text}
	}
	var forms map[string]string
	if err := json.Unmarshal(d[language][key], &forms); err != nil {
		t.Fatalf("%s.%s is neither a text nor plural forms: %v", language, key, err)
	}
	return forms
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestWordsAreTheSameInAllLanguages(t *testing.T) {
	// The plural categories of whole numbers and fractions: https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
	plurals := map[string][]string{"lt": {"few", "many", "one", "other"}, "lv": {"one", "other", "zero"}, "en": {"one", "other"}}
	parameter := regexp.MustCompile(`\{\w+\}`)
	words := pageWords(t)
	if got := sortedKeys(words); !slices.Equal(got, []string{"en", "lt", "lv"}) {
		t.Fatalf("languages are %v", got)
	}
	for language, categories := range plurals {
		if missing, extra := difference(words["en"], words[language]), difference(words[language], words["en"]); len(missing)+len(extra) > 0 {
			t.Errorf("%s lacks %v and has %v too many", language, missing, extra)
		}
		for key := range words["en"] {
			if key == "refusals" {
				continue
			}
			want := parameter.FindAllString(words.forms(t, "en", key)["other"], -1)
			forms := words.forms(t, language, key)
			if len(words.forms(t, "en", key)) > 1 && !slices.Equal(sortedKeys(forms), categories) {
				t.Errorf("%s.%s has the forms %v, want %v", language, key, sortedKeys(forms), categories)
			}
			for category, text := range forms {
				if strings.TrimSpace(text) == "" || !slices.Equal(parameter.FindAllString(text, -1), want) {
					t.Errorf("%s.%s (%s) is %q: empty, or its parameters are not %v", language, key, category, text, want)
				}
			}
		}
	}
}

func difference[V any](a, b map[string]V) []string {
	var only []string
	for _, key := range sortedKeys(a) {
		if _, found := b[key]; !found {
			only = append(only, key)
		}
	}
	return only
}

func TestEveryWordIsInTheDictionaryAndUsed(t *testing.T) {
	words := pageWords(t)["en"]
	var source strings.Builder
	call := regexp.MustCompile(`\bt\(([^)]*)`)
	literal := regexp.MustCompile(`'([a-z][a-z_]*)'`)
	for name, asset := range mustLoadPageAssets() {
		if path.Ext(name) != ".js" {
			continue
		}
		source.Write(asset.content)
		for _, arguments := range call.FindAllStringSubmatch(string(asset.content), -1) {
			for _, match := range literal.FindAllStringSubmatch(arguments[1], -1) {
				if _, known := words[match[1]]; !known && match[1] != "photo" && match[1] != "start" {
					t.Errorf("%s says t('%s'), which is not in words.json", name, match[1])
				}
			}
		}
	}
	for key := range words {
		composed := strings.HasPrefix(key, "theme_") || key == "refusals"
		if !composed && !strings.Contains(source.String(), "'"+key+"'") {
			t.Errorf("%q stands in words.json, and nothing says it", key)
		}
	}
}

// The server refuses in English; the page says it in its own language where it can.
func TestTranslatedRefusalsAreTheServersSentences(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") {
			source.Write(content)
		}
	}
	words := pageWords(t)
	tables := make(map[string]map[string]string)
	for _, language := range []string{"lt", "lv"} {
		var table map[string]string
		if err := json.Unmarshal(words[language]["refusals"], &table); err != nil {
			t.Fatal(err)
		}
		tables[language] = table
		for sentence, translation := range table {
			if !strings.Contains(source.String(), `"`+sentence+`"`) {
				t.Errorf("%s translates %q, which the server never says", language, sentence)
			}
			if translation == "" {
				t.Errorf("%s does not translate %q", language, sentence)
			}
		}
	}
	if lt, lv := sortedKeys(tables["lt"]), sortedKeys(tables["lv"]); !slices.Equal(lt, lv) {
		t.Errorf("the languages translate different refusals: %v and %v", lt, lv)
	}
}
