package main

import (
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// Real files through the command line: a progress bar, totals and complaints; then the bot knows the books and the stops.
func TestImportRealFiles(t *testing.T) {
	needRedis(t)
	books := sharedData(t, "catalogue", "goodbooks-10k_books.csv")
	stops := sharedData(t, "timetable", "somerset.csv")
	t.Parallel()
	bin, dir := program(t), folder(t)
	for _, c := range []struct {
		file, says string
		least      int
	}{
		{books, "goodbooks-10k_books.csv", 9000},
		{stops, "somerset.csv", 100},
	} {
		out, bar, err := command(t, bin, dir, "import", c.file)
		if err != nil {
			t.Fatalf("import: %v\n%s%s", err, out, bar)
		}
		if !strings.Contains(bar, c.says) || !strings.Contains(bar, "100%") {
			t.Errorf("no progress bar on stderr: %q", bar)
		}
		t.Logf("%s", out)
		if added := firstNumber(t, out); added < c.least {
			t.Errorf("%d taken from %s:\n%s", added, c.says, out)
		}
	}
	again, _, err := command(t, bin, dir, "import", stops)
	if err != nil || firstNumber(t, again) != 0 {
		t.Errorf("the same file again: %v\n%s", err, again)
	}
	sound(t, bin, dir)

	p := launch(t, bin, dir, freePort(t))
	n := p.speaker(t, rasa, "lt")
	n.types("the hunger games").expect("The Hunger Games", "Suzanne Collins")
	n.types("/van").told("van.title")
	n.tap("van.by_stop").told("van.communities")
	n.types("wimbleball").expect("Wimbleball Lake")

	librarian := p.speaker(t, daiva, "lt")
	librarian.upload("knygos.csv", []byte("title,author,year\nAuksinis obuolys,Ona Petraitė,2001\n,Be Pavadinimo,2002\nSidabrinis tiltas,Jonas Jonaitis,1999\n"))
	report := librarian.told("import.done_catalogue", "name", "knygos.csv")
	if !containsAll(report.Text, append(librarian.say("import.code_title_missing"), "3 eilutė")) {
		t.Errorf("the report does not name the line: %s", report.Text)
	}
	document := string(librarian.download(librarian.expectDocument()))
	if !containsAll(document, append(librarian.say("import.code_title_missing"), "3")) {
		t.Errorf("the document does not name the line: %q", document)
	}
	n.types("auksinis obuolys").expect("Auksinis obuolys")
	p.end(t, syscall.SIGTERM)
	sound(t, bin, dir)
}

var totals = regexp.MustCompile(`\d+`)

// firstNumber is how many were added, as the last line of an import says.
func firstNumber(t *testing.T, out string) int {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	n := 0
	for _, digit := range totals.FindString(lines[len(lines)-1]) {
		n = n*10 + int(digit-'0')
	}
	return n
}
