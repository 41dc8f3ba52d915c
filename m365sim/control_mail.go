package m365sim

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shownMessage is a mail as /sim shows it.
type shownMessage struct {
	ID                string            `json:"id"`
	Folder            string            `json:"folder,omitempty"`
	Subject           string            `json:"subject"`
	From              string            `json:"from"`
	FromName          string            `json:"from_name"`
	To                []string          `json:"to"`
	Cc                []string          `json:"cc"`
	Bcc               []string          `json:"bcc"`
	ReplyTo           []string          `json:"reply_to"`
	InternetMessageID string            `json:"internet_message_id"`
	InReplyTo         string            `json:"in_reply_to"`
	References        string            `json:"references"`
	ConversationID    string            `json:"conversation_id,omitempty"`
	ReceivedAt        time.Time         `json:"received_at"`
	SentAt            time.Time         `json:"sent_at"`
	IsRead            bool              `json:"is_read"`
	IsDraft           bool              `json:"is_draft"`
	HasAttachments    bool              `json:"has_attachments"`
	Attachments       []shownAttachment `json:"attachments"`
	Headers           []header          `json:"headers"`
	BodyType          string            `json:"body_type"`
	Body              string            `json:"body"`
	Text              string            `json:"text"`
	Recipients        []string          `json:"recipients,omitempty"` // of the outbox: whom outside it goes to
}

type shownAttachment struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	ContentID   string `json:"content_id,omitempty"`
	Size        int64  `json:"size"`
	Inline      bool   `json:"inline"`
}

func showMail(m *message, files []attachment) shownMessage {
	p := m.properties
	out := shownMessage{
		Subject: p.Subject, To: addresses(p.ToRecipients), Cc: addresses(p.CcRecipients), Bcc: addresses(p.BccRecipients), ReplyTo: addresses(p.ReplyTo),
		InternetMessageID: p.InternetMessageID, InReplyTo: p.InReplyTo, References: p.References, ConversationID: p.ConversationID,
		ReceivedAt: m.received, SentAt: m.sent, IsRead: m.read, IsDraft: m.draft, HasAttachments: p.HasAttachments,
		Attachments: []shownAttachment{}, Headers: m.headers, BodyType: m.bodyType, Body: m.body, Text: m.body,
	}
	if m.id != 0 {
		out.ID = m.identity(true).String()
	}
	if p.From != nil {
		out.From, out.FromName = p.From.EmailAddress.Address, p.From.EmailAddress.Name
	}
	if m.bodyType == "html" {
		out.Text = htmlToText(m.body)
	}
	for _, f := range files {
		shown := shownAttachment{Name: f.name, ContentType: f.contentType, ContentID: f.contentID, Size: f.size, Inline: f.inline}
		if f.id != 0 {
			shown.ID = attachmentID(f.message, f.id)
		}
		out.Attachments = append(out.Attachments, shown)
	}
	return out
}

func addresses(list []recipient) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.EmailAddress.Address
	}
	return out
}

func (s *Server) mailboxOf(r *http.Request) (*user, error) {
	u := s.dir.recipient(r.PathValue("address"))
	if u == nil {
		return nil, absent("There is no mailbox %s.", r.PathValue("address"))
	}
	return u, nil
}

// controlListMessages lists a folder, newest first: folder (default inbox, or
// "all"), limit (default 1000), q (part of the subject, sender or Message-ID).
func (s *Server) controlListMessages(w http.ResponseWriter, r *http.Request) error {
	u, err := s.mailboxOf(r)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	name, limit := query.Get("folder"), 1000
	if name == "" {
		name = "inbox"
	}
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil {
			return invalid("limit is a number.")
		}
	}
	where, args := "mailbox = ?", []any{u.mailbox}
	if name != "all" {
		folder, err := folderByAnyName(s.db, u.mailbox, name)
		if err != nil {
			return absent("There is no folder %s.", name)
		}
		where, args = "folder = ?", []any{folder}
	}
	if q := query.Get("q"); q != "" {
		where += " AND instr(lower(properties), lower(?)) > 0"
		args = append(args, q)
	}
	var count int
	if err := s.db.row(adHoc+"SELECT count(*) FROM message WHERE "+where, args...).Scan(&count); err != nil {
		return err
	}
	found, err := collectMessages(s.db, true, adHoc+"SELECT "+wholeMessage+" FROM message WHERE "+where+" ORDER BY received DESC, id DESC LIMIT "+strconv.Itoa(limit), args...)
	if err != nil {
		return err
	}
	list := []shownMessage{}
	for _, m := range found {
		shown, err := s.showStored(m)
		if err != nil {
			return err
		}
		list = append(list, shown)
	}
	writeJSON(w, http.StatusOK, map[string]any{"messages": list, "count": count})
	return nil
}

