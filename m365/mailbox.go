package m365

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"tandem/email"
	"tandem/graph"
	"tandem/problem"
)

const (
	ourFolder = "Tandem"
	// Named property that carries our mark on a draft; the GUID is ours alone.
	markSet  = "7c1d5b0e-3c52-4f0a-9d1e-5a3f6b8e2d41"
	markName = "TandemMark"
	// A header that others see: it tells our own mail from a stranger's.
	markHeader = "X-Tandem-Mail"

	deltaPage = 100
	listPage  = 500
)

var headlineFields = []string{"id", "internetMessageId", "receivedDateTime", "subject", "from", "isDraft"}

// mailbox is one mailbox through Microsoft Graph.
type mailbox struct {
	box      *graph.Mailbox
	client   *graph.Client
	user     string // as Graph calls whose it is: "me", or an id
	folder   *folderID
	standing *standing
}

var _ email.Mailbox = (*mailbox)(nil)

// Changes reads a page of a folder's delta. Its beginning is filtered, because
// a folder may hold hundreds of thousands of old mails; Microsoft then tells of
// 5,000 at most ("message: delta", Query parameters). A link that was got in
// another way of opening the mailbox goes on, or is forgotten.
func (m *mailbox) Changes(ctx context.Context, folder, cursor string, since time.Time) (*email.Changes, error) {
	link, adopted := m.box.Adopt(cursor)
	page, err := m.box.Delta(ctx, link, graph.DeltaOptions{Folder: folderName(folder), Select: headlineFields, Since: since, PageSize: deltaPage, NewestFirst: true})
	if errors.Is(err, graph.ErrResync) || adopted && isBadRequest(err) {
		return nil, errors.Join(email.ErrResync, err)
	}
	if err != nil {
		return nil, translate(err)
	}
	changes := &email.Changes{Cursor: page.DeltaLink}
	if page.NextLink != "" {
		changes.Cursor, changes.More = page.NextLink, true
	}
	for _, msg := range page.Messages {
		changes.Mails = append(changes.Mails, headline(msg, false))
	}
	return changes, nil
}

func isBadRequest(err error) bool {
	refusal, ok := errors.AsType[*graph.Error](err)
	return ok && refusal.Status == http.StatusBadRequest
}

// Latest lists the newest mails of a folder.
func (m *mailbox) Latest(ctx context.Context, folder string, n int) ([]email.Headline, error) {
	var latest []email.Headline
	opts := graph.ListOptions{Folder: folderName(folder), Select: headlineFields, Top: min(n, listPage), OrderBy: "receivedDateTime desc"}
	for msg, err := range m.box.Messages(ctx, opts) {
		if err != nil {
			return nil, translate(err)
		}
		if latest = append(latest, headline(msg, false)); len(latest) == n {
			break
		}
	}
	return latest, nil
}

// Present lists what lies in a folder.
func (m *mailbox) Present(ctx context.Context, folder string, since time.Time, visit func([]email.Headline) error) error {
	return m.presentIn(ctx, folderName(folder), false, since, visit)
}

// PresentFiled lists what lies in our folder, which is not made for that.
func (m *mailbox) PresentFiled(ctx context.Context, since time.Time, visit func([]email.Headline) error) error {
	folder, err := m.folder.find(ctx, m.box)
	if err != nil {
		return translate(err)
	}
	if folder == "" {
		return nil
	}
	err = m.presentIn(ctx, folder, true, since, visit)
	if problem.KindOf(err) == problem.NotFound { // deleted since
		m.folder.forget()
		return nil
	}
	return err
}

func (m *mailbox) presentIn(ctx context.Context, folder string, filed bool, since time.Time, visit func([]email.Headline) error) error {
	opts := graph.ListOptions{
		Folder: folder, Select: headlineFields, Top: listPage,
		Filter: "receivedDateTime ge " + since.UTC().Format(time.RFC3339), OrderBy: "receivedDateTime asc",
	}
	for link, first := "", true; first || link != ""; first = false {
		page, err := m.box.List(ctx, link, opts)
		if err != nil {
			return translate(err)
		}
		headlines := make([]email.Headline, 0, len(page.Messages))
		for _, msg := range page.Messages {
			headlines = append(headlines, headline(msg, filed))
		}
		if err := visit(headlines); err != nil {
			return err
		}
		link = page.NextLink
	}
	return nil
}

func headline(msg graph.Message, filed bool) email.Headline {
	h := email.Headline{
		MicrosoftID: msg.ID, MessageID: bare(msg.InternetMessageID), ReceivedAt: msg.Received,
		Subject: msg.Subject, Draft: msg.IsDraft, Removed: msg.Removed != nil, Filed: filed,
	}
	if msg.From != nil {
		h.From = email.Party{Name: msg.From.Address.Name, Email: msg.From.Address.Address}
	}
	return h
}

// bare is a Message-ID without its angle brackets.
func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

// Raw streams the mail as Exchange renders it.
func (m *mailbox) Raw(ctx context.Context, id string) (io.ReadCloser, error) {
	body, _, err := m.box.MIME(ctx, id)
	if err != nil {
		return nil, translate(err)
	}
	return rawMail{body}, nil
}

// rawMail translates errors in the middle of a mail.
type rawMail struct{ io.ReadCloser }

