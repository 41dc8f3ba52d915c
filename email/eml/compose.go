package eml

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is a mail to be written.
type Message struct {
	MessageID  string // without angle brackets; one is made up when empty
	InReplyTo  string
	References []string

	From        Address
	ReplyTo     Address // none when empty
	To, Cc      []Address
	Subject     string
	Date        time.Time // now when zero
	Text        string
	HTML        string // none when empty
	Attachments []Attachment
	Header      Header // more fields
}

// Attachment is a file to be sent. With a ContentID it is an inline image that
// the HTML shows as "cid:" + ContentID.
type Attachment struct {
	FileName    string
	ContentType string
	ContentID   string
	Data        []byte
}

// Compose writes a mail as RFC 5322 and MIME: text and HTML as alternatives,
// inline images related to the HTML, attachments. It serves rehearsal: what
// agents send leaves through Microsoft Graph.
func Compose(m Message) ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.From.mailbox())
	msg.ToMailAddress(mailboxes(m.To)...)
	if len(m.Cc) > 0 {
		msg.CcMailAddress(mailboxes(m.Cc)...)
	}
	if m.ReplyTo.Address != "" {
		msg.ReplyToMailAddress(m.ReplyTo.mailbox())
	}
	msg.Subject(m.Subject)
	if !m.Date.IsZero() {
		msg.SetDateWithValue(m.Date)
	}
	if m.MessageID != "" {
		msg.SetMessageIDWithValue(m.MessageID)
	}
	if m.InReplyTo != "" {
		msg.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+m.InReplyTo+">")
	}
	if len(m.References) > 0 {
		msg.SetGenHeaderPreformatted(gomail.HeaderReferences, "<"+strings.Join(m.References, ">\r\n <")+">")
	}
	for _, f := range m.Header {
		msg.SetGenHeader(gomail.Header(f.Name), f.Value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		options := []gomail.FileOption{gomail.WithFileContentType(gomail.ContentType(a.ContentType))}
		attach := msg.AttachReadSeeker
		if a.ContentID != "" {
			options = append(options, gomail.WithFileContentID(a.ContentID))
			attach = msg.EmbedReadSeeker
		}
		attach(a.FileName, bytes.NewReader(a.Data), options...)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("compose mail: %w", err)
	}
	return b.Bytes(), nil
}

func (a Address) mailbox() *netmail.Address {
	return &netmail.Address{Name: a.Name, Address: a.Address}
}

func mailboxes(list []Address) []*netmail.Address {
	all := make([]*netmail.Address, len(list))
	for i, a := range list {
		all[i] = a.mailbox()
	}
	return all
}
