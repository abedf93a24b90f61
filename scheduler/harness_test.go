package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"versli/store"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// connectRedis starts a redis-server for this test where there is one, else one in memory.
func connectRedis(tb testing.TB) redis.UniversalClient {
	tb.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
		tb.Cleanup(func() { _ = rdb.Close() })
		return rdb
	}
	dir := tb.TempDir()
	socket := filepath.Join(dir, "s")
	server := exec.CommandContext(context.Background(), binary, "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "")
	if err := server.Start(); err != nil {
		tb.Fatal(err)
	}
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	tb.Cleanup(func() {
		_ = rdb.Close()
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	until(tb, "redis-server answers", func() bool { return rdb.Ping(tb.Context()).Err() == nil })
	return rdb
}

// until waits for a condition.
func until(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			tb.Fatalf("never: %s", what)
		}
		if !pause(tb.Context(), 5*time.Millisecond) {
			return
		}
	}
}

// bench is a scheduler on a workbench: an empty library, a clock that moves only when told, and a messenger that notes
// what it is given.
type bench struct {
	*Scheduler
	t    testing.TB
	rdb  redis.UniversalClient
	zone *time.Location

	mu        sync.Mutex
	at        time.Time
	delivered []string // "15:04 notice id"
	outcome   func(store.Notice) (Outcome, error)
}

// newBench opens a library at Thursday 3 December 2026, 9.00 in Vilnius.
func newBench(tb testing.TB, change func(*Config)) *bench {
	tb.Helper()
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{t: tb, rdb: connectRedis(tb), zone: zone, at: time.Date(2026, 12, 3, 9, 0, 0, 0, zone)}
	b.outcome = func(store.Notice) (Outcome, error) { return Sent(), nil }
	s, err := store.Open(tb.Context(), b.rdb, store.Options{Library: "bench", Zone: zone, Now: b.now})
	if err != nil {
		tb.Fatal(err)
	}
	c := Config{
		Store: s, Redis: b.rdb, Queue: "bench", Zone: zone, Now: b.now, Log: slog.New(slog.DiscardHandler), Deliver: b.deliver,
		Broadcast: func(context.Context, store.Broadcast, store.Recipient) (SendResult, error) {
			return SendResult{Delivery: store.DeliverySent, Messages: []int{1}}, nil
		},
		Progress: func(context.Context, store.Broadcast) error { return nil },
		Import:   func(context.Context, store.Import) error { return nil },
	}
	if change != nil {
		change(&c)
	}
	if b.Scheduler, err = New(c); err != nil {
		tb.Fatal(err)
	}
	return b
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bench) set(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = at
}

func (b *bench) deliver(_ context.Context, n store.Notice) (Outcome, error) {
	b.mu.Lock()
	b.delivered = append(b.delivered, b.at.Format("15:04 ")+string(n.ID))
	b.mu.Unlock()
	return b.outcome(n)
}

func (b *bench) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.delivered...)
}

// run starts the scheduler; stop ends it and waits.
func (b *bench) run() (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
	})
	b.t.Cleanup(stop)
	return stop
}

// meet makes a member with Telegram.
func (b *bench) meet(chat int64) store.MemberID {
	b.t.Helper()
	m, err := b.Store.Members.Meet(b.t.Context(), store.Person{Chat: chat, Name: fmt.Sprint("Ona ", chat), Language: "lt"}, "lt")
	if err != nil {
		b.t.Fatal(err)
	}
	return m.ID
}

func (b *bench) owe(kind store.NoticeKind, ref string, to store.MemberID, due time.Time) store.NoticeID {
	b.t.Helper()
	id, err := b.Store.Outbox.Owe(b.t.Context(), store.Op{}, store.Notice{Kind: kind, Ref: ref, Member: to, Due: due})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) counts() store.NoticeCounts {
	b.t.Helper()
	c, err := b.Store.Outbox.Counts(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}
