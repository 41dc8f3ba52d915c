package m365sim

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// What the mail store answers when it cannot do what was asked.
var (
	errNoItem       = errors.New("no such message, folder or attachment")
	errFolderExists = errors.New("a folder of this name exists")
	errNotDraft     = errors.New("only a draft can be changed in this way")
	errNoRecipients = errors.New("the mail has no recipient")
	errSendAs       = errors.New("the mailbox may not send as this address")
	errTooLarge     = errors.New("the mail is larger than the mailbox may send")
)

// message is one row of the mail store. The columns body and headers are only
// there when they were asked for.
type message struct {
	id         int64
	mailbox    int64
	folder     int64
	generation int64
	change     int64
	entered    int64
	received   time.Time
	sent       time.Time
	created    time.Time
	modified   time.Time
	read       bool
	draft      bool
	properties properties

	bodyType string // text or html, as it arrived
	body     string
	headers  []header
}

// properties are the parts of a message that are only shown, under the names of
// the message resource type. They are stored as one JSON object, into which
// $filter looks.
type properties struct {
	Subject                    string      `json:"subject"`
	BodyPreview                string      `json:"bodyPreview"`
	From                       *recipient  `json:"from,omitempty"`
	Sender                     *recipient  `json:"sender,omitempty"`
	ToRecipients               []recipient `json:"toRecipients"`
	CcRecipients               []recipient `json:"ccRecipients"`
	BccRecipients              []recipient `json:"bccRecipients"`
	ReplyTo                    []recipient `json:"replyTo"`
	HasAttachments             bool        `json:"hasAttachments"`
	Importance                 string      `json:"importance"`
	InferenceClassification    string      `json:"inferenceClassification"`
	Categories                 []string    `json:"categories"`
	Flag                       flag        `json:"flag"`
	InternetMessageID          string      `json:"internetMessageId"`
	ConversationID             string      `json:"conversationId"`
	IsReadReceiptRequested     bool        `json:"isReadReceiptRequested"`
	IsDeliveryReceiptRequested bool        `json:"isDeliveryReceiptRequested"`

	// Not properties of the message type, but of the mail: the extended
	// properties PidTagInReplyToId and PidTagInternetReferences.
	InReplyTo  string `json:"inReplyTo,omitempty"`
	References string `json:"references,omitempty"`
}

type recipient struct {
	EmailAddress emailAddress `json:"emailAddress"`
}

type emailAddress struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type flag struct {
	FlagStatus string `json:"flagStatus"`
}

type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type attachment struct {
	id          int64
	message     int64
	kind        string // file or item
	name        string
	contentType string
	contentID   string
	inline      bool
	modified    time.Time
	size        int64
	content     []byte // only when asked for
}

func (m *message) identity(immutable bool) messageID {
	return messageID{mailbox: m.mailbox, message: m.id, generation: m.generation, immutable: immutable}
}

// Columns for scanning a message without and with its large parts.
const (
	messageColumns = `id, mailbox, folder, generation, change, entered, received, sent, created, modified, is_read, is_draft, properties`
	wholeMessage   = messageColumns + `, body_type, body, headers`
)

func scanMessage(scan func(...any) error, whole bool) (*message, error) {
	var m message
	var received, sent, created, modified int64
	var properties, headers []byte
	dest := []any{&m.id, &m.mailbox, &m.folder, &m.generation, &m.change, &m.entered,
		&received, &sent, &created, &modified, &m.read, &m.draft, &properties}
	if whole {
		dest = append(dest, &m.bodyType, &m.body, &headers)
	}
	if err := scan(dest...); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, errNoItem
		}
		return nil, err
	}
	m.received, m.sent = fromMillis(received), fromMillis(sent)
	m.created, m.modified = fromMillis(created), fromMillis(modified)
	if err := json.Unmarshal(properties, &m.properties); err != nil {
		return nil, err
	}
	if whole {
		return &m, json.Unmarshal(headers, &m.headers)
	}
	return &m, nil
}

// findMessage returns the message of that id in mailbox, or errNoItem when there
// is none or, for an ordinary id, when it was moved since.
func findMessage(q queryer, mailbox int64, id messageID, whole bool) (*message, error) {
	if id.mailbox != mailbox {
		return nil, errNoItem
	}
	m, err := messageByNumber(q, id.message, whole)
	if err != nil {
		return nil, err
	}
	if m.mailbox != mailbox || !id.immutable && m.generation != id.generation {
		return nil, errNoItem
	}
	return m, nil
}

func messageByNumber(q queryer, id int64, whole bool) (*message, error) {
	if whole {
		return scanMessage(q.row("SELECT "+wholeMessage+" FROM message WHERE id = ?", id).Scan, true)
	}
	return scanMessage(q.row("SELECT "+messageColumns+" FROM message WHERE id = ?", id).Scan, false)
}

// rawMIME returns the RFC 5322 bytes of a message, composing those of a draft
// that was made of properties.
func rawMIME(q queryer, m *message) ([]byte, error) {
	var raw []byte
	err := q.row("SELECT raw FROM mime WHERE message = ?", m.id).Scan(&raw)
	if !errors.Is(err, sql.ErrNoRows) {
		return raw, err
	}
	return composeStored(q, m)
}

// composeStored composes the mail that the properties and attachments of a
// stored message describe.
func composeStored(q queryer, m *message) ([]byte, error) {
	whole, err := messageByNumber(q, m.id, true)
	if err != nil {
		return nil, err
	}
	files, err := listAttachments(q, m.id, true)
	if err != nil {
		return nil, err
	}
	return compose(whole, files)
}

func listAttachments(q queryer, message int64, content bool) ([]attachment, error) {
	query := "SELECT id, message, kind, name, content_type, content_id, is_inline, modified, size, NULL FROM attachment WHERE message = ? ORDER BY id"
	if content {
		query = "SELECT id, message, kind, name, content_type, content_id, is_inline, modified, size, content FROM attachment WHERE message = ? ORDER BY id"
	}
	list := []attachment{}
	err := each(q, query, func(scan func(...any) error) error {
		var a attachment
		var modified int64
		err := scan(&a.id, &a.message, &a.kind, &a.name, &a.contentType, &a.contentID, &a.inline, &modified, &a.size, &a.content)
		a.modified = fromMillis(modified)
		list = append(list, a)
		return err
	}, message)
	return list, err
}

// findAttachment returns one attachment with its content, or errNoItem.
func findAttachment(q queryer, message, id int64) (attachment, error) {
	all, err := listAttachments(q, message, false)
	if err != nil {
		return attachment{}, err
	}
	for _, a := range all {
		if a.id == id {
			return a, q.row("SELECT content FROM attachment WHERE id = ?", id).Scan(&a.content)
		}
	}
	return attachment{}, errNoItem
}

// extendedProperties returns the single-value extended properties that were set
// on a message, by their id ("String {guid} Name X").
func extendedProperties(q queryer, message int64) (map[string]string, error) {
	values := map[string]string{}
	err := each(q, "SELECT name, value FROM extended_property WHERE message = ?", func(scan func(...any) error) error {
		var name, value string
		err := scan(&name, &value)
		values[name] = value
		return err
	}, message)
	return values, err
}
