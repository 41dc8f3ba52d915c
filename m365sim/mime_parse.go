package m365sim

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/charset"
)

// Bounds on what a mail may make us do. What lies beyond is kept as it is, as
// one attachment, or not shown; the raw bytes are always complete.
const (
	maxDepth       = 20
	maxParts       = 1000
	maxShownHeader = 2000
	previewLength  = 255 // message resource type: bodyPreview
)

// parsedMail is what Exchange reads off a mail as it comes in.
type parsedMail struct {
	properties properties
	date       time.Time // zero when missing or unreadable
	headers    []header
	bodyType   string
	body       string
	files      []attachment
}

// parseMail never fails: of a broken mail it returns what can be read.
func parseMail(raw []byte) parsedMail {
	var p parsedMail
	fields, _ := splitHeader(raw)
	p.headers = fields
	if len(p.headers) > maxShownHeader {
		p.headers = p.headers[:maxShownHeader]
	}
	p.readHeader(fields)
	w := partWalker{mail: &p}
	// A charset or encoding that is unknown still leaves a readable entity.
	entity, err := gomessage.ReadWithOptions(bytes.NewReader(raw), &gomessage.ReadOptions{MaxHeaderBytes: int64(len(raw)) + 1})
	if entity != nil && (err == nil || gomessage.IsUnknownCharset(err) || gomessage.IsUnknownEncoding(err)) {
		w.walk(entity, 0, "mixed")
	} else if _, body, found := bytes.Cut(raw, []byte("\r\n\r\n")); found {
		w.text = cleanText(string(body))
	}
	p.finish(w)
	return p
}

// splitHeader reads the header fields of a mail in order, unfolded, skipping
// lines that are none, and returns where the body starts.
func splitHeader(raw []byte) (fields []header, bodyAt int) {
	rest := raw
	for len(rest) > 0 {
		line, tail, _ := bytes.Cut(rest, []byte("\n"))
		rest = tail
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && len(fields) > 0 {
			fields[len(fields)-1].Value += " " + cleanText(strings.TrimSpace(string(line)))
			continue
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if found && len(name) > 0 && !bytes.ContainsAny(name, " \t") {
			fields = append(fields, header{Name: cleanText(string(name)), Value: cleanText(strings.TrimSpace(string(value)))})
		}
	}
	return fields, len(raw) - len(rest)
}

// fieldValue returns the first field of that name, or "".
func fieldValue(fields []header, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

func (p *parsedMail) readHeader(fields []header) {
	get := func(name string) string { return fieldValue(fields, name) }
	q := &p.properties
	q.Subject = decodeWords(get("Subject"))
	q.ToRecipients = parseAddresses(get("To"))
	q.CcRecipients = parseAddresses(get("Cc"))
	q.BccRecipients = parseAddresses(get("Bcc"))
	q.ReplyTo = parseAddresses(get("Reply-To"))
	q.From, q.Sender = firstAddress(get("From")), firstAddress(get("Sender"))
	if q.Sender == nil {
		q.Sender = q.From
	}
	q.InternetMessageID = get("Message-ID")
	q.InReplyTo = get("In-Reply-To")
	q.References = get("References")
	q.Categories = []string{}
	q.Flag.FlagStatus = "notFlagged"
	q.InferenceClassification = "focused"
	q.Importance = parseImportance(get("Importance"), get("X-Priority"))
	q.IsReadReceiptRequested = get("Disposition-Notification-To") != ""
	q.IsDeliveryReceiptRequested = get("Return-Receipt-To") != ""
	if date, err := mail.ParseDate(get("Date")); err == nil {
		p.date = date.UTC()
	}
}

func parseImportance(importance, priority string) string {
	switch strings.ToLower(importance) {
	case "high", "low":
		return strings.ToLower(importance)
	}
	switch {
	case strings.HasPrefix(priority, "1"), strings.HasPrefix(priority, "2"):
		return "high"
	case strings.HasPrefix(priority, "4"), strings.HasPrefix(priority, "5"):
		return "low"
	}
	return "normal"
}

func (p *parsedMail) finish(w partWalker) {
	p.bodyType, p.body = "text", w.text
	preview := w.text
	if w.html != "" {
		p.bodyType, p.body = "html", w.html
		preview = htmlToText(w.html)
	}
	p.properties.BodyPreview = makePreview(preview)
	for i := range p.files {
		f := &p.files[i]
		// hasAttachments is false when there are inline attachments only.
		f.inline = f.inline || f.contentID != "" && strings.Contains(w.html, "cid:"+f.contentID)
		if !f.inline {
			p.properties.HasAttachments = true
		}
	}
}

func makePreview(text string) string {
	if enough := 8 * previewLength; len(text) > enough {
		text = strings.ToValidUTF8(text[:enough], "")
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }), "\r\n")
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > previewLength {
		text = string(runes[:previewLength])
	}
	return text
}

// partWalker finds the body and the attachments among the parts of a mail.
type partWalker struct {
	mail       *parsedMail
	parts      int
	text, html string
}

