package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// memoryFile, in DATA_DIR, tells commands such as "bot import" where the
// running bot keeps its state in memory: address and password.
const memoryFile = "memory.addr"

// memoryState keeps everything in this process. It expires nothing by itself,
// so a ticker moves its clock.
func memoryState(dir string) (*state, error) {
	server, err := miniredis.Run()
	if err != nil {
		return nil, fmt.Errorf("state in memory: %w", err)
	}
	password := rand.Text()
	server.RequireAuth(password)
	file := filepath.Join(dir, memoryFile)
	err = os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.WriteFile(file, []byte(server.Addr()+" "+password), 0o600)
	}
	if err != nil {
		server.Close()
		return nil, fmt.Errorf("DATA_DIR: %w", err)
	}
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				server.FastForward(time.Second)
			}
		}
	}()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), Password: password})
	const what = "memory only: nothing survives a restart (install redis-server to keep it)"
	return &state{UniversalClient: rdb, what: what, close: func() error {
		close(done)
		err := errors.Join(rdb.Close(), os.Remove(file))
		server.Close()
		return wrap("close state", err)
	}}, nil
}

// joinMemory connects to the state in memory of a bot that runs on the same
// DATA_DIR; nil when none does.
func joinMemory(ctx context.Context, dir string) *state {
	raw, err := os.ReadFile(filepath.Join(dir, memoryFile)) //nolint:gosec // the folder is the configuration's
	if err != nil {
		return nil
	}
	addr, password, _ := strings.Cut(string(raw), " ")
	rdb := redis.NewClient(&redis.Options{Addr: addr, Password: password, MaxRetries: -1, DialerRetries: 1})
	if rdb.Ping(ctx).Err() != nil {
		_ = rdb.Close() // left over by a bot that was killed
		return nil
	}
	return &state{UniversalClient: rdb, what: "the memory of the bot that runs", joined: true, close: rdb.Close}
}
