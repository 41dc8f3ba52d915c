package relay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"tandem/email"
	"tandem/email/eml"
	"tandem/problem"
)

// Mailboxes opens what stands in for the mailbox of an address whose mail is
// forwarded: nothing can be read there, and mail leaves through the relay.
type Mailboxes struct {
	relay *relay // nil: there is none
	now   func() time.Time
}

// NewMailboxes makes Mailboxes. The options have been checked; see Check.
func NewMailboxes(o Options, now func() time.Time) (*Mailboxes, error) {
	ms := &Mailboxes{now: now}
	if o.URL == "" {
		return ms, nil
	}
	var err error
	ms.relay, err = parse(o)
	return ms, err
}

// Open asks nothing of the relay.
func (ms *Mailboxes) Open(c *email.Connection) (email.Mailbox, error) {
	return &mailbox{relay: ms.relay, now: ms.now, drafts: make(map[string]*draft)}, nil
}

// Requests are none: nothing is asked of Microsoft.
func (ms *Mailboxes) Requests(email.ConnectionID) int { return 0 }

// mailbox is one attempt's view of the relay. It serves one goroutine.
type mailbox struct {
	relay  *relay
	now    func() time.Time
	drafts map[string]*draft // by Message-ID
}

// draft is a mail that has not been given to the relay yet.
type draft struct {
	email.Draft
	files []file
	size  int64
}

type file struct {
	email.DraftFile
	content []byte
}

// maxFiles bounds the files of one mail, which are in memory while it is sent.
// Relays rarely take more than this.
const maxFiles = 35 << 20

// Of the inbound side there is nothing: mail comes to us by itself.

// Changes tells of none.
func (m *mailbox) Changes(_ context.Context, _, cursor string, _ time.Time) (*email.Changes, error) {
	return &email.Changes{Cursor: cursor}, nil
}

// Latest lists nothing.
func (m *mailbox) Latest(context.Context, string, int) ([]email.Headline, error) { return nil, nil }

// Present lists nothing.
func (m *mailbox) Present(context.Context, string, time.Time, func([]email.Headline) error) error {
	return nil
}

// PresentFiled lists nothing.
func (m *mailbox) PresentFiled(context.Context, time.Time, func([]email.Headline) error) error {
	return nil
}

// Folder finds none.
func (m *mailbox) Folder(context.Context, string) (*email.Folder, error) {
	return nil, problem.New(problem.NotFound, "no_folder", "Forwarded mail lies in no folder.")
}

// Folders lists none.
func (m *mailbox) Folders(context.Context, string) ([]email.Folder, error) { return nil, nil }

// Aliases are none: the mail system that forwards knows them.
func (m *mailbox) Aliases(context.Context) ([]string, error) { return nil, nil }

// Raw finds nothing: the bytes of a forwarded mail are with us from the start.
func (m *mailbox) Raw(context.Context, string) (io.ReadCloser, error) { return nil, noDraft() }

// File has nothing to do.
func (m *mailbox) File(_ context.Context, ids []string, _ email.Afterwards) ([]string, error) {
	return ids, nil
}

// Subscribe is never asked for: there is nobody to notify us.
func (m *mailbox) Subscribe(context.Context, email.Subscription) (string, time.Time, error) {
	return "", time.Time{}, problem.New(problem.Invalid, "no_notifications", "Forwarded mail needs no notifications.")
}

// Renew is never asked for.
func (m *mailbox) Renew(context.Context, string) (time.Time, error) { return time.Time{}, noDraft() }

// Unsubscribe has nothing to do.
func (m *mailbox) Unsubscribe(context.Context, string) error { return nil }

// CreateDraft keeps the mail in memory. Its id is the Message-ID, which is ours
// to choose. Without a relay the mail waits until there is one.
func (m *mailbox) CreateDraft(_ context.Context, d email.Draft) (string, error) {
	if m.relay == nil {
		return "", problem.New(problem.Forbidden, "relay_missing", "This mail waits: %s receives by forwarding, and there is no SMTP relay to send through.", d.From.Email).
			On(problem.Admin, "Set smtp.relay_url in the configuration, or change the address to its mailbox at Microsoft 365. It then leaves by itself.").
			With("address", d.From.Email)
	}
	_, domain, _ := strings.Cut(d.From.Email, "@")
	id := d.Mark + "@" + domain
	m.drafts[id] = &draft{Draft: d}
	return id, nil
}

// FindByMark finds nothing: a draft does not outlive its attempt.
func (m *mailbox) FindByMark(context.Context, string) (string, error) { return "", nil }

