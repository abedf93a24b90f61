package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// state is the connection to Redis, and what it runs on.
type state struct {
	redis.UniversalClient

	what    string // for a person: "private redis-server in ./data"
	durable bool   // whether it survives a restart of the program
	joined  bool   // whether it is the memory of another process, which keeps it
	close   func() error
}

// Close ends the connection, and the server if it is ours.
func (s *state) Close() error { return s.close() }

// openState connects to REDIS_URL; without one it starts a private redis-server
// from PATH (or joins the one that runs in DATA_DIR already); without that, and only where
// memory is allowed, it keeps the state in memory.
func openState(ctx context.Context, cfg Config, owns, memory bool, log *slog.Logger) (*state, error) {
	redis.SetLogger(redisLog{log})
	if cfg.Redis != "" {
		return dialState(ctx, cfg.Redis)
	}
	bin, err := exec.LookPath("redis-server")
	if err == nil {
		return privateState(ctx, cfg, bin, owns, log)
	}
	if !memory {
		return nil, errors.New("no REDIS_URL, and no redis-server in PATH: install one (apt install redis-server) or name one")
	}
	if s := joinMemory(ctx, cfg.DataDir); s != nil {
		return s, nil
	}
	return memoryState(cfg.DataDir)
}

func dialState(ctx context.Context, raw string) (*state, error) {
	opt, where, err := parseRedisURL(raw)
	if err != nil {
		return nil, err
	}
	rdb := redis.NewUniversalClient(opt)
	rdb.AddHook(&brake{})
	if err := rdb.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("redis at %s does not answer: %w", where, err), rdb.Close())
	}
	return &state{UniversalClient: rdb, what: "Redis at " + where, durable: true, close: rdb.Close}, nil
}

// redisLog takes what the client library says of itself; what matters reaches us as errors.
type redisLog struct{ log *slog.Logger }

// Printf implements the library's logger.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, v...))
}

// parseRedisURL reads redis://[user:password@]host[,host…][/db][?master_name=…&addr=…]:
// one address is a single node, several a Cluster, and with master_name they
// are Sentinels. where names the hosts without credentials.
func parseRedisURL(raw string) (opt *redis.UniversalOptions, where string, err error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || (scheme != "redis" && scheme != "rediss") {
		return nil, "", errors.New("REDIS_URL: expected redis://host:port or rediss://host:port")
	}
	authority, tail, _ := strings.Cut(rest, "/")
	if tail == "" {
		authority, tail, ok = strings.Cut(rest, "?")
		if ok {
			tail = "?" + tail
		}
	}
	credentials, hosts := "", authority
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		credentials, hosts = authority[:i+1], authority[i+1:]
	}
	addrs := strings.Split(hosts, ",")
	tailURL, err := url.Parse("/" + tail)
	if err != nil {
		return nil, "", errors.New("REDIS_URL: the part after the address cannot be read")
	}
	query := tailURL.Query()
	addrs = append(addrs, query["addr"]...)
	master := query.Get("master_name")
	query.Del("addr")
	query.Del("master_name")
	single, err := redis.ParseURL(scheme + "://" + credentials + addrs[0] + tailURL.Path + "?" + query.Encode())
	if err != nil {
		return nil, "", errors.New("REDIS_URL: cannot be read: expected redis://[user:password@]host:port[/db]")
	}
	addrs[0] = single.Addr
	for i, a := range addrs[1:] {
		if !strings.Contains(a, ":") {
			addrs[i+1] = a + ":6379"
		}
	}
	return &redis.UniversalOptions{
		Addrs: addrs, DB: single.DB, Username: single.Username, Password: single.Password, TLSConfig: single.TLSConfig,
		MasterName: master, IsClusterMode: len(addrs) > 1 && master == "",
		PoolSize: single.PoolSize, ReadTimeout: cmp.Or(single.ReadTimeout, redisAnswer), WriteTimeout: single.WriteTimeout,
		DialTimeout: cmp.Or(single.DialTimeout, redisDial),
		MaxRetries:  cmp.Or(single.MaxRetries, redisRetries), DialerRetries: redisRetries, ContextTimeoutEnabled: true,
	}, strings.Join(addrs, ", "), nil
}

