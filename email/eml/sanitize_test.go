package eml

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func resolveNone(string) (string, bool) { return "", false }

func TestSanitizeKeepsWhatMailNeeds(t *testing.T) {
	inline := func(source string) (string, bool) { return "/inline/7", source == "logo@here" || source == "/inline/7" }
	tests := []struct{ name, in, want string }{
		{"text", "a &lt; b &amp; c", "a &lt; b &amp; c"},
		{"table", `<table border="1" cellpadding="2"><tr><td colspan="2" bgcolor="#fff">x</td></tr></table>`,
			`<table border="1" cellpadding="2"><tr><td colspan="2" bgcolor="#fff">x</td></tr></table>`},
		{"styles", `<p style="margin:0mm;color:#1F497D;FONT-FAMILY:&quot;游ゴシック&quot;,sans-serif">x</p>`,
			`<p style="margin: 0mm; color: #1F497D; font-family: &#34;游ゴシック&#34;,sans-serif">x</p>`},
		{"colour functions", `<b style="color:rgb(1, 2,3);border:1px solid rgba(0,0,0,.5)">x</b>`,
			`<b style="color: rgb(1, 2,3); border: 1px solid rgba(0,0,0,.5)">x</b>`},
		{"link", `<a href="https://example.com/?a=1&amp;b=2">x</a>`,
			`<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer" target="_blank">x</a>`},
		{"mailto and tel", `<a href="mailto:a@example.com">m</a><a href="TEL:+81312345678">t</a>`,
			`<a href="mailto:a@example.com" rel="noopener noreferrer" target="_blank">m</a><a href="tel:+81312345678" rel="noopener noreferrer" target="_blank">t</a>`},
		{"link without scheme", `<a href="//example.com/x">x</a>`, `<a href="https://example.com/x" rel="noopener noreferrer" target="_blank">x</a>`},
		{"inline image", `<img src="cid:logo%40here" alt="logo">`, `<img src="/inline/7" alt="logo">`},
		{"inline image that is missing", `<img src="cid:other" alt="gone">`, `<img alt="gone">`},
		{"image of our own", `<img src="/inline/7">`, `<img src="/inline/7">`},
		{"image of our own that resolve does not know", `<img src="/logout">`, `<img>`},
		{"image in the mail", `<img src="data:image/png;base64,iVBORw0KGgo=">`, `<img src="data:image/png;base64,iVBORw0KGgo=">`},
		{"colours of the page", `<html><body bgcolor="#eee" style="color:black">x</body></html>`, `<div bgcolor="#eee" style="color: black">x</div>`},
		{"Outlook's own elements", `<p class=MsoNormal>x<o:p>&nbsp;</o:p></p><!--[if mso]><p>hidden</p><![endif]-->`, "<p>x\u00a0</p>"},
		{"background colour beside a picture", `<td style="background:#036 url(https://x.example/a.png) no-repeat">x</td>`, `<td style="background: #036  no-repeat">x</td>`},
		{"furigana", `<ruby>山田<rt>やまだ</rt></ruby>`, `<ruby>山田<rt>やまだ</rt></ruby>`},
	}
	for _, tt := range tests {
		got, _ := Sanitize(tt.in, inline)
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
		if again, _ := Sanitize(got, inline); again != got {
			t.Errorf("%s: the second time becomes %s", tt.name, again)
		}
	}
}

func TestRemoteImagesWaitUntilAskedFor(t *testing.T) {
	for _, src := range []string{"http://t.example/p.gif", "https://t.example/p.gif?u=1&amp;x", "//t.example/p.gif", " \nhttps://t.example/p.gif"} {
		got, remote := Sanitize(`<img src="`+src+`" width="1" srcset="https://t.example/2x.png 2x">`, resolveNone)
		if !remote || strings.Contains(got, ` src="http`) || strings.Contains(got, "srcset") ||
			!strings.Contains(got, `src="`+blankImage+`" data-remote-src="http`) {
			t.Errorf("%s: remote %v: %s", src, remote, got)
		}
		if again, remote := Sanitize(got, resolveNone); again != got || !remote {
			t.Errorf("%s: the second time becomes %s, remote %v", src, again, remote)
		}
	}
	for _, page := range []string{`<p>none</p>`, `<img src="cid:x">`, `<img src="/relative.png">`, `<img data-remote-src="javascript:x">`} {
		if got, remote := Sanitize(page, resolveNone); remote || strings.Contains(got, "http") {
			t.Errorf("%s: remote %v: %s", page, remote, got)
		}
	}
}