func (r rawMail) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = problem.New(problem.Unavailable, "mail_cut", "The connection to Microsoft broke in the middle of the mail.").
			On(problem.Microsoft, "Nothing to do: it is fetched again by itself.").Because(err)
	}
	return n, err
}

// File marks mails read and, to be moved, moves them to our folder.
func (m *mailbox) File(ctx context.Context, ids []string, as email.Afterwards) ([]string, error) {
	folder := "" // stays where it is
	if as == email.MoveAfterwards {
		var err error
		if folder, err = m.folder.get(ctx, m.box); err != nil {
			return nil, translate(err)
		}
	}
	var filed []string
	var failed error
	for _, r := range m.box.FileAll(ctx, ids, folder) {
		if r.Err == nil {
			filed = append(filed, r.ID)
			continue
		}
		if failed == nil {
			failed = r.Err
		}
	}
	if failed != nil && errors.Is(failed, graph.ErrNotFound) {
		m.folder.forget() // our folder itself was deleted
	}
	return filed, translate(failed)
}

// CreateDraft puts a mail into Drafts with our mark on it.
func (m *mailbox) CreateDraft(ctx context.Context, d email.Draft) (string, error) {
	from := graph.NewRecipient(d.From.Name, d.From.Email)
	draft := graph.Draft{
		Subject: d.Subject, Body: graph.Body{Type: "html", Content: d.HTML}, From: &from,
		To: recipients(d.To), CC: recipients(d.CC), ReplyTo: recipients(d.ReplyTo),
		Headers:    []graph.Header{{Name: markHeader, Value: d.Mark}},
		Properties: []graph.ExtendedProperty{mark(d.Mark)},
	}
	if d.AutoReply {
		// "Auto-Submitted" cannot be set through Graph; Exchange and others heed this one.
		draft.Headers = append(draft.Headers, graph.Header{Name: "X-Auto-Response-Suppress", Value: "All"})
	}
	if d.InReplyTo != "" {
		draft.Properties = append(draft.Properties, graph.InReplyTo("<"+d.InReplyTo+">"))
	}
	if len(d.References) > 0 {
		draft.Properties = append(draft.Properties, graph.References("<"+strings.Join(d.References, "> <")+">"))
	}
	msg, err := m.box.CreateDraft(ctx, draft)
	if err != nil {
		return "", translate(err)
	}
	return msg.ID, nil
}

func recipients(parties []email.Party) []graph.Recipient {
	var all []graph.Recipient
	for _, p := range parties {
		all = append(all, graph.NewRecipient(p.Name, p.Email))
	}
	return all
}

func mark(value string) graph.ExtendedProperty {
	return graph.ExtendedProperty{ID: graph.NamedProperty(markSet, markName), Value: value}
}

// FindByMark looks among the sent mails first: what is there must not be sent again.
func (m *mailbox) FindByMark(ctx context.Context, value string) (string, error) {
	for _, folder := range []string{graph.SentItems, graph.Outbox, graph.Drafts} {
		found, err := m.box.FindByProperty(ctx, folder, mark(value), "id")
		if err != nil {
			return "", translate(err)
		}
		if len(found) > 0 {
			return found[0].ID, nil
		}
	}
	return "", nil
}

// Attach adds a file, by an upload session when it is large.
func (m *mailbox) Attach(ctx context.Context, id string, f email.DraftFile, content io.Reader) error {
	a := graph.Attachment{Name: f.Name, ContentType: f.ContentType, Inline: f.Inline, ContentID: f.ContentID, Size: f.Size}
	if f.Size >= graph.MaxAttachment {
		_, err := m.box.UploadAttachment(ctx, id, a, content)
		return translate(err)
	}
	var err error
	if a.Content, err = readAll(content, f.Size); err != nil {
		return err
	}
	_, err = m.box.AddAttachment(ctx, id, a)
	return translate(err)
}

func readAll(r io.Reader, size int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := b.ReadFrom(r); err != nil {
		return nil, fmt.Errorf("read an attachment: %w", err)
	}
	return b.Bytes(), nil
}

// Attached lists the files at a draft.
func (m *mailbox) Attached(ctx context.Context, id string) ([]email.DraftFile, error) {
	attachments, err := m.box.Attachments(ctx, id)
	if err != nil {
		return nil, translate(err)
	}
	var files []email.DraftFile
	for _, a := range attachments {
		files = append(files, email.DraftFile{Name: a.Name, ContentType: a.ContentType, Size: a.Size, Inline: a.Inline, ContentID: a.ContentID})
	}
	return files, nil
}

// Send sends a draft.
func (m *mailbox) Send(ctx context.Context, id string) error { return translate(m.box.Send(ctx, id)) }

// Remove deletes a mail of ours.
func (m *mailbox) Remove(ctx context.Context, id string) error {
	err := m.box.Delete(ctx, id)
	if errors.Is(err, graph.ErrNotFound) {
		return nil
	}
	return translate(err)
}

// Outcome tells what became of a draft.
func (m *mailbox) Outcome(ctx context.Context, id string) (*email.Outcome, error) {
	msg, err := m.box.Message(ctx, id, "id", "isDraft", "internetMessageId", "sentDateTime")
	if err != nil {
		return nil, translate(err)
	}
	if msg.IsDraft {
		return &email.Outcome{}, nil
	}
	return &email.Outcome{Sent: true, MessageID: bare(msg.InternetMessageID), SentAt: msg.Sent}, nil
}
