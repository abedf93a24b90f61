package handlers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"versli/handlers/messages"
	"versli/store"
	"versli/store/importer"
)

// Bounds of an intake: records put in one step, and complaints kept in a report.
const (
	intakeBatch   = 500
	maxComplaints = 10_000
	unusedShown   = 300 // letters of the names of unused columns
)

// Report says what an intake took and what it did not.
type Report struct {
	Kind                               importer.Kind
	Added, Changed, Unchanged, Refused int
	Complaints                         []importer.Complaint // the first 10,000
	Complained                         int                  // how many there are in all
	AssumedCopies                      bool                 // the file names none: one copy of each title was put in the main library
	Unused                             []string             // the file's columns that mean nothing here
}

// Taken is how many records are in the state now because of the file.
func (r Report) Taken() int { return r.Added + r.Changed + r.Unchanged }

// Remarks are what is to be said of the file as a whole, a sentence each.
func (r Report) Remarks(p *messages.Printer) []string {
	var list []string
	if r.AssumedCopies && r.Taken() > 0 {
		list = append(list, p.Plain("import.assumed_copies"))
	}
	if len(r.Unused) > 0 {
		list = append(list, p.Plain("import.unused_columns", "columns", short(strings.Join(r.Unused, ", "), unusedShown)))
	}
	return list
}

// Intake puts a whole file into the state, in batches. What was put stays when
// it ends early. op names the intake: asked for again under the same key, the
// batches that were put before count as they did then and change nothing.
// progress is called after each batch; it may be nil.
func Intake(ctx context.Context, st *store.Store, op store.Op, source string, f *importer.File, progress func(Report)) (Report, error) {
	in := intake{store: st, op: op, source: source, progress: progress}
	in.report.Kind = f.Kind()
	_, in.report.Unused = f.Columns()
	var err error
	if f.Kind() == importer.Timetable {
		err = in.timetable(ctx, f)
	} else {
		in.report.AssumedCopies = !f.NamesCopies()
		err = in.catalogue(ctx, f)
	}
	if err != nil {
		return in.report, fmt.Errorf("take in %q: %w", source, err)
	}
	return in.report, nil
}

// intake is one file's way into the state.
type intake struct {
	store    *store.Store
	op       store.Op
	source   string
	progress func(Report)
	report   Report
	batches  int
}

func (in *intake) complain(c importer.Complaint) {
	in.report.Complained++
	if c.Fatal {
		in.report.Refused++
	}
	if len(in.report.Complaints) < maxComplaints {
		in.report.Complaints = append(in.report.Complaints, c)
	}
}

func (in *intake) catalogue(ctx context.Context, f *importer.File) error {
	batch := make([]store.Record, 0, intakeBatch)
	put := func() error {
		if len(batch) == 0 {
			return nil
		}
		outcomes, _, err := in.store.Titles.Put(ctx, in.nextOp(), in.source, batch)
		if err != nil {
			return fmt.Errorf("put titles: %w", err)
		}
		batch = batch[:0]
		in.count(outcomes)
		return nil
	}
	err := f.Catalogue(ctx, func(rec store.Record) error {
		if in.report.AssumedCopies && len(rec.Copies) == 0 {
			rec.Copies = []store.RecordCopy{{}}
		}
		batch = append(batch, rec)
		if len(batch) < intakeBatch {
			return nil
		}
		return put()
	}, in.complain)
	return in.rest(err, put)
}

func (in *intake) timetable(ctx context.Context, f *importer.File) error {
	batch := make([]store.StopRecord, 0, intakeBatch)
	put := func() error {
		if len(batch) == 0 {
			return nil
		}
		outcomes, err := in.store.Van.PutStops(ctx, in.nextOp(), in.source, batch)
		if err != nil {
			return fmt.Errorf("put stops: %w", err)
		}
		batch = batch[:0]
		in.count(outcomes)
		return nil
	}
	err := f.Timetable(ctx, func(rec store.StopRecord) error {
		batch = append(batch, rec)
		if len(batch) < intakeBatch {
			return nil
		}
		return put()
	}, in.complain)
	return in.rest(err, put)
}

// rest puts what was read before the file ended or broke.
func (in *intake) rest(err error, put func() error) error {
	return errors.Join(err, put())
}

// nextOp names the next batch: the intake's own name and the batch's number.
func (in *intake) nextOp() store.Op {
	in.batches++
	op := in.op
	if op.Key != "" {
		op.Key += "." + strconv.Itoa(in.batches)
	}
	return op
}

func (in *intake) count(outcomes []store.Outcome) {
	for _, o := range outcomes {
		switch o {
		case store.Added:
			in.report.Added++
		case store.Changed:
			in.report.Changed++
		case store.Unchanged:
			in.report.Unchanged++
		}
	}
	if in.progress != nil {
		in.progress(in.report)
	}
}

// ComplaintText says where a file's flaw is, what was found and what was
// expected: plain text for a report, a table or a terminal.
func ComplaintText(p *messages.Printer, c importer.Complaint) string {
	text := p.Plain("import.code_" + string(c.Code))
	found := ""
	if c.Value != "" {
		found = p.Plain("import.found", "value", c.Value)
	}
	field := ""
	if c.Field != "" {
		field = p.Plain("import.field", "field", c.Field)
	}
	verdict := ""
	if c.Fatal {
		verdict = p.Plain("import.refused_record")
	}
	key := "import.complaint"
	if ofMARC(c.Code) || marcTag.MatchString(c.Field) {
		key = "import.complaint_record"
	}
	return p.Plain(key, "line", c.Line, "field", field, "text", text, "found", found, "verdict", verdict)
}

// marcTag is the name of a field of MARC, which no column of a table has.
var marcTag = regexp.MustCompile(`^[0-9]{3}$`)

// ofMARC tells whether a flaw is one of MARC, where records are counted and not lines.
func ofMARC(code importer.Code) bool {
	return slices.Contains([]importer.Code{
		importer.Leader, importer.Directory, importer.RecordTruncated, importer.Indicator, importer.SubfieldCode, importer.Tag,
		importer.XMLBroken,
	}, code)
}
