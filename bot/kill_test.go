package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"versli/handlers/messages"
	"versli/store"
)

const (
	crowdSize      = 24
	inFlightAtOnce = 16 // sends of a broadcast that a kill may break off
)

// Killed with everything under way, and started again: dialogue, holds, seats, stops and reminders are as they were;
// nothing is said twice but what was in flight; the broadcast reaches everybody.
func TestKillInTheMiddle(t *testing.T) {
	needRedis(t)
	t.Parallel()
	for name, redisToo := range map[string]bool{"the program": false, "the program and its Redis": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin, dir, addr := program(t), folder(t), freePort(t)
			p := launch(t, bin, dir, addr)
			s := openScene(t, p.world)
			s.partner.types(otherBook).expect(otherBook)
			s.partner.press("1").expect("📖", otherBook)
			s.partner.tap("card.reserve").told("holds.choose", "title", "§")
			guests := crowd(t, p.world, "en", crowdSize)
			news := "Fair & market on Saturday <10:00>"
			announce(s.librarian, news, "en", crowdSize)
			guests[0].expect(news)
			// In flight: what is sent now is not answered yet when the process dies.
			s.applicant.tap("join.agree")
			s.asker.types("Is there Wi-Fi?")
			s.partner.press("🏛")
			if redisToo {
				killRedis(t, dir)
			}
			p.kill(t)
			elapse(t, dir)

			p = launch(t, bin, dir, addr)
			in(p.world, append(guests, s.people()...)...)
			s.applicant.told("join.applied")
			s.asker.told("ask.sent", "question", "Is there Wi-Fi?")
			s.partner.told("holds.reserved", "title", otherBook)
			s.kept()
			p.wait(t, 2*time.Minute) // a dead process keeps its recipients for 90 seconds
			reached(t, guests, news)
			s.librarian.told("broadcast.state_sent")
			s.librarian.told("notice.question", "name", "§", "question", "Is there Wi-Fi?")
			atMostTwice(t, s.asker, s.asker.say("ask.sent", "question", "Is there Wi-Fi?"))
			reminded(t, p.world, s.partner)
			p.end(t, syscall.SIGTERM)
			sound(t, bin, dir)
			asked(t, dir, []string{"Is there Wi-Fi?"})
			oneEach(t, dir)
		})
	}
}

// announce starts a broadcast to those who write a language.
func announce(librarian *newcomer, text, lang string, count int) {
	librarian.t.Helper()
	librarian.w.byDay(librarian.t)
	librarian.types("/broadcast").told("broadcast.ask")
	librarian.types(text).told("broadcast.whom")
	librarian.press(librarian.p.Plain("language."+lang)).told("broadcast.confirm", "audience", "§")
	librarian.tap("broadcast.send", "n", count)
}

// reached asserts that a broadcast came to everybody once, but for those in flight at a kill.
func reached(t *testing.T, guests []*newcomer, news string) {
	t.Helper()
	twice := 0
	for _, n := range guests {
		n.seen = map[int]string{} // it may have come before the kill
		n.expect(news)
		switch n.times(news) {
		case 1:
		case 2:
			twice++
		default:
			t.Errorf("person %d got the broadcast %d times", n.id, n.times(news))
		}
	}
	if twice > inFlightAtOnce {
		t.Errorf("%d people got the broadcast twice", twice)
	}
}

func atMostTwice(t *testing.T, n *newcomer, words []string) {
	t.Helper()
	if got := n.times(words...); got < 1 || got > 2 {
		t.Errorf("person %d was told %q %d times:\n%s", n.id, words, got, describe(n.chat()))
	}
}

// reminded moves the clock past the next visit and asserts that each reminder came exactly once.
func reminded(t *testing.T, w *world, n *newcomer) {
	t.Helper()
	n.mark()
	w.wait(t, 15*24*time.Hour)
	evenings := n.texts(n.say("van.notice_evening", "day", "§", "span", "§", "stop", "§")...)
	soon := n.texts(n.say("van.notice_soon", "n", 30, "stop", "§", "span", "§")...)
	if len(evenings) == 0 || len(soon) != len(evenings) {
		t.Errorf("%d reminders in the evening and %d half an hour before:\n%s", len(evenings), len(soon), describe(n.fresh()))
	}
	if different := slices.Compact(slices.Clone(evenings)); len(different) != len(evenings) {
		t.Errorf("a reminder came twice:\n%s", strings.Join(evenings, "\n"))
	}
	training := n.texts(n.say("training.notice_day", "day", "§", "clock", "§")...)
	if len(training) != 1 {
		t.Errorf("%d reminders of the training:\n%s", len(training), describe(n.fresh()))
	}
}

