package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"versli/store"
)

// Books of the sample, with a free copy each.
const (
	book      = "Mąstymas, greitas ir lėtas"
	otherBook = "Domāšana, ātrā un lēnā"
)

// scene is a library in the middle of its day: people half-way through dialogues, a hold, a seat, a followed stop.
type scene struct {
	applicant *newcomer // has to agree to the agreement yet
	asker     *newcomer // was asked for the question, and has typed nothing yet
	reader    *newcomer // has a hold
	partner   *newcomer // has a seat in a training and follows a stop
	librarian *newcomer
}

// openScene lets people come in and get half-way.
func openScene(t *testing.T, w *world) *scene {
	t.Helper()
	s := &scene{
		applicant: w.newcomer(t, "lt", "Jonas"), asker: w.newcomer(t, "lv", "Anna"),
		reader: w.speaker(t, rasa, "lt"), partner: w.speaker(t, inese, "lv"), librarian: w.speaker(t, daiva, "lt"),
	}
	s.applicant.types("/start").told("start.guest")
	s.applicant.tap("start.join").told("join.name", "name", "§")
	s.applicant.tap("join.use_name", "name", "").told("join.organisation")
	s.applicant.types("UAB Pjūklas").told("join.kind", "organisation", "§")
	s.applicant.press(s.applicant.p.Plain("kind.business")[1:]) // the button begins with a capital
	s.applicant.expect(s.applicant.p.Plain("join.agree"))

	s.asker.types("/ask").told("ask.question")

	s.reader.types(book).expect(book)
	s.reader.press("1").expect("📖", book)
	s.reader.tap("card.reserve").told("holds.choose", "title", "§")
	s.reader.press("🏛").told("holds.reserved", "title", book)

	s.partner.types("/trainings").told("training.title")
	s.partner.press("1").told("training.head", "name", "§", "kind", "§")
	s.partner.tap("training.join").told("training.my_seat")
	s.partner.types("/van").told("van.title")
	s.partner.tap("van.by_stop").told("van.communities")
	s.partner.press("Kamajai").told("van.next_visits")
	s.partner.tap("van.follow").told("van.following")
	return s
}

func (s *scene) people() []*newcomer {
	return []*newcomer{s.applicant, s.asker, s.reader, s.partner, s.librarian}
}

// in puts people in front of the page of another start of the program.
func in(w *world, people ...*newcomer) {
	for _, n := range people {
		n.w = w
	}
}

// kept asserts that holds, seats and followed stops are there, as their owners see them.
func (s *scene) kept() {
	s.reader.t.Helper()
	s.reader.types("/holds").expect(book)
	s.partner.types("/trainings").told("training.state_confirmed")
	s.partner.types("/van").expect("Kamajai")
}

// goOn finishes what was half-way.
func (s *scene) goOn() {
	s.applicant.t.Helper()
	s.applicant.tap("join.agree").told("join.applied")
	s.asker.types("Is there Wi-Fi?").told("ask.sent", "question", "Is there Wi-Fi?")
}

// crowd is people who have each said hello.
func crowd(t *testing.T, w *world, lang string, count int) []*newcomer {
	t.Helper()
	people := make([]*newcomer, count)
	for i := range people {
		people[i] = w.newcomer(t, lang, "Guest "+string(rune('A'+i%26)))
		people[i].types("/start")
	}
	for _, n := range people {
		n.told("start.guest")
	}
	return people
}

// times counts the bot's messages that contain all the words.
func (n *newcomer) times(words ...string) int {
	n.t.Helper()
	count := 0
	for _, b := range n.fromBot() {
		if containsAll(b.all(), words) {
			count++
		}
	}
	return count
}

// private opens the private redis-server of a folder, starting it if it does not run, until close is called.
func private(t *testing.T, dir string) (rdb redis.UniversalClient, done func()) {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	s, err := privateState(t.Context(), Config{DataDir: dir}, bin, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s, func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// look reads the state of a folder.
func look(t *testing.T, dir string, read func(context.Context, *store.Store)) {
	t.Helper()
	rdb, done := private(t, dir)
	defer done()
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), rdb, store.Options{Library: "versli", Zone: zone, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	read(t.Context(), st)
}

// elapse makes it so that the program was dead for minutes: the chats that it was answering, and what its workers had
// taken from the queue, are nobody's now.
func elapse(t *testing.T, dir string) {
	t.Helper()
	rdb, done := private(t, dir)
	defer done()
	chats := rdb.Scan(t.Context(), 0, "versli:lease:*", 0).Iterator()
	for chats.Next(t.Context()) {
		if err := rdb.Del(t.Context(), chats.Val()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	const queue = "asynq:{versli}:lease"
	tasks, err := rdb.ZRangeWithScores(t.Context(), queue, 0, -1).Result()
	if err := errors.Join(err, chats.Err()); err != nil {
		t.Fatal(err)
	}
	for _, z := range tasks {
		z.Score -= (3 * time.Minute).Seconds()
		if err := rdb.ZAdd(t.Context(), queue, z).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// texts are what the bot has said to a person that contains all the words, sorted.
func (n *newcomer) texts(words ...string) []string {
	n.t.Helper()
	var list []string
	for _, b := range n.fromBot() {
		if containsAll(b.all(), words) {
			list = append(list, strings.TrimSpace(b.Text))
		}
	}
	slices.Sort(list)
	return list
}

// postAnyway posts to a program that may die over it.
func (w *world) postAnyway(ctx context.Context, path, body string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.addr+path, strings.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}
