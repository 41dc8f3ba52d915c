package csvfile

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"tandem/problem"
)

// Limits of a file.
const (
	MaxSize    = 16 << 20 // bytes
	MaxLines   = 50_000   // records below the header
	MaxColumns = 1000

	maxSeparators = 4_000_000 // bounds the memory that a hostile file takes
)

// Separator stands between two cells.
type Separator string

// The separators.
const (
	Comma     Separator = "comma"
	Semicolon Separator = "semicolon"
	Tab       Separator = "tab"
)

// Separators are all of them, the likeliest first.
var Separators = []Separator{Comma, Semicolon, Tab}

func (s Separator) rune() rune {
	switch s {
	case Semicolon:
		return ';'
	case Tab:
		return '\t'
	}
	return ','
}

// Format is how a file is to be read; what is empty is found out.
type Format struct {
	Encoding  Encoding
	Separator Separator
}

// Table is what a file holds.
type Table struct {
	Format  Format   // how it was read
	Header  []string // trimmed
	Records []Record // without those that are empty
}

// Record is one line, or several when a cell has line breaks.
type Record struct {
	Line  int      // where it begins in the file; the first line is 1
	Cells []string // at most one more than the header has
}

// Read reads a file. When it cannot, it returns a problem, and the table tells
// the format all the same, so that a person can choose another.
func Read(content []byte, as Format) (*Table, error) {
	t := &Table{Format: as}
	if len(content) > MaxSize {
		return t, TooLarge()
	}
	text, encoding, err := decode(content, as.Encoding)
	if t.Format.Encoding = encoding; err != nil {
		return t, err
	}
	return t, t.read(text)
}

// TooLarge is the problem of a file that is larger than MaxSize.
func TooLarge() *problem.Error {
	limit := strconv.Itoa(MaxSize >> 20)
	return problem.New(problem.Invalid, "csv_too_large", "The file is larger than %s MB.", limit).
		On(problem.Yours, "Split it into several files, each with the first line.").With("limit", limit)
}

func (t *Table) read(text string) error {
	text, told, skipped := cutSeparatorLine(text)
	if t.Format.Separator == "" {
		t.Format.Separator = told
	}
	if t.Format.Separator == "" {
		t.Format.Separator = likeliestSeparator(text)
	}
	if strings.Count(text, string(t.Format.Separator.rune())) > maxSeparators {
		return problem.New(problem.Invalid, "csv_too_many_cells", "The file has more than %d cells.", maxSeparators).
			On(problem.Yours, "Remove empty columns and lines, or split it into several files.")
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = t.Format.Separator.rune(), -1
	for {
		cells, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return misquoted(err, skipped)
		}
		line, _ := in.FieldPos(0)
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		if t.Header == nil {
			err = t.begin(cells)
		} else {
			err = t.add(line+skipped, cells)
		}
		if err != nil {
			return err
		}
	}
	if len(t.Records) == 0 {
		return problem.New(problem.Invalid, "csv_empty", "The file has nothing below its first line.").
			On(problem.Yours, "The first line names the columns; write one line for each record below it.")
	}
	return nil
}

// begin takes the first line.
func (t *Table) begin(cells []string) error {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > MaxColumns {
		return problem.New(problem.Invalid, "csv_too_many_columns", "The file has %d columns; at most %d are read.", len(cells), MaxColumns).
			On(problem.Yours, "Remove those that are not needed.").With("columns", strconv.Itoa(len(cells))).With("limit", strconv.Itoa(MaxColumns))
	}
	for _, cell := range cells {
		t.Header = append(t.Header, strings.TrimSpace(Unescape(cell)))
	}
	return nil
}

func (t *Table) add(line int, cells []string) error {
	if len(t.Records) == MaxLines {
		limit := strconv.Itoa(MaxLines)
		return problem.New(problem.Invalid, "csv_too_many_lines", "The file has more than %s lines.", limit).
			On(problem.Yours, "Split it into several files, each with the first line.").With("limit", limit)
	}
	for len(cells) > len(t.Header) && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	kept := make([]string, min(len(cells), len(t.Header)+1))
	for i := range kept {
		kept[i] = Unescape(cells[i])
	}
	t.Records = append(t.Records, Record{Line: line, Cells: kept})
	return nil
}

