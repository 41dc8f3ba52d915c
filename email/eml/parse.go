package eml

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// longestSubject is in characters; RFC 5322 section 2.1.1 allows lines of 998.
const longestSubject = 1000

// parser reads one mail in one pass.
type parser struct {
	lim  Limits
	sink func(Part, io.Reader) (string, error)
	scan *scanner
	mail *Mail

	headers  headerReader
	parts    int
	textRead int64
	report   reportParts
	text     []body // what makes Mail.Text, in order
	html     []body // what makes Mail.HTML, in order
}

// entity is a mail or a part: a header that describes what follows.
type entity struct {
	media       media
	disposition media
	encoding    string
	contentID   string
	name        string // cleaned file name; "" when it has none
}

// place is where an entity stands in the tree.
type place struct {
	depth  int
	parent string // subtype of the multipart around it; "" for the mail itself
	first  bool   // of its siblings
	into   *target
	inAlt  bool // somewhere inside multipart/alternative
}

// target says which versions of the text a part still belongs to.
type target struct{ text, html bool }

func (p *parser) parse() error {
	p.headers = headerReader{scan: p.scan, note: p.mail.note, left: p.lim.Header, essential: essentialHeader}
	p.skipLeading()
	h := p.headers.read()
	if err := p.scan.failed(); err != nil {
		return err
	}
	if len(h) == 0 {
		return ErrNotMail
	}
	e := p.describe(h)
	p.mail.Header = h
	p.readFields()
	if err := p.walk(e, place{first: true, into: &target{text: true, html: true}}); err != nil {
		return err
	}
	if err := p.scan.drain(); err != nil {
		return err
	}
	p.finish()
	p.mail.Report = readReport(p.mail, &p.report)
	return nil
}

// skipLeading steps over a byte order mark and blank lines before the header.
func (p *parser) skipLeading() {
	for {
		switch ahead := p.scan.peek(3); {
		case bytes.Equal(ahead, []byte("\xef\xbb\xbf")):
			p.scan.r.Discard(3)
		case bytes.HasPrefix(ahead, []byte("\n")):
			p.scan.r.Discard(1)
		case bytes.HasPrefix(ahead, []byte("\r\n")):
			p.scan.r.Discard(2)
		default:
			return
		}
	}
}

// readFields fills the fields of the mail from its header.
func (p *parser) readFields() {
	m, h := p.mail, p.mail.Header
	ids := parseMessageIDs(h.Get("Message-ID"))
	if len(ids) == 1 {
		m.MessageID = ids[0]
	} else {
		m.note(DefectMessageID, "Message-ID: "+excerpt(h.Get("Message-ID")))
	}
	m.InReplyTo = parseMessageIDs(h.joined("In-Reply-To"))
	m.References = parseMessageIDs(h.joined("References"))
	m.From = p.addresses("From")
	m.Sender = p.addresses("Sender")
	m.ReplyTo = p.addresses("Reply-To")
	m.To = p.addresses("To")
	m.Cc = p.addresses("Cc")
	m.Bcc = p.addresses("Bcc")
	m.Subject = shorten(h.Text("Subject"), longestSubject)
	if m.Date = parseDate(h.Get("Date")); m.Date.IsZero() {
		m.note(DefectDate, "Date: "+excerpt(h.Get("Date")))
	}
}

func (p *parser) addresses(field string) []Address {
	list := ParseAddressList(p.mail.Header.joined(field))
	for _, a := range list {
		if a.Address == "" {
			p.mail.note(DefectAddress, field+": "+excerpt(a.Name))
		}
	}
	return list
}

