package handlers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

// tables are the names of the tables of texts, such as "search".
var tables = sync.OnceValue(func() map[string]bool {
	found := map[string]bool{}
	names, _ := filepath.Glob(filepath.Join("messages", "lt", "*.toml"))
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		var tree map[string]any
		if toml.Unmarshal(raw, &tree) == nil {
			for table := range tree {
				found[table] = true
			}
		}
	}
	return found
})

var keyLike = regexp.MustCompile(`\b([a-z_]+)\.[a-z_]+`)

// unresolved finds what looks like the key of a text where the text should be, and parameters that were not given.
func (w *world) unresolved(text string) string {
	for _, lost := range []string{"<no value>", "{{", "%!"} {
		if strings.Contains(text, lost) {
			return lost
		}
	}
	for _, m := range keyLike.FindAllStringSubmatch(text, -1) {
		if tables()[m[1]] {
			return m[0]
		}
	}
	return ""
}
