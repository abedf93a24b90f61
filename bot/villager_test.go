package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// villager is a member who reserves, cancels, registers, changes their mind and asks, waits for each answer as people do, and knows what
// must have come of it.
type villager struct {
	v      *village
	id     int64
	member store.MemberID
	random *rand.Rand
	at     int // the message whose buttons are pressed

	held      map[store.TitleID]string // holds, as the answers named them
	joined    map[store.ActivityID]bool
	questions []string
	again     map[string]bool // questions put again, for the bot could not say whether it had them
	placed    int
	cancelled int
	troubled  int // how often they were told to try again
	problem   string
}

func newVillager(v *village, m store.Member, seed uint64) *villager {
	return &villager{
		v: v, id: m.Chat, member: m.ID, random: rand.New(rand.NewPCG(seed, 7)),
		held: map[store.TitleID]string{}, joined: map[store.ActivityID]bool{}, again: map[string]bool{},
	}
}

// step does one thing, and tells whether it was answered.
func (n *villager) step() bool {
	switch pick := n.random.IntN(10); {
	case n.at == 0 || pick == 0:
		return n.ask(fmt.Sprintf("Question %d of %d?", len(n.questions), n.id))
	case pick <= 3 && len(n.held) < 4:
		return n.reserve()
	case pick <= 5 && len(n.held) > 0:
		return n.cancel()
	case pick <= 7 && len(n.joined) > 0:
		return n.leave()
	}
	return n.join()
}

func (n *villager) ask(question string) bool {
	n.questions = append(n.questions, question)
	for {
		from := n.v.way.length(n.id)
		if _, err := n.v.server.Say(n.id, "/ask "+question); err != nil {
			return n.fail(err.Error())
		}
		answer, trouble := n.answer(from, func(c *passing) bool { return c.send() && c.says(question) })
		switch {
		case trouble:
			n.again[question] = true
			continue
		case answer == nil:
			return n.fail("no answer to " + question)
		}
		n.at = answer.message
		return true
	}
}

var unholdData = regexp.MustCompile(`1\|unhold\|([^|"\\]+)"`)

func (n *villager) reserve() bool {
	id := n.v.titles[n.random.IntN(len(n.v.titles))]
	for n.held[id] != "" {
		id = n.v.titles[n.random.IntN(len(n.v.titles))]
	}
	answer := n.press("pick", []string{string(id), string(n.v.library)}, func(c *passing) bool {
		return unholdData.MatchString(c.keyboard) && c.says("1|title|"+string(id)+`"`)
	})
	if answer == nil {
		return false
	}
	n.held[id] = unholdData.FindStringSubmatch(answer.keyboard)[1]
	n.placed++
	return true
}

func (n *villager) cancel() bool {
	titles := slices.Sorted(maps.Keys(n.held))
	id := titles[n.random.IntN(len(titles))]
	hold := n.held[id]
	answer := n.press("unhold", []string{hold}, func(c *passing) bool {
		return c.says("1|rehold|"+hold+`"`) || c.says("1|unhold|"+hold+`|yes"`)
	})
	if answer != nil && answer.says("|yes\"") {
		answer = n.press("unhold", []string{hold, "yes"}, func(c *passing) bool {
			return c.says(`1|holds"`) && !c.says("hold|")
		})
	}
	if answer == nil {
		return false
	}
	delete(n.held, id)
	n.cancelled++
	return true
}

func (n *villager) join() bool {
	id := n.v.courses[n.random.IntN(len(n.v.courses))]
	if n.joined[id] {
		return n.leaveCourse(id)
	}
	if n.press("tjoin", []string{string(id)}, func(c *passing) bool { return c.says("1|tleave|" + string(id) + `"`) }) == nil {
		return false
	}
	n.joined[id] = true
	return true
}

func (n *villager) leave() bool {
	courses := slices.Sorted(maps.Keys(n.joined))
	return n.leaveCourse(courses[n.random.IntN(len(courses))])
}

