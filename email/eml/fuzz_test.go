package eml

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.eml")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	lim := Limits{Depth: 5, Parts: 20, Header: 4 << 10, Text: 8 << 10, Attachment: 4 << 10, Size: 64 << 10}
	f.Fuzz(func(t *testing.T, raw []byte) {
		mail, err := Parse(bytes.NewReader(raw), lim, func(_ Part, r io.Reader) (string, error) {
			_, err := io.Copy(io.Discard, r)
			return "", err
		})
		if err != nil {
			return
		}
		for _, s := range []string{mail.Subject, mail.Text, mail.HTML} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("not clean text: %q", s)
			}
		}
		for _, p := range mail.Parts {
			if p.FileName == "" || strings.ContainsAny(p.FileName, "/\\\x00") || p.FileName == ".." || p.Size > lim.Attachment {
				t.Errorf("part %+v", p)
			}
		}
		if len(mail.Parts) > lim.Parts {
			t.Errorf("%d parts", len(mail.Parts))
		}
		for _, field := range mail.Header {
			if !utf8.ValidString(field.Value) || strings.ContainsAny(field.Value, "\r\n\x00") {
				t.Errorf("field %q", field)
			}
		}
		fresh, quoted := SplitQuoted(mail.Text)
		if fresh+quoted != mail.Text {
			t.Errorf("split of %q", mail.Text)
		}
		SplitQuotedHTML(mail.HTML)
		IsAutoReply(mail.Header)
	})
}

func FuzzDecodeHeader(f *testing.F) {
	for _, s := range []string{"=?utf-8?q?a?= =?utf-8?B?6L+U5ZOB?=", "=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?=", "\x1b$BJVIJ\x1b(B", "=?x?b?", "\x82\xb1", "=?utf-7?q?+ZeVnLA-?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := DecodeHeader(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("%q becomes %q", s, got)
		}
	})
}

func FuzzAddressList(f *testing.F) {
	for _, s := range []string{`"Doe, J" <j@x.jp>, b@x.jp`, "Team: a@x.jp;", "a@x.jp (c)", "<@r:a@x.jp>", `"`, "=?utf-8?q?a,b?= <a@b>", "a..b.@docomo.ne.jp"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range ParseAddressList(s) {
			user, domain, ok := strings.Cut(a.Address, "@")
			if a.Address != "" && (!ok || user == "" || domain == "" || strings.ContainsAny(a.Address, "\r\n\x00")) {
				t.Errorf("%q gives the address %q", s, a.Address)
			}
			if !utf8.ValidString(a.Name) || !utf8.ValidString(a.Address) || strings.ContainsAny(a.Name, "\r\n\x00") {
				t.Errorf("%q gives %+v", s, a)
			}
		}
	})
}

func FuzzSanitize(f *testing.F) {
	for _, page := range hostile {
		f.Add(page)
	}
	f.Fuzz(func(t *testing.T, page string) {
		safe, _ := Sanitize(page, func(string) (string, bool) { return "/inline/1", true })
		if why := danger(safe); why != "" {
			t.Errorf("%q becomes %q with %s", page, safe, why)
		}
		TextFromHTML(page)
	})
}

// Each of these makes a careless reader go over the same bytes again and
// again: were it so, this test would not end.
func TestHostileInputIsReadInOnePass(t *testing.T) {
	size := 1 << 19
	if underRace {
		size = 1 << 15
	}
	for _, pattern := range []string{"(", `"\`, "<", "<@", "=?a?b?x", ":", "a:@", ",", "=?", ">", "\n", "x:\n", "From: x\n", "On 1 wrote:\n"} {
		s := strings.Repeat(pattern, size/len(pattern))
		ParseAddressList(s)
		ParseAddressList("a@" + s)
		DecodeHeader(s)
		parseMedia(s)
		parseMessageIDs(s)
		SplitQuoted("x\n" + s)
		HTMLFromText(s)
		StripSubject(s)
	}
	for _, pattern := range []string{"<", "<a ", "<div>", "<ul>", "<blockquote>", "</div>", `<div style="border-top:solid">`, "<a href=https://x>", "<td>", "<!--", "&", "<b x=", `<p style="color:`} {
		page := strings.Repeat(pattern, size/len(pattern))
		Sanitize(page, nil)
		TextFromHTML(page)
		SplitQuotedHTML("x" + page)
	}
	Sanitize("<p "+strings.Repeat("a=b ", size/4)+">", nil)
	Sanitize(`<p style="`+strings.Repeat("color:red;", size/10)+`">`, nil)
	Parse(strings.NewReader("References: "+strings.Repeat("<a@b>", size/10)+"\nTo: "+strings.Repeat("a@b,", size/10)+"\n\n"), DefaultLimits, nil)
	Parse(strings.NewReader("Subject: x\nContent-Type: multipart/mixed\n\n"+strings.Repeat("--\n", size)), DefaultLimits, nil)
}
