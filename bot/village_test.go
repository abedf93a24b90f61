package main

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"versli/bot/playground"
	"versli/store"
)

const (
	firstVillager int64 = 6_900_000_000
	// tenTimes is how many times Telegram's limits both sides have, to save time.
	tenTimes = "10"
	// deadsLeases is longer than the chats and recipients of a killed process are its.
	deadsLeases = 100 * time.Second
)

// village is many people before one strict server, with things that go wrong on the way to it, and the state behind.
type village struct {
	*world // of the page, for who is followed closely

	server   *playground.Server
	way      *passage
	store    *store.Store
	rdb      redis.UniversalClient
	redisURL string
	random   *rand.Rand
	titles   []store.TitleID
	courses  []store.ActivityID
	library  store.Place
	people   []*villager
}

// newVillage makes the state at once: members who have written before, and the sample's books and trainings.
func newVillage(t *testing.T, redisURL string, members, recipients int) *village {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	v := &village{world: newWorld(t), redisURL: redisURL, random: rand.New(rand.NewPCG(seed, 0))}
	var err error
	if v.server, err = playground.New(playground.Options{Token: realToken, Limits: playground.Limits{Factor: 10}}); err != nil {
		t.Fatal(err)
	}
	v.way = newPassage(v.server.Handler(), seed)
	v.open(t)
	v.dial(t)
	v.settle(t, members, recipients)
	return v
}

// open puts the server behind the way, on an address.
func (v *village) open(t *testing.T) {
	t.Helper()
	s := httptest.NewServer(v.way)
	t.Cleanup(func() {
		s.CloseClientConnections()
		if err := v.server.Close(); err != nil {
			t.Error(err)
		}
		s.Close()
	})
	v.addr = s.Listener.Addr().String()
	v.listen(context.WithoutCancel(t.Context()))
}

