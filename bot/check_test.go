package main

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Whatever index is lost, bot check ends with an error and names it, and bot check -fix mends it.
func TestCheckNamesAndMends(t *testing.T) {
	t.Parallel()
	bin, server := program(t), newRedisServer(t)
	w := start(t, t.TempDir(), func(c *Config) { c.Redis = server.url() })
	s := openScene(t, w)
	s.asker.types("Is there Wi-Fi?").told("ask.sent", "question", "Is there Wi-Fi?")
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(&redis.Options{Addr: server.addr})
	defer rdb.Close()
	check := func(args ...string) (out string, code int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), bin, append([]string{"check"}, args...)...)
		cmd.Env = append(os.Environ(), "REDIS_URL="+server.url(), "DATA_DIR="+t.TempDir(), "TELEGRAM_BOT_TOKEN=")
		raw, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(raw), cmd.ProcessState.ExitCode()
	}
	if out, code := check(); code != 0 || !strings.Contains(out, "every invariant holds") {
		t.Fatalf("before: %d\n%s", code, out)
	}
	broken := breakIndexes(t, rdb)
	out, code := check()
	if code == 0 {
		t.Errorf("broken, and the exit code is 0\n%s", out)
	}
	for _, key := range broken {
		if !strings.Contains(out, "index\t"+key+"\t") {
			t.Errorf("%s is lost and not named", key)
		}
	}
	out, code = check("-fix")
	if code != 0 {
		t.Errorf("check -fix: %d\n%s", code, out)
	}
	for _, key := range broken {
		if !strings.Contains(out, "rebuilt\t"+key+"\n") {
			t.Errorf("%s is not named as rebuilt\n%s", key, out)
		}
	}
	if out, code := check(); code != 0 {
		t.Errorf("after: %d\n%s", code, out)
	}
	if out, code := check("--fix"); code != 0 || strings.Contains(out, "rebuilt") {
		t.Errorf("nothing to mend: %d\n%s", code, out)
	}
	// What no index can be made from is not mended, and said so.
	if err := rdb.Del(t.Context(), "{versli}:notices").Err(); err != nil {
		t.Fatal(err)
	}
	if out, code := check("-fix"); code == 0 || !strings.Contains(out, "notice\t") {
		t.Errorf("without what is owed: %d\n%s", code, out)
	}
}

// breakIndexes loses one index of each kind that the state has, and tells which.
func breakIndexes(t *testing.T, rdb *redis.Client) []string {
	t.Helper()
	const prefix = "{versli}:"
	kinds := []string{
		"chats", "names", "words", "indexed", "role:", "affiliates:", "organisation_names", "organisation_words", "copytitle", "barcodes",
		"identity", "source:", "location_names", "promised", "lent", "loansdue", "deadlines", "queue:", "holdsin:", "pickups:", "member:",
		"activityends", "seats:", "waitlist:", "registered:", "openquestions", "asked:", "followers:", "choices:", "visitdue",
	}
	// What people did in the scene leaves these; the rest is seen to in the store's own tests.
	needed := []string{"chats", "words", "identity", "promised", "activityends", "seats:", "registered:", "openquestions", "followers:", "choices:", "visitdue"}
	var broken []string
	for _, kind := range kinds {
		pattern := prefix + kind
		if strings.HasSuffix(kind, ":") {
			pattern += "*"
		}
		keys, err := rdb.Keys(t.Context(), strings.ReplaceAll(pattern, "{", `\{`)).Result()
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) == 0 {
			if slices.Contains(needed, kind) {
				t.Errorf("the state has no %s", kind)
			}
			continue
		}
		slices.Sort(keys)
		if err := rdb.Del(t.Context(), keys[0]).Err(); err != nil {
			t.Fatal(err)
		}
		broken = append(broken, strings.TrimPrefix(keys[0], prefix))
	}
	return broken
}
