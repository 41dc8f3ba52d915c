package m365sim

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// messageInput is a message as a client writes it. What is nil is left alone.
type messageInput struct {
	Subject                       *string           `json:"subject"`
	Body                          *bodyInput        `json:"body"`
	From                          *recipient        `json:"from"`
	Sender                        *recipient        `json:"sender"`
	ToRecipients                  *[]recipient      `json:"toRecipients"`
	CcRecipients                  *[]recipient      `json:"ccRecipients"`
	BccRecipients                 *[]recipient      `json:"bccRecipients"`
	ReplyTo                       *[]recipient      `json:"replyTo"`
	Importance                    *string           `json:"importance"`
	InferenceClassification       *string           `json:"inferenceClassification"`
	Categories                    *[]string         `json:"categories"`
	Flag                          *flag             `json:"flag"`
	IsRead                        *bool             `json:"isRead"`
	IsReadReceiptRequested        *bool             `json:"isReadReceiptRequested"`
	IsDeliveryReceiptRequested    *bool             `json:"isDeliveryReceiptRequested"`
	InternetMessageID             *string           `json:"internetMessageId"`
	InternetMessageHeaders        *[]header         `json:"internetMessageHeaders"`
	Attachments                   []attachmentInput `json:"attachments"`
	SingleValueExtendedProperties []extendedInput   `json:"singleValueExtendedProperties"`
}

