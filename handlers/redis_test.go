package handlers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata" // the tests' zone, also on a machine without zone files

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

// redisSocket is where the tests' own redis-server listens; "" where there is none on PATH, and the tests run in memory.
var redisSocket string

func TestMain(m *testing.M) { goleak.VerifyTestMain(withRedis(m.Run)) }

// withRedis runs the tests with a redis-server of their own.
type withRedis func() int

// Run implements goleak.TestingM.
func (run withRedis) Run() int {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			fmt.Fprintln(os.Stderr, "redis-server:", err)
			return 1
		}
		return run()
	}
	dir, err := os.MkdirTemp("", "versli")
	if err != nil {
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	socket := filepath.Join(dir, "redis.sock")
	server := exec.CommandContext(context.Background(), binary, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	if server.Start() != nil {
		return 1
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer func() { _ = rdb.Close() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for rdb.Ping(context.Background()).Err() != nil {
		select {
		case <-tick.C:
		case <-deadline:
			return 1
		}
	}
	redisSocket = socket
	return run()
}