// hostile are pages that try to run script, load something, or leave their frame.
var hostile = []string{
	`<script>alert(1)</script>`, `<SCRIPT SRC=//x.example/a.js></SCRIPT>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<img src=x onerror=alert(1)>`, `<img src="x" onerror="alert(1)" style="color:red">`, `<body onload=alert(1)>`, `<p onmouseover="alert(1)">x</p>`,
	`<a href="javascript:alert(1)">x</a>`, `<a href=" java&#10;script:alert(1)">x</a>`, `<a href="jAvAsCrIpT&colon;alert(1)">x</a>`,
	`<a href="&#1;javascript:alert(1)">x</a>`, `<a href="vbscript:x">x</a>`, `<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	`<a href="https://ok.example" href="javascript:alert(1)">x</a>`, `<a href="javascript:alert(1)" href="https://ok.example">x</a>`,
	`<svg onload=alert(1)><script>alert(1)</script></svg>`, `<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<img src="data:image/svg+xml;base64,PHN2Zy8+">`, `<img src="data:text/html;base64,PHNjcmlwdD4=">`,
	`<iframe src="https://x.example"></iframe>`, `<object data="x.swf"></object>`, `<embed src="x.swf">`, `<applet code=x></applet>`,
	`<base href="https://x.example/">`, `<meta http-equiv="refresh" content="0;url=https://x.example">`, `<link rel=stylesheet href="https://x.example/a.css">`,
	`<form action="https://x.example"><input name=p type=password><button>go</button></form>`,
	`<style>@import url(https://x.example/a.css);p{background:url(https://x.example)}</style>`,
	`<p style="background:url(https://x.example/a.png)">x</p>`, `<p style="background:u\72l(https://x.example)">x</p>`,
	`<p style="position:fixed;top:0;left:0;width:100%;z-index:9999">x</p>`, `<p style="width:expression(alert(1))">x</p>`,
	`<p style="behavior:url(x.htc);-moz-binding:url(x)">x</p>`, `<p style="color:red;/*">*/position:fixed">x</p>`,
	`<p style="font-family:'x;position:fixed'">x</p>`, `<td background="https://x.example/a.png">x</td>`, `<p style="border-image:url(https://x.example) 1">x</p>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`, `<textarea><img src=x onerror=alert(1)></textarea>`,
	`<title><img src=x onerror=alert(1)></title>`, `<xmp><img src=x onerror=alert(1)></xmp>`, `<plaintext><img src=x onerror=alert(1)>`,
	`<template><script>alert(1)</script></template>`, `<video src="https://x.example/v.mp4" poster="https://x.example/p.png" autoplay></video>`,
	`<input type=image src="https://x.example">`, `<img src="https://x.example/a" srcset="https://x.example/b 2x">`,
	`<!--><script>alert(1)</script>-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?xml-stylesheet href="x"?>`, `<a href="//x.example\@y">x</a>`,
	"<img src=\"x\x00\" on\x00error=alert(1)>", `<img/src=x/onerror=alert(1)>`, `<p title="&quot;><script>alert(1)</script>">x</p>`,
	`<a target="_self" rel="opener" href="https://x.example">x</a>`, `<div id="root" class="app" name="location">x</div>`, `<a href="`, `<img src="cid:x`,
}

func TestHostileHTMLIsHarmless(t *testing.T) {
	for _, page := range hostile {
		safe, _ := Sanitize(page, func(string) (string, bool) { return "/inline/1", true })
		if why := danger(safe); why != "" {
			t.Errorf("%s\nbecomes %s\nwith %s", page, safe, why)
		}
		again, _ := Sanitize(safe, nil)
		if why := danger(again); why != "" {
			t.Errorf("%s\nthe second time becomes %s\nwith %s", page, again, why)
		}
	}
}

// danger parses a page as a browser does and names what must not be in it.
func danger(page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return "" // nested deeper than html.Parse accepts
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode || n.Namespace != "" {
			return "a comment or foreign element " + n.Data
		}
		if n.Type != html.ElementNode || slices.Contains([]string{"html", "head", "body"}, n.Data) && len(n.Attr) == 0 {
			continue
		}
		if !allowed(n.Data) {
			return "element " + n.Data
		}
		for _, a := range n.Attr {
			if why := dangerousAttribute(n.Data, a); why != "" {
				return why
			}
		}
	}
	return ""
}

