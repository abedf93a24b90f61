// Package messages holds every word that people read, in Lithuanian, Latvian
// and English: one folder per language, one TOML file per feature in it, the
// same keys and the same parameters in each.
//
// Text is HTML of ours with parameters in it ({{.title}}); a parameter is
// escaped unless it is chat.HTML. The parameter "n" chooses the plural form
// by CLDR's rules (lt: one, few, many, other; lv: zero, one, other; en: one, other).
package messages

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"versli/bot/chat"
)

//go:embed lt/*.toml lv/*.toml en/*.toml
var files embed.FS

// Languages lists the languages in the order people see.
func Languages() []string { return []string{"lt", "lv", "en"} }

// Has tells whether a language tag ("lt", "en-GB") is of a language we have, and which.
func Has(tag string) (string, bool) {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return base, slices.Contains(Languages(), base)
}

// Catalog holds all texts.
type Catalog struct {
	printers map[string]*Printer
	fallback string
}

// Load reads the embedded texts. fallback is the language for a tag we lack.
func Load(fallback string) (*Catalog, error) {
	if _, ok := Has(fallback); !ok {
		return nil, fmt.Errorf("no texts in language %q", fallback)
	}
	bundle := i18n.NewBundle(language.Lithuanian)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, lang := range Languages() {
		names, err := fs.Glob(files, path.Join(lang, "*.toml"))
		if err != nil {
			return nil, fmt.Errorf("list texts of %s: %w", lang, err)
		}
		for _, name := range names {
			raw, err := files.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read texts: %w", err)
			}
			// go-i18n takes the language from the file's name.
			if _, err := bundle.ParseMessageFileBytes(raw, strings.TrimSuffix(path.Base(name), "toml")+lang+".toml"); err != nil {
				return nil, fmt.Errorf("texts in %s: %w", name, err)
			}
		}
	}
	c := &Catalog{printers: map[string]*Printer{}, fallback: fallback}
	for _, lang := range Languages() {
		c.printers[lang] = &Printer{lang: lang, localizer: i18n.NewLocalizer(bundle, lang)}
	}
	return c, nil
}

// Fallback is the language for a tag we lack.
func (c *Catalog) Fallback() string { return c.fallback }

// In returns the printer of a language, or of the fallback.
func (c *Catalog) In(lang string) *Printer {
	if base, ok := Has(lang); ok {
		return c.printers[base]
	}
	return c.printers[c.fallback]
}

// Printer writes texts in one language.
type Printer struct {
	lang      string
	localizer *i18n.Localizer
}

// Lang is the printer's language: lt, lv or en.
func (p *Printer) Lang() string { return p.lang }

// HTML writes a text for a message. kv are parameters by name: "title", t.Name,
// "n", 3. A key that is missing is a bug that a test holds; people then see the key.
func (p *Printer) HTML(key string, kv ...any) chat.HTML {
	data, plural := parameters(kv, func(v any) any {
		if s, ok := v.(chat.HTML); ok {
			return string(s)
		}
		return string(chat.Escape(fmt.Sprint(v)))
	})
	return chat.HTML(p.localize(key, data, plural))
}

// Plain writes a text for a button, a toast, a file or a picture: no markup, nothing escaped.
func (p *Printer) Plain(key string, kv ...any) string {
	data, plural := parameters(kv, func(v any) any { return fmt.Sprint(v) })
	return p.localize(key, data, plural)
}

func (p *Printer) localize(key string, data map[string]any, plural any) string {
	text, err := p.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: plural})
	if err != nil && text == "" {
		return key
	}
	return text
}

func parameters(kv []any, shown func(any) any) (data map[string]any, plural any) {
	data = make(map[string]any, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		name, _ := kv[i].(string)
		if n, ok := kv[i+1].(int); ok && name == "n" {
			plural = n
		}
		data[name] = shown(kv[i+1])
	}
	return data, plural
}
