package csvfile_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"tandem/csvfile"
	"tandem/problem"
)

func encoded(t *testing.T, text string, with interface{ String(string) (string, error) }) string {
	t.Helper()
	out, err := with.String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFormatIsFoundOut(t *testing.T) {
	const people = "id,name,email\n1,青木 愛子,aiko@fabrikam.example\n2,ｱｵｷ ｱｲｺ,\n"
	const gente = "id;name;notes\r\n1;São Paulo – João;\"linha 1\nlinha 2; fim\"\r\n"
	for _, c := range []struct {
		name, file string
		want       csvfile.Format
		cell       string
	}{
		{"as exported", "\uFEFF" + people, csvfile.Format{Encoding: csvfile.UTF8, Separator: csvfile.Comma}, "青木 愛子"},
		{"UTF-8 without a mark", people, csvfile.Format{Encoding: csvfile.UTF8, Separator: csvfile.Comma}, "青木 愛子"},
		{"Excel in Japan", encoded(t, people, japanese.ShiftJIS.NewEncoder()), csvfile.Format{Encoding: csvfile.ShiftJIS, Separator: csvfile.Comma}, "青木 愛子"},
		{"Excel in Brazil", encoded(t, gente, charmap.Windows1252.NewEncoder()), csvfile.Format{Encoding: csvfile.Windows1252, Separator: csvfile.Semicolon}, "São Paulo – João"},
		{"accents that Shift_JIS would read", "name;email\n" + encoded(t, "Conceição Açaí", charmap.Windows1252.NewEncoder()) + ";a@b.example\n", csvfile.Format{Encoding: csvfile.Windows1252, Separator: csvfile.Semicolon}, "a@b.example"},
		{"half-width katakana alone", encoded(t, "name,email\nｱｵｷ,a@b.example\n", japanese.ShiftJIS.NewEncoder()), csvfile.Format{Encoding: csvfile.ShiftJIS, Separator: csvfile.Comma}, "a@b.example"},
		{"Unicode text", encoded(t, strings.ReplaceAll(people, ",", "\t"), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()), csvfile.Format{Encoding: csvfile.UTF16, Separator: csvfile.Tab}, "青木 愛子"},
		{"big endian", encoded(t, people, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder()), csvfile.Format{Encoding: csvfile.UTF16, Separator: csvfile.Comma}, "青木 愛子"},
		{"a separator line", "sep=;\nid;name,email\n1;x\n", csvfile.Format{Encoding: csvfile.UTF8, Separator: csvfile.Semicolon}, "x"},
		{"one column", "email\na@b.example\n", csvfile.Format{Encoding: csvfile.UTF8, Separator: csvfile.Comma}, "a@b.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := csvfile.Read([]byte(c.file), csvfile.Format{})
			if err != nil {
				t.Fatal(err)
			}
			cells := table.Records[0].Cells
			if table.Format != c.want || cells[min(1, len(cells)-1)] != c.cell {
				t.Errorf("read as %v: %q, %q", table.Format, table.Header, cells)
			}
		})
	}
}

