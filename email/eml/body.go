package eml

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// body is a piece of the mail's text.
type body struct {
	text string
	html bool
}

// readText decodes text from r and files it under the versions it belongs to.
func (p *parser) readText(e entity, at place, r io.Reader) error {
	dec := newTransferDecoder(e.encoding, r)
	unknown := dec == nil
	if unknown {
		dec = identity{r}
	}
	left := p.lim.Text - p.textRead
	raw, err := io.ReadAll(io.LimitReader(dec, left+1))
	if err != nil {
		return err
	}
	if int64(len(raw)) > left {
		p.mail.note(DefectTextCut, fmt.Sprintf("Text beyond %d bytes was left out.", p.lim.Text))
		raw = wholeRunes(raw[:left])
	}
	p.textRead += int64(len(raw))
	p.mail.note(dec.defect())
	if err := p.scan.drain(); err != nil {
		return err
	}
	p.file(body{text: p.decodeBody(e, raw), html: e.media.value == "text/html"}, at)
	if unknown {
		p.mail.note(DefectTransferEncoding, "Content-Transfer-Encoding: "+excerpt(e.encoding))
		return p.keep(e, bytes.NewReader(raw))
	}
	return nil
}

// wholeRunes drops the UTF-8 character at the end of b that is cut in two.
func wholeRunes(b []byte) []byte {
	last := len(b) - 1
	for last > 0 && !utf8.RuneStart(b[last]) {
		last--
	}
	if last >= 0 && !utf8.FullRune(b[last:]) {
		return b[:last]
	}
	return b
}

// decodeBody turns the bytes of a text part into clean UTF-8.
func (p *parser) decodeBody(e entity, raw []byte) string {
	charset := e.media.params["charset"]
	if charset == "" && e.media.value == "text/html" {
		charset = metaCharset(raw)
	}
	text, defect := decodeText(raw, charset)
	p.mail.note(defect, "Declared charset: "+excerpt(charset))
	if strings.IndexByte(text, 0) >= 0 {
		p.mail.note(DefectNULBytes, "NUL bytes in the text were removed.")
	}
	text = cleanText(text)
	if e.media.value != "text/html" && strings.EqualFold(e.media.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(e.media.params["delsp"], "yes"))
	}
	return text
}

// file puts a piece of text where it belongs (RFC 8621 section 4.1.4).
func (p *parser) file(b body, at place) {
	if at.inAlt && strings.TrimSpace(b.text) == "" {
		return // an empty version is no version
	}
	intoText, intoHTML := at.into.text, at.into.html
	switch {
	case at.parent == "alternative":
		intoText, intoHTML = intoText && !b.html, intoHTML && b.html
	case at.inAlt && b.html:
		at.into.text, intoText = false, false
	case at.inAlt:
		at.into.html, intoHTML = false, false
	}
	if intoText {
		p.text = append(p.text, b)
	}
	if intoHTML {
		p.html = append(p.html, b)
	}
}

// completeAlternative gives a multipart/alternative that has one version only
// to both versions of the mail.
func (p *parser) completeAlternative(texts, htmls int) {
	switch {
	case len(p.text) == texts && len(p.html) > htmls:
		p.text = append(p.text, p.html[htmls:]...)
	case len(p.html) == htmls && len(p.text) > texts:
		p.html = append(p.html, p.text[texts:]...)
	}
}

// finish puts the pieces of text together.
func (p *parser) finish() {
	m := p.mail
	m.HTML = joinHTML(p.html)
	m.Text = joinText(p.text)
	if strings.TrimSpace(m.Text) == "" && m.HTML != "" {
		m.Text = TextFromHTML(m.HTML)
	}
	if len(m.Parts) > 0 && m.HTML != "" {
		shown := contentIDs(m.HTML)
		for i, part := range m.Parts {
			m.Parts[i].Inline = part.ContentID != "" && shown[part.ContentID]
		}
	}
}

// joinText makes plain text of all pieces.
func joinText(pieces []body) string {
	var texts []string
	for _, b := range pieces {
		text := b.text
		if b.html {
			text = TextFromHTML(text)
		}
		if text = strings.TrimRight(text, "\n"); strings.TrimSpace(text) != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// joinHTML makes HTML of all pieces, "" when none is HTML.
func joinHTML(pieces []body) string {
	var b strings.Builder
	found := false
	for _, piece := range pieces {
		if found = found || piece.html; piece.html {
			b.WriteString(piece.text)
		} else {
			b.WriteString(HTMLFromText(piece.text))
		}
	}
	if !found || strings.TrimSpace(b.String()) == "" {
		return ""
	}
	return b.String()
}
