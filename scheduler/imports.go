package scheduler

import (
	"context"
	"errors"
	"time"

	"versli/store"
)

const (
	importLease = time.Minute
	importTries = 5 // in one process, then it is given up
)

// startImports sees to it that queued imports are worked on: one at a time in a process, for they share the importer's
// scripts and the bandwidth of one person's patience.
func (s *Scheduler) startImports(ctx context.Context) { s.jobs.start(ctx, "imports", s.runImports) }

// runImports works on imports until none is left.
func (s *Scheduler) runImports(ctx context.Context) {
	tries := map[store.ImportID]int{}
	for ctx.Err() == nil {
		x, err := s.Store.Imports.Take(ctx, importLease)
		if err != nil {
			if !errors.Is(err, store.ErrNotFound) && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "take an import", "error", err)
				pause(ctx, tickEvery)
			}
			return
		}
		err = s.runImport(ctx, x)
		if err == nil || ctx.Err() != nil {
			continue
		}
		tries[x.ID]++
		s.Log.ErrorContext(ctx, "import failed", "import", x.ID, "tries", tries[x.ID], "error", err)
		if tries[x.ID] < importTries {
			pause(ctx, importLease)
			continue
		}
		if err := s.Store.Imports.Finish(ctx, x.ID, store.ImportFailed, nil); err != nil {
			s.Log.ErrorContext(ctx, "give an import up", "import", x.ID, "error", err)
		}
	}
}

// runImport runs one, and keeps its lease until it ends.
func (s *Scheduler) runImport(ctx context.Context, x store.Import) error {
	ctx, cancel := context.WithCancel(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		for pause(ctx, importLease/3) {
			if err := s.Store.Imports.Extend(ctx, x.ID, importLease); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "extend an import's lease", "import", x.ID, "error", err)
			}
		}
	}()
	err := protect(func() error { return s.Import(ctx, x) })
	cancel()
	<-kept
	return err
}