func TestLinesKeepTheirNumbers(t *testing.T) {
	table, err := csvfile.Read([]byte("id,notes\n\n1,\"two\nlines\"\n,\n2,'=1+1,,\n3,x,y,z\n4\n"), csvfile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	want := []csvfile.Record{{3, []string{"1", "two\nlines"}}, {6, []string{"2", "=1+1"}}, {7, []string{"3", "x", "y"}}, {8, []string{"4"}}}
	if diff := cmp.Diff(want, table.Records); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoTableIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, file, code string
		as               csvfile.Format
	}{
		{"nothing", "", "csv_empty", csvfile.Format{}},
		{"a header alone", "id,name\n", "csv_empty", csvfile.Format{}},
		{"a workbook", "PK\x03\x04\x14\x00", "csv_workbook", csvfile.Format{}},
		{"NUL", "id\n\x00\n", "csv_not_text", csvfile.Format{}},
		{"UTF-8 that is cut", "id\n\xe3\x81\n", "csv_encoding", csvfile.Format{Encoding: csvfile.UTF8}},
		{"half a character of UTF-16", "\xff\xfei", "csv_encoding", csvfile.Format{}},
		{"no Shift_JIS", "name\n\x82\n", "csv_encoding", csvfile.Format{Encoding: csvfile.ShiftJIS}},
		{"a quotation mark that is not closed", "id,name\n1,\"x\n", "csv_quotes", csvfile.Format{}},
		{"10,000 columns", strings.Repeat("c,", 10_000) + "\n1\n", "csv_too_many_columns", csvfile.Format{}},
		{"too many lines", "id\n" + strings.Repeat("1\n", csvfile.MaxLines+1), "csv_too_many_lines", csvfile.Format{}},
		{"too many cells", "id\n" + strings.Repeat(",", 5_000_000), "csv_too_many_cells", csvfile.Format{}},
		{"too large", strings.Repeat("x", csvfile.MaxSize+1), "csv_too_large", csvfile.Format{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := csvfile.Read([]byte(c.file), c.as); problem.As(err) == nil || problem.As(err).Code != c.code || problem.As(err).Remedy == "" {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.StringMatching(`'{0,2}[=+@\t-]?[a-z"',;\n ]{0,5}`), rapid.String()).
			Filter(func(s string) bool {
				return !strings.ContainsRune(s, 0) && !strings.Contains(s, "\r\n") && s != "\uFEFF"
			})
		n := rapid.IntRange(1, 5).Draw(t, "columns")
		records := rapid.SliceOfN(rapid.SliceOfN(cell, n, n), 1, 10).Draw(t, "records")
		header := make([]string, n+1)
		for i := range header {
			header[i] = fmt.Sprint("c", i)
		}
		var file bytes.Buffer
		rest := records
		err := csvfile.Write(&file, header, func() (all [][]string, err error) {
			all, rest = rest, nil
			return all, nil
		}, func(cells []string) []string { return append([]string{"x"}, cells...) })
		if err != nil {
			t.Fatal(err)
		}
		table, err := csvfile.Read(file.Bytes(), csvfile.Format{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(header, table.Header); diff != "" {
			t.Fatal(diff)
		}
		for i, r := range table.Records {
			if diff := cmp.Diff(append([]string{"x"}, records[i]...), padded(r.Cells, n+1)); diff != "" {
				t.Fatalf("%q: %s", file.String(), diff)
			}
		}
	})
}

func padded(cells []string, n int) []string {
	return append(cells, make([]string, max(0, n-len(cells)))...)
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"id,name\n1,x\n", "\uFEFFid;name\n\"1\";\"x\ny\"\n", "\xff\xfei\x00d\x00\n\x001\x00", "sep=\t\nid\tx\n1\t'=2\n", "name\n\x82\xa0\n", "a\"b\n\"", "id\n\x00"} {
		f.Add([]byte(seed), "", "")
	}
	f.Fuzz(func(t *testing.T, content []byte, encoding, separator string) {
		table, err := csvfile.Read(content, csvfile.Format{Encoding: csvfile.Encoding(encoding), Separator: csvfile.Separator(separator)})
		if table == nil {
			t.Fatal("no table tells how the file was read")
		}
		if err != nil {
			if problem.As(err) == nil {
				t.Fatalf("not a problem that a person can read: %v", err)
			}
			return
		}
		line := 1
		for _, r := range table.Records {
			if r.Line <= line || len(r.Cells) > len(table.Header)+1 {
				t.Fatalf("line %d after %d, with %d cells under %d", r.Line, line, len(r.Cells), len(table.Header))
			}
			line = r.Line
			for _, cell := range r.Cells {
				if !utf8.ValidString(cell) || csvfile.Unescape(csvfile.Escape(cell)) != cell {
					t.Fatalf("the cell %q", cell)
				}
			}
		}
	})
}