// describe repairs a header and reads what it says about the entity.
func (p *parser) describe(h Header) entity {
	var e entity
	charset := parseMedia(h.Get("Content-Type")).params["charset"]
	for i, f := range h {
		repaired, raw := repairRaw(f.Value, charset)
		if raw {
			p.mail.note(DefectHeader8Bit, "Raw bytes in the header field "+f.Name+".")
			h[i].Value = repaired
		}
	}
	e.media = parseMedia(h.Get("Content-Type"))
	e.disposition = parseMedia(h.Get("Content-Disposition"))
	e.encoding = h.Get("Content-Transfer-Encoding")
	if ids := parseMessageIDs(h.Get("Content-ID")); len(ids) > 0 {
		e.contentID = ids[0]
	} else {
		e.contentID = strings.TrimSpace(h.Get("Content-ID"))
	}
	e.name = p.fileName(e)
	if !e.media.isType() {
		if h.Has("Content-Type") && e.media.value != "text" {
			p.mail.note(DefectContentType, "Content-Type: "+excerpt(h.Get("Content-Type")))
		}
		e.media.value = "text/plain"
		if e.name != "" {
			e.media.value = "application/octet-stream"
		}
	}
	return e
}

// fileName finds the name of a part: RFC 2183 says filename, old mailers and
// Outlook say name.
func (p *parser) fileName(e entity) string {
	sent := e.disposition.params["filename"]
	if sent == "" {
		sent = e.media.params["name"]
	}
	if sent == "" {
		return ""
	}
	decoded := DecodeHeader(sent)
	name := cleanFileName(decoded)
	if name != decoded {
		p.mail.note(DefectFileName, "File name: "+excerpt(decoded))
	}
	return name
}

// walk reads the entity where the scanner stands.
func (p *parser) walk(e entity, at place) error {
	p.parts++
	kind, subtype, _ := strings.Cut(e.media.value, "/")
	if kind == "multipart" {
		if at.depth < p.lim.Depth {
			return p.multipart(e, at, subtype)
		}
		p.mail.note(DefectDepthExceeded, fmt.Sprintf("Multiparts nested deeper than %d were kept as an attachment.", p.lim.Depth))
	}
	if e.isText(at) {
		return p.readText(e, at, p.scan)
	}
	if e.media.value == "text/x-amp-html" && at.parent == "alternative" {
		p.mail.note(DefectAlternative, "A version in "+e.media.value+" was left out.")
		return p.scan.drain()
	}
	return p.attachment(e)
}

// isText tells the text of a mail from its attachments, as JMAP does (RFC 8621
// section 4.1.4): text that has a name is an attachment unless it comes first.
func (e entity) isText(at place) bool {
	switch {
	case e.disposition.value == "attachment":
		return false
	case e.media.value == "text/plain" || e.media.value == "text/html":
		return at.first || at.parent != "related" && e.name == ""
	case strings.HasPrefix(e.media.value, "text/"): // text/markdown, text/enriched
		return at.parent == "" && e.name == "" && extensions[e.media.value] == ""
	}
	return false
}

// multipart reads the parts of a multipart. One without boundaries is read as
// the text it must be.
func (p *parser) multipart(e entity, at place, subtype string) error {
	boundary := p.scan.sniffBoundary(e.media.params["boundary"])
	switch declared := e.media.params["boundary"]; boundary {
	case declared:
	case "":
		boundary = declared // it may come later
	default:
		p.mail.note(DefectBoundaryMissing, "The boundary in use is not the one declared.")
	}
	if boundary == "" {
		return p.withoutBoundary(e, at, p.scan)
	}
	level := p.scan.push(boundary)
	defer p.scan.pop(level)
	preamble, err := p.preamble()
	if err != nil {
		return err
	}
	if !p.scan.standsAt(level) {
		return p.withoutBoundary(e, at, bytes.NewReader(preamble))
	}

	into := *at.into
	texts, htmls := len(p.text), len(p.html)
	child := place{depth: at.depth + 1, parent: subtype, first: true, into: &into, inAlt: at.inAlt || subtype == "alternative"}
	closed := false
	for p.scan.standsAt(level) {
		// Parts behind the closing boundary are read too: some mailers write it twice.
		closed = p.scan.at.last
		p.scan.pass()
		switch {
		case closed:
		case p.parts >= p.lim.Parts:
			p.mail.note(DefectPartsExceeded, fmt.Sprintf("Parts beyond the first %d were left out.", p.lim.Parts))
		default:
			if err := p.walk(p.describe(p.headers.read()), child); err != nil {
				return err
			}
			child.first = false
		}
		if err := p.scan.drain(); err != nil {
			return err
		}
	}
	if !closed {
		p.mail.note(DefectMultipartUnclosed, "A multipart ends without its last boundary.")
	}
	if subtype == "alternative" && at.into.text && at.into.html {
		p.completeAlternative(texts, htmls)
	}
	return nil
}

