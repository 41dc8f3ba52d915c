package graph

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Mailbox is one user's or shared mailbox.
type Mailbox struct {
	c    *Client
	user string
	root string // URL of the user
}

// Mailbox returns the mailbox of a user: an id, a user principal name, or "me"
// for the person who signed in. Limits are counted by this name.
func (c *Client) Mailbox(user string) *Mailbox {
	return &Mailbox{c: c, user: user, root: c.userURL(user)}
}

func (c *Client) userURL(user string) string {
	if strings.EqualFold(user, "me") {
		return c.base + "/me"
	}
	return c.base + "/users/" + url.PathEscape(user)
}

// request returns a request for a resource of the mailbox.
func (m *Mailbox) request(op, method, path string) request {
	return request{op: op, method: method, url: m.root + path, mailbox: m.user, repeat: method != http.MethodPost}
}

func messagePath(id string) string { return "/messages/" + url.PathEscape(id) }

// Message returns one message with the selected properties; none means Graph's
// default, body included.
//
// "Get message"
func (m *Mailbox) Message(ctx context.Context, id string, sel ...string) (*Message, error) {
	r := m.request("get message", http.MethodGet, messagePath(id)+query("$select", strings.Join(sel, ",")))
	return fetch(ctx, m.c, r, func(msg *Message) error { return wantID(msg.ID) })
}

func wantID(id string) error {
	if id == "" {
		return errors.New("no id in it")
	}
	return nil
}

// MIME streams the message as Exchange renders it (RFC 5322), and its size, -1
// when that is not known in advance. The stream holds a place among the
// requests in flight until its end is read or it is closed. A mail that breaks
// off ends with an error, for which Retryable and mostly io.ErrUnexpectedEOF
// hold, never with io.EOF.
//
// "Get MIME content of a message"
func (m *Mailbox) MIME(ctx context.Context, id string) (io.ReadCloser, int64, error) {
	var body *answer
	err := m.c.do(ctx, m.request("get MIME", http.MethodGet, messagePath(id)+"/$value"), func(a *answer) error {
		body = a
		return a.checkMIME()
	})
	if err != nil {
		return nil, 0, err
	}
	return body, body.size, nil
}

// checkMIME refuses what cannot be a whole mail: an empty answer, a proxy's web
// page, and a body of which no one can tell whether it is complete.
func (a *answer) checkMIME() error {
	if a.size == 0 {
		return errors.New("empty mail")
	}
	a.nonEmpty = true
	if a.endless {
		return errors.New("body without length: a cut mail would look like a short one")
	}
	switch kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); kind {
	case "text/html", "application/json":
		return errors.New("content type " + kind)
	}
	return nil
}

// MarkRead marks a message as read.
//
// "Update message"
func (m *Mailbox) MarkRead(ctx context.Context, id string) error {
	r := m.request("mark message read", http.MethodPatch, messagePath(id))
	r.body, r.prefer = readPatch{IsRead: true}, []string{minimal}
	return m.c.run(ctx, r)
}

// Move moves a message to a folder, by id or well-known name. Its id stays.
//
// "message: move"
func (m *Mailbox) Move(ctx context.Context, id, folder string) error {
	r := m.request("move message", http.MethodPost, messagePath(id)+"/move")
	r.body, r.prefer = moveBody{DestinationID: folder}, []string{minimal}
	return m.c.run(ctx, r)
}

// Delete moves a message to the recoverable items, or deletes a draft. That it
// is gone already, [ErrNotFound], may be this call's own doing.
//
// "Delete message"
func (m *Mailbox) Delete(ctx context.Context, id string) error {
	return m.c.run(ctx, m.request("delete message", http.MethodDelete, messagePath(id)))
}

// minimal asks not to be sent the whole changed message, body included (RFC
// 7240 section 4.2). A server may ignore it.
const minimal = "return=minimal"

type readPatch struct {
	IsRead bool `json:"isRead"`
}

type moveBody struct {
	DestinationID string `json:"destinationId"`
}

// Folder returns a folder by id or well-known name.
//
// "Get mailFolder"
func (m *Mailbox) Folder(ctx context.Context, id string) (*Folder, error) {
	r := m.request("get folder", http.MethodGet, "/mailFolders/"+url.PathEscape(id)+query("$select", folderSelect))
	return fetch(ctx, m.c, r, func(f *Folder) error { return wantID(f.ID) })
}

const folderSelect = "id,displayName,parentFolderId,childFolderCount,totalItemCount,unreadItemCount"

// EnsureFolder returns the id of the top-level folder with that name, which it
// creates when there is none.
//
// "List mailFolders", "Create MailFolder"
func (m *Mailbox) EnsureFolder(ctx context.Context, name string) (string, error) {
	id, err := m.FindFolder(ctx, name)
	if err != nil || id != "" {
		return id, err
	}
	r := m.request("create folder", http.MethodPost, "/mailFolders")
	r.body = struct {
		Name string `json:"displayName"`
	}{name}
	f, err := fetch(ctx, m.c, r, func(f *Folder) error { return wantID(f.ID) })
	if err == nil {
		return f.ID, nil
	}
	// Somebody was faster, or the answer got lost: then it is there now.
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrUnknownOutcome) {
		if id, e := m.FindFolder(ctx, name); e == nil && id != "" {
			return id, nil
		}
	}
	return "", err
}

// query builds the query part of a URL of names and values, leaving out those
// with an empty value. OData wants its dollar signs, and spaces as %20.
func query(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if b.Len() == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte('&')
		}
		b.WriteString(pairs[i] + "=" + strings.ReplaceAll(url.QueryEscape(pairs[i+1]), "+", "%20"))
	}
	return b.String()
}
