package eml

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func parseString(t *testing.T, raw string, lim Limits) *Mail {
	t.Helper()
	mail, err := Parse(strings.NewReader(raw), lim, nil)
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

func wantDefect(t *testing.T, m *Mail, code string) {
	t.Helper()
	if !m.HasDefect(code) {
		t.Errorf("no defect %s, only %v", code, m.Defects)
	}
}

func TestWhatIsNoMailIsRefused(t *testing.T) {
	for name, raw := range map[string]string{
		"empty":       "",
		"blank lines": "\r\n\r\n\n",
		"binary":      "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
		"prose":       "Hello\n\nthis is not a mail\n",
	} {
		if _, err := Parse(strings.NewReader(raw), DefaultLimits, nil); !errors.Is(err, ErrNotMail) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMailBeyondTheSizeLimitIsRefused(t *testing.T) {
	lim := DefaultLimits
	lim.Size = 1000
	raw := "Subject: x\n\n" + strings.Repeat("text\n", 300)
	if _, err := Parse(strings.NewReader(raw), lim, nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("1.5 kB with a limit of 1000 bytes: %v", err)
	}
	if _, err := Parse(strings.NewReader(raw[:1000]), lim, nil); err != nil {
		t.Errorf("exactly at the limit: %v", err)
	}
}

func TestInterruptedDownloadIsAnError(t *testing.T) {
	raw := typicalMail(t)
	cut := errors.New("connection reset")
	for _, at := range []int{10, 300, len(raw) / 2, len(raw) - 3} {
		r := io.MultiReader(bytes.NewReader(raw[:at]), iotest.ErrReader(cut))
		if _, err := Parse(r, DefaultLimits, discard); !errors.Is(err, cut) {
			t.Errorf("cut after %d bytes: %v", at, err)
		}
	}
}

func TestSinkErrorStopsTheParse(t *testing.T) {
	full := errors.New("no space left on device")
	_, err := Parse(bytes.NewReader(typicalMail(t)), DefaultLimits, func(Part, io.Reader) (string, error) { return "", full })
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestReadingByteByByteChangesNothing(t *testing.T) {
	raw := typicalMail(t)
	want := parseString(t, string(raw), DefaultLimits)
	got, err := Parse(iotest.OneByteReader(bytes.NewReader(raw)), DefaultLimits, nil)
	if err != nil || got.Text != want.Text || got.HTML != want.HTML || len(got.Parts) != len(want.Parts) {
		t.Errorf("%v, %d parts", err, len(got.Parts))
	}
}

// nested returns multiparts inside each other, none of them closed.
func nested(levels int) string {
	var b strings.Builder
	b.WriteString("Subject: deep\n")
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"b%d\"\n\n--b%d\n", i, i)
	}
	b.WriteString("Content-Type: text/plain\n\nThe bottom.\n")
	return b.String()
}

func TestDeepNestingIsCutAndCheap(t *testing.T) {
	mail := parseString(t, nested(20), DefaultLimits)
	if mail.Text != "The bottom." {
		t.Errorf("20 levels: text %q", mail.Text)
	}
	for _, levels := range []int{100, 20_000} {
		mail := parseString(t, nested(levels), DefaultLimits)
		wantDefect(t, mail, DefectDepthExceeded)
		if len(mail.Parts) != 1 || mail.Parts[0].Size == 0 {
			t.Errorf("%d levels: what lies deeper is not kept: %v", levels, mail.Parts)
		}
	}
}

func TestThousandsOfParts(t *testing.T) {
	var b strings.Builder
	b.WriteString("Subject: many\nContent-Type: multipart/mixed; boundary=x\n\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "--x\nContent-Type: image/png; name=%d.png\n\ndata\n", i)
	}
	b.WriteString("--x--\n")
	mail := parseString(t, b.String(), DefaultLimits)
	wantDefect(t, mail, DefectPartsExceeded)
	if n := len(mail.Parts); n != DefaultLimits.Parts-1 {
		t.Errorf("%d parts kept", n)
	}
}

func TestTenThousandHeaderLines(t *testing.T) {
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, "X-Filler-%d: %s\r\n", i, strings.Repeat("x", 200))
	}
	b.WriteString("Subject: at the very end\r\nFrom: a@example.com\r\n\r\nText.\r\n")
	mail := parseString(t, b.String(), DefaultLimits)
	wantDefect(t, mail, DefectHeaderTooLong)
	if mail.Subject != "at the very end" || mail.Text != "Text." || len(mail.From) != 1 {
		t.Errorf("subject %q, text %q, from %v", mail.Subject, mail.Text, mail.From)
	}
	if n := len(mail.Header); n < 4000 || n >= 10_000 {
		t.Errorf("%d fields kept", n)
	}
}

func TestEndlessHeaderLine(t *testing.T) {
	mail := parseString(t, "Subject: "+strings.Repeat("x", 3<<20)+"\r\nTo: a@example.com\r\n\r\nText.\r\n", DefaultLimits)
	wantDefect(t, mail, DefectHeaderTooLong)
	if mail.Text != "Text." || len(mail.To) != 1 || len(mail.Subject) > 1<<20 {
		t.Errorf("text %q, to %v, subject of %d bytes", mail.Text, mail.To, len(mail.Subject))
	}
}

