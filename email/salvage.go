package email

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"strings"
	"unicode"

	"tandem/desk"
	"tandem/email/eml"
	"tandem/problem"
)

// salvageText is how much of an unreadable mail is shown as text.
const salvageText = 64 << 10

// salvage makes an arrival of a mail that could not be handled: what can be
// read of it, else the beginning of its bytes, and the raw mail as a file.
func salvage(ctx context.Context, blobs Blobs, m *Mail) (*arrival, error) {
	a := &arrival{
		subject: m.Subject, from: m.From, messageID: m.MessageID,
		comment: desk.NewComment{Via: desk.ByEmail, Text: strings.TrimSpace("The text of this mail is not in Tandem. " + m.Error)},
	}
	if m.Blob == "" {
		return a, nil
	}
	raw, err := blobs.Get(ctx, m.Blob)
	if problem.KindOf(err) == problem.NotFound {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	if parsed := parseLeniently(raw); parsed != nil {
		a = describe(parsed)
		a.subject, a.from.Email = cmp.Or(a.subject, m.Subject), cmp.Or(a.from.Email, m.From.Email)
	} else if a.comment.Text, err = readable(raw); err != nil {
		return nil, err
	}
	a.comment.Attachments = append(a.comment.Attachments, desk.Attachment{
		FileName: "mail.eml", ContentType: "message/rfc822", Size: m.Size, Blob: m.Blob, Secret: strings.ToLower(rand.Text()),
	})
	return a, nil
}

// parseLeniently parses a mail without its files, which the raw mail holds; nil
// when that does not work, whatever the reason.
func parseLeniently(raw io.Reader) (m *eml.Mail) {
	defer func() {
		if recover() != nil {
			m = nil
		}
	}()
	m, err := eml.Parse(raw, eml.DefaultLimits, nil)
	if err != nil {
		return nil
	}
	return m
}

// readable is the beginning of some bytes as text.
func readable(raw io.ReadSeeker) (string, error) {
	if _, err := raw.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	head, err := io.ReadAll(io.LimitReader(raw, salvageText))
	if err != nil {
		return "", err
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(string(head), "")), nil
}
