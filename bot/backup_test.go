package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"versli/store"
)

const (
	backupWriters = 4
	backups       = 2
)

// writers decide all the time, as people do, and remember what was confirmed to them.
type writers struct {
	st         *store.Store
	titles     []store.TitleID
	activities []store.Activity

	mu        sync.Mutex
	questions []store.QuestionID
}

func (w *writers) confirmed() []store.QuestionID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.questions)
}

// write goes on until ctx is done: somebody new reserves, registers, asks, and gives every other hold up again.
func (w *writers) write(ctx context.Context, writer int) error {
	for n := 0; ctx.Err() == nil; n++ {
		op := func(what string) store.Op {
			return store.Op{Key: number(int64(writer)) + "." + number(int64(n)) + what}
		}
		m, err := w.st.Members.Add(ctx, op("add"), "Ona Test", "", "UAB "+number(int64(writer)), store.KindBusiness)
		if err != nil {
			return err
		}
		h, err := w.st.Holds.Place(ctx, op("hold"), w.titles[n%len(w.titles)], m.ID, store.Place(store.MainLibrary))
		if err != nil {
			return err
		}
		if _, err := w.st.Activities.Register(ctx, op("seat"), w.activities[n%len(w.activities)].ID, m.ID); err != nil {
			return err
		}
		q, err := w.st.Questions.Ask(ctx, op("ask"), m.ID, wiFi)
		if err != nil {
			return err
		}
		w.mu.Lock()
		w.questions = append(w.questions, q.ID)
		w.mu.Unlock()
		if n%2 == 0 {
			if _, err := w.st.Holds.Cancel(ctx, op("cancel"), h.ID, m.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// A backup of a running bot, whose people go on meanwhile, is the state of one instant: every invariant holds in what is restored
// from it, and all is there that was confirmed before it began.
func TestBackupWhilePeopleGoOn(t *testing.T) {
	needRedis(t)
	t.Parallel()
	bin, dir := program(t), folder(t)
	launch(t, bin, dir, freePort(t))
	look(t, dir, func(ctx context.Context, st *store.Store) {
		w := &writers{st: st}
		err := st.Titles.Each(ctx, func(x store.Title, _ []store.Copy) error { w.titles = append(w.titles, x.ID); return nil })
		if err == nil {
			w.activities, _, err = st.Activities.Upcoming(ctx, time.Now(), 0, 10)
		}
		if err != nil || len(w.activities) == 0 {
			t.Fatal(err, w.activities)
		}
		writing, stop := context.WithCancel(ctx)
		var all sync.WaitGroup
		for i := range backupWriters {
			all.Go(func() {
				if err := w.write(writing, i); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		for range backups {
			restoredFrom(t, bin, dir, w)
		}
		stop()
		all.Wait()
	})
}

// restoredFrom takes a backup, restores it elsewhere and looks at what is there.
func restoredFrom(t *testing.T, bin, dir string, w *writers) {
	t.Helper()
	file, elsewhere := filepath.Join(t.TempDir(), "versli.backup"), folder(t)
	begun := len(w.confirmed())
	eventually(t, "people decide", func() bool { return len(w.confirmed()) > begun+backupWriters })
	before := w.confirmed()
	if out, errs, err := command(t, bin, dir, "backup", file); err != nil {
		t.Fatalf("bot backup: %v\n%s%s", err, out, errs)
	}
	after := len(w.confirmed())
	if out, errs, err := command(t, bin, elsewhere, "restore", file); err != nil {
		t.Fatalf("bot restore: %v\n%s%s", err, out, errs)
	}
	sound(t, bin, elsewhere)
	look(t, elsewhere, func(ctx context.Context, st *store.Store) {
		for _, id := range before {
			if _, err := st.Questions.Get(ctx, id); err != nil {
				t.Errorf("%s was confirmed before the backup: %v", id, err)
			}
		}
		open, err := st.Questions.Open(ctx)
		if err != nil || len(open) > after+backupWriters {
			t.Errorf("%d questions, %v; not more than %d were asked by then", len(open), err, after+backupWriters)
		}
		t.Logf("confirmed before %d, restored %d, confirmed by the end %d", len(before), len(open), after)
	})
	if after == len(before) {
		t.Error("nobody decided anything during the backup")
	}
}
