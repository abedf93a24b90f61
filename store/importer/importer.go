// Package importer reads what librarians really have, an io.Reader, into records and numbered complaints: catalogues
// and van timetables as CSV or XLSX, catalogues as MARC 21 or UNIMARC (ISO 2709) and MARCXML, each also gzipped or
// zipped. It knows no Redis and no people's language: a complaint is a code, which others put into words.
//
// Files are streamed; memory does not grow with them. Every length is bounded. A broken record is reported by its
// line (or its number, in MARC) and never loses its neighbours.
package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"versli/store"
)

// Format is the form of a file.
type Format string

// The forms.
const (
	CSV     Format = "csv"
	XLSX    Format = "xlsx"
	MARC21  Format = "marc"
	UNIMARC Format = "unimarc"
	MARCXML Format = "marcxml"
)

// Kind is what a file is about.
type Kind string

// The kinds.
const (
	Catalogue Kind = "catalogue"
	Timetable Kind = "timetable"
)

// Why a file as a whole cannot be read.
var (
	ErrUnknownFormat = errors.New("the form of the file is not known")
	ErrEmpty         = errors.New("the file is empty")
	ErrNoHeader      = errors.New("no column for a title or a stop")
	ErrTooLarge      = errors.New("the file is too large when expanded")
	ErrWrongKind     = errors.New("the file is of the other kind")
)

// Bounds. Rows and MARC records are cut at maxRow bytes, an archive at maxExpanded.
const (
	maxRow      = 1 << 20
	maxExpanded = 512 << 20
	maxHead     = 64 << 10 // what Open looks at
)

// Source says what was opened.
type Source struct {
	Name      string
	Size      int64  // in bytes, 0 when not known
	Packed    string // "gzip", "zip" or ""
	Encoding  string // "utf-8", "utf-16", "windows-1257", "marc-8" …
	Delimiter string // of CSV
}

// File is an opened file; it can be read once.
type File struct {
	source          Source
	format          Format
	kind            Kind
	columns         columns
	mapped, ignored []string
	rows            rowReader
	marc            marcReader
	cleanup         []func() error
}

// Format is the form that was found.
func (f *File) Format() Format { return f.format }

// Kind tells a catalogue from a timetable.
func (f *File) Kind() Kind { return f.kind }

// Columns lists the header's names that are understood and those that are not, as they are written.
func (f *File) Columns() (mapped, ignored []string) { return f.mapped, f.ignored }

// NamesCopies tells whether the file says what copies there are, or only titles.
func (f *File) NamesCopies() bool {
	return f.marc != nil || f.columns.has(colBarcode) || f.columns.has(colLocation) || f.columns.has(colCopies)
}

// Close removes what reading left on the disk. Catalogue and Timetable do it when they end.
func (f *File) Close() error {
	var errs []error
	for _, c := range f.cleanup {
		errs = append(errs, c())
	}
	f.cleanup = nil
	return errors.Join(errs...)
}

// Catalogue hands every record to take and every flaw to complain. It ends with the file, with ctx, or with the first
// error of take, which it returns wrapped. ErrWrongKind for a timetable.
func (f *File) Catalogue(ctx context.Context, take func(store.Record) error, complain func(Complaint)) (err error) {
	if f.kind != Catalogue {
		return ErrWrongKind
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if f.marc != nil {
		return f.readMARC(ctx, take, complain)
	}
	m := merger{take: take}
	err = f.eachRow(ctx, complain, func(r row) error {
		rec, ok := f.record(r, complain)
		if !ok {
			return nil
		}
		return m.put(rec)
	})
	if ctx.Err() != nil {
		return err
	}
	// What was read before a fault of the file stays.
	return errors.Join(err, m.flush())
}

// Timetable hands every stop to take and every flaw to complain, as Catalogue does. ErrWrongKind for a catalogue.
func (f *File) Timetable(ctx context.Context, take func(store.StopRecord) error, complain func(Complaint)) (err error) {
	if f.kind != Timetable {
		return ErrWrongKind
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rules := ruleChecker{}
	return f.eachRow(ctx, complain, func(r row) error {
		rec, ok := f.stop(r, rules, complain)
		if !ok {
			return nil
		}
		if err := take(rec); err != nil {
			return fmt.Errorf("take line %d: %w", r.line, err)
		}
		return nil
	})
}

// eachRow walks the rows below the header.
func (f *File) eachRow(ctx context.Context, complain func(Complaint), fn func(row) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read %s: %w", f.format, err)
		}
		r, err := f.rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", f.format, err)
		}
		if r.flaw != nil {
			complain(*r.flaw)
			if r.flaw.Fatal {
				continue
			}
		}
		if blank(r.cells) {
			continue
		}
		if err := fn(r); err != nil {
			return err
		}
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if c != "" {
			return false
		}
	}
	return true
}
