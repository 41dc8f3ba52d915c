package graph

import (
	"encoding/json"
	"time"
)

// Message is a mail in a mailbox. Only what was selected is set.
//
// "message resource type"
type Message struct {
	ID                string             `json:"id"`
	ETag              string             `json:"@odata.etag"`
	InternetMessageID string             `json:"internetMessageId"` // with angle brackets
	ConversationID    string             `json:"conversationId"`
	ParentFolderID    string             `json:"parentFolderId"`
	Subject           string             `json:"subject"`
	From              *Recipient         `json:"from"`
	Sender            *Recipient         `json:"sender"`
	To                []Recipient        `json:"toRecipients"`
	CC                []Recipient        `json:"ccRecipients"`
	ReplyTo           []Recipient        `json:"replyTo"`
	Received          time.Time          `json:"receivedDateTime"`
	Sent              time.Time          `json:"sentDateTime"`
	Created           time.Time          `json:"createdDateTime"`
	Modified          time.Time          `json:"lastModifiedDateTime"`
	IsRead            bool               `json:"isRead"`
	IsDraft           bool               `json:"isDraft"`
	HasAttachments    bool               `json:"hasAttachments"` // false when all are inline
	Preview           string             `json:"bodyPreview"`
	Body              *Body              `json:"body"`
	Headers           []Header           `json:"internetMessageHeaders"`
	Properties        []ExtendedProperty `json:"singleValueExtendedProperties"`

	// Removed is set in delta pages alone: the message was deleted or moved
	// away, and nothing but its ID is known.
	Removed *Removed `json:"@removed"`
}

// Removed says why a message is no longer in a folder.
type Removed struct {
	Reason string `json:"reason"`
}

// Recipient is an address with its display name.
type Recipient struct {
	Address EmailAddress `json:"emailAddress"`
}

// NewRecipient returns a recipient; name may be empty.
func NewRecipient(name, address string) Recipient {
	return Recipient{EmailAddress{Name: name, Address: address}}
}

// EmailAddress is the inner part of a Recipient.
type EmailAddress struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
}

// Body is the content of a message.
type Body struct {
	Type    string `json:"contentType"` // text or html
	Content string `json:"content"`
}

// Header is one line of a mail's header.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ExtendedProperty is a MAPI property with one value.
//
// "singleValueLegacyExtendedProperty resource type"
type ExtendedProperty struct {
	ID    string `json:"id"` // such as "String 0x1042", or of NamedProperty
	Value string `json:"value"`
}

// NamedProperty returns the id of a text property of one's own, in a property
// set given by its GUID.
func NamedProperty(set, name string) string { return "String {" + set + "} Name " + name }

// InReplyTo sets the In-Reply-To header of a draft (PidTagInReplyToId), which
// Graph does not take as a header.
func InReplyTo(messageID string) ExtendedProperty {
	return ExtendedProperty{ID: "String 0x1042", Value: messageID}
}

// References sets the References header of a draft (PidTagInternetReferences).
func References(messageIDs string) ExtendedProperty {
	return ExtendedProperty{ID: "String 0x1039", Value: messageIDs}
}

// Draft is a message to create. From may be left out; when it is another
// address than the mailbox's own, the account needs the right to send as it.
type Draft struct {
	Subject    string             `json:"subject"`
	Body       Body               `json:"body"`
	From       *Recipient         `json:"from,omitempty"`
	To         []Recipient        `json:"toRecipients,omitempty"`
	CC         []Recipient        `json:"ccRecipients,omitempty"`
	BCC        []Recipient        `json:"bccRecipients,omitempty"`
	ReplyTo    []Recipient        `json:"replyTo,omitempty"`
	Headers    []Header           `json:"internetMessageHeaders,omitempty"` // five at most, names starting with x-
	Properties []ExtendedProperty `json:"singleValueExtendedProperties,omitempty"`
}

// Attachment of a message. Content is for AddAttachment alone and is not read back.
//
// "fileAttachment resource type"
type Attachment struct {
	ID          string
	Name        string
	ContentType string
	Inline      bool
	ContentID   string // without angle brackets; for cid: links
	Size        int64  // as Graph counts, with some overhead, when read back
	Content     []byte
}

// MarshalJSON writes the shape that Graph wants for a new file attachment.
func (a Attachment) MarshalJSON() ([]byte, error) {
	if a.Content == nil {
		a.Content = []byte{} // an empty file, not null
	}
	return json.Marshal(struct {
		Type        string `json:"@odata.type"`
		Name        string `json:"name"`
		ContentType string `json:"contentType,omitempty"`
		Inline      bool   `json:"isInline"`
		ContentID   string `json:"contentId,omitempty"`
		Content     []byte `json:"contentBytes"`
	}{"#microsoft.graph.fileAttachment", a.Name, a.ContentType, a.Inline, a.ContentID, a.Content})
}

// UnmarshalJSON reads what describes an attachment, not its content.
func (a *Attachment) UnmarshalJSON(b []byte) error {
	var v struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		ContentType string `json:"contentType"`
		Inline      bool   `json:"isInline"`
		ContentID   string `json:"contentId"`
		Size        int64  `json:"size"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*a = Attachment{ID: v.ID, Name: v.Name, ContentType: v.ContentType, Inline: v.Inline, ContentID: v.ContentID, Size: v.Size}
	return nil
}

// Folder of a mailbox.
//
// "mailFolder resource type"
type Folder struct {
	ID       string `json:"id"`
	Name     string `json:"displayName"`
	ParentID string `json:"parentFolderId"`
	Children int    `json:"childFolderCount"`
	Total    int    `json:"totalItemCount"`
	Unread   int    `json:"unreadItemCount"`
}

// Well-known names that can be used in place of a folder's id.
const (
	Inbox        = "inbox"
	Drafts       = "drafts"
	SentItems    = "sentitems"
	DeletedItems = "deleteditems"
	JunkEmail    = "junkemail"
	Outbox       = "outbox"
)
