package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"versli/bot/playground"
	"versli/store"
)

// rig is what a benchmark runs on: the built program behind a webhook, a real redis-server that writes each change to disk
// before it answers, and the strict server in the benchmark's own process.
type rig struct {
	api   *playground.Server
	hook  string
	addr  string
	store *store.Store
	owner store.MemberID
	log   bytes.Buffer
	post  *http.Client
	next  atomic.Int64 // number of the last update

	mu    sync.Mutex
	sends []time.Time // when the server took a message
	many  int         // how often it had to say that they are too many
}

// newRig starts all of it; the limits of both sides are times factor (0 lifts those of the bot).
func newRig(b *testing.B, factor float64, people int) *rig {
	b.Helper()
	for _, name := range []string{"redis-server"} {
		if _, err := exec.LookPath(name); err != nil {
			b.Skipf("%s is not installed", name)
		}
	}
	bin, err := built()
	anyBuilt.Store(true)
	if err != nil {
		b.Fatal(err)
	}
	r := &rig{addr: openPort(b), post: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}}
	redisAddr := openPort(b)
	_, port, _ := net.SplitHostPort(redisAddr)
	runProcess(b, exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", b.TempDir(), "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning"), syscall.SIGKILL)
	rdb := redis.NewClient(&redis.Options{Addr: redisAddr})
	b.Cleanup(func() { _ = rdb.Close() })
	hold(b, "redis-server answers", func() bool { return rdb.Ping(b.Context()).Err() == nil })
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		b.Fatal(err)
	}
	if r.store, err = store.Open(b.Context(), rdb, store.Options{Library: "versli", Zone: zone, Now: time.Now}); err != nil {
		b.Fatal(err)
	}
	if err := loadSample(b.Context(), r.store, time.Now()); err != nil {
		b.Fatal(err)
	}
	if err := r.store.Members.MakeOwners(b.Context(), []int64{daiva}); err != nil {
		b.Fatal(err)
	}
	owner, err := meet(b.Context(), r.store, playground.Person{ID: daiva, FirstName: "Daiva"})
	if err != nil {
		b.Fatal(err)
	}
	r.owner = owner.ID
	served := factor
	if factor == 0 {
		served = 1e6
	}
	r.api, err = playground.New(playground.Options{Token: realToken, Limits: playground.Limits{Factor: served}, OnCall: r.note})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(r.api.Handler())
	b.Cleanup(func() {
		server.CloseClientConnections()
		_ = r.api.Close()
		server.Close()
	})
	for i := range people {
		r.enrol(b, crowdID(i))
	}
	cmd := exec.Command(bin)
	cmd.Env = append(os.Environ(), "TELEGRAM_BOT_TOKEN="+realToken, "TELEGRAM_API_URL="+server.URL, "REDIS_URL=redis://"+redisAddr,
		"LISTEN_ADDR="+r.addr, "WEBHOOK_URL=http://"+r.addr+"/hook", "WEBHOOK_SECRET="+realSecret,
		"TELEGRAM_LIMITS_FACTOR="+strconv.FormatFloat(factor, 'f', -1, 64), "DATA_DIR="+b.TempDir(), "LOG_LEVEL=warn")
	cmd.Stderr = &r.log
	runProcess(b, cmd, syscall.SIGTERM)
	b.Cleanup(func() {
		if b.Failed() {
			b.Logf("log:\n%s", &r.log)
		}
	})
	if err := ready(r.addr); err != nil {
		b.Fatalf("%v\n%s", err, &r.log)
	}
	r.hook = "http://" + r.addr + "/hook"
	r.next.Store(1000)
	return r
}

func crowdID(i int) int64 { return 8_000_000_000 + int64(i) }

// enrol makes a member of a person who has started the bot.
func (r *rig) enrol(b *testing.B, id int64) {
	b.Helper()
	p := playground.Person{ID: id, FirstName: "Person " + strconv.FormatInt(id, 10), LanguageCode: "lt", Started: true}
	if _, err := r.api.AddPerson(p); err != nil {
		b.Fatal(err)
	}
	m, err := meet(b.Context(), r.store, p)
	if err != nil {
		b.Fatal(err)
	}
	if err := r.store.Members.SetRole(b.Context(), store.Op{By: r.owner}, m.ID, store.RoleMember); err != nil {
		b.Fatal(err)
	}
	m.Settings.QuietFrom, m.Settings.QuietTo = 0, 0 // a benchmark may run at night
	if err := r.store.Members.SetSettings(b.Context(), store.Op{}, m.ID, m.Settings); err != nil {
		b.Fatal(err)
	}
}

// note counts the messages that the server takes.
func (r *rig) note(c playground.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case c.Status == http.StatusTooManyRequests:
		r.many++
	case c.Method == "sendMessage" && c.Status == http.StatusOK:
		r.sends = append(r.sends, time.Now())
	}
}

func openPort(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// runProcess starts a process that ends with the benchmark.
func runProcess(b *testing.B, cmd *exec.Cmd, end syscall.Signal) {
	b.Helper()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(end)
		_ = cmd.Wait()
	})
}

func hold(b *testing.B, what string, holds func() bool) {
	b.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			b.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// deliver posts an update as Telegram does, and tells how long its answer took.
func (r *rig) deliver(ctx context.Context, update map[string]any) (time.Duration, error) {
	update["update_id"] = r.next.Add(1)
	body, err := json.Marshal(update)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.hook, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", realSecret)
	begun := time.Now()
	resp, err := r.post.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("webhook: %s", resp.Status)
	}
	return time.Since(begun), nil
}

