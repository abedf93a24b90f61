package importer

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// xlsxReader streams the rows of a sheet.
type xlsxReader struct {
	rows   *excelize.Rows
	number int
}

// openXLSX takes the first sheet with a header. Cells come raw: a spreadsheet shows an ISBN as 9.78E+12 but keeps its
// digits.
func (f *File) openXLSX(r io.Reader) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: xlsx: %v", ErrUnknownFormat, p)
		}
	}()
	book, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: maxExpanded, UnzipXMLSizeLimit: 8 << 20, RawCellValue: true})
	if err != nil {
		if strings.Contains(err.Error(), "size exceeds") {
			return ErrTooLarge
		}
		return fmt.Errorf("%w: xlsx: %w", ErrUnknownFormat, err)
	}
	f.cleanup = append(f.cleanup, book.Close)
	f.format, f.source.Encoding = XLSX, "utf-8"
	for _, sheet := range book.GetSheetList() {
		rows, err := book.Rows(sheet)
		if err != nil {
			continue
		}
		x := &xlsxReader{rows: rows}
		for range headerWithin {
			row, err := x.next()
			if err != nil {
				break
			}
			c, kind, mapped, ignored, ok := mapHeader(row.cells)
			if !ok {
				continue
			}
			f.columns, f.kind, f.mapped, f.ignored, f.rows = c, kind, mapped, ignored, x
			f.cleanup = append(f.cleanup, rows.Close)
			f.columns.inverted = sheetInverted(book, sheet, c)
			return nil
		}
		if err := rows.Close(); err != nil {
			return fmt.Errorf("close sheet %q: %w", sheet, err)
		}
	}
	return ErrNoHeader
}

func sheetInverted(book *excelize.File, sheet string, c columns) bool {
	rows, err := book.Rows(sheet)
	if err != nil {
		return false
	}
	inverted := invertedAuthors(c, &xlsxReader{rows: rows})
	return rows.Close() == nil && inverted
}

func (x *xlsxReader) next() (r row, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = row{line: x.number, flaw: lostRow(x.number, "", FileBroken)}, nil
			x.rows = nil
		}
	}()
	if x.rows == nil || !x.rows.Next() {
		if x.rows != nil && x.rows.Error() != nil && !errors.Is(x.rows.Error(), io.EOF) {
			err := x.rows.Error()
			x.rows = nil
			return row{line: x.number + 1, flaw: lostRow(x.number+1, err.Error(), FileBroken)}, nil
		}
		return row{}, io.EOF
	}
	x.number++
	cells, err := x.rows.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return row{line: x.number, flaw: lostRow(x.number, "", FileBroken)}, nil
	}
	size := 0
	for i, c := range cells {
		if size += len(c); size > maxRow {
			return row{line: x.number, flaw: lostRow(x.number, cells[0], RowTooBig)}, nil
		}
		cells[i] = clean(c)
	}
	return row{line: x.number, cells: cells}, nil
}
