package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	leaderLength = 24
	entryLength  = 12 // tag, length and start of a field in the directory
)

// isoReader cuts a file into records at their terminators, which survive where lengths do not.
type isoReader struct {
	r      *bufio.Reader
	number int
	ahead  []byte // the beginning of the next record, found within the one before
}

func (f *File) openISO2709(b *bufio.Reader, head []byte) error {
	f.format, f.kind = MARC21, Catalogue
	if firstIsUNIMARC(&isoReader{r: bufio.NewReader(bytes.NewReader(head))}) {
		f.format = UNIMARC
	}
	f.source.Encoding = "marc"
	f.marc = &isoReader{r: b}
	return nil
}

// firstIsUNIMARC looks for the first record with a title.
func firstIsUNIMARC(x *isoReader) bool {
	for range 5 {
		m, err := x.next()
		if err != nil {
			return false
		}
		if m.unimarc() || len(m.all("245")) > 0 {
			return m.unimarc()
		}
	}
	return false
}

// raw gives the bytes up to the next record terminator, without it. cut tells that the record is not whole: the file
// ends, a new leader begins within it, or it is longer than any record.
func (x *isoReader) raw() (data []byte, cut bool, err error) {
	data, x.ahead = x.ahead, nil
	if at := bytes.IndexByte(data, recordEnd); at >= 0 {
		data, x.ahead = data[:at], data[at+1:]
		data, cut = x.split(data, false)
		return data, cut, nil
	}
	data = bytes.Clone(data)
	for {
		part, err := x.r.ReadSlice(recordEnd)
		if len(data)+len(part) <= maxRow {
			data = append(data, part...)
		} else {
			cut = true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			if len(bytes.TrimSpace(data)) == 0 {
				return nil, false, io.EOF
			}
			return data, true, nil
		case err != nil:
			return nil, false, fmt.Errorf("read record %d: %w", x.number+1, err)
		}
		data, cut = x.split(bytes.TrimSuffix(data, []byte{recordEnd}), cut)
		return data, cut, nil
	}
}

// innerLeader is a leader as it stands in most files, strict enough to be told within a record.
var innerLeader = regexp.MustCompile(`[0-9]{5}[a-z]{2}[a-z ]{2}[a# 0-9]22[0-9]{5}[\x20-\x7e]{3}45`)

// split looks whether another record begins within this one, because its end or its terminator was lost.
func (x *isoReader) split(data []byte, cut bool) ([]byte, bool) {
	trimmed := bytes.TrimLeft(data, "\r\n\t ")
	if len(trimmed) < leaderLength {
		return data, cut
	}
	said := 0
	if n, err := strconv.Atoi(string(trimmed[:5])); err == nil {
		said = n
	}
	if said == len(trimmed)+1 {
		return data, cut
	}
	at := 0
	if in := innerLeader.FindIndex(trimmed[1:]); in != nil {
		at = 1 + in[0]
	}
	for _, n := range []int{said, said - 1} {
		if n > leaderLength && n+leaderLength < len(trimmed) && isoLeader.Match(trimmed[n:]) {
			at = n
		}
	}
	if at == 0 {
		return data, cut
	}
	x.ahead = slices.Concat(trimmed[at:], []byte{recordEnd}, x.ahead)
	return trimmed[:at], true
}

func (x *isoReader) next() (marcRecord, error) {
	data, cut, err := x.raw()
	for err == nil && !cut && len(bytes.TrimSpace(data)) == 0 {
		data, cut, err = x.raw()
	}
	if err != nil {
		return marcRecord{}, err
	}
	x.number++
	m := marcRecord{number: x.number}
	data = bytes.TrimLeft(data, "\r\n\t ")
	if cut && bytes.LastIndexByte(data, fieldEnd) != len(data)-1 {
		m.flaw("", string(data), RecordTruncated, true)
		return m, nil
	}
	if cut {
		m.flaw("", string(data[:min(len(data), leaderLength)]), RecordTruncated, false)
	}
	m.parse(data)
	return m, nil
}

// parse takes a record of ISO 2709 apart.
func (r *marcRecord) parse(data []byte) {
	if len(data) < leaderLength+1 {
		r.flaw("", string(data), RecordTruncated, true)
		return
	}
	r.leader = string(bytes.ToValidUTF8(data[:leaderLength], []byte("?")))
	if !isoLeader.Match(data) {
		r.flaw("leader", r.leader, Leader, false)
	}
	end := bytes.IndexByte(data, fieldEnd)
	if end < leaderLength {
		r.flaw("", r.leader, Directory, true)
		return
	}
	directory, body := data[leaderLength:end], data[end+1:]
	raw, ok := byDirectory(directory, body)
	if !ok {
		r.flaw("", string(directory), Directory, false)
		if raw, ok = byOrder(directory, body); !ok {
			r.flaw("", string(directory), Directory, true)
			return
		}
	}
	decode := r.charset(raw)
	for _, f := range raw {
		r.addField(f, decode)
	}
}

