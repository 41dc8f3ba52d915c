package eml

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Limits bound what one mail may cost. Size is the only limit that refuses a
// mail; the others cut, and say so in [Mail.Defects].
type Limits struct {
	Depth      int   // multiparts inside multiparts; what is nested deeper is kept as an attachment
	Parts      int   // parts, multiparts included
	Header     int64 // bytes of header fields, of the mail and of its parts together
	Text       int64 // bytes of text and HTML together, as sent
	Attachment int64 // bytes of one attachment, decoded
	Size       int64 // bytes of the whole mail as sent
}

// DefaultLimits are generous: Exchange Online accepts mails of 150 MB at most
// (Microsoft: "Exchange Online limits"), and people do not nest 30 deep.
var DefaultLimits = Limits{
	Depth:      30,
	Parts:      1000,
	Header:     1 << 20,
	Text:       5 << 20,
	Attachment: 150 << 20,
	Size:       150 << 20,
}

// Reasons why nothing can be made of a mail. Their texts are stable codes.
var (
	// ErrNotMail says that the bytes do not begin with a single header field.
	ErrNotMail = errors.New("not_mail")
	// ErrTooLarge says that the mail is larger than Limits.Size.
	ErrTooLarge = errors.New("mail_too_large")
)

// Mail is one mail, decoded to UTF-8 throughout.
type Mail struct {
	MessageID  string   // without angle brackets; empty when missing or unusable
	InReplyTo  []string // without angle brackets
	References []string // without angle brackets, oldest first, at most 100

	From, Sender, ReplyTo []Address
	To, Cc, Bcc           []Address

	Subject string    // one line, at most 1000 characters
	Date    time.Time // zero when missing or absurd

	Text string // plain text: the text parts, or made from the HTML when there are none
	HTML string // HTML as sent: never show it before Sanitize; empty when there is none

	Parts   []Part // attachments and inline images, in order
	Header  Header
	Report  *Report  `json:",omitempty"` // what became of another mail, when this one tells it; nil otherwise
	Defects []Defect // what was repaired or cut, each code once
}

// Part is an attachment or an inline image.
type Part struct {
	FileName    string // without folders, control and direction characters; never empty
	ContentType string // media type in lower case, without parameters
	ContentID   string // without angle brackets; empty when there is none
	Inline      bool   // shown inside the HTML, which refers to ContentID
	Size        int64  // bytes, decoded
	Ref         string // what the sink returned
}

// Defect is one thing that was wrong with a mail and was repaired or cut.
type Defect struct {
	Code  string // stable
	Words string // for the administrator: what was found
}

// Codes of defects.
const (
	DefectHeaderBroken      = "header_broken"       // a line of a header is not a field
	DefectHeaderTooLong     = "header_too_long"     // fields beyond Limits.Header were dropped
	DefectHeader8Bit        = "header_8bit"         // a field holds raw 8-bit or JIS bytes
	DefectContentType       = "content_type_broken" // Content-Type cannot be read; text/plain assumed
	DefectCharsetGuessed    = "charset_guessed"     // no charset, or an unknown one: found by looking
	DefectCharsetWrong      = "charset_wrong"       // the declared charset does not fit: found by looking
	DefectCharsetInvalid    = "charset_invalid"     // some bytes stand for no character
	DefectBoundaryMissing   = "boundary_missing"    // a multipart without its boundary
	DefectMultipartUnclosed = "multipart_unclosed"  // the last boundary of a multipart is missing
	DefectDepthExceeded     = "depth_exceeded"      // nested deeper than Limits.Depth
	DefectPartsExceeded     = "parts_exceeded"      // more parts than Limits.Parts
	DefectTextCut           = "text_cut"            // text beyond Limits.Text
	DefectAttachmentCut     = "attachment_cut"      // bytes beyond Limits.Attachment
	DefectBase64            = "base64_broken"       // characters that are not base64
	DefectBase64Truncated   = "base64_truncated"    // base64 ends in the middle of a byte
	DefectQuotedPrintable   = "quoted_printable"    // "=" that begins no code
	DefectTransferEncoding  = "encoding_unknown"    // unknown Content-Transfer-Encoding: bytes kept as they are
	DefectNULBytes          = "nul_bytes"           // NUL bytes were removed
	DefectFileName          = "file_name_unsafe"    // a file name was made harmless
	DefectMessageID         = "message_id_unusable" // missing, doubled or too long
	DefectAddress           = "address_broken"      // an address that cannot be used
	DefectDate              = "date_unusable"       // missing or absurd
	DefectAlternative       = "alternative_dropped" // a version of the text made for machines
)

// Parse reads one mail. The contents of each attachment are given to sink as
// they are met, and what sink returns becomes Part.Ref; sink sees the part
// before its Size and Inline are known, and need not read to the end. With a
// nil sink the contents are skipped.
//
// The error is ErrNotMail or ErrTooLarge when nothing can be made of the mail,
// else what r or sink returned. Everything else is repaired and noted in
// Mail.Defects.
func Parse(r io.Reader, lim Limits, sink func(Part, io.Reader) (ref string, err error)) (*Mail, error) {
	if sink == nil {
		sink = func(Part, io.Reader) (string, error) { return "", nil }
	}
	p := &parser{
		lim:  lim,
		sink: sink,
		scan: newScanner(&sizeLimit{r: r, left: lim.Size}),
		mail: new(Mail),
	}
	if err := p.parse(); err != nil {
		return nil, fmt.Errorf("parse mail: %w", err)
	}
	return p.mail, nil
}

// sizeLimit passes on at most left bytes and then fails with ErrTooLarge,
// where io.LimitReader would pretend that the mail ends.
type sizeLimit struct {
	r    io.Reader
	left int64
}

func (l *sizeLimit) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// note records a defect; the first words for a code are kept.
func (m *Mail) note(code, words string) {
	if code == "" || m.HasDefect(code) {
		return
	}
	m.Defects = append(m.Defects, Defect{Code: code, Words: words})
}

// HasDefect reports whether a defect of this code was noted.
func (m *Mail) HasDefect(code string) bool {
	return slices.ContainsFunc(m.Defects, func(d Defect) bool { return d.Code == code })
}