func (s *Server) showStored(m *message) (shownMessage, error) {
	files, err := listAttachments(s.db, m.id, false)
	if err != nil {
		return shownMessage{}, err
	}
	shown := showMail(m, files)
	err = s.db.row("SELECT name FROM folder WHERE id = ?", m.folder).Scan(&shown.Folder)
	return shown, err
}

// controlDeliver takes a mail as it is: folder, received (RFC 3339) and read
// may be given in the query.
func (s *Server) controlDeliver(w http.ResponseWriter, r *http.Request) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDeliverSize))
	if err != nil {
		return errTooLarge
	}
	if len(raw) == 0 {
		return invalid("The body is a mail in RFC 5322 form.")
	}
	query := r.URL.Query()
	d := delivery{folder: query.Get("folder"), read: query.Get("read") == "true"}
	if text := query.Get("received"); text != "" {
		if d.received, err = time.Parse(time.RFC3339, text); err != nil {
			return invalid("received is a time such as 2026-05-04T10:00:00Z.")
		}
	}
	delivered, err := s.exchange.deliver(r.Context(), []string{r.PathValue("address")}, raw, d)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, map[string]string{
		"id": delivered[0].identity(true).String(), "internet_message_id": delivered[0].properties.InternetMessageID,
	})
	return nil
}

// messageNamed finds the message of a request, by either form of its id.
func (s *Server) messageNamed(q queryer, r *http.Request) (*message, error) {
	u, err := s.mailboxOf(r)
	if err != nil {
		return nil, err
	}
	id, ok := parseMessageID(r.PathValue("id"))
	if !ok {
		return nil, absent("There is no message of that id.")
	}
	return findMessage(q, u.mailbox, id, true)
}

func (s *Server) controlGetMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.messageNamed(s.db, r)
	if err != nil {
		return err
	}
	shown, err := s.showStored(m)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, shown)
	return nil
}

func (s *Server) controlRawMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.messageNamed(s.db, r)
	if err != nil {
		return err
	}
	raw, err := rawMIME(s.db, m)
	if err != nil {
		return err
	}
	writeRaw(w, raw)
	return nil
}

func writeRaw(w http.ResponseWriter, raw []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.Write(raw)
}

func (s *Server) controlAttachment(w http.ResponseWriter, r *http.Request) error {
	m, err := s.messageNamed(s.db, r)
	if err != nil {
		return err
	}
	_, number, ok := parseAttachmentID(r.PathValue("attachment"))
	if !ok {
		return absent("There is no attachment of that id.")
	}
	f, err := findAttachment(s.db, m.id, number)
	if err != nil {
		return err
	}
	// Always a download: what a stranger sent must not run in this origin.
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(f.content)
	return nil
}