func (w *partWalker) walk(e *gomessage.Entity, depth int, parent string) {
	if w.parts++; w.parts > maxParts {
		return
	}
	contentType, params, _ := e.Header.ContentType()
	if kind, isMultipart := strings.CutPrefix(contentType, "multipart/"); isMultipart && depth < maxDepth {
		if reader := e.MultipartReader(); reader != nil {
			w.walkParts(reader, depth, kind)
			return
		}
	}
	disposition, dispositionParams, _ := e.Header.ContentDisposition()
	name := cmp.Or(dispositionParams["filename"], params["name"])
	content, err := io.ReadAll(e.Body)
	if err != nil && len(content) == 0 && depth > 0 {
		return
	}
	isText := disposition != "attachment" && name == "" && e.Header.Get("Content-Id") == "" || depth == 0
	switch {
	case contentType == "text/html" && w.html == "" && isText:
		w.html = cleanText(string(content))
	case (contentType == "text/plain" || contentType == "") && w.text == "" && isText && (w.html == "" || parent == "alternative"):
		w.text = cleanText(string(content))
	case isText && parent == "alternative" && strings.HasPrefix(contentType, "text/"):
		// another form of the body, such as text/calendar or text/watch-html
	default:
		w.attach(e, contentType, disposition, name, content)
	}
}

func (w *partWalker) walkParts(reader gomessage.MultipartReader, depth int, kind string) {
	for {
		part, err := reader.NextPart()
		if part == nil || err != nil && !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err) {
			return
		}
		w.walk(part, depth+1, kind)
		if w.parts > maxParts {
			return
		}
	}
}

func (w *partWalker) attach(e *gomessage.Entity, contentType, disposition, name string, content []byte) {
	a := attachment{
		kind:        "file",
		name:        cleanText(decodeWords(name)),
		contentType: cmp.Or(contentType, "application/octet-stream"),
		contentID:   strings.Trim(e.Header.Get("Content-Id"), "<> "),
		inline:      disposition == "inline" && e.Header.Get("Content-Id") != "",
		size:        int64(len(content)),
		content:     content,
	}
	if contentType == "message/rfc822" {
		a.kind = "item"
		fields, _ := splitHeader(content)
		a.name = cmp.Or(a.name, decodeWords(fieldValue(fields, "Subject")))
	}
	if a.name == "" {
		a.name = fmt.Sprintf("ATT%05d%s", len(w.mail.files)+1, extensionOf(contentType))
	}
	a.name = path.Base(strings.ReplaceAll(a.name, `\`, "/"))
	w.mail.files = append(w.mail.files, a)
}

func extensionOf(contentType string) string {
	switch contentType {
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".htm"
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	}
	return ".bin"
}

var wordDecoder = mime.WordDecoder{CharsetReader: charset.Reader}

// decodeWords decodes RFC 2047 encoded words, leaving broken ones as they are.
func decodeWords(s string) string {
	decoded, err := wordDecoder.DecodeHeader(s)
	if err != nil {
		return cleanText(s)
	}
	return cleanText(decoded)
}

var looseAddress = regexp.MustCompile(`<?([^\s<>,;"]+@[^\s<>,;"]+)>?`)

// parseAddresses reads an address list; of one that breaks RFC 5322 it picks
// what looks like addresses.
func parseAddresses(s string) []recipient {
	list := []recipient{}
	if strings.TrimSpace(s) == "" {
		return list
	}
	parser := mail.AddressParser{WordDecoder: &wordDecoder}
	if parsed, err := parser.ParseList(s); err == nil {
		for _, a := range parsed {
			list = append(list, newRecipient(a.Name, a.Address))
		}
		return list
	}
	for _, part := range strings.Split(s, ",") {
		if found := looseAddress.FindStringSubmatchIndex(part); found != nil {
			name := strings.Trim(decodeWords(strings.TrimSpace(part[:found[0]])), `" `)
			list = append(list, newRecipient(name, part[found[2]:found[3]]))
		}
	}
	return list
}

func firstAddress(s string) *recipient {
	if list := parseAddresses(s); len(list) > 0 {
		return &list[0]
	}
	return nil
}

// newRecipient names a nameless address by itself, as Exchange does.
func newRecipient(name, address string) recipient {
	return recipient{emailAddress{Name: cleanText(cmp.Or(name, address)), Address: cleanText(address)}}
}

var messageIDs = regexp.MustCompile(`<[^<>\s]+>`)

// relatedIDs lists the Message-IDs a mail refers to, nearest first.
func relatedIDs(p properties) []string {
	ids := messageIDs.FindAllString(p.InReplyTo, 5)
	references := messageIDs.FindAllString(p.References, 200)
	for i := len(references) - 1; i >= 0; i-- {
		ids = append(ids, references[i])
	}
	return ids
}

// cleanText makes a string fit for JSON: valid UTF-8 without NUL.
func cleanText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