// preamble reads what stands before the first part: nothing or a note to old
// mailers, or the whole text when the boundary never comes.
func (p *parser) preamble() ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(p.scan, p.lim.Text-p.textRead))
	if err != nil {
		return nil, err
	}
	return b, p.scan.drain()
}

// withoutBoundary reads a multipart whose parts cannot be told apart as text.
func (p *parser) withoutBoundary(e entity, at place, r io.Reader) error {
	p.mail.note(DefectBoundaryMissing, "A multipart without boundaries was read as text.")
	e.media = media{value: "text/plain"}
	return p.readText(e, at, r)
}

// attachment decodes the part where the scanner stands into the sink.
func (p *parser) attachment(e entity) error {
	dec := newTransferDecoder(e.encoding, p.scan)
	if dec == nil {
		p.mail.note(DefectTransferEncoding, "Content-Transfer-Encoding: "+excerpt(e.encoding))
		dec = identity{p.scan}
	}
	if err := p.keep(e, dec); err != nil {
		return err
	}
	p.mail.note(dec.defect())
	return p.scan.drain()
}

// keep gives the content of a part to the sink.
func (p *parser) keep(e entity, r io.Reader) error {
	part := Part{FileName: e.name, ContentType: e.media.value, ContentID: e.contentID}
	if part.ContentType == "message/rfc822" && part.FileName == "" {
		peeked := bufio.NewReaderSize(r, 16<<10)
		head, _ := peeked.Peek(16 << 10)
		part.FileName = p.forwardedName(head)
		r = peeked
	}
	if part.FileName == "" {
		part.FileName = inventFileName(part.ContentType, len(p.mail.Parts)+1)
	}
	content := &counter{r: p.report.listen(part.ContentType, r), left: p.lim.Attachment}
	ref, err := p.sink(part, content)
	if err != nil {
		return fmt.Errorf("keep attachment %q: %w", part.FileName, err)
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return err
	}
	if content.cut {
		p.mail.note(DefectAttachmentCut, fmt.Sprintf("%s was cut after %d bytes.", part.FileName, p.lim.Attachment))
	}
	part.Size, part.Ref = content.n, ref
	p.mail.Parts = append(p.mail.Parts, part)
	return nil
}

// forwardedName names a forwarded mail after its subject.
func (p *parser) forwardedName(head []byte) string {
	h := headerReader{scan: newScanner(bytes.NewReader(head)), note: func(string, string) {}, left: 16 << 10}
	subject := strings.NewReplacer("/", "_", `\`, "_").Replace(h.read().Text("Subject"))
	if name := cleanFileName(subject + ".eml"); name != "eml" {
		return name
	}
	return ""
}

// counter counts what is read and ends after left bytes.
type counter struct {
	r       io.Reader
	n, left int64
	cut     bool
}

func (c *counter) Read(b []byte) (int, error) {
	if c.left <= 0 {
		n, err := c.r.Read(make([]byte, 1))
		c.cut = c.cut || n > 0
		if err == nil {
			err = io.EOF
		}
		return 0, err
	}
	n, err := c.r.Read(b[:min(int64(len(b)), c.left)])
	c.n += int64(n)
	c.left -= int64(n)
	return n, err
}
