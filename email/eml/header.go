package eml

import (
	"bytes"
	"strings"
)

// Field is one header field. Value is unfolded and repaired to UTF-8; encoded
// words (RFC 2047) are left as they are, because they may hide the commas and
// brackets that give a structured field its shape. DecodeHeader reads them.
type Field struct{ Name, Value string }

// Header holds all fields of a mail in the order they were sent.
type Header []Field

// Get returns the first value of a field, "" when there is none. Names compare
// without regard to case.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Text returns the first value of a field for people to read.
func (h Header) Text(name string) string { return DecodeHeader(h.Get(name)) }

// Values returns all values of a field.
func (h Header) Values(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Has reports whether the field occurs.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// joined returns all values of an address or message-id field as one list.
func (h Header) joined(name string) string { return strings.Join(h.Values(name), ", ") }

const (
	// essentialHeader is room kept for the fields that a mail cannot do
	// without, so that thousands of others sent before them do no harm.
	essentialHeader = 64 << 10
	// brokenLines is how many lines a header may hold that are no fields,
	// before we take it that the body has begun.
	brokenLines = 100
)

// headerReader reads the header fields where the scanner stands, one header
// after the other within one budget.
type headerReader struct {
	scan *scanner
	note func(code, words string)

	left, essential int64 // room for fields
	broken          int

	fields Header
	field  []byte // the field being read
	inside bool   // field holds something
}

// read reads up to and including the blank line. Where a header ends without
// one, the first line that cannot be a field begins the body.
func (h *headerReader) read() Header {
	h.fields, h.broken = nil, 0
	fresh := true // at the beginning of a line
	for {
		line, ok := h.scan.readLine()
		if !ok {
			break
		}
		begins := fresh
		fresh = line[len(line)-1] == '\n'
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case !begins: // more of a very long line
			h.extend(text)
		case len(bytes.TrimRight(text, " \t")) == 0:
			h.finish()
			return h.fields
		case text[0] == ' ' || text[0] == '\t':
			h.extend([]byte{' '})
			h.extend(bytes.TrimLeft(text, " \t"))
		case fieldName(text) != "":
			h.finish()
			h.inside = true
			h.extend(text)
		case !h.skipBroken(line):
			h.finish()
			return h.fields
		}
	}
	h.finish()
	return h.fields
}

func (h *headerReader) extend(b []byte) {
	room := max(h.left, h.essential) - int64(len(h.field))
	if int64(len(b)) > room {
		h.note(DefectHeaderTooLong, "A header field was cut.")
		b = b[:max(room, 0)]
	}
	if h.inside {
		h.field = append(h.field, b...)
	}
}

// finish files the field read so far.
func (h *headerReader) finish() {
	if !h.inside {
		return
	}
	h.inside = false
	name := fieldName(h.field)
	value := bytes.TrimSpace(h.field[bytes.IndexByte(h.field, ':')+1:])
	size := int64(len(h.field))
	h.field = h.field[:0]
	if bytes.IndexByte(value, 0) >= 0 {
		h.note(DefectNULBytes, "NUL bytes in the header field "+name+" were removed.")
		value = bytes.ReplaceAll(value, []byte{0}, nil)
	}
	if bytes.IndexByte(value, '\r') >= 0 { // ends no line
		value = bytes.ReplaceAll(value, []byte{'\r'}, []byte{' '})
	}
	switch {
	case size <= h.left:
		h.left -= size
	case essentialField(name) && size <= h.essential:
		h.essential -= size
	default:
		h.note(DefectHeaderTooLong, "Header fields were dropped, the first is "+name+".")
		return
	}
	h.fields = append(h.fields, Field{Name: name, Value: string(value)})
}

// skipBroken deals with a line that is no field and reports whether the header
// goes on behind it. Otherwise the line is the first of the body.
func (h *headerReader) skipBroken(line []byte) bool {
	line = bytes.Clone(line) // looking ahead moves the buffer
	if len(h.fields) == 0 && !h.inside && isMboxLine(line) {
		return true
	}
	h.broken++
	h.note(DefectHeaderBroken, "Not a header field: "+excerpt(string(line)))
	if h.broken > brokenLines || !h.continues() {
		h.scan.unread(line)
		return false
	}
	if h.inside && strings.EqualFold(fieldName(h.field), "Subject") {
		h.extend([]byte{' '})
		h.extend(bytes.TrimSpace(line)) // folded without the leading space
	}
	return true
}

// continues reports whether a field comes before the next blank line.
func (h *headerReader) continues() bool {
	ahead := h.scan.peek(4 << 10)
	for len(ahead) > 0 {
		var line []byte
		line, ahead, _ = bytes.Cut(ahead, []byte("\n"))
		switch {
		case len(bytes.TrimSpace(line)) == 0 || h.scan.delimiter(line) != nil:
			return false
		case fieldName(line) != "":
			return true
		}
	}
	return false
}

// fieldName returns the name of the field in a line, "" when it is no field
// (RFC 5322 section 2.2; blanks before the colon are the obsolete syntax).
func fieldName(line []byte) string {
	colon := bytes.IndexByte(line[:min(len(line), 100)], ':')
	if colon <= 0 {
		return ""
	}
	name := bytes.TrimRight(line[:colon], " \t")
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return ""
		}
	}
	return string(name)
}

// isMboxLine recognises the line that separates mails in an mbox file.
func isMboxLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

// essentialField names the fields that make a mail readable and traceable.
func essentialField(name string) bool {
	switch strings.ToLower(name) {
	case "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
		"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version",
		"auto-submitted", "x-auto-response-suppress", "precedence", "list-id", "return-path":
		return true
	}
	return strings.HasPrefix(strings.ToLower(name), "x-tandem-")
}

// excerpt shortens what a mail contains for the words of a defect.
func excerpt(s string) string {
	const most = 60
	return shorten(cleanLine(strings.ToValidUTF8(s[:min(len(s), 10*most)], "\ufffd")), most)
}

// shorten cuts s after most characters.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
