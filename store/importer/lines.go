package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// line is one physical line as UTF-8.
type line struct {
	number int
	text   string
	big    bool // it was longer than maxRow, and is cut
	bad    bool // it had bytes that are not of the file's encoding
}

// lineReader cuts a file into lines and turns them into UTF-8. A file whose first letters beyond ASCII are no UTF-8 is
// Windows-1257, which Lithuanian and Latvian programs write; one line of that kind in a UTF-8 file is read so, too,
// and is marked.
type lineReader struct {
	r        *bufio.Reader
	number   int
	decided  bool
	baltic   bool
	buf      []byte
	afterEOF bool
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, maxHead)}
}

// encoding names what was decided.
func (l *lineReader) encoding() string {
	if l.baltic {
		return "windows-1257"
	}
	return "utf-8"
}

// next returns io.EOF after the last line.
func (l *lineReader) next() (line, error) {
	if l.afterEOF {
		return line{}, io.EOF
	}
	l.buf = l.buf[:0]
	big := false
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.buf)+len(part) <= maxRow {
			l.buf = append(l.buf, part...)
		} else {
			big = true
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			l.afterEOF = true
			if len(l.buf) == 0 && !big {
				return line{}, io.EOF
			}
		} else if err != nil {
			return line{}, fmt.Errorf("after line %d: %w", l.number, err)
		}
		break
	}
	l.number++
	text, bad := l.decode(bytes.TrimRight(l.buf, "\r\n"))
	return line{number: l.number, text: text, big: big, bad: bad}, nil
}

func (l *lineReader) decode(b []byte) (text string, bad bool) {
	ascii := true
	for _, c := range b {
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return string(b), false
	}
	valid := utf8.Valid(b)
	if !l.decided {
		l.decided, l.baltic = true, !valid
	}
	if valid && !l.baltic {
		return string(b), false
	}
	out, err := charmap.Windows1257.NewDecoder().Bytes(b)
	if err != nil {
		return string(bytes.ToValidUTF8(b, []byte("?"))), true
	}
	return string(out), !l.baltic || bytes.ContainsRune(out, utf8.RuneError)
}
