package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// MaxAttachment is the largest content AddAttachment takes; UploadAttachment
// takes anything from there up to 150 MB.
//
// "Attach large files to Outlook messages or events"
const MaxAttachment = 3_000_000

// CreateDraft creates a message in the Drafts folder. After [ErrUnknownOutcome]
// it may exist: FindByProperty with a mark among d.Properties tells.
//
// "Create message"
func (m *Mailbox) CreateDraft(ctx context.Context, d Draft) (*Message, error) {
	r := m.request("create draft", http.MethodPost, "/messages")
	r.body = d
	return fetch(ctx, m.c, r, func(msg *Message) error { return wantID(msg.ID) })
}

// Send sends a draft; it moves to Sent Items under the same id. After
// [ErrUnknownOutcome] it may have been sent: its IsDraft and ParentFolderID tell.
//
// "message: send"
func (m *Mailbox) Send(ctx context.Context, id string) error {
	return m.c.run(ctx, m.request("send draft", http.MethodPost, messagePath(id)+"/send"))
}

func attachmentsPath(message string) string { return messagePath(message) + "/attachments" }

// Attachments describes what is attached to a message, without the content.
//
// "List attachments"
func (m *Mailbox) Attachments(ctx context.Context, message string) ([]Attachment, error) {
	var all []Attachment
	link := m.root + attachmentsPath(message) + query("$select", "id,name,contentType,size,isInline")
	for link != "" {
		r := m.request("list attachments", http.MethodGet, "")
		r.url = link
		some, next, err := collection[Attachment](ctx, m.c, r)
		if err != nil {
			return nil, err
		}
		all, link = append(all, some...), next
	}
	return all, nil
}

// AddAttachment attaches up to MaxAttachment bytes to a draft and returns the
// attachment's id. After [ErrUnknownOutcome] Attachments tells whether it is there.
//
// "Add attachment"
func (m *Mailbox) AddAttachment(ctx context.Context, message string, a Attachment) (string, error) {
	r := m.request("add attachment", http.MethodPost, attachmentsPath(message))
	r.body = a
	added, err := fetch(ctx, m.c, r, func(a *Attachment) error { return wantID(a.ID) })
	if err != nil {
		return "", err
	}
	return added.ID, nil
}

// RemoveAttachment takes an attachment off a draft.
//
// "Delete attachment"
func (m *Mailbox) RemoveAttachment(ctx context.Context, message, attachment string) error {
	if attachment == "" {
		return errors.New("remove attachment: no id")
	}
	return m.c.run(ctx, m.request("remove attachment", http.MethodDelete, attachmentsPath(message)+"/"+url.PathEscape(attachment)))
}
