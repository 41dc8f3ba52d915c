package m365sim

import (
	"html"
	"io"
	"strings"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlToText renders HTML as the plain text that previews and the text
// alternative of sent mail show.
func htmlToText(source string) string {
	var out strings.Builder
	hidden := 0
	z := xhtml.NewTokenizer(strings.NewReader(source))
	for {
		switch kind := z.Next(); kind {
		case xhtml.ErrorToken:
			return strings.TrimSpace(out.String())
		case xhtml.TextToken:
			if hidden == 0 {
				writeCollapsed(&out, z.Token().Data)
			}
		case xhtml.StartTagToken, xhtml.EndTagToken, xhtml.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Script, atom.Style, atom.Head, atom.Title:
				if kind == xhtml.StartTagToken {
					hidden++
				} else if kind == xhtml.EndTagToken && hidden > 0 {
					hidden--
				}
			case atom.Br, atom.P, atom.Div, atom.Tr, atom.Li, atom.H1, atom.H2, atom.H3, atom.Hr, atom.Blockquote:
				if kind != xhtml.StartTagToken || atom.Lookup(name) == atom.Br || atom.Lookup(name) == atom.Hr {
					out.WriteByte('\n')
				}
			}
		}
	}
}

func writeCollapsed(out *strings.Builder, text string) {
	words := strings.Fields(text)
	if len(words) == 0 {
		if text != "" && out.Len() > 0 && !strings.HasSuffix(out.String(), "\n") {
			out.WriteByte(' ')
		}
		return
	}
	if strings.TrimLeft(text, " \t\r\n") != text && out.Len() > 0 {
		out.WriteByte(' ')
	}
	out.WriteString(strings.Join(words, " "))
	if strings.TrimRight(text, " \t\r\n") != text {
		out.WriteByte(' ')
	}
}

// textToHTML is the HTML Graph shows for a plain text mail.
func textToHTML(text string) string {
	escaped := strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n")
	return `<html><head>` + "\r\n" + `<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body><div class="PlainText">` + escaped + `</div></body></html>`
}

// sanitiseHTML takes out what can run: by default Graph removes unsafe HTML
// from a body (Prefer: outlook.allow-unsafe-html).
func sanitiseHTML(source string) string {
	var out strings.Builder
	out.Grow(len(source))
	dropping := 0
	z := xhtml.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == xhtml.ErrorToken {
			if z.Err() != io.EOF {
				return ""
			}
			return out.String()
		}
		raw := string(z.Raw()) // before Token, which reuses the buffer
		token := z.Token()
		switch {
		case isActive(token.DataAtom) && kind != xhtml.TextToken:
			switch kind {
			case xhtml.StartTagToken:
				dropping++
			case xhtml.EndTagToken:
				dropping = max(0, dropping-1)
			}
		case dropping > 0:
		case kind == xhtml.StartTagToken || kind == xhtml.SelfClosingTagToken:
			out.WriteString(safeTag(token, raw))
		default:
			out.WriteString(raw)
		}
	}
}

func isActive(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Iframe, atom.Object, atom.Applet:
		return true
	}
	return false
}

// safeTag returns raw, or the tag rewritten without handlers and script links.
func safeTag(token xhtml.Token, raw string) string {
	kept := token.Attr[:0:0]
	for _, a := range token.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		if !strings.HasPrefix(a.Key, "on") && !strings.HasPrefix(value, "javascript:") {
			kept = append(kept, a)
		}
	}
	if len(kept) == len(token.Attr) {
		return raw
	}
	token.Attr = kept
	return token.String()
}
