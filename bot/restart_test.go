package main

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// stopsWithin is how long an orderly stop may take with nothing under way.
const stopsWithin = 8 * time.Second

// A stop and a start keep everything; a backup restored elsewhere has it too.
func TestRestartAndBackupKeepEverything(t *testing.T) {
	needRedis(t)
	t.Parallel()
	bin, dir, addr := program(t), folder(t), freePort(t)
	p := launch(t, bin, dir, addr)
	s := openScene(t, p.world)

	begun := time.Now()
	p.end(t, syscall.SIGTERM)
	if took := time.Since(begun); took > stopsWithin {
		t.Errorf("stopping took %v", took)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.logs)
	}
	sound(t, bin, dir)

	backup := filepath.Join(t.TempDir(), "versli.backup")
	if out, errs, err := command(t, bin, dir, "backup", backup); err != nil {
		t.Fatalf("bot backup: %v\n%s%s", err, out, errs)
	}
	elsewhere := folder(t)
	if out, errs, err := command(t, bin, elsewhere, "restore", backup); err != nil {
		t.Fatalf("bot restore: %v\n%s%s", err, out, errs)
	}
	if _, _, err := command(t, bin, elsewhere, "restore", backup); err == nil {
		t.Error("a backup was restored over a state")
	}
	sound(t, bin, elsewhere)

	t.Run("the same folder", func(t *testing.T) {
		again := launch(t, bin, dir, addr)
		in(again.world, s.people()...)
		s.kept()
		s.goOn()
	})
	t.Run("restored", func(t *testing.T) {
		there := launch(t, bin, elsewhere, freePort(t))
		s := scene{reader: there.speaker(t, rasa, "lt"), partner: there.speaker(t, inese, "lv")}
		s.kept()
	})
}
