package m365sim

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"strings"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// compose writes the RFC 5322 form of a message from its properties, body and
// attachments: text and HTML as alternatives, inline attachments related to the
// HTML, the others mixed in.
func compose(m *message, files []attachment) ([]byte, error) {
	var related, mixed []attachment
	for _, f := range files {
		if f.inline && m.bodyType == "html" {
			related = append(related, f)
		} else {
			mixed = append(mixed, f)
		}
	}
	root := bodyPart(m)
	if len(related) > 0 {
		root = multipart("related", append([]part{root}, fileParts(related)...))
	}
	if len(mixed) > 0 {
		root = multipart("mixed", append([]part{root}, fileParts(mixed)...))
	}
	writeEnvelope(&root.header, m)
	var out bytes.Buffer
	if err := root.write(&out); err != nil {
		return nil, fmt.Errorf("compose mail: %w", err)
	}
	return out.Bytes(), nil
}

// part is a MIME part with either content or parts of its own.
type part struct {
	header  gomessage.Header
	content []byte
	parts   []part
}

func multipart(kind string, parts []part) part {
	p := part{parts: parts}
	p.header.SetContentType("multipart/"+kind, map[string]string{"boundary": "_000_" + randomToken(24) + "_"})
	return p
}

func leaf(contentType string, params map[string]string, encoding string, content []byte) part {
	p := part{content: content}
	p.header.SetContentType(contentType, params)
	p.header.Set("Content-Transfer-Encoding", encoding)
	return p
}

func bodyPart(m *message) part {
	utf8 := map[string]string{"charset": "utf-8"}
	if m.bodyType != "html" {
		return leaf("text/plain", utf8, "quoted-printable", crlf(m.body))
	}
	return multipart("alternative", []part{
		leaf("text/plain", utf8, "quoted-printable", crlf(htmlToText(m.body))),
		leaf("text/html", utf8, "quoted-printable", crlf(m.body)),
	})
}

func fileParts(files []attachment) []part {
	var parts []part
	for _, f := range files {
		if f.kind == "item" {
			p := leaf("message/rfc822", nil, "8bit", f.content)
			p.header.SetContentDisposition("attachment", nil)
			parts = append(parts, p)
			continue
		}
		p := leaf(f.contentType, map[string]string{"name": f.name}, "base64", f.content)
		disposition := "attachment"
		if f.inline {
			disposition = "inline"
		}
		p.header.SetContentDisposition(disposition, map[string]string{"filename": f.name})
		if f.contentID != "" {
			p.header.Set("Content-Id", "<"+oneLine(f.contentID)+">")
		}
		parts = append(parts, p)
	}
	return parts
}

func (p part) write(w io.Writer) error {
	writer, err := gomessage.CreateWriter(w, p.header)
	if err != nil {
		return err
	}
	return p.writeInto(writer)
}

func (p part) writeInto(writer *gomessage.Writer) error {
	for _, child := range p.parts {
		inner, err := writer.CreatePart(child.header)
		if err != nil {
			return err
		}
		if err := child.writeInto(inner); err != nil {
			return err
		}
	}
	if len(p.parts) == 0 {
		if _, err := writer.Write(p.content); err != nil {
			return err
		}
	}
	return writer.Close()
}

// writeEnvelope adds the header fields of the whole mail. Fields are written in
// reverse, as go-message puts each before the others.
func writeEnvelope(h *gomessage.Header, m *message) {
	q := m.properties
	var fields mail.Header
	fields.Header = *h
	fields.Set("Mime-Version", "1.0")
	for i := len(m.headers) - 1; i >= 0; i-- {
		if isCustomHeader(m.headers[i].Name) {
			fields.SetText(m.headers[i].Name, oneLine(m.headers[i].Value))
		}
	}
	if q.Importance == "high" || q.Importance == "low" {
		fields.Set("Importance", q.Importance)
	}
	if q.IsReadReceiptRequested && q.From != nil {
		fields.Set("Disposition-Notification-To", q.From.EmailAddress.Address)
	}
	if ids := messageIDs.FindAllString(q.References, 200); len(ids) > 0 {
		fields.Set("References", strings.Join(ids, " "))
	}
	if ids := messageIDs.FindAllString(q.InReplyTo, 5); len(ids) > 0 {
		fields.Set("In-Reply-To", strings.Join(ids, " "))
	}
	fields.Set("Message-Id", q.InternetMessageID)
	fields.SetDate(m.sent)
	fields.SetSubject(oneLine(q.Subject))
	setAddresses(&fields, "Bcc", q.BccRecipients)
	setAddresses(&fields, "Reply-To", q.ReplyTo)
	setAddresses(&fields, "Cc", q.CcRecipients)
	setAddresses(&fields, "To", q.ToRecipients)
	if q.Sender != nil && q.From != nil && !strings.EqualFold(q.Sender.EmailAddress.Address, q.From.EmailAddress.Address) {
		setAddresses(&fields, "Sender", []recipient{*q.Sender})
	}
	if q.From != nil {
		setAddresses(&fields, "From", []recipient{*q.From})
	}
	*h = fields.Header
}

func isCustomHeader(name string) bool {
	return len(name) > 2 && strings.EqualFold(name[:2], "x-") && !strings.ContainsAny(name, " :\r\n")
}

func setAddresses(h *mail.Header, name string, list []recipient) {
	if len(list) == 0 {
		return
	}
	addresses := make([]*mail.Address, len(list))
	for i, r := range list {
		addresses[i] = &mail.Address{Name: oneLine(r.EmailAddress.Name), Address: oneLine(r.EmailAddress.Address)}
		if addresses[i].Name == addresses[i].Address {
			addresses[i].Name = ""
		}
	}
	h.SetAddressList(name, addresses)
}

// oneLine keeps a value from becoming a header field of its own.
func oneLine(s string) string {
	return strings.NewReplacer("\r", "", "\n", " ").Replace(s)
}

func crlf(s string) []byte {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return []byte(strings.ReplaceAll(s, "\n", "\r\n"))
}

// setHeaders replaces or adds header fields of raw mail at its top, and removes
// those given an empty value, leaving every other byte as it is.
func setHeaders(raw []byte, fields ...header) []byte {
	var out bytes.Buffer
	out.Grow(len(raw) + 256)
	for _, f := range fields {
		if f.Value != "" {
			fmt.Fprintf(&out, "%s: %s\r\n", f.Name, f.Value)
		}
	}
	rest, dropping := raw, false
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		line := rest[:end]
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := bytes.Cut(line, []byte(":"))
			dropping = hasField(fields, string(name))
		}
		if !dropping {
			out.Write(line)
		}
		rest = rest[end:]
	}
	out.Write(rest)
	return out.Bytes()
}

func hasField(fields []header, name string) bool {
	for _, f := range fields {
		if strings.EqualFold(f.Name, strings.TrimSpace(name)) {
			return true
		}
	}
	return false
}

func formatAddress(name, address string) string {
	return (&mail.Address{Name: oneLine(name), Address: oneLine(address)}).String()
}

// encodeWord writes s as a header value, encoded when it is not ASCII.
func encodeWord(s string) string { return mime.QEncoding.Encode("utf-8", s) }
