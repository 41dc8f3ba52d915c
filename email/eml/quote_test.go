package eml

import (
	"strings"
	"testing"
)

func TestSplitQuoted(t *testing.T) {
	const answer = "Thank you.\n\n"
	tests := []struct{ name, quoted string }{
		{"original message", "-----Original Message-----\nFrom: a\n\nold\n"},
		{"original message, Japanese", "-----元のメッセージ-----\n差出人: a\n\nold\n"},
		{"original message, Portuguese", "-----Mensagem original-----\nDe: a\n\nold\n"},
		{"Outlook's header", "From: Support <s@x.jp>\nSent: Sunday, November 22, 2026 12:34\nTo: Ana\nSubject: Re: order\n\nold\n"},
		{"Outlook's header below a rule", "________________________________\nFrom: Support <s@x.jp>\nSent: Sunday\nTo: Ana\nSubject: order\n\nold\n"},
		{"Outlook's header, Japanese", "差出人: サポート <s@x.jp>\n送信日時: 2026年11月22日日曜日 12:34\n宛先: 山田\n件名: 返品\n\n古い本文\n"},
		{"Outlook's header, Portuguese", "De: Suporte <s@x.jp>\nEnviado: domingo, 22 de novembro de 2026 12:34\nPara: Ana\nAssunto: pedido\n\nvelho\n"},
		{"Outlook's header in bold", "*From:* Support <s@x.jp>\n*Sent:* Sunday\n*To:* Ana\n*Subject:* order\n\nold\n"},
		{"Gmail", "On Sun, Nov 22, 2026 at 12:34 PM Support <s@x.jp> wrote:\n\n> old\n> text\n"},
		{"Gmail in two lines", "On Sun, Nov 22, 2026 at 12:34 PM Support Team of Contoso\n<s@x.jp> wrote:\n\n> old\n"},
		{"Gmail, Japanese", "2026年11月22日(日) 12:34 サポート <s@x.jp>:\n\n> 古い本文\n"},
		{"Gmail, Portuguese", "Em dom., 22 de nov. de 2026 às 12:34, Suporte <s@x.jp>\nescreveu:\n\n> velho\n"},
		{"Apple Mail, Japanese", "2026/11/22 12:34、サポート <s@x.jp>のメール:\n\n古い本文\n"},
		{"name in Japanese", "山田花子さんは書きました:\n> 古い本文\n"},
		{"not behind marks", "On 22 Nov 2026, at 12:34, Support <s@x.jp> wrote:\n\nold text\nwithout marks\n"},
		{"marks only", "> old\n> text\n\n"},
		{"full-width marks", "＞ 古い\n"},
	}
	for _, tt := range tests {
		fresh, quoted := SplitQuoted(answer + tt.quoted)
		if fresh != answer || quoted != tt.quoted {
			t.Errorf("%s: fresh %q, quoted %q", tt.name, fresh, quoted)
		}
		if fresh, quoted := SplitQuoted(tt.quoted); fresh != tt.quoted || quoted != "" {
			t.Errorf("%s alone: fresh %q, quoted %q", tt.name, fresh, quoted)
		}
	}
}

func TestSplitQuotedLeavesWhatIsNoQuote(t *testing.T) {
	for name, text := range map[string]string{
		"answers between quotes": "On Sun, Nov 22, 2026 at 12:34 S <s@x.jp> wrote:\n> question one\nanswer one\n> question two\nanswer two\n",
		"answer below":           "Hello.\n\nOn Sun, Nov 22, 2026 at 12:34 S <s@x.jp> wrote:\n> question\n\nThe answer stands here.\n",
		"forwarded":              "Please see.\n\n---------- Forwarded message ---------\nFrom: Ana <a@x.jp>\nDate: Sun, Nov 22, 2026\nSubject: Broken\nTo: S <s@x.jp>\n\nIt is broken.\n",
		"a form":                 "My data:\nFrom: Tokyo\nTo: Osaka\nSeats: 2\n",
		"a sentence with wrote":  "As I wrote:\nit is broken.\nOn Monday my colleague wrote:\nno.\n",
		"a list":                 "Options:\n- one\n- two\n",
		"an address at the end":  "My address is 2026年11月22日 a@x.jp:\n",
	} {
		if fresh, quoted := SplitQuoted(text); fresh != text || quoted != "" {
			t.Errorf("%s: quoted %q", name, quoted)
		}
	}
}

