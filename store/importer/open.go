package importer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Open finds out what a file is: from its first bytes, not from its name. ErrEmpty, ErrUnknownFormat, ErrNoHeader, or
// ErrTooLarge. Close it, or read it to its end.
func Open(name string, r io.Reader) (*File, error) {
	f := &File{source: Source{Name: name}}
	if err := f.open(r, 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// maxNesting is how deep archives may lie in archives: a zipped .xlsx, a gzipped .zip.
const maxNesting = 2

func (f *File) open(r io.Reader, depth int) error {
	if s, ok := r.(interface{ Stat() (os.FileInfo, error) }); ok {
		if info, err := s.Stat(); err == nil {
			f.source.Size = info.Size()
		}
	}
	b := bufio.NewReaderSize(r, maxHead)
	head, err := b.Peek(maxHead)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("read the beginning: %w", err)
	}
	switch {
	case len(head) == 0:
		return ErrEmpty
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}) && depth < maxNesting:
		z, err := gzip.NewReader(b)
		if err != nil {
			return fmt.Errorf("%w: gzip: %w", ErrUnknownFormat, err)
		}
		f.source.Packed = "gzip"
		return f.open(&bounded{r: z, left: maxExpanded}, depth+1)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && depth < maxNesting:
		return f.openZip(b, depth)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		f.source.Encoding = "utf-16"
		dec := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		return f.openPlain(bufio.NewReaderSize(transform.NewReader(b, dec), maxHead))
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		if _, err := b.Discard(3); err != nil {
			return fmt.Errorf("read the beginning: %w", err)
		}
	}
	return f.openPlain(b)
}

// isoLeader is a MARC leader: length, status and type, "22" in its usual place or not.
var isoLeader = regexp.MustCompile(`^[0-9 ]{5}[\x20-\x7e]{5}[0-9 ]{2}[0-9 ]{5}[\x20-\x7e]{7}`)

func (f *File) openPlain(b *bufio.Reader) error {
	head, err := b.Peek(maxHead)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("read the beginning: %w", err)
	}
	text := bytes.TrimLeft(head, " \r\n\t")
	switch {
	case len(text) == 0:
		return ErrEmpty
	case text[0] == '<':
		return f.openXML(b)
	case isoLeader.Match(text) || bytes.IndexByte(head, recordEnd) >= 0 && bytes.IndexByte(head, fieldEnd) >= 0:
		return f.openISO2709(b, head)
	case bytes.IndexByte(head, 0) >= 0:
		return ErrUnknownFormat
	}
	return f.openCSV(b, head)
}

// openZip takes the archive as an XLSX, or its first file that can be read.
func (f *File) openZip(r io.Reader, depth int) error {
	at, size, err := f.spool(r)
	if err != nil {
		return err
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		return fmt.Errorf("%w: zip: %w", ErrUnknownFormat, err)
	}
	if slices.ContainsFunc(z.File, func(e *zip.File) bool { return e.Name == "[Content_Types].xml" }) {
		return f.openXLSX(io.NewSectionReader(at, 0, size))
	}
	f.source.Packed = "zip"
	failure := ErrEmpty
	for i, e := range z.File {
		if i == 100 {
			break
		}
		if e.FileInfo().IsDir() || strings.HasPrefix(path.Base(e.Name), ".") || strings.HasPrefix(e.Name, "__MACOSX") {
			continue
		}
		r, err := e.Open()
		if err != nil {
			failure = fmt.Errorf("%w: zip: %w", ErrUnknownFormat, err)
			continue
		}
		f.cleanup = append(f.cleanup, r.Close)
		if failure = f.open(&bounded{r: r, left: maxExpanded}, depth+1); failure == nil {
			return nil
		}
	}
	return failure
}

// inMemory is the size up to which an archive is kept in memory; a zip's list of contents stands at its end.
const inMemory = 32 << 20

func (f *File) spool(r io.Reader) (io.ReaderAt, int64, error) {
	var buf bytes.Buffer
	_, err := io.CopyN(&buf, r, inMemory)
	if errors.Is(err, io.EOF) {
		return bytes.NewReader(buf.Bytes()), int64(buf.Len()), nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the archive: %w", err)
	}
	tmp, err := os.CreateTemp("", "versli-import-*")
	if err != nil {
		return nil, 0, fmt.Errorf("keep the archive: %w", err)
	}
	f.cleanup = append(f.cleanup, func() error { return errors.Join(tmp.Close(), os.Remove(tmp.Name())) })
	n, err := io.Copy(tmp, io.MultiReader(&buf, &bounded{r: r, left: maxExpanded - inMemory}))
	if err != nil {
		return nil, 0, fmt.Errorf("keep the archive: %w", err)
	}
	return tmp, n, nil
}

// bounded ends with ErrTooLarge where more than left comes. Like every reader it hands the errors below on as they are.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err //nolint:wrapcheck // io.EOF must stay io.EOF
}