func (v *village) dial(t *testing.T) {
	t.Helper()
	opt, _, err := parseRedisURL(v.redisURL)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	v.rdb = redis.NewUniversalClient(opt)
	t.Cleanup(func() { _ = v.rdb.Close() })
	if v.store, err = store.Open(t.Context(), v.rdb, store.Options{Library: "versli", Zone: zone, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
}

// settle puts a librarian, members and other recipients into the state and before the server.
func (v *village) settle(t *testing.T, members, recipients int) {
	t.Helper()
	ctx, st := t.Context(), v.store
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(st.Members.MakeOwners(ctx, []int64{daiva}))
	owner, err := v.arrive(ctx, daiva, "lt")
	must(err)
	must(loadSample(ctx, st, time.Now()))
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(64)
	v.people = make([]*villager, members)
	for i := range max(members, recipients) {
		g.Go(func() error {
			m, err := v.arrive(within, firstVillager+int64(i), "en")
			if err != nil || i >= members {
				return err
			}
			v.people[i] = newVillager(v, m, uint64(i))
			return st.Members.SetRole(within, store.Op{By: owner.ID}, m.ID, store.RoleMember)
		})
	}
	must(g.Wait())
	for { // what setting the scene owes is told to nobody
		owed, err := st.Outbox.Due(ctx, time.Now().Add(time.Hour), 200)
		must(err)
		for _, n := range owed {
			must(st.Outbox.Dropped(ctx, n, "scene"))
		}
		if len(owed) == 0 {
			break
		}
	}
	v.survey(t)
}

// arrive makes somebody known on both sides, without quiet hours: tests run at night as well.
func (v *village) arrive(ctx context.Context, id int64, lang string) (store.Member, error) {
	if _, err := v.server.AddPerson(playground.Person{
		ID: id, FirstName: "Villager", LastName: "Test", LanguageCode: lang, Started: true,
	}); err != nil {
		return store.Member{}, err
	}
	m, err := v.store.Members.Meet(ctx, store.Person{Chat: id, Name: "Villager Test", Language: lang}, lang)
	if err != nil {
		return m, err
	}
	m.Settings.QuietTo = m.Settings.QuietFrom
	return m, v.store.Members.SetSettings(ctx, store.Op{By: m.ID}, m.ID, m.Settings)
}

// survey looks at what there is to reserve and to take part in.
func (v *village) survey(t *testing.T) {
	t.Helper()
	err := v.store.Titles.Each(t.Context(), func(x store.Title, copies []store.Copy) error {
		if len(copies) > 0 {
			v.titles = append(v.titles, x.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(v.titles)
	courses, _, err := v.store.Activities.Upcoming(t.Context(), time.Now().AddDate(0, 0, 1), 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range courses {
		v.courses = append(v.courses, x.ID)
	}
	places, err := v.store.Titles.Locations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range places {
		if !l.Van {
			v.library = store.Place(l.ID)
		}
	}
}

// begin starts a built program for the village, and waits until it is ready.
func (v *village) begin(t *testing.T, bin, addr string, env ...string) *process {
	t.Helper()
	p := &process{world: newWorld(t)}
	p.addr = addr
	p.cmd = exec.Command(bin)
	p.cmd.Env = append(append(os.Environ(), "DATA_DIR="+t.TempDir(), "LISTEN_ADDR="+addr, "TELEGRAM_BOT_TOKEN="+realToken,
		"TELEGRAM_API_URL=http://"+v.addr, "REDIS_URL="+v.redisURL, "TELEGRAM_LIMITS_FACTOR="+tenTimes), env...)
	p.cmd.Stderr, p.cmd.Stdout = p.logs, p.logs
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.end(t, syscall.SIGTERM)
		secretless(t, p.logs.String())
	})
	if err := ready(addr); err != nil {
		t.Fatalf("not ready: %v\n%s", err, p.logs)
	}
	return p
}

// soundness runs the check of every invariant on the village's state.
func (v *village) soundness(t *testing.T, bin string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), bin, "check")
	cmd.Env = append(os.Environ(), "DATA_DIR="+t.TempDir(), "TELEGRAM_BOT_TOKEN=", "REDIS_URL="+v.redisURL)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("bot check: %v\n%s", err, out)
	}
}

// live lets everybody take a number of steps, each at their own pace; done is closed when all have, and count tells how many steps were taken.
func (v *village) live(steps int) (done <-chan struct{}, count *atomic.Int64) {
	count = new(atomic.Int64)
	over := make(chan struct{})
	var all sync.WaitGroup
	for _, n := range v.people {
		all.Go(func() {
			for range steps {
				if !n.step() {
					return
				}
				count.Add(1)
			}
		})
	}
	go func() { all.Wait(); close(over) }()
	return over, count
}

// lived waits for everybody, and asserts that the state is what each was told.
func (v *village) lived(t *testing.T, done <-chan struct{}, within time.Duration) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	select {
	case <-done:
	case <-deadline.C:
		t.Fatalf("people are not done within %v: %s", within, v.way.figures())
	}
	for _, n := range v.people {
		n.compare(t)
	}
}

// delivered waits until a broadcast is with everybody, and counts the copies that are too many.
func (v *village) delivered(t *testing.T, news string, recipients int, within time.Duration) (extra int) {
	t.Helper()
	v.way.await(t, within, "the broadcast is with everybody", func() bool {
		reached := 0
		for id := range recipients {
			if slices.ContainsFunc(v.way.chats[firstVillager+int64(id)], func(c *passing) bool { return c.send() && c.says(news) }) {
				reached++
			}
		}
		return reached == recipients
	})
	for chat, n := range v.way.copies(news) {
		if chat >= firstVillager { // the librarian sees it on the draft's card as well
			extra += n - 1
		}
	}
	return extra
}

// noticed waits until nothing is owed now or under way.
func (v *village) noticed(t *testing.T, within time.Duration) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(within); ; <-tick.C {
		n, err := v.store.Outbox.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		owed, err := v.store.Outbox.Due(t.Context(), time.Now(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if n.UnderWay == 0 && len(owed) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d notices under way, %d due after %v", n.UnderWay, len(owed), within)
		}
	}
}

// port is the port of an address.
func port(t *testing.T, addr string) string {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