func TestSplitQuotedHTML(t *testing.T) {
	tests := []struct{ name, page, fresh, quoted string }{
		{"Gmail", `<div dir="ltr">Thanks</div><br><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On Sun wrote:</div><blockquote class="gmail_quote">old</blockquote></div>`,
			`<div dir="ltr">Thanks</div><br>`, `<div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On Sun wrote:</div><blockquote class="gmail_quote">old</blockquote></div>`},
		{"Outlook on the web", `<html><body><div>Thanks</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> S</div><div>old</div></body></html>`,
			`<html><body><div>Thanks</div>`, `<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> S</div><div>old</div></body></html>`},
		{"Outlook", `<div class="WordSection1"><p>了解</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>差出人:</b> S</p></div><p>old</p></div>`,
			`<div class="WordSection1"><p>了解</p></div>`, `<div class="WordSection1"><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>差出人:</b> S</p></div><p>old</p></div>`},
		{"Apple Mail", `<p>Thanks</p><div><br><blockquote type="cite"><div>On 22 Nov, S wrote:</div>old</blockquote></div>`,
			`<p>Thanks</p><div><br></div>`, `<div><blockquote type="cite"><div>On 22 Nov, S wrote:</div>old</blockquote></div>`},
		{"Thunderbird", `<p>Thanks</p><div class="moz-cite-prefix">S wrote:<br></div><blockquote type="cite">old</blockquote>`,
			`<p>Thanks</p>`, `<div class="moz-cite-prefix">S wrote:<br></div><blockquote type="cite">old</blockquote>`},
		{"separator in the text", `<p>Thanks</p><p>-----Original Message-----</p><p>old</p>`,
			`<p>Thanks</p><p></p>`, `<p>-----Original Message-----</p><p>old</p>`},
		{"picture only", `<img src="cid:1"><div class="gmail_quote">old</div>`, `<img src="cid:1">`, `<div class="gmail_quote">old</div>`},
	}
	for _, tt := range tests {
		fresh, quoted := SplitQuotedHTML(tt.page)
		if fresh != tt.fresh || quoted != tt.quoted {
			t.Errorf("%s:\n fresh %s\nquoted %s", tt.name, fresh, quoted)
		}
	}
}

func TestSplitQuotedHTMLLeavesWhatIsNoQuote(t *testing.T) {
	for name, page := range map[string]string{
		"quote only":      `<div class="gmail_quote">old</div>`,
		"answer below":    `<p>Hi</p><blockquote type="cite">question</blockquote><p>answer</p>`,
		"forwarded":       `<p>See</p><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Ana</div>It is broken.</div>`,
		"ruled section":   `<p>Hi</p><div style="border-top:solid #ccc 1px">Our offer</div>`,
		"nothing behind":  `<p>Hi</p><div id="appendonsend"></div>`,
		"mark in a style": `<style>.x{}<div id="divRplyFwdMsg"></style><p>Hi</p>`,
	} {
		if fresh, quoted := SplitQuotedHTML(page); fresh != page || quoted != "" {
			t.Errorf("%s: quoted %s", name, quoted)
		}
	}
}

func TestStripSubject(t *testing.T) {
	for in, want := range map[string]string{
		"Re: order": "order", "RE: FW: Re[2]: order": "order", "AW: WG: Bestellung": "Bestellung", "RES: ENC: pedido": "pedido",
		"返信: 転送：返品": "返品", "Re：返品": "返品", "回复: 订单": "订单", "Re:": "Re:", "Regarding: order": "Regarding: order",
		"[Ticket 7] Re: x": "[Ticket 7] Re: x", "  order ": "order", "": "", "Re : order": "order",
	} {
		if got := StripSubject(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestIsAutoReply(t *testing.T) {
	tests := []struct{ field, reason string }{
		{"Auto-Submitted: auto-replied", "Auto-Submitted: auto-replied"},
		{"Auto-Submitted: auto-generated; owner-email=\"a@x.jp\"", `Auto-Submitted: auto-generated; owner-email="a@x.jp"`},
		{"auto-submitted: No", ""},
		{"X-Auto-Response-Suppress: DR, OOF, AutoReply", "X-Auto-Response-Suppress: DR, OOF, AutoReply"},
		{"X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: All"},
		{"X-Auto-Response-Suppress: DR, RN, NRN", ""},
		{"Precedence: bulk", "Precedence: bulk"},
		{"Precedence: normal", ""},
		{"List-Id: <news.example.com>", "List-Id: <news.example.com>"},
		{"Return-Path: < >", "Return-Path: < >"},
		{"Return-Path: <a@x.jp>", ""},
		{"Content-Type: multipart/report; report-type=delivery-status; boundary=x", "Content-Type: multipart/report; report-type=delivery-status; boundary=x"},
		{"Content-Type: text/plain", ""},
	}
	for _, tt := range tests {
		name, value, _ := strings.Cut(tt.field, ": ")
		auto, reason := IsAutoReply(Header{{Name: "Subject", Value: "x"}, {Name: name, Value: value}})
		if auto != (tt.reason != "") || reason != tt.reason {
			t.Errorf("%s: %v, %q", tt.field, auto, reason)
		}
	}
}
