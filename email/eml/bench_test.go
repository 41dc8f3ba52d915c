package eml

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// typicalMail is what an office sends with Outlook: 12 KiB, text and styled
// HTML in Japanese, a picture in the signature, a quoted mail below.
func typicalMail(tb testing.TB) []byte {
	tb.Helper()
	var page strings.Builder
	page.WriteString(`<html><head><style>p.MsoNormal{margin:0mm;font-size:10.5pt}</style></head><body lang="JA">`)
	for i := range 9 {
		fmt.Fprintf(&page, `<p class="MsoNormal" style="margin:0mm;font-size:10.5pt;font-family:&quot;游ゴシック&quot;"><span lang="JA" style="font-size:11.0pt;color:#1F497D">%d. お世話になっております。ご注文の<b>部品</b>についてのお問い合わせです。</span></p>`, i)
	}
	page.WriteString(`<table style="border-collapse:collapse;width:100%"><tr><td style="border:solid 1.0pt;padding:0 5.4pt">品番</td><td style="border:solid 1.0pt">A-100</td></tr></table>`)
	page.WriteString(`<p><a href="https://example.jp/orders?id=1&amp;x=2">注文</a> <img src="cid:logo@example.jp" width="100"><img src="https://track.example/pixel.gif"></p>`)
	page.WriteString(`<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0mm 0mm 0mm"><p><b>差出人:</b> support@contoso.example<br><b>件名:</b> 返品</p></div><p>前のメールの本文。</p></body></html>`)
	raw, err := Compose(Message{
		From: Address{Name: "山田 花子", Address: "hanako@example.jp"}, To: []Address{{Address: "support@contoso.example"}},
		Subject: "注文番号 4711 の返品について", Date: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), MessageID: "typical@example.jp",
		Text:        strings.Repeat("お世話になっております。ご注文の部品についてのお問い合わせです。\n", 10),
		HTML:        page.String(),
		Attachments: []Attachment{{FileName: "logo.png", ContentType: "image/png", ContentID: "logo@example.jp", Data: bytes.Repeat([]byte{0x89, 'P', 'N', 'G'}, 120)}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func discard(_ Part, r io.Reader) (string, error) {
	_, err := io.Copy(io.Discard, r)
	return "ref", err
}

func BenchmarkParse(b *testing.B) {
	raw := typicalMail(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(bytes.NewReader(raw), DefaultLimits, discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseAndSanitize(b *testing.B) {
	raw := typicalMail(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		mail, err := Parse(bytes.NewReader(raw), DefaultLimits, discard)
		if err != nil {
			b.Fatal(err)
		}
		fresh, quoted := SplitQuotedHTML(mail.HTML)
		for _, half := range []string{fresh, quoted} {
			Sanitize(half, func(string) (string, bool) { return "/inline", true })
		}
	}
}

func BenchmarkSanitize(b *testing.B) {
	mail, err := Parse(bytes.NewReader(typicalMail(b)), DefaultLimits, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(mail.HTML)))
	b.ReportAllocs()
	for b.Loop() {
		Sanitize(mail.HTML, nil)
	}
}

func BenchmarkTextFromHTML(b *testing.B) {
	mail, err := Parse(bytes.NewReader(typicalMail(b)), DefaultLimits, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		TextFromHTML(mail.HTML)
	}
}