func misquoted(err error, skipped int) error {
	at, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return err
	}
	line := strconv.Itoa(at.StartLine + skipped)
	return problem.New(problem.Invalid, "csv_quotes", "The quotation marks of line %s do not match.", line).
		On(problem.Yours, `Put a cell that has quotation marks between quotation marks, and write each of those inside twice: "5"" pipe".`).
		With("line", line).Because(err)
}

// cutSeparatorLine takes away the line "sep=;" by which Excel is told the
// separator, and tells how many lines that were.
func cutSeparatorLine(text string) (rest string, told Separator, lines int) {
	first, rest, found := strings.Cut(text, "\n")
	mark, is := strings.CutPrefix(strings.ToLower(strings.TrimRight(first, "\r")), "sep=")
	if !found || !is {
		return text, "", 0
	}
	for _, s := range Separators {
		if mark == string(s.rune()) {
			return rest, s, 1
		}
	}
	return text, "", 0
}

// likeliestSeparator is the one that the first line has most of, outside of quotation marks.
func likeliestSeparator(text string) Separator {
	counts := make(map[rune]int)
	quoted, begun := false, false
scan:
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n' && begun:
			break scan
		default:
			counts[r]++
		}
		begun = begun || r > ' '
	}
	return slices.MaxFunc(Separators, func(a, b Separator) int { return counts[a.rune()] - counts[b.rune()] })
}

// formula is how what a spreadsheet takes for a formula begins (OWASP: "CSV Injection").
const formula = "=+-@\t\r\n"

// Escape keeps spreadsheets from taking a stranger's text for a formula.
func Escape(cell string) string {
	if looksLikeFormula(cell) {
		return "'" + cell
	}
	return cell
}

// Unescape gives what Escape was given.
func Unescape(cell string) string {
	if plain, escaped := strings.CutPrefix(cell, "'"); escaped && looksLikeFormula(plain) {
		return plain
	}
	return cell
}

// looksLikeFormula is true, too, for a formula that has been escaped, so that
// escaping can be undone.
func looksLikeFormula(cell string) bool {
	cell = strings.TrimLeft(cell, "'")
	return cell != "" && strings.ContainsRune(formula, rune(cell[0]))
}

// The columns that WriteFaults adds.
const (
	LineColumn  = "line"
	FaultColumn = "error"
)

// WriteFaults writes some of the records again, each with its line and what is
// wrong with it.
func (t *Table) WriteFaults(w io.Writer, faults iter.Seq2[int, string]) error {
	var header []string
	var kept []int // places of what was in the file, without what an earlier WriteFaults added
	for at, title := range t.Header {
		if name := strings.ToLower(title); name != LineColumn && name != FaultColumn {
			header, kept = append(header, title), append(kept, at)
		}
	}
	var all [][]string
	for record, fault := range faults {
		r := t.Records[record]
		cells := make([]string, len(kept), len(kept)+2)
		for i, at := range kept {
			if at < len(r.Cells) {
				cells[i] = r.Cells[at]
			}
		}
		all = append(all, append(cells, strconv.Itoa(r.Line), fault))
	}
	read := func() (rest [][]string, err error) {
		rest, all = all, nil
		return rest, nil
	}
	return Write(w, append(header, LineColumn, FaultColumn), read, func(cells []string) []string { return cells })
}

// Write writes one file, chunk by chunk while records are read: read gives the
// next ones, and none at the end.
func Write[R any](w io.Writer, header []string, read func() ([]R, error), cellsOf func(R) []string) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil { // by which Excel knows UTF-8
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	for {
		records, err := read()
		if err != nil {
			return err
		}
		for _, record := range records {
			cells := cellsOf(record)
			for i := range cells {
				cells[i] = Escape(cells[i])
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		if out.Flush(); out.Error() != nil || len(records) == 0 {
			return out.Error()
		}
	}
}
