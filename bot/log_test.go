package main

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"versli/bot/chat"
	"versli/store"
)

func TestLogLinesNameWhatTheyAreAbout(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(named{slog.NewTextHandler(&out, nil)}).With("part", "x")
	update := aboutUpdate(t.Context(), chat.Request{Update: 7})
	notice := aboutNotice(t.Context(), store.Notice{ID: "welcome:o1:m1:0"})
	log.InfoContext(update, "a")
	log.InfoContext(update, "b", "update", 8)
	log.InfoContext(notice, "c")
	log.InfoContext(t.Context(), "d")
	for i, want := range []string{"msg=a part=x update=7", "msg=b part=x update=8", "msg=c part=x notice=welcome:o1:m1:0", "msg=d part=x"} {
		if line := strings.Split(out.String(), "\n")[i]; !strings.HasSuffix(line, want) {
			t.Errorf("%q, want %q", line, want)
		}
	}
}

var shownIncident = regexp.MustCompile(`error number (u([0-9]+))`)

// What a person is shown when something fails finds the line in the log that says what, and the other lines of that update;
// a notice's lines have its id.
func TestIncidentFindsItsLogLine(t *testing.T) {
	t.Parallel()
	api, rdb := newElsewhere(t), newRedisServer(t)
	w, log := startReal(t, api.serve(t), rdb.url(), func(c *Config) { c.Owners = []int64{api.second} })
	librarian := api.speaker(t, api.second, "en")
	librarian.types("/start").told("start.staff")
	n := api.speaker(t, api.first, "en")
	n.types("/ask Is there Wi-Fi?").told("ask.sent", "question", "Is there Wi-Fi?")
	librarian.told("notice.question", "name", "§", "question", "Is there Wi-Fi?")
	eventually(t, "the end of the notice is logged", func() bool {
		return regexp.MustCompile(`msg="notice ended" .*notice=question:q[^ ]+`).MatchString(log.String())
	})
	rdb.kill()
	n.types("Is anybody there?").told("error.incident", "incident", "§")
	rdb.start(t)
	if err := ready(w.addr); err != nil {
		t.Fatal(err)
	}
	shown := shownIncident.FindStringSubmatch(strings.Join(n.texts("error number"), "\n"))
	if shown == nil {
		t.Fatalf("no error number shown:\n%s", describe(n.chat()))
	}
	about := regexp.MustCompile(`level=ERROR msg="request failed".*incident=` + shown[1] + ` .*error=.*update=` + shown[2] + `\b`)
	if !about.MatchString(log.String()) {
		t.Errorf("nothing in the log about %s", shown[1])
	}
}