// rawField is a field before its letters are known.
type rawField struct {
	tag  string
	data []byte
}

// byDirectory takes the fields from where the directory says they are. ok is false where it does not fit.
func byDirectory(directory, body []byte) (out []rawField, ok bool) {
	if len(directory)%entryLength != 0 {
		return nil, false
	}
	for e := directory; len(e) > 0; e = e[entryLength:] {
		length, err1 := strconv.Atoi(string(e[3:7]))
		start, err2 := strconv.Atoi(string(e[7:12]))
		if err1 != nil || err2 != nil || length < 1 || start < 0 || start+length > len(body) || body[start+length-1] != fieldEnd {
			return nil, false
		}
		f := body[start : start+length-1]
		if bytes.IndexByte(f, fieldEnd) >= 0 {
			return nil, false
		}
		out = append(out, rawField{string(e[:3]), f})
	}
	return out, true
}

// byOrder pairs the directory's tags with the fields as they follow each other: their terminators are there even where
// the numbers are wrong.
func byOrder(directory, body []byte) (out []rawField, ok bool) {
	fields := bytes.Split(bytes.TrimSuffix(body, []byte{fieldEnd}), []byte{fieldEnd})
	if len(directory)/entryLength != len(fields) {
		return nil, false
	}
	for i, f := range fields {
		out = append(out, rawField{string(directory[i*entryLength:][:3]), f})
	}
	return out, true
}

// addField cuts a field into subfields.
func (r *marcRecord) addField(f rawField, decode func([]byte) string) {
	if !utf8.ValidString(f.tag) || len(key(f.tag)) != 3 {
		r.flaw(f.tag, f.tag, Tag, false)
		return
	}
	if f.tag < "010" && bytes.IndexByte(f.data, subfieldMark) < 0 {
		r.fields = append(r.fields, marcField{tag: f.tag, value: decode(f.data)})
		return
	}
	parts := bytes.Split(f.data, []byte{subfieldMark})
	if len(parts[0]) != 2 {
		r.flaw(f.tag, decode(parts[0]), Indicator, false)
	}
	out := marcField{tag: f.tag}
	for _, p := range parts[1:] {
		if len(p) == 0 {
			continue
		}
		code, size := subfieldCode(p)
		if code != p[0] {
			r.flaw(f.tag, decode(p), SubfieldCode, false)
		}
		if code != 0 {
			out.subs = append(out.subs, subfield{code, clean(decode(p[size:]))})
		}
	}
	r.fields = append(r.fields, out)
}

// subfieldCode reads a code: one sign of ASCII. A letter with a diacritic is taken for the letter; 0 is no code.
func subfieldCode(p []byte) (code byte, size int) {
	if p[0] > ' ' && p[0] <= '~' {
		return p[0], 1
	}
	letter, size := utf8.DecodeRune(p)
	if base := key(string(letter)); len(base) == 1 {
		return base[0], size
	}
	return 0, size
}

// charset chooses how the letters of a record are written: by its leader (MARC 21, position 9) or field 100 (UNIMARC,
// $a 26–29), unless the bytes say otherwise.
func (r *marcRecord) charset(raw []rawField) func([]byte) string {
	valid, ascii := true, true
	var coded []byte
	title21 := false
	for _, f := range raw {
		valid = valid && utf8.Valid(f.data)
		ascii = ascii && !bytes.ContainsFunc(f.data, func(c rune) bool { return c >= utf8.RuneSelf || c == 0x1b })
		title21 = title21 || f.tag == "245"
		if f.tag == "100" && coded == nil {
			coded = f.data
		}
	}
	switch {
	case ascii:
		return func(b []byte) string { return string(b) }
	case valid && !bytes.ContainsRune(bytes.Join(datas(raw), nil), 0x1b):
		return func(b []byte) string { return string(b) }
	case !title21 && len(coded) > 30:
		return r.unimarcCharset(coded, raw)
	case len(r.leader) > 9 && r.leader[9] == 'a':
		r.flaw("", "", Encoding, false)
		return func(b []byte) string { return string(bytes.ToValidUTF8(b, []byte("?"))) }
	}
	flawed := false
	return func(b []byte) string {
		s, ok := decodeMARC8(b)
		if !ok && !flawed {
			flawed = true
			r.flaw("", s, Encoding, false)
		}
		return s
	}
}

func datas(raw []rawField) [][]byte {
	out := make([][]byte, len(raw))
	for i, f := range raw {
		out[i] = f.data
	}
	return out
}
