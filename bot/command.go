package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// errNothingKept is told when a command would write into memory that ends with it.
var errNothingKept = errors.New("nothing was kept: there is no redis-server here and no REDIS_URL; " +
	"install redis-server, or start the bot first (its memory is then used)")

// openCommand opens the state for one command; a private redis-server that was
// started for it ends with it.
func openCommand(ctx context.Context, cfg Config) (*base, error) {
	return openBase(ctx, cfg, false, true)
}

type checkCmd struct {
	Fix bool `help:"Rebuild derived indexes first, and say which. Stop the bot before."`
}

// Run verifies the state; an error tells how much is broken.
func (c checkCmd) Run(ctx context.Context, cfg Config) (err error) {
	o, err := openCommand(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if c.Fix {
		mended, err := o.store.Rebuild(ctx)
		if err != nil {
			return wrap("rebuild indexes", err)
		}
		for _, key := range mended {
			if _, err := fmt.Fprintf(os.Stdout, "rebuilt\t%s\n", key); err != nil {
				return wrap("write", err)
			}
		}
	}
	problems, err := o.store.Check(ctx)
	if err != nil {
		return wrap("check", err)
	}
	for _, p := range problems {
		if _, err := fmt.Fprintf(os.Stdout, "%s\t%s\t%s\n", p.Invariant, p.Key, p.Detail); err != nil {
			return wrap("write", err)
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%d invariants are broken", len(problems))
	}
	_, err = fmt.Fprintln(os.Stdout, "every invariant holds")
	return wrap("write", err)
}

// writeFile writes beside the file and renames, so that a break leaves the old one.
func writeFile(name string, write func(io.Writer) error) error {
	if name == "-" {
		return write(os.Stdout)
	}
	tmp := name + ".part"
	f, err := os.OpenFile(tmp, //nolint:gosec // whoever types the command names the file
		os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return wrap("write", err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return errors.Join(wrap("write", err), os.Remove(tmp))
	}
	return nil
}
