package eml

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

const (
	deepestQuote = 20 // deeper quotes and lists are written as if they were this deep
	deepestList  = 10
)

// TextFromHTML writes a page as plain text: paragraphs, lists, quotes behind
// "> ", table cells apart by " | ", links as "text (address)". It reads tokens,
// not a tree, so that nesting costs nothing.
func TextFromHTML(page string) string {
	var w textWriter
	z := html.NewTokenizer(strings.NewReader(page))
	skipText := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return strings.TrimRight(w.out.String(), "\n")
		}
		t := z.Token()
		switch kind {
		case html.TextToken:
			if !skipText {
				w.text(t.Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(t)
		case html.EndTagToken:
			w.end(t.Data)
		}
		skipText = kind != html.EndTagToken && rawTextElement[t.Data]
	}
}

// textWriter holds back breaks, blanks and separators until text follows.
type textWriter struct {
	out    strings.Builder
	breaks int  // line ends due
	blank  bool // a blank is due
	pre    int  // inside <pre>

	quote     int   // depth
	lastQuote int   // of the line before
	lists     []int // per open list: the last number, -1 for bullets
	marker    string

	inRow, cellOpen bool // a cell of this row has text; a new cell has none yet

	href     string // of the open link
	linkFrom int
}

// breakAfter says how many line ends stand around an element.
func breakAfter(name string) int {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "dl", "table", "pre", "figure":
		return 2
	case "div", "li", "tr", "dt", "dd", "section", "article", "header", "footer", "main", "aside", "nav", "address",
		"center", "caption", "form", "fieldset", "details", "summary", "body", "figcaption", "option":
		return 1
	}
	return 0
}

func (w *textWriter) start(t html.Token) {
	n := breakAfter(t.Data)
	if len(w.lists) > 0 && (t.Data == "ul" || t.Data == "ol") {
		n = 1
	}
	w.lineBreak(n)
	switch t.Data {
	case "br":
		w.breaks = min(w.breaks+1, 3)
		w.blank = false
	case "hr":
		w.lineBreak(2)
		w.text("----------")
		w.lineBreak(2)
	case "pre":
		w.pre++
	case "blockquote":
		w.quote++
	case "ul":
		w.lists = append(w.lists, -1)
	case "ol":
		w.lists = append(w.lists, 0)
	case "li":
		w.item()
	case "tr":
		w.inRow, w.cellOpen = false, false
	case "td", "th":
		w.cellOpen = true
	case "img":
		if alt := strings.TrimSpace(attribute(t, "alt")); alt != "" {
			w.text("[" + alt + "]")
		}
	case "a":
		w.href, w.linkFrom = cleanLink(attribute(t, "href")), w.out.Len()
	}
}

func (w *textWriter) end(name string) {
	switch name {
	case "pre":
		w.pre = max(w.pre-1, 0)
	case "blockquote":
		w.lineBreak(2)
		w.quote = max(w.quote-1, 0)
	case "ul", "ol":
		if len(w.lists) > 0 {
			w.lists = w.lists[:len(w.lists)-1]
		}
		if len(w.lists) > 0 {
			w.lineBreak(1)
			return
		}
	case "td", "th":
		w.breaks, w.blank = 0, false // the next cell goes on in this line
		w.cellOpen = true
		return
	case "tr":
		w.inRow, w.cellOpen = false, false
	case "a":
		w.endLink()
	}
	w.lineBreak(breakAfter(name))
}

// item begins a list item.
func (w *textWriter) item() {
	if len(w.lists) == 0 {
		w.marker = "- "
		return
	}
	last := &w.lists[len(w.lists)-1]
	indent := strings.Repeat("  ", min(len(w.lists), deepestList)-1)
	if *last < 0 {
		w.marker = indent + "- "
		return
	}
	*last++
	w.marker = fmt.Sprintf("%s%d. ", indent, *last)
}

// endLink writes the address of a link whose text does not say it.
func (w *textWriter) endLink() {
	href := w.href
	w.href = ""
	text := strings.TrimSpace(w.out.String()[min(w.linkFrom, w.out.Len()):])
	_, bare, _ := strings.Cut(href, ":")
	bare = strings.Trim(bare, "/")
	if href == "" || text == "" || strings.Contains(text, bare) {
		return
	}
	w.blank = true
	w.text("(" + href + ")")
}

// lineBreak makes sure that what follows is n lines further down. At the
// beginning of a table cell there is nothing to break.
func (w *textWriter) lineBreak(n int) {
	if n == 0 || w.cellOpen && w.inRow {
		return
	}
	w.breaks = max(w.breaks, n)
	w.blank = false
}

func (w *textWriter) text(s string) {
	for _, r := range s {
		switch {
		case w.pre > 0 && r == '\n':
			w.breaks = min(w.breaks+1, 3)
		case w.pre > 0 && (r == ' ' || r == '\t'):
			w.beginText()
			w.out.WriteRune(r)
		case r != '\u3000' && unicode.IsSpace(r):
			w.blank = true
		case r == '\u00ad' || r == '\u034f' || r == '\u200b' || r == '\ufeff' || unicode.IsControl(r):
			// fill the preview line of mail programs, or nothing
		case r == '\u200c' && (w.blank || w.breaks > 0 || w.out.Len() == 0):
			// the same; between letters it belongs to the word
		default:
			w.beginText()
			w.out.WriteRune(r)
		}
	}
}

// beginText writes what is due before text.
func (w *textWriter) beginText() {
	switch {
	case w.cellOpen && w.inRow && w.breaks == 0:
		w.out.WriteString(" | ")
	case w.out.Len() == 0 || w.breaks > 0:
		w.newLine()
	case w.blank:
		w.out.WriteByte(' ')
	}
	w.cellOpen, w.inRow = false, w.inRow || w.cellOpen
	w.blank, w.breaks = false, 0
}

// newLine ends the line and writes quote and list marks of the next.
func (w *textWriter) newLine() {
	if w.out.Len() > 0 {
		between := strings.Repeat(">", min(w.quote, w.lastQuote, deepestQuote))
		for range w.breaks - 1 {
			w.out.WriteString("\n" + between)
		}
		w.out.WriteByte('\n')
	}
	if w.quote > 0 {
		w.out.WriteString(strings.Repeat(">", min(w.quote, deepestQuote)) + " ")
	}
	w.lastQuote = w.quote
	switch {
	case w.marker != "":
		w.out.WriteString(w.marker)
		w.marker = ""
	case len(w.lists) > 0:
		w.out.WriteString(strings.Repeat("  ", min(len(w.lists), deepestList)))
	}
}

func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
