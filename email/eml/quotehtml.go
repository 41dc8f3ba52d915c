package eml

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// SplitQuotedHTML is SplitQuoted for HTML as sent: it goes by the marks of
// Outlook, Gmail, Apple Mail, Thunderbird and Yahoo, so split first and
// sanitise each half. Elements open at the split are closed in fresh and opened
// again in quoted; the text is never changed or lost.
func SplitQuotedHTML(page string) (fresh, quoted string) {
	s := htmlSplitter{z: html.NewTokenizer(strings.NewReader(page)), from: -1, block: -1}
	s.run()
	if s.from < 0 || !s.shownBefore || !s.shownAfter {
		return page, ""
	}
	var closing, opening strings.Builder
	for _, e := range s.openAtSplit {
		opening.WriteString(e.tag)
	}
	for _, e := range slices.Backward(s.openAtSplit) {
		closing.WriteString("</" + e.name + ">")
	}
	return page[:s.from] + closing.String(), opening.String() + page[s.from:]
}

const deepestSplit = 200 // open elements that are followed; deeper ones are only counted

type openElement struct {
	name, tag string
	container bool
}

// htmlSplitter looks for the offset where the quoted mail begins.
type htmlSplitter struct {
	z    *html.Tokenizer
	at   int // offset of the current token
	open []openElement
	deep int // open elements beyond deepestSplit

	from        int // where the quoted mail begins, -1 while unknown
	openAtSplit []openElement
	toEnd       bool // it goes to the end whatever follows
	containers  int  // open elements that hold quotes

	shown, shownBefore, shownAfter bool // something visible: at all, before and after from

	block     int // offset of a ruled block that may begin with "From:", -1 for none
	blockOpen []openElement
}

func (s *htmlSplitter) run() {
	skipText := false
	for {
		kind := s.z.Next()
		if kind == html.ErrorToken {
			return
		}
		size := len(s.z.Raw())
		raw := string(s.z.Raw())
		t := s.z.Token()
		switch kind {
		case html.TextToken:
			if text := strings.TrimSpace(t.Data); text != "" && !skipText {
				s.text(text)
			}
		case html.StartTagToken:
			s.startTag(t, raw)
		case html.SelfClosingTagToken:
			if t.Data == "img" {
				s.show()
			}
		case html.EndTagToken:
			s.endTag(t.Data)
		}
		skipText = kind != html.EndTagToken && rawTextElement[t.Data]
		s.at += size
	}
}

// split notes that the quoted mail begins at an offset, unless it began before.
func (s *htmlSplitter) split(at int, open []openElement) {
	if s.from < 0 {
		s.from, s.shownBefore = at, s.shown
		s.openAtSplit = slices.Clone(open)
	}
}

func (s *htmlSplitter) text(text string) {
	switch {
	case s.toEnd:
	case s.block >= 0 && fromLabel.MatchString(text):
		s.from = -1
		s.split(s.block, s.blockOpen)
		s.toEnd = true
	case separatorLine.MatchString(text):
		s.split(s.at, s.open)
		s.toEnd = true
	case s.containers > 0 && !s.shownAfter && forwardLine.MatchString(text):
		s.from = -1 // forwarded: meant to be read
	}
	s.block = -1
	s.show()
}

// show notes something visible. Behind a quote it is an answer: then the quote
// did not stand at the end, and everything so far is fresh.
func (s *htmlSplitter) show() {
	s.shown = true
	if s.from >= 0 && s.containers == 0 && !s.toEnd {
		s.from, s.shownAfter = -1, false
		return
	}
	s.shownAfter = s.shownAfter || s.from >= 0
}

func (s *htmlSplitter) startTag(t html.Token, raw string) {
	mark := markOf(t)
	switch {
	case s.toEnd:
	case mark == markRest:
		s.split(s.at, s.open)
		s.toEnd = true
	case mark == markContainer:
		s.split(s.at, s.open)
	case mark == markBlock:
		s.block, s.blockOpen = s.at, slices.Clone(s.open)
	}
	switch {
	case t.Data == "img":
		s.show()
	case voidElement[t.Data] || rawTextElement[t.Data]:
	case len(s.open) == deepestSplit:
		s.deep++
	default:
		s.open = append(s.open, openElement{t.Data, raw, mark == markContainer})
		if mark == markContainer {
			s.containers++
		}
	}
}

// endTag closes the innermost element of the name, if one is near.
func (s *htmlSplitter) endTag(name string) {
	if s.deep > 0 && !voidElement[name] {
		s.deep--
		return
	}
	for i := len(s.open) - 1; i >= max(len(s.open)-20, 0); i-- {
		if s.open[i].name != name {
			continue
		}
		for _, e := range s.open[i:] {
			if e.container {
				s.containers--
			}
		}
		s.open = s.open[:i]
		return
	}
}

// quoteMark says what an element tells about quotes.
type quoteMark int

const (
	markNone      quoteMark = iota
	markContainer           // holds the quoted mail or its introduction
	markRest                // the quoted mail begins here and has no end
	markBlock               // Outlook's ruled block, if it begins with "From:"
)

var voidElement = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
	"link": true, "meta": true, "source": true, "track": true, "wbr": true, "html": true, "head": true, "body": true,
}

var (
	quoteClass = regexp.MustCompile(`(^|[ _])(gmail_quote|gmail_quote_container|gmail_attr|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|WM_quote)($| )`)
	quoteID    = regexp.MustCompile(`^(x_)*(mail-editor-reference-message-container|reply-intro|isForwardContent|yahoo_quoted.*)$`)
	restID     = regexp.MustCompile(`^(x_)*(divRplyFwdMsg|appendonsend|stopSpelling|OLK_SRC_BODY_SECTION)$`)
	ruledStyle = regexp.MustCompile(`(?i)border-top\s*:\s*solid`)
	besideRule = regexp.MustCompile(`(?i)border-left\s*:`)
)

func markOf(t html.Token) quoteMark {
	for _, a := range t.Attr {
		switch {
		case a.Key == "id" && restID.MatchString(a.Val):
			return markRest
		case a.Key == "id" && quoteID.MatchString(a.Val),
			a.Key == "class" && quoteClass.MatchString(a.Val),
			t.Data == "blockquote" && a.Key == "type" && strings.EqualFold(a.Val, "cite"),
			t.Data == "blockquote" && a.Key == "style" && besideRule.MatchString(a.Val):
			return markContainer
		case t.Data == "div" && a.Key == "style" && ruledStyle.MatchString(a.Val):
			return markBlock
		}
	}
	return markNone
}