func typed(id int64, text string) map[string]any {
	return map[string]any{"message": map[string]any{
		"message_id": 1, "date": time.Now().Unix(), "text": text, "chat": map[string]any{"id": id, "type": "private"},
		"from": map[string]any{"id": id, "first_name": "Person", "language_code": "lt"},
	}}
}

// visit is what a member does on a visit: searches, a book, lists, the van.
func visit(id int64, title store.TitleID) []map[string]any {
	var updates []map[string]any
	for _, text := range []string{
		"rinkodara", "/start t_" + string(title), "/holds", "derybos versle", "/van", "/topics", "/trainings", "sutartis",
	} {
		updates = append(updates, typed(id, text))
	}
	return updates
}

// percentile sorts the times.
func percentile(times []time.Duration, p float64) time.Duration {
	slices.Sort(times)
	return times[min(len(times)-1, int(float64(len(times))*p))]
}

// Updates a second through the webhook, 64 chats at once, the send budget lifted: with all of it (program, Redis that syncs
// each write, the strict server and the load) on the same machine.
func BenchmarkWebhook(b *testing.B) {
	const chats = 64
	r := newRig(b, 0, chats)
	titles, err := someTitles(b.Context(), r.store, chats)
	if err != nil {
		b.Fatal(err)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	all := make([][]time.Duration, chats)
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for i := range chats {
		wg.Go(func() {
			for {
				for _, u := range visit(crowdID(i), titles[i]) {
					if left.Add(-1) < 0 {
						return
					}
					took, err := r.deliver(b.Context(), u)
					if err != nil {
						b.Error(err)
						return
					}
					all[i] = append(all[i], took)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	times := slices.Concat(all...)
	b.ReportMetric(float64(len(times))/b.Elapsed().Seconds(), "updates/s")
	b.ReportMetric(float64(percentile(times, .5).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(percentile(times, .99).Microseconds())/1000, "p99-ms")
}

// The time of an answer at 500 updates a second, counted from when an update should have come.
func BenchmarkWebhookPaced(b *testing.B) {
	const chats, perSecond = 64, 500
	r := newRig(b, 0, chats)
	titles, err := someTitles(b.Context(), r.store, chats)
	if err != nil {
		b.Fatal(err)
	}
	waiting := make([]chan time.Time, chats)
	all := make([][]time.Duration, chats)
	var wg sync.WaitGroup
	for i := range chats {
		waiting[i] = make(chan time.Time, b.N)
		wg.Go(func() {
			n := 0
			for due := range waiting[i] {
				steps := visit(crowdID(i), titles[i])
				if _, err := r.deliver(b.Context(), steps[n%len(steps)]); err != nil {
					b.Error(err)
				}
				all[i] = append(all[i], time.Since(due))
				n++
			}
		})
	}
	b.ResetTimer()
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for n := range b.N {
		waiting[n%chats] <- <-tick.C
	}
	for _, c := range waiting {
		close(c)
	}
	wg.Wait()
	b.StopTimer()
	times := slices.Concat(all...)
	b.ReportMetric(float64(percentile(times, .5).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(percentile(times, .99).Microseconds())/1000, "p99-ms")
}

// A broadcast against a server that takes 30 messages a second, while people ask: the share of that which is used, how often the
// server had to say no, and how long an answer took.
func BenchmarkBroadcast(b *testing.B) {
	const people, allowed, askEvery = 600, 30, 400 * time.Millisecond
	for b.Loop() {
		r := newRig(b, 1, people)
		x, err := r.store.Broadcasts.Draft(b.Context(), store.Op{}, store.Broadcast{
			By: r.owner, Content: store.Content{Texts: map[string]string{"lt": "Kviečiame į mugę!"}, Default: "lt"},
		})
		if err != nil {
			b.Fatal(err)
		}
		if x, err = r.store.Broadcasts.Start(b.Context(), store.Op{}, x.ID, 0, 0); err != nil {
			b.Fatal(err)
		}
		hold(b, "sending has begun", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.sends) > 2*allowed })
		r.mu.Lock()
		begun, before := time.Now(), len(r.sends)
		r.mu.Unlock()
		var times []time.Duration
		tick := time.NewTicker(askEvery)
		for i := 0; x.State == store.BroadcastSending; i++ {
			<-tick.C
			took, err := r.deliver(b.Context(), typed(crowdID(i%people), "/help"))
			if err != nil {
				b.Fatal(err)
			}
			times = append(times, took)
			if x, err = r.store.Broadcasts.Get(b.Context(), x.ID); err != nil {
				b.Fatal(err)
			}
			r.mu.Lock()
			if x.State == store.BroadcastSending {
				elapsed := time.Since(begun).Seconds()
				b.ReportMetric(float64(len(r.sends)-before)/elapsed/allowed*100, "%of-30/s")
			}
			b.ReportMetric(float64(r.many), "refusals")
			r.mu.Unlock()
		}
		tick.Stop()
		b.ReportMetric(float64(percentile(times, .5).Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(percentile(times, .99).Microseconds())/1000, "p99-ms")
	}
}

// someTitles are n titles of the sample, some more than once.
func someTitles(ctx context.Context, st *store.Store, n int) ([]store.TitleID, error) {
	var ids []store.TitleID
	err := st.Titles.Each(ctx, func(t store.Title, _ []store.Copy) error {
		ids = append(ids, t.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for len(ids) < n {
		ids = append(ids, ids...)
	}
	return ids[:n], nil
}