func (m *mailbox) get(id string) (*draft, error) {
	if d := m.drafts[id]; d != nil {
		return d, nil
	}
	return nil, noDraft()
}

func noDraft() *problem.Error {
	return problem.New(problem.NotFound, "no_draft", "There is no such draft any more.")
}

// Attach keeps a file in memory.
func (m *mailbox) Attach(_ context.Context, id string, f email.DraftFile, content io.Reader) error {
	d, err := m.get(id)
	if err != nil {
		return err
	}
	if d.size += f.Size; d.size > maxFiles {
		return problem.New(problem.Limit, "files_too_large", "The files are too large for the SMTP relay.").
			On(problem.Yours, "Send a link to them instead.")
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return fmt.Errorf("read an attachment: %w", err)
	}
	d.files = append(d.files, file{f, b})
	return nil
}

// Attached lists the files of a draft.
func (m *mailbox) Attached(_ context.Context, id string) ([]email.DraftFile, error) {
	d, err := m.get(id)
	if err != nil {
		return nil, err
	}
	var files []email.DraftFile
	for _, f := range d.files {
		files = append(files, f.DraftFile)
	}
	return files, nil
}

// Send gives the draft to the relay.
func (m *mailbox) Send(ctx context.Context, id string) (*email.Outcome, error) {
	d, err := m.get(id)
	if err != nil {
		return nil, err
	}
	raw, err := d.compose(id, m.now())
	if err != nil {
		return nil, problem.New(problem.Invalid, "mail_not_composed", "This mail could not be written.").
			On(problem.Tandem, "Check its recipients and files.").Because(fmt.Errorf("%w: %w", email.ErrNotSent, err))
	}
	if err := m.relay.send(ctx, d.From.Email, d.recipients(), bytes.NewReader(raw)); err != nil {
		return nil, err
	}
	return &email.Outcome{Sent: true, MessageID: id, SentAt: m.now()}, nil
}

// Remove has nothing to remove: nothing of ours lies anywhere.
func (m *mailbox) Remove(context.Context, string) error { return nil }

// Outcome is asked for a mail that an earlier attempt may have given to the
// relay. If that attempt had learnt the relay's answer, it would have noted it.
func (m *mailbox) Outcome(_ context.Context, id string) (*email.Outcome, error) {
	if m.drafts[id] != nil {
		return &email.Outcome{}, nil
	}
	if m.relay == nil {
		return nil, email.OutcomeUnknown("An SMTP relay that is no longer configured was given this mail. It may have been sent.",
			"Ask the requester. Try again to send it once more.")
	}
	return nil, m.relay.unknown()
}

func (d *draft) recipients() []string {
	var all []string
	for _, p := range append(d.To[:len(d.To):len(d.To)], d.CC...) {
		all = append(all, p.Email)
	}
	return all
}

// compose writes the mail, with the marks by which we know it again and others
// see that a machine wrote it (RFC 3834 section 5).
func (d *draft) compose(messageID string, now time.Time) ([]byte, error) {
	msg := eml.Message{
		MessageID: messageID, InReplyTo: d.InReplyTo, References: d.References, Date: now,
		From: address(d.From), To: addresses(d.To), Cc: addresses(d.CC), Subject: d.Subject,
		Text: eml.TextFromHTML(d.HTML), HTML: d.HTML,
		Header: eml.Header{{Name: email.MarkHeader, Value: d.Mark}},
	}
	if len(d.ReplyTo) > 0 {
		msg.ReplyTo = address(d.ReplyTo[0])
	}
	if d.AutoReply {
		msg.Header = append(msg.Header, eml.Field{Name: "Auto-Submitted", Value: "auto-generated"}, eml.Field{Name: "X-Auto-Response-Suppress", Value: "All"})
	}
	for _, f := range d.files {
		a := eml.Attachment{FileName: f.Name, ContentType: f.ContentType, Data: f.content}
		if f.Inline {
			a.ContentID = f.ContentID
		}
		msg.Attachments = append(msg.Attachments, a)
	}
	for _, p := range append(d.To[:len(d.To):len(d.To)], d.CC...) {
		if _, err := mail.ParseAddress("<" + p.Email + ">"); err != nil {
			return nil, fmt.Errorf("recipient %q: %w", p.Email, err)
		}
	}
	return eml.Compose(msg)
}

func address(p email.Party) eml.Address { return eml.Address{Name: p.Name, Address: p.Email} }

func addresses(parties []email.Party) []eml.Address {
	var all []eml.Address
	for _, p := range parties {
		all = append(all, address(p))
	}
	return all
}