func dangerousAttribute(element string, a html.Attribute) string {
	if !slices.Contains(htmlElements[element], a.Key) && !slices.Contains(everyElement, a.Key) {
		return "attribute " + a.Key
	}
	value := strings.ToLower(a.Val)
	switch a.Key {
	case "href":
		if !strings.HasPrefix(value, "http:") && !strings.HasPrefix(value, "https:") && !strings.HasPrefix(value, "mailto:") && !strings.HasPrefix(value, "tel:") {
			return "link to " + a.Val
		}
	case "src":
		if value != "/inline/1" && !isImageData(a.Val) {
			return "image from " + a.Val
		}
	case "target":
		if value != "_blank" {
			return "target " + a.Val
		}
	case "style":
		for _, word := range []string{"url(", "expression(", "position:", "behavior", "import", "\\", "/*", "<"} {
			if strings.Contains(value, word) {
				return "style " + a.Val
			}
		}
	}
	return ""
}

func TestTextFromHTML(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"paragraphs", "<p>one\n two</p><p>three<br>four</p>", "one two\n\nthree\nfour"},
		{"divisions", "<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"},
		{"lists", "<ul><li>a<li>b<ol><li>c</li><li>d</li></ol></li></ul><p>e", "- a\n- b\n  1. c\n  2. d\n\ne"},
		{"table", "<table><tr><th>Item</th><th><p>Price</p></th></tr><tr><td>Pen</td><td>100</td></tr></table>end", "Item | Price\nPen | 100\n\nend"},
		{"links", `<a href="https://x.example/a">here</a> <a href="https://x.example/b">https://x.example/b</a> <a href="mailto:a@x.example">a@x.example</a> <a href="javascript:x">no</a>`,
			"here (https://x.example/a) https://x.example/b a@x.example no"},
		{"link around a picture", `<a href="https://x.example/"><img src="x" alt=""></a>x`, "x"},
		{"quotes", "<p>new</p><blockquote>old<br>more<blockquote>older</blockquote></blockquote>after", "new\n\n> old\n> more\n>\n>> older\n\nafter"},
		{"preformatted", "<pre>a  b\n  c</pre>d", "a  b\n  c\n\nd"},
		{"what is not text", "<title>t</title><style>p{}</style><script>x()</script><!-- c -->text", "text"},
		{"entities and blanks", "a&nbsp;&amp;&#x200b;\u034f b　c", "a & b　c"},
		{"rule and picture", `a<hr>b <img alt="chart" src="cid:1">`, "a\n\n----------\n\nb [chart]"},
		{"japanese", "<p>お世話に<b>なって</b>おります。</p>", "お世話になっております。"},
	}
	for _, tt := range tests {
		if got := TextFromHTML(tt.in); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestHTMLFromText(t *testing.T) {
	link := func(s string) string {
		return `<a href="` + s + `" rel="noopener noreferrer" target="_blank">` + s + `</a>`
	}
	tests := []struct{ name, in, want string }{
		{"paragraphs", "a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>\n"},
		{"escaped", `<b>&"`, "<p>&lt;b&gt;&amp;&#34;</p>\n"},
		{"link in a sentence", "see https://x.example/a?b=1.", "<p>see " + link("https://x.example/a?b=1") + ".</p>\n"},
		{"link in Japanese", "詳細はhttps://x.example/aをご覧ください", "<p>詳細は" + link("https://x.example/a") + "をご覧ください</p>\n"},
		{"link in brackets", "(https://x.example/a)", "<p>(" + link("https://x.example/a") + ")</p>\n"},
		{"quotes", "a\n> b\n> > c\nd", "<p>a</p>\n<blockquote>\n<p>b</p>\n<blockquote>\n<p>c</p>\n</blockquote>\n</blockquote>\n<p>d</p>\n"},
	}
	for _, tt := range tests {
		got := HTMLFromText(tt.in)
		if got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
		if safe, _ := Sanitize(got, nil); safe != got {
			t.Errorf("%s: not safe as it is: %q", tt.name, got)
		}
	}
}

func TestRemoteImagesAreShownByAnotherAddress(t *testing.T) {
	safe, _ := Sanitize(`<p>a</p><img src="https://img.example/a.gif?x=1&amp;y=2" alt="one"><img src="http://img.example/&quot;onerror=alert(1)//"><img src="cid:own">`,
		func(source string) (string, bool) { return "/attachments/token/own/", source == "own" })
	var asked []string
	got := ShowRemoteImagesBy(safe, func(address string) string {
		asked = append(asked, address)
		return `/images/"` + fmt.Sprint(len(asked))
	})
	if len(asked) != 2 || asked[0] != "https://img.example/a.gif?x=1&y=2" {
		t.Errorf("asked for %q", asked)
	}
	if strings.Contains(got, "img.example") || strings.Contains(got, `"1`) || !strings.Contains(got, `src="/images/&#34;1" alt="one"`) || !strings.Contains(got, "/attachments/token/own/") {
		t.Errorf("shown: %s", got)
	}
}
