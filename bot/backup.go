package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"versli/store"
)

type backupCmd struct {
	File string `arg:"" help:"File to write; - is standard output."`
}

// Run writes a backup. A file is complete or not there.
func (c backupCmd) Run(ctx context.Context, cfg Config) (err error) {
	o, err := openCommand(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	return writeFile(c.File, func(w io.Writer) error { return wrap("backup", o.store.Backup(ctx, w)) })
}

type restoreCmd struct {
	File string `arg:"" type:"existingfile" help:"Backup to read."`
}

// Run reads a backup into an empty state, and verifies what came of it.
func (c restoreCmd) Run(ctx context.Context, cfg Config) (err error) {
	o, err := openCommand(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if !o.state.durable && !o.state.joined {
		return errNothingKept
	}
	f, err := os.Open(c.File)
	if err != nil {
		return wrap("restore", err)
	}
	defer f.Close()
	if err := o.store.Restore(ctx, f); err != nil {
		if errors.Is(err, store.ErrInUse) {
			return errors.New("restore: the state is not empty; name another LIBRARY_ID or Redis")
		}
		return wrap("restore", err)
	}
	return checkCmd{}.verify(ctx, o)
}

func (checkCmd) verify(ctx context.Context, o *base) error {
	problems, err := o.store.Check(ctx)
	if err != nil {
		return wrap("check", err)
	}
	if len(problems) > 0 {
		return fmt.Errorf("restored, but %d invariants are broken: see bot check", len(problems))
	}
	_, err = fmt.Fprintln(os.Stdout, "restored; every invariant holds")
	return wrap("write", err)
}
