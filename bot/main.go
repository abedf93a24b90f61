// Command bot is the Telegram bot of the library cluster "Versli biblioteka".
//
// Without a token it runs a local Telegram in the browser (the playground);
// with one it is the real thing. Everything is configured by environment
// variables or the same as flags: see --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	_ "time/tzdata" // the library's time zone must be known on any machine

	"github.com/alecthomas/kong"
)

// cli is the command line. Serve is what happens without a command.
type cli struct {
	Config

	Serve   serveCmd   `cmd:"" default:"withargs" help:"Run the bot (this is what happens without a command)."`
	Import  importCmd  `cmd:"" help:"Read a catalogue or a timetable into the state."`
	Export  exportCmd  `cmd:"" help:"Write the catalogue or the timetable as CSV that imports again."`
	Check   checkCmd   `cmd:"" help:"Verify every invariant of the state and say what is broken."`
	Backup  backupCmd  `cmd:"" help:"Write all of the library's state to a file."`
	Restore restoreCmd `cmd:"" help:"Read a backup into an empty state."`
	Health  healthCmd  `cmd:"" hidden:"" help:"Ask a running bot whether it is well (for the container)."`
}

func main() {
	var c cli
	parser := kong.Must(&c, kong.Name("bot"),
		kong.Description("The Telegram bot of the library cluster “Versli biblioteka”."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	k, err := parser.Parse(longFlags(os.Args[1:]))
	parser.FatalIfErrorf(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(c.Config)
	err = c.Validate()
	if err == nil {
		err = k.Run()
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bot:", err)
		os.Exit(1)
	}
}

// longFlags lets flags be written with one dash too, as Go's own tools have them: the program has none of one letter but -h.
func longFlags(args []string) []string {
	list := slices.Clone(args)
	for i, arg := range list {
		if arg == "--" {
			break
		}
		if len(arg) > 2 && arg[0] == '-' && arg[1] >= 'a' && arg[1] <= 'z' {
			list[i] = "-" + arg
		}
	}
	return list
}

type serveCmd struct {
	RequireToken bool `help:"Refuse to start without TELEGRAM_BOT_TOKEN (the container does)."`
}

// Run serves until the context ends.
func (c serveCmd) Run(ctx context.Context, cfg Config) error {
	if c.RequireToken && cfg.playground() {
		return errors.New("TELEGRAM_BOT_TOKEN is missing: the playground is not for the network")
	}
	return run(ctx, cfg)
}
