package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata" // the tests' zone, also on a machine without zone files

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

// testServer is the one redis-server of this test binary; nil where there is
// none on PATH, and the tests run in memory.
var testServer *realRedis

func TestMain(m *testing.M) { goleak.VerifyTestMain(served(m.Run)) }

// served runs the tests with a server of their own.
type served func() int

// Run implements goleak.TestingM.
func (run served) Run() int {
	server, err := startRedis("--save", "", "--appendonly", "no")
	switch {
	case err == nil:
		testServer = server
		defer server.stop()
	case os.Getenv("CI") == "true" || !errors.Is(err, exec.ErrNotFound):
		fmt.Fprintln(os.Stderr, "redis-server:", err)
		return 1
	}
	return run()
}

// realRedis is a redis-server with its files in a directory of its own.
type realRedis struct {
	socket string
	dir    string
	cmd    *exec.Cmd
}

func startRedis(settings ...string) (*realRedis, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("find redis-server: %w", err)
	}
	dir, err := os.MkdirTemp("", "versli")
	if err != nil {
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	r := &realRedis{socket: filepath.Join(dir, "redis.sock"), dir: dir}
	args := append([]string{"--port", "0", "--unixsocket", r.socket, "--dir", dir, "--loglevel", "warning"}, settings...)
	r.cmd = exec.CommandContext(context.Background(), binary, args...)
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start redis-server: %w", err)
	}
	rdb := r.client()
	defer func() { _ = rdb.Close() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for {
		if err = rdb.Ping(context.Background()).Err(); err == nil {
			return r, nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			r.stop()
			return nil, fmt.Errorf("wait for redis-server: %w", err)
		}
	}
}

func (r *realRedis) client() redis.UniversalClient {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: r.socket})
}

func (r *realRedis) stop() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	_ = os.RemoveAll(r.dir)
}

// clock is a test's injected now; it moves only when told.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// libraries numbers the libraries of this binary, so that tests share a server
// and no state.
var libraries atomic.Int64

// openTest opens an empty library: on the real server where there is one, else
// in memory. Its clock stands at Monday 23 November 2026, 9.00 in Vilnius.
func openTest(tb testing.TB) (*Store, *clock) {
	tb.Helper()
	var rdb redis.UniversalClient
	if testServer != nil {
		rdb = testServer.client()
	} else {
		rdb = redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	}
	tb.Cleanup(func() { _ = rdb.Close() })
	return openOn(tb, rdb, fmt.Sprintf("test%d", libraries.Add(1)))
}

func openOn(tb testing.TB, rdb redis.UniversalClient, library string) (*Store, *clock) {
	tb.Helper()
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		tb.Fatal(err)
	}
	c := &clock{at: time.Date(2026, 11, 23, 9, 0, 0, 0, zone)}
	s, err := Open(tb.Context(), rdb, Options{Library: library, Zone: zone, Now: c.now})
	if err != nil {
		tb.Fatal(err)
	}
	return s, c
}
