package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"versli/store"
)

// The delimiters of ISO 2709.
const (
	recordEnd    = 0x1d
	fieldEnd     = 0x1e
	subfieldMark = 0x1f
)

// marcRecord is one record of any MARC, its text in UTF-8.
type marcRecord struct {
	number int
	leader string
	fields []marcField
	flaws  []Complaint // a fatal one says that the rest is not to be used
}

// marcField has a value (a control field) or subfields.
type marcField struct {
	tag   string
	value string
	subs  []subfield
}

type subfield struct {
	code  byte
	value string
}

// marcReader gives records one by one; io.EOF after the last.
type marcReader interface{ next() (marcRecord, error) }

func (r *marcRecord) flaw(field, value string, code Code, fatal bool) {
	r.flaws = append(r.flaws, complaint(r.number, field, value, code, fatal))
}

func (r *marcRecord) fatal() bool {
	for _, c := range r.flaws {
		if c.Fatal {
			return true
		}
	}
	return false
}

// all lists the fields with a tag.
func (r *marcRecord) all(tags ...string) []marcField {
	var out []marcField
	for _, t := range tags {
		for _, f := range r.fields {
			if f.tag == t {
				out = append(out, f)
			}
		}
	}
	return out
}

// control gives a control field's value.
func (r *marcRecord) control(tag string) string {
	for _, f := range r.fields {
		if f.tag == tag {
			return f.value
		}
	}
	return ""
}

// sub gives the first subfield with a code, "" where there is none.
func (f marcField) sub(code byte) string {
	for _, s := range f.subs {
		if s.code == code {
			return s.value
		}
	}
	return ""
}

// unimarc tells UNIMARC, whose title is in 200, from MARC 21, where it is in 245.
func (r *marcRecord) unimarc() bool {
	return len(r.all("245")) == 0 && len(r.all("200")) > 0
}

// readMARC is Catalogue for MARC.
func (f *File) readMARC(ctx context.Context, take func(store.Record) error, complain func(Complaint)) error {
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read %s: %w", f.format, err)
		}
		m, err := f.marc.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", f.format, err)
		}
		var rec store.Record
		if !m.fatal() {
			rec = m.record()
		}
		for _, c := range m.flaws {
			complain(c)
		}
		if m.fatal() {
			continue
		}
		if err := take(rec); err != nil {
			return fmt.Errorf("take record %d: %w", m.number, err)
		}
	}
}
