package importer

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/ianaindex"
)

var (
	xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']`)
	xmlRecord   = regexp.MustCompile(`<(?:[A-Za-z0-9_.-]+:)?record[\s>]`)
)

// openXML takes MARCXML and MarcXchange (ISO 25577), with any prefix.
func (f *File) openXML(b *bufio.Reader) error {
	head, err := b.Peek(maxHead)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("read the beginning: %w", err)
	}
	if !xmlRecord.Match(head) || !bytes.Contains(head, []byte("leader")) && !bytes.Contains(head, []byte("datafield")) {
		return ErrUnknownFormat
	}
	f.format, f.kind, f.source.Encoding = MARCXML, Catalogue, "utf-8"
	if m := xmlEncoding.FindSubmatch(head); m != nil && !strings.EqualFold(string(m[1]), "utf-8") {
		e, err := ianaindex.MIME.Encoding(string(m[1]))
		if err != nil || e == nil {
			return fmt.Errorf("%w: encoding %q", ErrUnknownFormat, m[1])
		}
		f.source.Encoding = strings.ToLower(string(m[1]))
		b = bufio.NewReaderSize(e.NewDecoder().Reader(b), maxHead)
	}
	f.marc = &xmlReader{r: b}
	return nil
}

// xmlReader cuts a file at its record elements and reads each by itself, so that one that is no XML costs no other.
type xmlReader struct {
	r      *bufio.Reader
	number int
	ahead  []byte // the start tag of the next record, found within the one before
}

// raw gives the text of the next record element. cut tells that it has no end, or is too long.
func (x *xmlReader) raw() (data []byte, cut bool, err error) {
	data, x.ahead = x.ahead, nil
	for {
		part, err := x.r.ReadSlice('>')
		name, closing := lastTag(part)
		switch {
		case name == "record" && !closing && data != nil:
			x.ahead = bytes.Clone(part[bytes.LastIndexByte(part, '<'):])
			return data, true, nil
		case name == "record" && !closing:
			data = bytes.Clone(part[bytes.LastIndexByte(part, '<'):])
		case data != nil && len(data)+len(part) <= maxRow:
			data = append(data, part...)
		case data != nil:
			cut = true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			if data == nil {
				return nil, false, io.EOF
			}
			return data, true, nil
		case err != nil:
			return nil, false, fmt.Errorf("read record %d: %w", x.number+1, err)
		}
		if name == "record" && closing && data != nil {
			return data, cut, nil
		}
	}
}

// lastTag names the element whose tag ends a chunk, without its prefix.
func lastTag(chunk []byte) (name string, closing bool) {
	at := bytes.LastIndexByte(chunk, '<')
	if at < 0 || chunk[len(chunk)-1] != '>' {
		return "", false
	}
	s := string(chunk[at+1 : len(chunk)-1])
	if strings.HasSuffix(s, "/") {
		return "", false
	}
	s, closing = strings.CutPrefix(s, "/")
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	s, _, _ = strings.Cut(s, "\n")
	if _, after, ok := strings.Cut(s, ":"); ok {
		s = after
	}
	return s, closing
}

func (x *xmlReader) next() (marcRecord, error) {
	data, cut, err := x.raw()
	if err != nil {
		return marcRecord{}, err
	}
	x.number++
	m := marcRecord{number: x.number}
	if cut {
		m.flaw("", string(data), RecordTruncated, true)
		return m, nil
	}
	var e xmlElement
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	if err := d.Decode(&e); err != nil {
		m.flaw("", err.Error(), XMLBroken, true)
		return m, nil
	}
	m.fill(e)
	return m, nil
}

// xmlElement is a record of MARCXML; the names match whatever their namespace.
type xmlElement struct {
	Leader  string `xml:"leader"`
	Control []struct {
		Tag   string `xml:"tag,attr"`
		Value string `xml:",chardata"`
	} `xml:"controlfield"`
	Data []struct {
		Tag  string `xml:"tag,attr"`
		Subs []struct {
			Code  string `xml:"code,attr"`
			Value string `xml:",chardata"`
		} `xml:"subfield"`
	} `xml:"datafield"`
}

func (r *marcRecord) fill(e xmlElement) {
	r.leader = e.Leader
	if len(r.leader) != leaderLength {
		r.flaw("leader", r.leader, Leader, false)
	}
	for _, c := range e.Control {
		r.fields = append(r.fields, marcField{tag: c.Tag, value: c.Value})
	}
	for _, f := range e.Data {
		if len(key(f.Tag)) != 3 {
			r.flaw(f.Tag, f.Tag, Tag, false)
			continue
		}
		out := marcField{tag: f.Tag}
		for _, s := range f.Subs {
			if len(s.Code) != 1 {
				r.flaw(f.Tag, s.Code, SubfieldCode, false)
				continue
			}
			out.subs = append(out.subs, subfield{s.Code[0], clean(s.Value)})
		}
		r.fields = append(r.fields, out)
	}
}
