package eml

import (
	"html"
	"regexp"
	"strings"
)

// HTMLFromText writes plain text as HTML: paragraphs, links that can be
// followed, quotes in blockquote. The result is safe to show as it is.
func HTMLFromText(text string) string {
	var b strings.Builder
	depth, open := 0, false // quotes; a paragraph is open
	endParagraph := func() {
		if open {
			b.WriteString("</p>\n")
			open = false
		}
	}
	for line := range strings.Lines(text) {
		quotes, rest := cutQuotes(strings.TrimRight(line, "\r\n"))
		if quotes != depth {
			endParagraph()
			b.WriteString(strings.Repeat("<blockquote>\n", max(quotes-depth, 0)))
			b.WriteString(strings.Repeat("</blockquote>\n", max(depth-quotes, 0)))
			depth = quotes
		}
		switch {
		case strings.TrimSpace(rest) == "":
			endParagraph()
			continue
		case open:
			b.WriteString("<br>\n")
		default:
			b.WriteString("<p>")
			open = true
		}
		writeLine(&b, rest)
	}
	endParagraph()
	b.WriteString(strings.Repeat("</blockquote>\n", depth))
	return b.String()
}

// cutQuotes cuts the quote marks off a line: "> > text".
func cutQuotes(line string) (depth int, rest string) {
	for depth < deepestQuote {
		after, ok := strings.CutPrefix(strings.TrimLeft(line, " "), ">")
		if !ok || depth == 0 && !strings.HasPrefix(line, ">") {
			break
		}
		line = after
		depth++
	}
	if depth > 0 {
		line = strings.TrimPrefix(line, " ")
	}
	return depth, line
}

// webAddress holds ASCII only: in Japanese text no blank ends an address.
var webAddress = regexp.MustCompile(`https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+`)

// writeLine escapes a line and makes its web addresses links.
func writeLine(b *strings.Builder, line string) {
	text := strings.TrimLeft(line, " ")
	b.WriteString(strings.Repeat("&nbsp;", len(line)-len(text)))
	for text != "" {
		at := webAddress.FindStringIndex(text)
		if at == nil {
			break
		}
		address := strings.TrimRight(text[at[0]:at[1]], ".,;:!?'")
		if strings.HasSuffix(address, ")") && !strings.Contains(address, "(") {
			address = strings.TrimRight(address, ").,;:!?'")
		}
		b.WriteString(html.EscapeString(text[:at[0]]))
		escaped := html.EscapeString(address)
		b.WriteString(`<a href="` + escaped + `" rel="noopener noreferrer" target="_blank">` + escaped + `</a>`)
		text = text[at[0]+len(address):]
	}
	b.WriteString(html.EscapeString(text))
}
