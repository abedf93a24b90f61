package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// balancer spreads a webhook over processes, and asks another when one is gone.
type balancer struct {
	backends []string
	client   http.Client
	turn     atomic.Int64

	mu    sync.Mutex
	taken map[string]int // updates by backend
}

func newBalancer(t *testing.T, backends ...string) (b *balancer, url string) {
	t.Helper()
	b = &balancer{backends: backends, taken: map[string]int{}}
	s := httptest.NewServer(b)
	t.Cleanup(s.Close)
	return b, s.URL + "/hook"
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	for range b.backends {
		backend := b.backends[int(b.turn.Add(1))%len(b.backends)]
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "http://"+backend+"/hook", bytes.NewReader(body))
		if err != nil {
			break
		}
		req.Header = r.Header.Clone()
		resp, err := b.client.Do(req)
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		b.mu.Lock()
		b.taken[backend]++
		b.mu.Unlock()
		w.WriteHeader(resp.StatusCode)
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}

// spread asserts that every process had its share.
func (b *balancer) spread(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, backend := range b.backends {
		if b.taken[backend] == 0 {
			t.Errorf("%s took no update: %v", backend, b.taken)
		}
	}
	t.Logf("updates taken: %v", b.taken)
}

// Two processes behind one webhook and one Redis, or a Redis Cluster: the state is right, a chat's order is kept, the budget is shared,
// and each notice comes once; also when one of them is killed and another started.
func TestTwoProcesses(t *testing.T) {
	unraced(t)
	needRedis(t)
	t.Parallel()
	for name, redisURL := range map[string]func(*testing.T) string{
		"one Redis":          func(t *testing.T) string { t.Helper(); return newRedisServer(t).url() },
		"a cluster of three": newCluster,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoProcesses(t, redisURL(t))
		})
	}
}

func twoProcesses(t *testing.T, redisURL string) {
	t.Helper()
	const members, recipients, steps = 80, 300, 8
	const news = "Fair & market on Saturday <10:00>"
	v := newVillage(t, redisURL, members, recipients)
	bin, addrs := program(t), []string{freePort(t), freePort(t)}
	lb, hook := newBalancer(t, addrs...)
	env := []string{"WEBHOOK_URL=" + hook, "WEBHOOK_SECRET=" + realSecret}
	first, second := v.begin(t, bin, addrs[0], env...), v.begin(t, bin, addrs[1], env...)
	begun := time.Now()
	v.inOrder(t)
	lb.spread(t)
	t.Logf("in order after %v", time.Since(begun))

	announce(v.speaker(t, daiva, "lt"), news, "en", recipients)
	done, count := v.live(steps)
	v.way.await(t, patience, "half of it is done", func() bool { return count.Load() > members*steps/2 })
	open := v.way.shut()
	v.way.await(t, patience, "a message in flight", func() bool { return v.way.held > 0 })
	first.kill(t)
	lost, _ := v.way.inFlight()
	open()
	first = v.begin(t, bin, addrs[0], env...)
	v.lived(t, done, 2*time.Minute)
	t.Logf("people are done after %v", time.Since(begun))
	if extra := v.delivered(t, news, recipients, 2*time.Minute); extra > lost {
		t.Errorf("%d copies of the broadcast too many, with %d sends in flight at the kill", extra, lost)
	}
	t.Logf("broadcast sent after %v", time.Since(begun))
	first.end(t, syscall.SIGTERM)
	second.end(t, syscall.SIGTERM)
	v.way.within(t)
	v.soundness(t, bin)
	t.Log(v.way.figures())
}

// inOrder lets people put numbered questions faster than they are answered: answers come in their order, and the librarian is told of
// each once.
func (v *village) inOrder(t *testing.T) {
	t.Helper()
	const each = 5
	question := func(n *villager, i int) string { return fmt.Sprintf("What is the %d. of %d?", i, n.id) }
	askers := v.people[:20]
	for i := range each {
		for _, n := range askers {
			if _, err := v.server.Say(n.id, "/ask "+question(n, i)); err != nil {
				t.Fatal(err)
			}
			n.questions = append(n.questions, question(n, i))
		}
	}
	for _, n := range askers {
		from := 0
		for i := range each {
			c, ok := v.way.after(n.id, from, patience, func(c *passing) bool { return c.send() && c.says("What is the ") })
			if !ok || !c.says(question(n, i)) {
				t.Fatalf("person %d was answered %+v instead of %d", n.id, c, i)
			}
			n.at, from = c.message, v.way.place(c)+1
		}
	}
	v.noticed(t, time.Minute)
	for _, n := range askers {
		for i := range each {
			copies := v.way.copies(question(n, i))
			if copies[daiva] != 1 || copies[n.id] != 1 {
				t.Errorf("%q: told %d times to the librarian and %d to who asked", question(n, i), copies[daiva], copies[n.id])
			}
		}
	}
}

// newCluster starts a Redis Cluster of three masters, and returns its URL.
func newCluster(t *testing.T) string {
	t.Helper()
	const masters, slots = 3, 16384
	var addrs []string
	var buses []string
	var clients []*redis.Client
	for i := range masters {
		addr, bus := freePort(t), freePort(t)
		cmd := exec.Command("redis-server", "--port", port(t, addr), "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "",
			"--appendonly", "yes", "--appendfsync", "always", "--logfile", "redis.log",
			"--cluster-enabled", "yes", "--cluster-port", port(t, bus), "--cluster-node-timeout", "5000")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		rdb := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
		t.Cleanup(func() { _ = rdb.Close() })
		eventually(t, "redis-server answers", func() bool { return rdb.Ping(t.Context()).Err() == nil })
		err := errors.Join(
			rdb.Do(t.Context(), "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(),
			rdb.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", i*slots/masters, (i+1)*slots/masters-1).Err(),
		)
		if err != nil {
			t.Fatal(err)
		}
		addrs, buses, clients = append(addrs, addr), append(buses, port(t, bus)), append(clients, rdb)
	}
	for i := 1; i < masters; i++ {
		if err := clients[0].Do(t.Context(), "CLUSTER", "MEET", "127.0.0.1", port(t, addrs[i]), buses[i]).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, rdb := range clients {
		eventually(t, "cluster_state:ok", func() bool {
			info, err := rdb.ClusterInfo(t.Context()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3")
		})
	}
	return "redis://" + strings.Join(addrs, ",")
}