type bodyInput struct {
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

type extendedInput struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// changesContent tells whether the input has what only a draft may change
// (Update message: updatable properties).
func (in *messageInput) changesContent() bool {
	return in.Subject != nil || in.Body != nil || in.From != nil || in.Sender != nil || in.ToRecipients != nil ||
		in.CcRecipients != nil || in.BccRecipients != nil || in.ReplyTo != nil || in.InternetMessageID != nil ||
		in.IsReadReceiptRequested != nil || in.IsDeliveryReceiptRequested != nil
}

// apply writes the input into a message.
func (in *messageInput) apply(m *message) {
	p := &m.properties
	assign(&p.Subject, in.Subject)
	assign(&p.Importance, in.Importance)
	assign(&p.InferenceClassification, in.InferenceClassification)
	assign(&p.Categories, in.Categories)
	assign(&p.Flag, in.Flag)
	assign(&m.read, in.IsRead)
	assign(&p.IsReadReceiptRequested, in.IsReadReceiptRequested)
	assign(&p.IsDeliveryReceiptRequested, in.IsDeliveryReceiptRequested)
	assign(&p.InternetMessageID, in.InternetMessageID)
	assign(&m.headers, in.InternetMessageHeaders)
	for _, list := range []struct{ to, from *[]recipient }{
		{&p.ToRecipients, in.ToRecipients}, {&p.CcRecipients, in.CcRecipients},
		{&p.BccRecipients, in.BccRecipients}, {&p.ReplyTo, in.ReplyTo},
	} {
		if list.from != nil {
			*list.to = namedRecipients(*list.from)
		}
	}
	if in.From != nil {
		p.From = in.From
	}
	if in.Sender != nil {
		p.Sender = in.Sender
	}
	if in.Body != nil {
		m.setBody(in.Body.ContentType, in.Body.Content)
	}
	for _, e := range in.SingleValueExtendedProperties {
		switch {
		case strings.EqualFold(e.ID, propertyInReplyTo):
			p.InReplyTo = e.Value
		case strings.EqualFold(e.ID, propertyReferences):
			p.References = e.Value
		}
	}
}

func assign[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func namedRecipients(list []recipient) []recipient {
	named := make([]recipient, len(list))
	for i, r := range list {
		named[i] = newRecipient(r.EmailAddress.Name, r.EmailAddress.Address)
	}
	return named
}

func (m *message) setBody(contentType, content string) {
	m.bodyType, m.body = "text", content
	preview := content
	if strings.EqualFold(contentType, "html") {
		m.bodyType, preview = "html", htmlToText(content)
	}
	m.properties.BodyPreview = makePreview(preview)
}

// validate checks what the service refuses at once.
func (in *messageInput) validate() error {
	if in.InternetMessageHeaders != nil {
		if err := validateHeaders(*in.InternetMessageHeaders); err != nil {
			return err
		}
	}
	for _, list := range []*[]recipient{in.ToRecipients, in.CcRecipients, in.BccRecipients, in.ReplyTo} {
		if list == nil {
			continue
		}
		for _, r := range *list {
			if !strings.Contains(r.EmailAddress.Address, "@") || strings.ContainsAny(r.EmailAddress.Address, " \r\n,;") {
				return refuse(400, "ErrorInvalidRecipients", "At least one recipient isn't valid., Recipient '%s' isn't resolved. All recipients must be resolved before a message can be submitted.", r.EmailAddress.Address)
			}
		}
	}
	return nil
}

// validateHeaders: custom headers only, and few (internetMessageHeader resource
// type: the name must start with x- or X-).
func validateHeaders(list []header) error {
	if len(list) == 0 || len(list) > 5 {
		return refuse(400, "InvalidInternetMessageHeaderCollection", "Maximum number of headers in one message should be less than or equal to 5.")
	}
	for _, h := range list {
		if !isCustomHeader(h.Name) {
			return refuse(400, "InvalidInternetMessageHeader", "The internet message header name '%s' should start with 'x-' or 'X-'.", h.Name)
		}
	}
	return nil
}

// newDraft is an empty message of the mailbox's owner.
func (x *exchange) newDraft(u *user) *message {
	self := newRecipient(u.DisplayName, u.UserPrincipalName)
	return &message{
		mailbox: u.mailbox, draft: true, read: true, bodyType: "text",
		properties: properties{
			From: &self, Sender: &self, Importance: "normal", InferenceClassification: "focused",
			ToRecipients: []recipient{}, CcRecipients: []recipient{}, BccRecipients: []recipient{}, ReplyTo: []recipient{},
			Categories: []string{}, Flag: flag{"notFlagged"}, InternetMessageID: x.newMessageID(),
		},
	}
}

// isMIME tells whether a body is base64 MIME rather than JSON (Send Outlook
// messages in MIME format).
func (c *call) isMIME() bool {
	return strings.HasPrefix(strings.ToLower(c.header.Get("Content-Type")), "text/plain")
}

func (c *call) decodeMIME() ([]byte, error) {
	compact := strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, strings.TrimSpace(string(c.body)))
	raw, err := base64.StdEncoding.DecodeString(compact)
	if err != nil || len(raw) == 0 {
		return nil, errMIMEBase64
	}
	return raw, nil
}

// draftContent is a message to create: its row, and its MIME when it came so.
type draftContent struct {
	message  *message
	raw      []byte
	files    []attachment
	extended []extendedInput
}

func (x *exchange) draftFromMIME(u *user, raw []byte) draftContent {
	parsed := parseMail(raw)
	m := parsed.message(u.mailbox, 0)
	m.draft, m.read = true, true
	empty := x.newDraft(u).properties
	if m.properties.From == nil {
		m.properties.From, m.properties.Sender = empty.From, empty.Sender
	}
	if m.properties.InternetMessageID == "" {
		m.properties.InternetMessageID = empty.InternetMessageID
	}
	return draftContent{message: m, raw: raw, files: parsed.files}
}

func (x *exchange) draftFromInput(u *user, in *messageInput) (draftContent, error) {
	d := draftContent{message: x.newDraft(u), extended: in.SingleValueExtendedProperties}
	return d, d.merge(in)
}

// merge writes a client's message over the draft.
func (d *draftContent) merge(in *messageInput) error {
	if err := in.validate(); err != nil {
		return err
	}
	in.apply(d.message)
	d.extended = in.SingleValueExtendedProperties
	for _, a := range in.Attachments {
		f, err := a.file()
		if err != nil {
			return err
		}
		d.files = append(d.files, f)
	}
	d.message.properties.HasAttachments = hasVisible(d.files)
	return nil
}

func hasVisible(files []attachment) bool {
	return slices.ContainsFunc(files, func(f attachment) bool { return !f.inline })
}

// save stores the draft in a folder.
func (t *mailTx) save(d draftContent, folder int64) (*message, error) {
	d.message.folder = folder
	if err := t.insert(d.message, d.raw, d.files); err != nil {
		return nil, err
	}
	for _, e := range d.extended {
		if err := t.setExtendedProperty(d.message.id, e.ID, e.Value); err != nil {
			return nil, err
		}
	}
	return d.message, nil
}

// readDraft reads the message in the body of a call, in either form.
func (g *graphAPI) readDraft(c *call) (draftContent, error) {
	if c.isMIME() {
		raw, err := c.decodeMIME()
		if err != nil {
			return draftContent{}, err
		}
		return g.exchange.draftFromMIME(c.user, raw), nil
	}
	var in messageInput
	if err := c.decodeBody(&in); err != nil {
		return draftContent{}, err
	}
	return g.exchange.draftFromInput(c.user, &in)
}

func (g *graphAPI) createMessage(c *call) (answer, error) {
	d, err := g.readDraft(c)
	if err != nil {
		return answer{}, err
	}
	folder, err := g.folderOf(c)
	if err == nil && folder == 0 {
		folder, err = wellKnownFolder(g.exchange.db, c.user.mailbox, "drafts")
	}
	if err != nil {
		return answer{}, err
	}
	var m *message
	err = g.exchange.update(func(t *mailTx) error {
		m, err = t.save(d, folder)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return g.answerMessage(c, http.StatusCreated, m)
}

func (g *graphAPI) updateMessage(c *call) (answer, error) {
	var in messageInput
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	if in.InternetMessageHeaders != nil {
		return answer{}, errNotDraft
	}
	if err := in.validate(); err != nil {
		return answer{}, err
	}
	var m *message
	err := g.exchange.update(func(t *mailTx) error {
		var err error
		if m, err = g.messageOf(t, c, true); err != nil {
			return err
		}
		content := in.changesContent()
		if content && !m.draft {
			return errNotDraft
		}
		in.apply(m)
		for _, e := range in.SingleValueExtendedProperties {
			if err := t.setExtendedProperty(m.id, e.ID, e.Value); err != nil {
				return err
			}
		}
		if content {
			return t.rewrite(m)
		}
		return t.touch(m)
	})
	if err != nil {
		return answer{}, err
	}
	return g.answerMessage(c, http.StatusOK, m)
}