func TestEndlessBrokenHeader(t *testing.T) {
	mail := parseString(t, "Subject: x\n"+strings.Repeat("no field here\n", 50_000), DefaultLimits)
	wantDefect(t, mail, DefectHeaderBroken)
	if !strings.HasPrefix(mail.Text, "no field here\nno field here") {
		t.Errorf("text begins %q", mail.Text[:min(len(mail.Text), 40)])
	}
}

func TestTextBeyondTheLimitIsCut(t *testing.T) {
	lim := DefaultLimits
	lim.Text = 100
	mail := parseString(t, "Subject: x\nContent-Type: text/plain; charset=utf-8\n\n"+strings.Repeat("返品", 100), lim)
	wantDefect(t, mail, DefectTextCut)
	if want := strings.Repeat("返品", 16) + "返"; mail.Text != want {
		t.Errorf("%q", mail.Text)
	}
}

func TestAttachmentBeyondTheLimitIsCut(t *testing.T) {
	lim := DefaultLimits
	lim.Attachment = 10
	mail := parseString(t, "Subject: x\nContent-Type: application/pdf\n\n0123456789abc\n", lim)
	wantDefect(t, mail, DefectAttachmentCut)
	if mail.Parts[0].Size != 10 {
		t.Errorf("size %d", mail.Parts[0].Size)
	}
	exact := parseString(t, "Subject: x\nContent-Type: application/pdf\n\n0123456789", lim)
	if exact.HasDefect(DefectAttachmentCut) || exact.Parts[0].Size != 10 {
		t.Errorf("exactly at the limit: %v %v", exact.Parts, exact.Defects)
	}
}

// largeMail is a mail with one attachment of size bytes, made while it is read.
func largeMail(size int) io.Reader {
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 57)) + "\r\n"
	return io.MultiReader(
		strings.NewReader("Subject: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee attached.\r\n--b\r\n"+
			"Content-Type: application/zip; name=large.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
		io.LimitReader(&repeater{line: line}, int64(size/57*len(line))),
		strings.NewReader("--b--\r\n"),
	)
}

// repeater repeats one line for ever.
type repeater struct {
	line string
	at   int
}

func (r *repeater) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		c := copy(b[n:], r.line[r.at:])
		n += c
		r.at = (r.at + c) % len(r.line)
	}
	return n, nil
}

func TestLargeAttachmentIsStreamed(t *testing.T) {
	size := 100 << 20
	if underRace {
		size = 10 << 20 // the detector makes decoding 30 times slower
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mail, err := Parse(largeMail(size), DefaultLimits, discard)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := mail.Parts[0].Size, int64(size/57*57); got != want {
		t.Errorf("size %d, want %d", got, want)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
		t.Errorf("an attachment of %d bytes: %d bytes allocated", size, used)
	}
}

func TestSinkNeedNotReadToTheEnd(t *testing.T) {
	raw, err := os.ReadFile("testdata/e6-attachment-names.eml")
	if err != nil {
		t.Fatal(err)
	}
	mail, err := Parse(bytes.NewReader(raw), DefaultLimits, func(p Part, r io.Reader) (string, error) {
		_, err := io.ReadFull(r, make([]byte, 2))
		return "ref of " + p.FileName, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(mail.Parts) != 2 || mail.Parts[0].Size != 14 || mail.Parts[1].Ref != "ref of 納品書と請求書の控え㈱.xlsx" {
		t.Errorf("%+v", mail.Parts)
	}
}

func TestDates(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Sun, 22 Nov 2026 12:34:56 +0900 (JST)", "2026-11-22T03:34:56Z"},
		{"Sun, 22 Nov 2026 12:34:56 JST", "2026-11-22T03:34:56Z"},
		{"22 Nov 2026 12:34 EST", "2026-11-22T17:34:00Z"},
		{"Sun,  22 Nov 2026 12:34:56", "2026-11-22T12:34:56Z"},
		{"2026-11-22T12:34:56+09:00", "2026-11-22T03:34:56Z"},
		{"Sun Nov 22 12:34:56 2026", "2026-11-22T12:34:56Z"},
		{"Thu, 1 Jan 1970 00:00:00 +0000", "0001-01-01T00:00:00Z"},
		{"yesterday", "0001-01-01T00:00:00Z"},
		{"", "0001-01-01T00:00:00Z"},
	}
	for _, tt := range tests {
		if got := parseDate(tt.in).UTC().Format("2006-01-02T15:04:05Z"); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestReferencesAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "<id-%d@example.com>\r\n ", i)
	}
	mail := parseString(t, "References: "+b.String()+"\r\nMessage-ID: <"+strings.Repeat("x", 600)+"@x>\r\n\r\n", DefaultLimits)
	refs := mail.References
	if len(refs) != 100 || refs[0] != "id-0@example.com" || refs[99] != "id-499@example.com" {
		t.Errorf("%d references, from %s to %s", len(refs), refs[0], refs[len(refs)-1])
	}
	if mail.MessageID != "" {
		t.Errorf("a Message-ID of 600 bytes was kept")
	}
	wantDefect(t, mail, DefectMessageID)
}