// Questions are asked all the time while the program is killed again and again: each is taken once and answered.
func TestKillAtRandomMoments(t *testing.T) {
	needRedis(t)
	t.Parallel()
	const rounds, people = 4, 4
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	bin, dir, addr := program(t), folder(t), freePort(t)
	p := launch(t, bin, dir, addr)
	librarian := p.speaker(t, daiva, "lt")
	librarian.types("/start").told("start.staff")
	askers := crowd(t, p.world, "en", people)
	var questions []string
	for round := range rounds {
		question := func(n *newcomer) string { return fmt.Sprintf("Question %d of %d?", round, n.id) }
		for _, n := range askers {
			questions = append(questions, question(n))
			n.types("/ask " + question(n))
		}
		moment := time.NewTimer(time.Duration(random.Int64N(int64(150 * time.Millisecond))))
		<-moment.C
		if random.IntN(3) == 0 {
			killRedis(t, dir)
		}
		p.kill(t)
		p = launch(t, bin, dir, addr)
		in(p.world, askers...)
		for _, n := range askers {
			n.told("ask.sent", "question", question(n))
			atMostTwice(t, n, n.say("ask.sent", "question", question(n)))
		}
	}
	p.kill(t)
	elapse(t, dir)
	p = launch(t, bin, dir, addr)
	in(p.world, librarian)
	for _, q := range questions {
		librarian.expect(q)
	}
	for _, q := range questions {
		atMostTwice(t, librarian, []string{q})
	}
	p.end(t, syscall.SIGTERM)
	sound(t, bin, dir)
	asked(t, dir, questions)
}

// Killed while reminders go out: the clock goes on from where it stood, none is lost, and at most what was in flight comes twice.
func TestKillWhileTheClockMoves(t *testing.T) {
	needRedis(t)
	t.Parallel()
	bin, dir, addr := program(t), folder(t), freePort(t)
	p := launch(t, bin, dir, addr)
	var followers []*newcomer
	for _, lang := range messages.Languages() {
		n := p.newcomer(t, lang, "Follower "+lang)
		n.types("/van").told("van.title")
		n.tap("van.by_stop").told("van.communities")
		n.press("Kamajai").told("van.next_visits")
		n.tap("van.follow").told("van.following")
		n.mark()
		followers = append(followers, n)
	}
	soon := func(n *newcomer) []string { return n.say("van.notice_soon", "n", 30, "stop", "§", "span", "§") }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	moved := make(chan struct{})
	go func() { // the answer never comes: the process dies before
		defer close(moved)
		p.postAnyway(ctx, "/play/clock", `{"advance": "360h"}`)
	}()
	followers[0].told("van.notice_evening", "day", "§", "span", "§", "stop", "§")
	p.kill(t)
	cancel()
	<-moved
	elapse(t, dir)
	p = launch(t, bin, dir, addr)
	in(p.world, followers...)
	p.wait(t, 15*24*time.Hour)
	for _, n := range followers {
		evenings := n.texts(n.say("van.notice_evening", "day", "§", "span", "§", "stop", "§")...)
		visits := slices.Compact(slices.Clone(evenings))
		if len(visits) == 0 || len(evenings) > len(visits)+1 {
			t.Errorf("%s: %d reminders for %d visits:\n%s", n.lang, len(evenings), len(visits), describe(n.fresh()))
		}
		if got := n.times(soon(n)...); got < len(visits) || got > len(visits)+1 {
			t.Errorf("%s: %d reminders half an hour before %d visits:\n%s", n.lang, got, len(visits), describe(n.fresh()))
		}
	}
	p.end(t, syscall.SIGTERM)
	sound(t, bin, dir)
}

// killRedis ends the private redis-server of a folder as kill -9 does.
func killRedis(t *testing.T, dir string) {
	t.Helper()
	rdb := once(socketPath(dir))
	info, err := rdb.Info(t.Context(), "server").Result()
	_ = rdb.Close()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(info, "process_id:")
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// asked asserts that the state has these questions, each once.
func asked(t *testing.T, dir string, want []string) {
	t.Helper()
	look(t, dir, func(ctx context.Context, st *store.Store) {
		list, err := st.Questions.Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range list {
			got = append(got, q.Text)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("questions in the state: %q, want %q", got, want)
		}
	})
}

// oneEach asserts that the scene left one application, and one hold with each of the two readers.
func oneEach(t *testing.T, dir string) {
	t.Helper()
	look(t, dir, func(ctx context.Context, st *store.Store) {
		list, err := st.Members.Applications(ctx)
		if err != nil || len(list) != 1 {
			t.Errorf("%d applications, %v", len(list), err)
		}
		for _, id := range []int64{rasa, inese} {
			m, err := st.Members.ByChat(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			holds, err := st.Holds.OfMember(ctx, m.ID)
			if err != nil || len(holds) != 1 {
				t.Errorf("%s has %d holds, %v", m.Name, len(holds), err)
			}
		}
	})
}
