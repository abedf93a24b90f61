package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"versli/handlers"
	"versli/store"
	"versli/store/importer"
)

type importCmd struct {
	File string `arg:"" type:"existingfile" help:"CSV, XLSX or MARC; gzipped or zipped too."`
	All  bool   `help:"Print every complaint, not just the first twenty."`
}

const firstComplaints = 20

// Run shows a progress bar while it reads, then what was taken and what was not, line by line and why.
func (c importCmd) Run(ctx context.Context, cfg Config) (err error) {
	o, err := openCommand(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	f, err := os.Open(c.File)
	if err != nil {
		return wrap("import", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return wrap("import", err)
	}
	bar := progressbar.NewOptions64(info.Size(), progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(filepath.Base(c.File)), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(30), progressbar.OptionOnCompletion(func() { _, _ = fmt.Fprintln(os.Stderr) }))
	reader := progressbar.NewReader(f, bar)
	file, err := importer.Open(filepath.Base(c.File), &reader)
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	report, err := handlers.Intake(ctx, o.store, store.Op{}, "file:"+filepath.Base(c.File), file, nil)
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	_ = bar.Finish()
	if err := c.print(os.Stdout, o, report); err != nil {
		return err
	}
	if !o.state.durable && !o.state.joined {
		return errNothingKept
	}
	return nil
}

func (c importCmd) print(w io.Writer, o *base, report handlers.Report) error {
	p := o.words.In(o.words.Fallback())
	show := report.Complaints
	if !c.All && len(show) > firstComplaints {
		show = show[:firstComplaints]
	}
	for _, complaint := range show {
		if _, err := fmt.Fprintln(w, handlers.ComplaintText(p, complaint)); err != nil {
			return wrap("write", err)
		}
	}
	if len(show) < len(report.Complaints) {
		if _, err := fmt.Fprintln(w, p.Plain("commandline.more_complaints", "n", len(report.Complaints)-len(show))); err != nil {
			return wrap("write", err)
		}
	}
	for _, remark := range report.Remarks(p) {
		if _, err := fmt.Fprintln(w, remark); err != nil {
			return wrap("write", err)
		}
	}
	_, err := fmt.Fprintln(w, p.Plain("commandline.imported", "added", report.Added, "changed", report.Changed,
		"unchanged", report.Unchanged, "refused", report.Refused))
	return wrap("write", err)
}