// controlChangeMessage does what a person in Outlook does: read, unread, move.
func (s *Server) controlChangeMessage(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		IsRead *bool   `json:"is_read"`
		Folder *string `json:"folder"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	err := s.exchange.update(func(t *mailTx) error {
		m, err := s.messageNamed(t, r)
		if err != nil {
			return err
		}
		if in.IsRead != nil {
			m.read = *in.IsRead
			if err := t.touch(m); err != nil {
				return err
			}
		}
		if in.Folder == nil {
			return nil
		}
		folder, err := folderByAnyName(t, m.mailbox, *in.Folder)
		if err != nil {
			return err
		}
		return t.move(m, folder)
	})
	if err != nil {
		return err
	}
	return s.controlGetMessage(w, r)
}

func (s *Server) controlDeleteMessage(w http.ResponseWriter, r *http.Request) error {
	err := s.exchange.update(func(t *mailTx) error {
		m, err := s.messageNamed(t, r)
		if err != nil {
			return err
		}
		return t.erase(m)
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) controlListFolders(w http.ResponseWriter, r *http.Request) error {
	u, err := s.mailboxOf(r)
	if err != nil {
		return err
	}
	list := []any{}
	err = each(s.db, "SELECT "+folderColumns+" FROM folder f WHERE f.mailbox = ? AND f.parent <> 0 ORDER BY f.parent, f.id", func(scan func(...any) error) error {
		f, err := scanFolder(scan)
		list = append(list, map[string]any{"id": folderID(f.mailbox, f.id), "name": f.name, "parent": folderID(f.mailbox, f.parent), "well_known": f.wellKnown, "total": f.total, "unread": f.unread})
		return err
	}, u.mailbox)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"folders": list})
	return nil
}

func (s *Server) controlCreateFolder(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name   string `json:"name"`
		Parent string `json:"parent"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	if in.Parent == "" {
		in.Parent = "msgfolderroot"
	}
	u, err := s.mailboxOf(r)
	if err != nil {
		return err
	}
	var id int64
	err = s.exchange.update(func(t *mailTx) error {
		parent, err := folderByAnyName(t, u.mailbox, in.Parent)
		if err != nil {
			return err
		}
		id, err = insertFolder(t.tx, folder{mailbox: u.mailbox, parent: parent, name: in.Name})
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, map[string]string{"id": folderID(u.mailbox, id)})
	return nil
}

func (s *Server) controlListOutbox(w http.ResponseWriter, r *http.Request) error {
	list := []shownMessage{}
	err := each(s.db, "SELECT id, recipients, sent, raw FROM outbox ORDER BY id DESC LIMIT 1000", func(scan func(...any) error) error {
		var id, sent int64
		var recipients, raw []byte
		if err := scan(&id, &recipients, &sent, &raw); err != nil {
			return err
		}
		parsed := parseMail(raw)
		m := parsed.message(0, 0)
		m.sent, m.received = fromMillis(sent), fromMillis(sent)
		shown := showMail(m, parsed.files)
		shown.ID = strconv.FormatInt(id, 10)
		list = append(list, shown)
		return json.Unmarshal(recipients, &list[len(list)-1].Recipients)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"messages": list, "count": len(list)})
	return nil
}

func (s *Server) controlRawOutbox(w http.ResponseWriter, r *http.Request) error {
	var raw []byte
	if err := s.db.row("SELECT raw FROM outbox WHERE id = ?", r.PathValue("id")).Scan(&raw); err != nil {
		return absent("There is no such mail in the outbox.")
	}
	writeRaw(w, raw)
	return nil
}

func (s *Server) controlClearOutbox(w http.ResponseWriter, r *http.Request) error {
	err := s.db.update(func(t *tx) error {
		_, err := t.exec("DELETE FROM outbox")
		return err
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// strangerMail is a mail that somebody outside writes on the page.
type strangerMail struct {
	FromName    string   `json:"from_name"`
	From        string   `json:"from"`
	To          []string `json:"to"`
	Cc          []string `json:"cc"`
	Subject     string   `json:"subject"`
	Text        string   `json:"text"`
	HTML        string   `json:"html"`
	InReplyTo   string   `json:"in_reply_to"`
	References  string   `json:"references"`
	Attachments []struct {
		Name        string `json:"name"`
		ContentType string `json:"content_type"`
		Content     []byte `json:"content"` // base64 on the wire
	} `json:"attachments"`
}

// controlSendMail writes a mail for a stranger and delivers it.
func (s *Server) controlSendMail(w http.ResponseWriter, r *http.Request) error {
	var in strangerMail
	r.Body = http.MaxBytesReader(w, r.Body, maxDeliverSize)
	if err := readControl(r, &in); err != nil {
		return err
	}
	if !strings.Contains(in.From, "@") || len(in.To) == 0 {
		return invalid("A mail needs from and to.")
	}
	raw, err := s.composeStranger(in)
	if err != nil {
		return err
	}
	delivered, err := s.exchange.deliver(context.WithoutCancel(r.Context()), slices.Concat(in.To, in.Cc), raw, delivery{})
	if err != nil {
		return err
	}
	list := []any{}
	for _, m := range delivered {
		list = append(list, map[string]string{"mailbox": s.dir.ownerOf(m.mailbox).UserPrincipalName, "id": m.identity(true).String()})
	}
	writeJSON(w, http.StatusCreated, map[string]any{"delivered": list, "internet_message_id": delivered[0].properties.InternetMessageID})
	return nil
}

func (s *Server) composeStranger(in strangerMail) ([]byte, error) {
	from := newRecipient(in.FromName, in.From)
	_, domain, _ := strings.Cut(in.From, "@")
	m := &message{sent: s.clock.now(), bodyType: "text", body: in.Text, properties: properties{
		Subject: in.Subject, From: &from, InReplyTo: in.InReplyTo, References: strings.TrimSpace(in.References + " " + in.InReplyTo),
		InternetMessageID: "<" + randomToken(20) + "@" + domain + ">",
	}}
	if in.HTML != "" {
		m.bodyType, m.body = "html", in.HTML
	}
	for _, to := range in.To {
		m.properties.ToRecipients = append(m.properties.ToRecipients, newRecipient("", to))
	}
	for _, cc := range in.Cc {
		m.properties.CcRecipients = append(m.properties.CcRecipients, newRecipient("", cc))
	}
	var files []attachment
	for _, a := range in.Attachments {
		contentType := a.ContentType
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		files = append(files, attachment{kind: "file", name: a.Name, contentType: contentType, content: a.Content})
	}
	return compose(m, files)
}
