package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
	"versli/store/importer"
)

// imports takes catalogues and timetables that librarians send as files.
type imports struct{ *App }

func (i imports) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "import", Aliases: map[string][]string{"lt": {"imports"}, "lv": {"imports"}},
		Role: chat.Librarian, Help: "import.help", View: true, Handler: i.how,
	})
	r.Action(
		chat.Action{Name: "import", Role: chat.Librarian, View: true, Handler: i.how},
		chat.Action{Name: "imptpl", Role: chat.Librarian, View: true, Handler: i.template},
	)
}

// maxImport is how much a bot may download, in bytes (https://core.telegram.org/bots/api#getfile).
const maxImport = 20 << 20

// how says which files are taken.
func (i imports) how(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := i.words(r)
	return chat.Say(p.HTML("import.how"),
		chat.Row(chat.Press(p.Plain("import.template_catalogue"), "imptpl", "catalogue"),
			chat.Press(p.Plain("import.template_timetable"), "imptpl", "timetable"))), nil
}

// template sends an example of a file, to be filled in.
func (i imports) template(_ context.Context, r chat.Request) (chat.Reply, error) {
	var body string
	switch r.Arg(0) {
	case "catalogue":
		body = "title;author;year;isbn;language;topic;copies;location\n" +
			"Mąstymas, greitas ir lėtas;Daniel Kahneman;2011;;lt;psychology;2;\n"
	case "timetable":
		body = "route,community,stop,address,geox,geoy,arrival,departure,frequency,start\n" +
			"R1,Juodupė,Kultūros namai,,25.6106,56.0872,10:00,10:45,FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,2026-12-01\n"
	default:
		return fail("template", chat.ErrBadData)
	}
	return chat.Reply{Messages: []chat.Message{{
		Text:     i.words(r).HTML("import.template"),
		Document: &chat.Attachment{Name: r.Arg(0) + ".csv", Bytes: []byte("\ufeff" + body)},
	}}}, nil
}

// receiveFile queues a librarian's document for import, and answers at once.
func (a *App) receiveFile(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := a.words(r)
	switch {
	case r.Actor.Role < chat.Librarian:
		return fail("receive a file", chat.ErrForbidden)
	case r.File == nil:
		return chat.Say(p.HTML("import.how")), nil
	case r.File.Picture:
		return chat.Say(p.HTML("import.picture")), nil
	case r.File.Size > maxImport:
		return chat.Say(p.HTML("import.too_large", "name", clip(r.File.Name, 60), "size", megabytes(p, r.File.Size))), nil
	}
	_, err := a.Store.Imports.Queue(ctx, a.op(r), store.Import{
		By: a.me(r), Chat: r.Chat, File: r.File.ID, Name: r.File.Name, Size: r.File.Size, At: a.Now(),
	})
	if err != nil {
		return fail("queue an import", err)
	}
	return chat.Say(p.HTML("import.received", "name", clip(r.File.Name, 60), "size", megabytes(p, r.File.Size))), nil
}

// megabytes writes a size for people: "1,2 MB", "16 KB".
func megabytes(p *messages.Printer, bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, bytes>>10))
	}
	text := fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	if p.Lang() != "en" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// Import timing.
const (
	importLease    = 2 * time.Minute  // how long an import is safe from another worker; prolonged as it goes on
	progressEvery  = 3 * time.Second  // between two edits of the progress message
	importPatience = 15 * time.Minute // for a file that cannot be fetched
)

// Post sends a message, or edits the one that it names, and tells its id.
type Post = func(ctx context.Context, m chat.Message) (int, error)

// RunImport works through a leased import: fetches the file, takes it in, shows
// progress in place, and reports. An error means that it was not finished: it is
// to be taken again when its lease has ended, and goes on where it stopped.
func (a *App) RunImport(ctx context.Context, imp store.Import, post Post) error {
	by, err := a.Store.Members.Get(ctx, imp.By)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("run import %s: %w", imp.ID, err)
	}
	run := importRun{App: a, imp: imp, post: post, p: a.Words.In(by.Settings.Language), shown: a.Now()}
	if imp.Message == 0 {
		if err := run.begin(ctx); err != nil {
			return fmt.Errorf("run import %s: %w", imp.ID, err)
		}
	}
	report, err := run.intake(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("run import %s: %w", imp.ID, ctx.Err())
	}
	if err != nil && !fileFault(err) && a.Now().Sub(imp.At) < importPatience {
		return fmt.Errorf("run import %s: %w", imp.ID, err)
	}
	if err := run.finish(ctx, report, err); err != nil {
		return fmt.Errorf("run import %s: %w", imp.ID, err)
	}
	return nil
}

// importRun is one import while it is worked on.
type importRun struct {
	*App
	imp   store.Import
	post  Post
	p     *messages.Printer
	shown time.Time // when progress was shown last
}

func (run *importRun) begin(ctx context.Context) error {
	id, err := run.post(ctx, chat.Message{Chat: run.imp.Chat, Text: run.p.HTML("import.started", "name", run.imp.Name)})
	if errors.Is(err, chat.ErrUnreachable) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("show progress: %w", err)
	}
	run.imp.Message = id
	if err := run.Store.Imports.SetMessage(ctx, run.imp.ID, id); err != nil {
		return fmt.Errorf("note progress message: %w", err)
	}
	return nil
}

func (run *importRun) intake(ctx context.Context) (Report, error) {
	body, _, err := run.Files.Download(ctx, run.imp.File)
	if err != nil {
		return Report{}, fmt.Errorf("fetch %q: %w", run.imp.Name, err)
	}
	defer func() { _ = body.Close() }()
	f, err := importer.Open(path.Base(run.imp.Name), io.LimitReader(body, maxImport+1))
	if err != nil {
		return Report{}, fmt.Errorf("open %q: %w", run.imp.Name, err)
	}
	defer func() { _ = f.Close() }()
	op := store.Op{Key: "import." + string(run.imp.ID), By: run.imp.By}
	return Intake(ctx, run.Store, op, string(run.imp.ID), f, func(r Report) { run.progress(ctx, r) })
}

// progress edits the message now and then, and keeps the lease. A progress that could not be shown is no harm.
func (run *importRun) progress(ctx context.Context, r Report) {
	if run.Now().Sub(run.shown) < progressEvery {
		return
	}
	run.shown = run.Now()
	if run.Store.Imports.Extend(ctx, run.imp.ID, importLease) != nil || run.imp.Message == 0 {
		return
	}
	text := run.p.HTML("import.progress", "name", run.imp.Name, "taken", run.p.Number(r.Taken()), "refused", run.p.Number(r.Refused))
	_, _ = run.post(ctx, chat.Message{Chat: run.imp.Chat, Edit: run.imp.Message, Text: text})
}

// fileFault tells whether the file itself is why it could not be read: trying again is no use.
func fileFault(err error) bool { return fileFaultKey(err) != "" }

func fileFaultKey(err error) string {
	for _, fault := range []struct {
		err error
		key string
	}{
		{importer.ErrEmpty, "import.fault_empty"},
		{importer.ErrNoHeader, "import.fault_header"},
		{importer.ErrTooLarge, "import.fault_large"},
		{importer.ErrUnknownFormat, "import.fault_format"},
		{importer.ErrWrongKind, "import.fault_format"},
	} {
		if errors.Is(err, fault.err) {
			return fault.key
		}
	}
	return ""
}
