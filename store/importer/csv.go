package importer

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// row is one row of a table.
type row struct {
	line  int
	cells []string
	flaw  *Complaint
}

// rowReader gives the rows of a table; io.EOF after the last.
type rowReader interface{ next() (row, error) }

// maxLines is how many lines one row may span: a quotation mark that is open for longer was never meant to be.
const maxLines = 500

// csvReader reads RFC 4180 as people write it. Unlike encoding/csv it survives a quotation mark that nothing closes:
// it gives up the line where the mark stands, and goes on with the next.
type csvReader struct {
	lines  *lineReader
	comma  byte
	width  int    // cells of the header, 0 when not known
	ahead  []line // lines read but not used
	parsed csvParser
}

func (c *csvReader) line() (line, error) {
	if len(c.ahead) > 0 {
		l := c.ahead[0]
		c.ahead = c.ahead[1:]
		return l, nil
	}
	return c.lines.next()
}

func (c *csvReader) next() (row, error) {
	first, err := c.line()
	if err != nil {
		return row{}, err
	}
	used := []line{first}
	size := len(first.text)
	p := &c.parsed
	p.reset(c.comma)
	open := p.feed(first.text)
	for open && len(used) < maxLines && size < maxRow && !first.big {
		l, err := c.line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return row{}, err
		}
		used = append(used, l)
		size += len(l.text)
		open = p.feed(l.text)
		if p.broken {
			break
		}
	}
	r := row{line: first.number, cells: p.cells}
	spoilt := open || len(used) > 1 && (p.broken || c.width > 0 && len(p.cells) != c.width)
	switch {
	case first.big || size >= maxRow && open:
		r.flaw = lostRow(first.number, first.text, RowTooBig)
	case spoilt:
		r.flaw = lostRow(first.number, first.text, QuoteOpen)
	}
	if r.flaw != nil {
		c.ahead = append(used[1:], c.ahead...)
		return r, nil
	}
	for _, l := range used {
		if l.bad {
			x := complaint(l.number, "", l.text, Encoding, false)
			r.flaw = &x
		}
	}
	return r, nil
}

// lostRow is the flaw of a row that cannot be taken.
func lostRow(line int, value string, code Code) *Complaint {
	c := complaint(line, "", value, code, true)
	return &c
}

// csvParser takes lines until a row is whole.
type csvParser struct {
	comma  byte
	cells  []string
	cell   strings.Builder
	inside bool // within quotation marks
	broken bool // a mark stood within a marked cell where none may
}

func (p *csvParser) reset(comma byte) {
	p.comma, p.cells, p.inside, p.broken = comma, nil, false, false
	p.cell.Reset()
}

// feed takes one line; it tells whether the row goes on in the next.
func (p *csvParser) feed(s string) bool {
	if p.inside {
		p.cell.WriteByte('\n')
		s = p.marked(s)
		if p.inside {
			return true
		}
	}
	for {
		if t := strings.TrimLeft(s, " "); p.cell.Len() == 0 && strings.HasPrefix(t, `"`) {
			p.inside = true
			s = p.marked(t[1:])
			if p.inside {
				return true
			}
		}
		at := strings.IndexByte(s, p.comma)
		if at < 0 {
			p.cell.WriteString(s)
			p.end()
			return false
		}
		p.cell.WriteString(s[:at])
		p.end()
		s = s[at+1:]
	}
}

// marked takes what is within quotation marks, and gives what follows the closing one.
func (p *csvParser) marked(s string) string {
	for {
		at := strings.IndexByte(s, '"')
		if at < 0 {
			p.cell.WriteString(s)
			return ""
		}
		p.cell.WriteString(s[:at])
		s = s[at+1:]
		rest := strings.TrimLeft(s, " ")
		switch {
		case strings.HasPrefix(s, `"`):
			p.cell.WriteByte('"')
			s = s[1:]
		case rest == "" || rest[0] == p.comma:
			p.inside = false
			return rest
		default:
			p.broken = true
			p.cell.WriteByte('"')
		}
	}
}

func (p *csvParser) end() {
	s := p.cell.String()
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	p.cells = append(p.cells, clean(s))
	p.cell.Reset()
}