// People wait while a command is tried: when Redis is away or hangs, they are to be told so soon.
const (
	redisRetries = 1 // of one command, and of one connection
	redisDial    = 2 * time.Second
	redisAnswer  = 2 * time.Second
)

// socketLimit is how long the path of a unix socket may be on the systems we run on.
const socketLimit = 100

func socketPath(dir string) string {
	path := filepath.Join(dir, "redis.sock")
	if len(path) < socketLimit {
		return path
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "versli-"+hex.EncodeToString(sum[:8])+".sock")
}

// privateState runs redis-server for us alone: on a unix socket, its files in
// DATA_DIR, each write on disk before it is answered. One left over by a
// killed process is joined. owns says whether it ends with us.
func privateState(ctx context.Context, cfg Config, bin string, owns bool, log *slog.Logger) (*state, error) {
	dir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR: %w", err)
	}
	files := filepath.Join(dir, "redis")
	if err := os.MkdirAll(files, 0o700); err != nil {
		return nil, fmt.Errorf("DATA_DIR: %w", err)
	}
	socket := socketPath(dir)
	var server *exec.Cmd
	if !answers(ctx, socket) {
		//nolint:gosec,noctx // the program is from PATH; it ends by SHUTDOWN, not with a context
		server = exec.Command(bin, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", files,
			"--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no", "--logfile", "redis.log",
			"--maxmemory-policy", "noeviction")
		detach(server)
		if err := server.Start(); err != nil {
			return nil, fmt.Errorf("start redis-server: %w", err)
		}
		if err := awaitRedis(ctx, socket, 30*time.Second); err != nil {
			return nil, fmt.Errorf("redis-server in %s did not come up (see redis.log there): %w", files, err)
		}
	}
	rdb := redis.NewClient(&redis.Options{
		Network: "unix", Addr: socket, MaxRetries: redisRetries, ReadTimeout: redisAnswer, WriteTimeout: redisAnswer, ContextTimeoutEnabled: true,
	})
	rdb.AddHook(&brake{})
	s := &state{UniversalClient: rdb, what: "private redis-server, files in " + cfg.DataDir, durable: true}
	s.close = func() error {
		err := rdb.Close()
		if owns || server != nil {
			shutDown(context.WithoutCancel(ctx), socket, log)
		}
		if server != nil {
			_ = server.Wait() // ended by SHUTDOWN; its exit code says nothing more
		}
		return wrap("close state", err)
	}
	return s, nil
}

// once is a connection for one command: it tries once, and says nothing.
func once(socket string) *redis.Client {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1, PoolSize: 1})
}

// answers tells whether a server is there and has loaded its files.
func answers(ctx context.Context, socket string) bool {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return false
	}
	_ = conn.Close()
	c := once(socket)
	defer c.Close()
	return c.Ping(ctx).Err() == nil
}

// shutDown ends the private server. Every write is on disk already. ctx must outlive the program's own.
func shutDown(ctx context.Context, socket string, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	c := once(socket)
	defer c.Close()
	if err := c.ShutdownNoSave(ctx).Err(); err != nil && ctx.Err() != nil {
		log.WarnContext(ctx, "private redis-server did not stop in time", "error", err)
	}
}

// awaitRedis waits until the server answers; while it loads its files it refuses.
func awaitRedis(ctx context.Context, socket string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !answers(ctx, socket) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// warnIfWeak says when a server that is not ours may lose what it confirmed.
func warnIfWeak(ctx context.Context, rdb redis.UniversalClient, log *slog.Logger) {
	for name, want := range map[string]string{"appendonly": "yes", "appendfsync": "always"} {
		got, err := rdb.ConfigGet(ctx, name).Result()
		switch {
		case err != nil:
			log.Warn("Redis does not tell its setting; a confirmed reservation is safe only with the value wanted", "setting", name, "wanted", want)
		case got[name] != want:
			log.Warn("Redis may lose what was confirmed last when its machine stops", "setting", name, "is", got[name], "wanted", want)
		}
	}
}
