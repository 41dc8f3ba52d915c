package eml

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A mail is the same however it arrives, in one piece or byte by byte, and
// nothing that is read out of it is larger than what came in: no short mail
// fills the disk.
func FuzzMIMEWalker(f *testing.F) {
	lim := Limits{Depth: 4, Parts: 15, Header: 4 << 10, Text: 16 << 10, Attachment: 8 << 10, Size: 64 << 10}
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole, kept, err := parseKeeping(bytes.NewReader(raw), lim)
		piecemeal, keptToo, errToo := parseKeeping(iotest.OneByteReader(bytes.NewReader(raw)), lim)
		if (err == nil) != (errToo == nil) {
			t.Fatalf("%q at once: %v; byte by byte: %v", raw, err, errToo)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(whole, piecemeal); diff != "" || !bytes.Equal(kept, keptToo) {
			t.Errorf("%q is read otherwise byte by byte (-at once +byte by byte)\n%s", raw, diff)
		}
		if len(kept) > len(raw) {
			t.Errorf("%d bytes of attachments out of a mail of %d", len(kept), len(raw))
		}
	})
}

// parseKeeping parses and collects the content of all attachments.
func parseKeeping(r io.Reader, lim Limits) (*Mail, []byte, error) {
	var kept bytes.Buffer
	mail, err := Parse(r, lim, func(p Part, r io.Reader) (string, error) {
		_, err := io.Copy(&kept, r)
		return "", err
	})
	return mail, kept.Bytes(), err
}

// Whatever a header is made of, what is read of it are fields: names that are
// names, values on one line and in UTF-8, within the room that there is. The
// body begins where it begins.
func FuzzHeaderRepair(f *testing.F) {
	const room, essential = 2 << 10, 1 << 10
	f.Fuzz(func(t *testing.T, head []byte) {
		const body = "This is the body.\n"
		scan := newScanner(io.MultiReader(bytes.NewReader(head), strings.NewReader("\r\nEnd: of header\r\n\r\n"+body)))
		h := headerReader{scan: scan, note: func(string, string) {}, left: room, essential: essential}
		total := 0
		for _, field := range h.read() {
			value, _ := repairRaw(field.Value, "")
			total += len(field.Name) + len(field.Value)
			switch {
			case field.Name == "" || strings.ContainsAny(field.Name, ": \t\r\n\x00"):
				t.Errorf("%q gives a field named %q", head, field.Name)
			case strings.ContainsAny(field.Value, "\r\n\x00"):
				t.Errorf("%q gives a value of several lines: %q", head, field.Value)
			case !utf8.ValidString(DecodeHeader(value)):
				t.Errorf("%q gives a value that is not UTF-8: %q", head, DecodeHeader(value))
			case isPlainASCII(value) && !strings.ContainsFunc(value, unicode.IsControl) && !strings.Contains(value, "=?") &&
				strings.Join(strings.Fields(DecodeHeader(value)), " ") != strings.Join(strings.Fields(value), " "):
				t.Errorf("%q is plain, and read as %q", value, DecodeHeader(value))
			}
		}
		if total > room+essential {
			t.Errorf("a header of %d bytes where there is room for %d", total, room+essential)
		}
		rest, err := io.ReadAll(scan)
		if err != nil || !strings.HasSuffix(string(rest), body) {
			t.Errorf("%q swallows the body: %q, %v", head, rest, err)
		}
	})
}

// Text comes out as UTF-8 whatever its label says. What was written in one of
// the charsets of our customers and labelled so comes out as it was written;
// UTF-8 and ASCII do even when the label is missing.
func FuzzCharsetRepair(f *testing.F) {
	charsets := map[string]encoding.Encoding{
		"shift_jis": japanese.ShiftJIS, "euc-jp": japanese.EUCJP, "iso-2022-jp": japanese.ISO2022JP, "gb18030": simplifiedchinese.GB18030,
	}
	f.Fuzz(func(t *testing.T, b []byte, label string) {
		text, _ := decodeText(b, label)
		if !utf8.ValidString(text) {
			t.Fatalf("%q labelled %q gives %q", b, label, text)
		}
		if !utf8.Valid(b) || bytes.ContainsFunc(b, unicode.IsControl) {
			return // control characters shift between the sets of a charset
		}
		if text, _ := decodeText(b, ""); text != string(b) {
			t.Errorf("UTF-8 without a label: %q becomes %q", b, text)
		}
		for name, charset := range charsets {
			written, err := charset.NewEncoder().Bytes(b)
			back, _ := charset.NewDecoder().Bytes(written)
			if err != nil || !bytes.Equal(back, b) || utf8.Valid(written) && name != "iso-2022-jp" || strings.ContainsFunc(string(b), isMojibake) {
				continue // it cannot be written so, or not be told from UTF-8
			}
			if text, _ := decodeText(written, name); text != string(b) {
				t.Errorf("%q in %s is read as %q", b, name, text)
			}
		}
	})
}
