package importer

import (
	"bufio"
	"bytes"
	"strings"
)

// headerWithin is how many rows may stand above the header: a report's name, a date.
const headerWithin = 10

// openCSV tries each delimiter on the beginning, and takes the one with which most columns are understood.
func (f *File) openCSV(b *bufio.Reader, head []byte) error {
	f.format = CSV
	if at := bytes.LastIndexByte(head, '\n'); at > 0 && len(head) >= maxHead {
		head = head[:at] // a letter may be cut in two
	}
	var best struct {
		columns
		kind            Kind
		mapped, ignored []string
		comma           byte
		skip            int
	}
	for _, comma := range []byte{',', ';', '\t', '|'} {
		r := &csvReader{lines: newLineReader(bytes.NewReader(head)), comma: comma}
		for i := range headerWithin {
			row, err := r.next()
			if err != nil {
				break
			}
			c, kind, mapped, ignored, ok := mapHeader(row.cells)
			if !ok || len(c.at) <= len(best.at) {
				continue
			}
			best.columns, best.kind, best.mapped, best.ignored = c, kind, mapped, ignored
			best.comma, best.skip = comma, i+1
		}
	}
	if best.kind == "" {
		if !looksLikeText(head) {
			return ErrUnknownFormat
		}
		return ErrNoHeader
	}
	f.kind, f.columns, f.mapped, f.ignored = best.kind, best.columns, best.mapped, best.ignored
	f.source.Delimiter = string(best.comma)
	f.columns.inverted = invertedAuthors(f.columns, &csvReader{lines: newLineReader(bytes.NewReader(head)), comma: best.comma})
	if f.source.Encoding == "" {
		f.source.Encoding = sniffEncoding(head)
	}
	lines := newLineReader(b)
	lines.decided, lines.baltic = f.source.Encoding == "windows-1257", f.source.Encoding == "windows-1257"
	r := &csvReader{lines: lines, comma: best.comma}
	for range best.skip {
		if _, err := r.next(); err != nil {
			return ErrEmpty
		}
	}
	r.width = best.width
	f.rows = r
	return nil
}

// sniffEncoding reads the beginning; a file of ASCII so far is decided by its first other letter.
func sniffEncoding(head []byte) string {
	l := newLineReader(bytes.NewReader(head))
	for {
		if _, err := l.next(); err != nil || l.decided {
			return l.encoding()
		}
	}
}

// looksLikeText tells a table without a known header from a picture.
func looksLikeText(head []byte) bool {
	odd := 0
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			odd++
		}
	}
	return odd*100 <= len(head)
}

// invertedAuthors looks at the first rows: where nearly every author with a comma has one word before it, the file
// writes "Kahneman, Daniel", and a comma does not part two people.
func invertedAuthors(c columns, r rowReader) bool {
	one, all := 0, 0
	for range 300 {
		row, err := r.next()
		if err != nil {
			break
		}
		before, after, ok := strings.Cut(c.get(row, colAuthors), ",")
		if !ok || strings.Contains(after, ",") && !strings.Contains(after, ";") {
			continue
		}
		all++
		if !strings.Contains(strings.TrimSpace(before), " ") {
			one++
		}
	}
	return all > 0 && one*10 >= all*8
}
