package email

import (
	"context"
	"fmt"
	"html"
	"strings"

	"tandem/desk"
	"tandem/problem"
)

// enclose gives the letter the comment's files, and returns what its text says
// of those that leave as links.
func (l *letter) enclose(ctx context.Context, tx Tx, t *desk.Ticket, c *desk.Comment, fileURL func(secret string) string) (html string, err error) {
	if len(c.Attachments) == 0 {
		return "", nil
	}
	settings, err := tx.GetFileSettings(ctx)
	if err != nil {
		return "", err
	}
	if err := mustBeGivenOut(c.Attachments, settings); err != nil {
		return "", err
	}
	if fileURL == nil {
		l.files = c.Attachments
		return "", nil
	}
	requester, err := tx.GetUser(ctx, t.RequesterID)
	if err != nil {
		return "", err
	}
	attached, linked := withoutLinked(c)
	l.files = attached
	return linksHTML(linked, fileURL, requester.Locale), nil
}

// withoutLinked are the files that are attached, and byLink the links of the rest.
func withoutLinked(c *desk.Comment) (attached []desk.Attachment, byLink []linkedFile) {
	links := make(map[desk.AttachmentID]desk.FileLink, len(c.Links))
	for _, l := range c.Links {
		links[l.AttachmentID] = l
	}
	for _, a := range c.Attachments {
		if l, linked := links[a.ID]; linked {
			byLink = append(byLink, linkedFile{a, l})
		} else {
			attached = append(attached, a)
		}
	}
	return attached, byLink
}

// linkedFile is a file with the link to it.
type linkedFile struct {
	file desk.Attachment
	link desk.FileLink
}

// linkWords are what a mail says about its links, by the requester's language.
var linkWords = map[string]struct {
	head string // above the list
	line string // size and date behind the file's name
	date string // layout
}{
	"en":    {"Too large to attach. Download here:", "(%s, available until %s)", "2 January 2006"},
	"ja":    {"添付できないサイズのファイルです。こちらからダウンロードしてください。", "（%s、%sまで）", "2006年1月2日"},
	"pt-BR": {"Grande demais para anexar. Baixe aqui:", "(%s, disponível até %s)", "02/01/2006"},
}

// linksHTML lists the files that did not fit into the mail. As text it reads
// "- plan.dwg (https://...) (120 MB, available until 22 December 2026)".
func linksHTML(files []linkedFile, url func(secret string) string, locale string) string {
	if len(files) == 0 {
		return ""
	}
	words, known := linkWords[locale]
	if !known {
		words = linkWords["en"]
	}
	var b strings.Builder
	b.WriteString(`<div style="margin-top:12px;padding:8px 12px;border:1px solid #c8c6c4;border-radius:4px"><div>` + words.head + `</div><ul style="margin:4px 0">`)
	for _, f := range files {
		fmt.Fprintf(&b, `<li><a href="%s">%s</a> <span style="color:#605e5c">%s</span></li>`, html.EscapeString(url(f.link.Secret)),
			html.EscapeString(f.file.FileName), fmt.Sprintf(words.line, size(f.file.Size), f.link.ExpiresAt.UTC().Format(words.date)))
	}
	b.WriteString("</ul></div>")
	return b.String()
}

// size is a number of bytes as people read it.
func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d kB", (n+999)/1000)
}

// mustBeGivenOut refuses to send a file that is withheld. One that waits for
// the scanner makes the reply wait; one that is malware makes it fail.
func mustBeGivenOut(files []desk.Attachment, f desk.FileSettings) error {
	for _, a := range files {
		p := a.Withheld(f)
		if p == nil {
			continue
		}
		if p.Kind != problem.Unavailable {
			p.Kind = problem.Invalid // trying again does not help
		}
		return p
	}
	return nil
}

// explainSize says by how much a reply was too large, and what the limits are,
// when Microsoft refused it or one of its files for its size.
func (d *delivery) explainSize(err error) error {
	p := problem.As(err)
	if p == nil || p.Code != codeTooLarge {
		return err
	}
	var total int64
	for _, f := range d.letter.files {
		total += f.Size
	}
	return problem.New(problem.Invalid, "reply_too_large", "Microsoft refused this reply: its files have %s together. "+
		"Exchange Online sends 35 MB unless an administrator allows the mailbox more, and never more than 150 MB.", size(total)).
		On(problem.Admin, "Let files leave as links from a smaller size on (Admin, Attachments and images), or raise the mailbox's message size limit in the Exchange admin center.").
		With("size", size(total)).Because(err)
}
