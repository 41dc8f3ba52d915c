package email

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strings"

	"tandem/desk"
	"tandem/directory"
	"tandem/email/eml"
)

// How much of the conversation is quoted below a reply.
const (
	maxQuoted      = 5        // comments
	maxQuotedBytes = 64 << 10 // of HTML
)

// maxReferences bounds the References field; the first and the newest are kept
// (RFC 5322 section 3.6.4 sets no limit, gateways do).
const maxReferences = 20

// letter is a reply as it leaves: the draft and the files that follow it.
type letter struct {
	draft Draft
	files []desk.Attachment
}

// composeLetter writes the mail of a public comment or of a notification. A
// file that leaves as a link is named in it with its address, which fileURL knows.
func composeLetter(ctx context.Context, tx Tx, m *Mail, fileURL func(secret string) string) (*letter, error) {
	if m.CommentID == 0 {
		return composeNotification(ctx, tx, m)
	}
	t, err := tx.AnyTicket(ctx, m.TicketID) // what was said before it was deleted leaves
	if err != nil {
		return nil, err
	}
	comments, err := tx.ListComments(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	c, earlier := splitAt(comments, m.CommentID)
	if c == nil {
		return nil, fmt.Errorf("comment %d is not at ticket %d", m.CommentID, t.ID)
	}
	names, err := authorNames(ctx, tx, earlier)
	if err != nil {
		return nil, err
	}
	author, err := tx.GetUser(ctx, c.AuthorID)
	if err != nil {
		return nil, err
	}
	brand, err := tx.GetBrand(ctx, t.BrandID)
	if err != nil {
		return nil, err
	}
	address, err := addressOf(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	l := &letter{draft: Draft{
		Mark: m.Mark, From: senderOf(m, author, brand), To: m.To, CC: m.CC,
		Subject: replySubject(t.Subject, len(earlier) > 0),
	}}
	if address != nil && address.PlusAddressing {
		l.draft.ReplyTo = []Party{{Name: l.draft.From.Name, Email: replyAddress(address.Email, t.ReplyToken)}}
	}
	body := eml.ShowRemoteImages(inlineByContentID(commentHTML(c), c.Attachments))
	links, err := l.enclose(ctx, tx, t, c, fileURL)
	if err != nil {
		return nil, err
	}
	l.draft.HTML = body + links + signatureHTML(author.Signature, brand.Signature) + markerHTML(t.ReplyToken) + quoteHTML(earlier, names)
	l.draft.InReplyTo, l.draft.References, err = threadOf(ctx, tx, t.ID, m.ID)
	return l, err
}

// splitAt finds the comment, and the public ones said before it, newest first.
func splitAt(comments []*desk.Comment, id desk.CommentID) (c *desk.Comment, earlier []*desk.Comment) {
	for _, each := range comments {
		if each.ID == id {
			return each, earlier
		}
		if each.Public {
			earlier = append([]*desk.Comment{each}, earlier...)
		}
	}
	return nil, nil
}

func authorNames(ctx context.Context, tx Tx, comments []*desk.Comment) (map[directory.UserID]string, error) {
	names := make(map[directory.UserID]string)
	var ids []directory.UserID
	for _, c := range comments {
		ids = append(ids, c.AuthorID)
	}
	if len(ids) == 0 {
		return names, nil
	}
	users, err := tx.ListUsers(ctx, directory.UserFilter{IDs: ids})
	for _, u := range users {
		names[u.ID] = u.Name
	}
	return names, err
}

// senderOf is the support address under the agent's and the brand's name.
func senderOf(m *Mail, author *directory.User, brand *directory.Brand) Party {
	name := m.From.Name
	if name == "" {
		name = brand.Name
	}
	// An @ in a display name makes Exchange refuse the sender.
	name = strings.ReplaceAll(fmt.Sprintf("%s (%s)", author.Name, name), "@", " at ")
	return Party{Name: name, Email: m.From.Email}
}

func replySubject(subject string, answersSomething bool) string {
	if !answersSomething || strings.HasPrefix(strings.ToLower(subject), "re:") {
		return subject
	}
	return "Re: " + subject
}

func commentHTML(c *desk.Comment) string {
	if c.HTML != "" {
		return c.HTML
	}
	return eml.HTMLFromText(c.Text)
}

// attachmentURL is how a comment's HTML refers to one of its attachments.
var attachmentURL = regexp.MustCompile(`(?:https?://[^\s"'<>]*)?/attachments/token/([A-Za-z0-9_-]+)/?[^"'\s<>]*`)

// inlineByContentID turns references to a comment's own pictures into
// references to parts of the mail: a picture that the text shows is inline.
func inlineByContentID(body string, files []desk.Attachment) string {
	return attachmentURL.ReplaceAllStringFunc(body, func(url string) string {
		secret := attachmentURL.FindStringSubmatch(url)[1]
		for i := range files {
			if f := &files[i]; f.Secret == secret && strings.HasPrefix(f.ContentType, "image/") {
				f.Inline = true
				if f.ContentID == "" {
					f.ContentID = fmt.Sprintf("image%d@tandem", f.ID)
				}
				return "cid:" + f.ContentID
			}
		}
		return url
	})
}

func signatureHTML(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		if strings.TrimSpace(part) == "" {
			continue
		}
		b.WriteString(`<div style="margin-top:12px">`)
		b.WriteString(strings.ReplaceAll(html.EscapeString(strings.TrimSpace(part)), "\n", "<br>"))
		b.WriteString("</div>")
	}
	return b.String()
}

func markerHTML(token string) string {
	return `<div style="margin-top:12px;color:#8a8886;font-size:11px">` + replyMarker(token) + "</div>"
}

// quoteHTML is the conversation so far, newest first.
func quoteHTML(earlier []*desk.Comment, names map[directory.UserID]string) string {
	var b strings.Builder
	for i, c := range earlier {
		quoted := imageTag.ReplaceAllString(commentHTML(c), "")
		if i == maxQuoted || b.Len()+len(quoted) > maxQuotedBytes {
			break
		}
		fmt.Fprintf(&b, `<div style="margin-top:16px;color:#605e5c">%s, %s:</div>`+
			`<blockquote style="margin:4px 0 0;padding-left:12px;border-left:2px solid #c8c6c4">%s</blockquote>`,
			html.EscapeString(names[c.AuthorID]), c.CreatedAt.UTC().Format("2006-01-02 15:04 MST"), quoted)
	}
	if b.Len() == 0 {
		return ""
	}
	return `<div class="gmail_quote tandem-quote">` + b.String() + "</div>"
}

var imageTag = regexp.MustCompile(`(?i)<img[^>]*>`)

// threadOf collects the Message-IDs of the ticket's mails so far.
func threadOf(ctx context.Context, tx Tx, id desk.TicketID, own MailID) (inReplyTo string, references []string, err error) {
	references, err = tx.ListThread(ctx, id, own, maxReferences)
	if err != nil || len(references) == 0 {
		return "", nil, err
	}
	return references[len(references)-1], references, nil
}

// addressOf is the support address from which a ticket is answered: the one it
// came to; for a ticket that came to none, the brand's, else the default. Nil
// when the ticket's address has been removed: nothing leaves from another one.
func addressOf(ctx context.Context, tx Tx, t *desk.Ticket) (*SupportAddress, error) {
	if t.Recipient != "" {
		return addressNamed(ctx, tx, t.Recipient)
	}
	all, err := tx.ListSupportAddresses(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.BrandID == t.BrandID && !a.Outbound {
			return a, nil
		}
	}
	return tx.DefaultSupportAddress(ctx)
}

// addressNamed is our address with that name, or what stands for it: an
// outbound domain lends any address of its own. Nil when it is not ours.
func addressNamed(ctx context.Context, tx Tx, name string) (*SupportAddress, error) {
	a, err := tx.FindSupportAddress(ctx, name)
	if err != nil || a != nil {
		return a, err
	}
	_, domain, _ := strings.Cut(name, "@")
	a, err = tx.FindSupportAddress(ctx, "@"+domain)
	if a != nil {
		a.Email = name
	}
	return a, err
}

// findAddress gives a mail the address to leave from that it had none of when
// it was queued, if there is one now.
func findAddress(ctx context.Context, tx Tx, m *Mail) error {
	if m.ConnectionID != 0 {
		return nil
	}
	address, err := addressFor(ctx, tx, m.TicketID)
	if err == nil && address != nil {
		m.leaveFrom(address)
	}
	return err
}

func connectionOf(ctx context.Context, tx Tx, m *Mail) (*Connection, error) {
	if m.ConnectionID == 0 {
		return nil, nil
	}
	return tx.GetConnection(ctx, m.ConnectionID)
}

// recipientsOf are the requester and the people in copy, without the author and
// our own addresses. Without a requester among them the mail goes to those in copy.
func recipientsOf(ctx context.Context, tx Tx, t *desk.Ticket, c *desk.Comment) (to, cc []Party, err error) {
	own, err := ownAddresses(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	readers := t.Readers(c)
	if len(readers) == 0 {
		return nil, nil, nil
	}
	users, err := tx.ListUsers(ctx, directory.UserFilter{IDs: readers})
	for _, u := range users {
		p := Party{Name: u.Name, Email: u.Email}
		switch {
		case u.Email == "": // nothing can be sent to who only calls
		case u.ID == t.RequesterID:
			to = append(to, p)
		case own.find(u.Email) == nil:
			cc = append(cc, p)
		}
	}
	if len(to) == 0 {
		to, cc = cc, nil
	}
	return to, cc, err
}
