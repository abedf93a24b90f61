package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// built is where the program lies, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "versli-test-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "bot")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return dir, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
})

var anyBuilt atomic.Bool

func TestMain(m *testing.M) { goleak.VerifyTestMain(tidy(m.Run)) }

// tidy runs the tests, and leaves nothing of what they built and opened for all of them.
type tidy func() int

// Run implements goleak.TestingM.
func (run tidy) Run() int {
	code := run()
	if anyBuilt.Load() {
		bin, _ := built()
		_ = os.RemoveAll(filepath.Dir(bin))
	}
	http.DefaultClient.CloseIdleConnections()
	return code
}

// program builds what users start.
func program(t *testing.T) string {
	t.Helper()
	anyBuilt.Store(true)
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// unraced skips a long test under the race detector, which does not watch what the test runs: the built program.
func unraced(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("the race detector does not watch the built program")
	}
}

// folder is a DATA_DIR; a private redis-server that a killed program left in it ends with the test.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		if answers(context.Background(), socketPath(dir)) {
			shutDown(context.Background(), socketPath(dir), slog.New(slog.DiscardHandler))
		}
	})
	return dir
}

// command runs the program with arguments on a folder.
func command(t *testing.T, bin, dir string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Env = append(os.Environ(), "DATA_DIR="+dir, "TELEGRAM_BOT_TOKEN=", "REDIS_URL=")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// sound runs the check of every invariant on a folder that no program runs on.
func sound(t *testing.T, bin, dir string) {
	t.Helper()
	if out, errs, err := command(t, bin, dir, "check"); err != nil {
		t.Errorf("bot check: %v\n%s%s", err, out, errs)
	}
}

// freePort is an address that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// process is the built program, which can be killed.
type process struct {
	*world
	cmd *exec.Cmd
}

// launch starts the program on a folder and an address, and waits until it is ready.
func launch(t *testing.T, bin, dir, addr string) *process {
	t.Helper()
	p := &process{world: newWorld(t)}
	p.addr = addr
	p.cmd = exec.Command(bin)
	p.cmd.Env = append(os.Environ(), "DATA_DIR="+dir, "LISTEN_ADDR="+addr, "TELEGRAM_BOT_TOKEN=", "REDIS_URL=")
	p.cmd.Stderr = p.logs
	p.cmd.Stdout = p.logs
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(t, syscall.SIGTERM) })
	if err := ready(addr); err != nil {
		t.Fatalf("not ready: %v\n%s", err, p.logs)
	}
	p.listen(t.Context())
	return p
}

// end sends a signal and waits for the process to be gone.
func (p *process) end(t *testing.T, signal os.Signal) {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Logf("signal: %v", err)
	}
	_ = p.cmd.Wait()
	if t.Failed() {
		t.Logf("log:\n%s", p.logs)
	}
}

// kill ends the process as kill -9 does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	p.end(t, syscall.SIGKILL)
}

// ready waits until /readyz says yes.
func ready(addr string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