func (n *villager) leaveCourse(id store.ActivityID) bool {
	left := func(c *passing) bool { return c.says("1|tjoin|" + string(id) + `"`) }
	answer := n.press("tleave", []string{string(id)}, func(c *passing) bool {
		return left(c) || c.says("1|tleave|"+string(id)+`|yes"`)
	})
	if answer != nil && !left(answer) {
		answer = n.press("tleave", []string{string(id), "yes"}, left)
	}
	if answer == nil {
		return false
	}
	delete(n.joined, id)
	return true
}

// press presses until the answer is not that it should be tried again.
func (n *villager) press(action string, args []string, want func(*passing) bool) *passing {
	data, err := chat.Encode(action, args...)
	if err != nil {
		n.fail(err.Error())
		return nil
	}
	for {
		from := n.v.way.length(n.id)
		if err := n.v.way.press(n.v.server, n.id, n.at, data); err != nil {
			n.fail(err.Error())
			return nil
		}
		answer, trouble := n.answer(from, want)
		switch {
		case trouble:
			continue
		case answer == nil:
			n.fail("no answer to " + data)
			return nil
		}
		if answer.message != 0 {
			n.at = answer.message
		}
		return answer
	}
}

// tryAgain is how the bot says that something went wrong on its side.
var tryAgain = sync.OnceValue(func() string {
	catalog, err := messages.Load("lt")
	if err != nil {
		panic(err)
	}
	head, _, _ := strings.Cut(plain(string(catalog.In("en").HTML("error.incident", "incident", "§"))), "§")
	return strings.TrimSpace(head)
})

// answer waits for what is wanted, or for being told to try again.
func (n *villager) answer(from int, want func(*passing) bool) (answer *passing, trouble bool) {
	c, ok := n.v.way.after(n.id, from, deadsLeases, func(c *passing) bool { return c.query == "" && want(c) || c.says(tryAgain()) })
	if !ok {
		return nil, false
	}
	if c.says(tryAgain()) {
		n.troubled++
		return nil, true
	}
	return c, false
}

func (n *villager) fail(why string) bool {
	n.problem = why
	return false
}

// compare asserts that the state holds what the person was told, each once.
func (n *villager) compare(t *testing.T) {
	t.Helper()
	if n.problem != "" {
		var seen strings.Builder
		for _, c := range n.v.way.passed(func(c *passing) bool { return c.chat == n.id }) {
			fmt.Fprintf(&seen, "\n  %s %s %d %q %q", c.began.Format(time.TimeOnly), c.method, c.status, c.text, c.keyboard)
		}
		t.Errorf("person %d: %s; they got:%s", n.id, n.problem, seen.String())
		return
	}
	ctx := t.Context()
	holds, err := n.v.store.Holds.OfMember(ctx, n.member)
	if err != nil {
		t.Fatal(err)
	}
	got := map[store.TitleID]string{}
	for _, h := range holds {
		got[h.Title] = string(h.ID)
	}
	if !maps.Equal(got, n.held) || len(holds) != len(got) {
		t.Errorf("person %d has the holds %v, and was told of %v", n.id, got, n.held)
	}
	registrations, err := n.v.store.Activities.OfMember(ctx, n.member)
	if err != nil {
		t.Fatal(err)
	}
	joined := map[store.ActivityID]bool{}
	for _, r := range registrations {
		if r.State != store.RegistrationCancelled {
			joined[r.Activity] = true
		}
	}
	if !maps.Equal(joined, n.joined) {
		t.Errorf("person %d takes part in %v, and was told of %v", n.id, joined, n.joined)
	}
	n.compareQuestions(t)
}

func (n *villager) compareQuestions(t *testing.T) {
	t.Helper()
	list, err := n.v.store.Questions.OfMember(t.Context(), n.member)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, q := range list {
		got[q.Text]++
	}
	for _, q := range n.questions {
		if got[q] == 0 || got[q] > 1 && !n.again[q] {
			t.Errorf("the state has %q %d times", q, got[q])
		}
		delete(got, q)
	}
	if len(got) > 0 {
		t.Errorf("person %d never asked %v", n.id, got)
	}
}
