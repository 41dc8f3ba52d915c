package m365sim

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// messageView shows messages as one request wants to see them.
type messageView struct {
	selected    []string // nil: the default properties
	immutable   bool
	bodyType    string // html unless asked for text
	allowUnsafe bool
	basic       bool     // Mail.ReadBasic: no body, no attachments
	attachments bool     // $expand=attachments
	extended    []string // $expand=singleValueExtendedProperties: the ids asked for
}

// defaultProperties come without $select. internetMessageHeaders and uniqueBody
// must be selected (message resource type).
var defaultProperties = []string{
	"createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "receivedDateTime", "sentDateTime",
	"hasAttachments", "internetMessageId", "subject", "bodyPreview", "importance", "parentFolderId", "conversationId",
	"conversationIndex", "isDeliveryReceiptRequested", "isReadReceiptRequested", "isRead", "isDraft", "webLink",
	"inferenceClassification", "body", "sender", "from", "toRecipients", "ccRecipients", "bccRecipients", "replyTo", "flag",
}

// largeProperties are kept in columns that are not read without need.
var largeProperties = []string{"body", "uniqueBody", "internetMessageHeaders"}

// hiddenFromBasic is what Mail.ReadBasic does not show.
var hiddenFromBasic = []string{"body", "bodyPreview", "uniqueBody", "attachments", "extensions"}

// newMessageView reads what a request wants from its query and preferences.
func newMessageView(c *call) (messageView, error) {
	v := messageView{
		immutable:   c.prefer.immutable,
		bodyType:    c.prefer.bodyType,
		allowUnsafe: c.prefer.allowUnsafe,
		basic:       c.basic,
	}
	for _, name := range c.query.selected {
		if name == "id" || strings.HasPrefix(name, "@odata.") {
			v.selected = append(v.selected, "id")
			continue
		}
		if !slices.Contains(defaultProperties, name) && !slices.Contains(largeProperties, name) {
			return v, refuse(400, "RequestBroker--ParseUri", "Could not find a property named '%s' on type 'Microsoft.OutlookServices.Message'.", name)
		}
		v.selected = append(v.selected, name)
	}
	for _, term := range c.query.expand {
		name, options, _ := strings.Cut(term, "(")
		switch strings.TrimSpace(name) {
		case "attachments":
			v.attachments = !c.basic
		case "singleValueExtendedProperties":
			v.extended = expandedProperties(options)
		default:
			return v, badRequest("Could not find a property named '%s' to expand.", name)
		}
	}
	return v, nil
}

// expandedProperties reads the ids of ($filter=id eq 'A' or id eq 'B').
func expandedProperties(options string) []string {
	ids := []string{}
	for i, piece := range strings.Split(options, "'") {
		if i%2 == 1 {
			ids = append(ids, piece)
		}
	}
	return ids
}

// whole tells whether the large columns are needed.
func (v messageView) whole() bool {
	if v.selected == nil {
		return !v.basic
	}
	return slices.ContainsFunc(v.selected, func(name string) bool { return slices.Contains(largeProperties, name) })
}

// show renders one message. q reads what is expanded.
func (v messageView) show(q queryer, m *message) (map[string]any, error) {
	out := map[string]any{"@odata.etag": etag(m.change), "id": m.identity(v.immutable).String()}
	names := v.selected
	if names == nil {
		names = defaultProperties
	}
	for _, name := range names {
		if v.basic && slices.Contains(hiddenFromBasic, name) {
			continue
		}
		if value, ok := v.property(m, name); ok {
			out[name] = value
		}
	}
	if v.attachments {
		files, err := listAttachments(q, m.id, true)
		if err != nil {
			return nil, err
		}
		shown := make([]any, len(files))
		for i, f := range files {
			shown[i] = showAttachment(f, true)
		}
		out["attachments"] = shown
	}
	if v.extended != nil {
		return out, v.expandExtended(q, m, out)
	}
	return out, nil
}

func (v messageView) property(m *message, name string) (any, bool) {
	p := &m.properties
	switch name {
	case "createdDateTime":
		return graphTime(m.created), true
	case "lastModifiedDateTime":
		return graphTime(m.modified), true
	case "receivedDateTime":
		return graphTime(m.received), true
	case "sentDateTime":
		return graphTime(m.sent), true
	case "changeKey":
		return changeKey(m.change), true
	case "parentFolderId":
		return folderID(m.mailbox, m.folder), true
	case "isRead":
		return m.read, true
	case "isDraft":
		return m.draft, true
	case "body", "uniqueBody":
		return v.body(m), true
	case "internetMessageHeaders":
		return m.headers, len(m.headers) > 0
	case "webLink":
		return "https://outlook.office365.com/owa/?ItemID=" + url.QueryEscape(m.identity(false).String()) + "&exvsurl=1&viewmodel=ReadMessageItem", true
	case "conversationIndex":
		sum := sha256.Sum256([]byte(p.ConversationID))
		return base64.StdEncoding.EncodeToString(sum[:22]), true
	}
	return p.property(name)
}

func (p *properties) property(name string) (any, bool) {
	switch name {
	case "subject":
		return p.Subject, true
	case "bodyPreview":
		return p.BodyPreview, true
	case "from":
		return p.From, p.From != nil
	case "sender":
		return p.Sender, p.Sender != nil
	case "toRecipients":
		return p.ToRecipients, true
	case "ccRecipients":
		return p.CcRecipients, true
	case "bccRecipients":
		return p.BccRecipients, true
	case "replyTo":
		return p.ReplyTo, true
	case "hasAttachments":
		return p.HasAttachments, true
	case "importance":
		return p.Importance, true
	case "inferenceClassification":
		return p.InferenceClassification, true
	case "categories":
		return p.Categories, true
	case "flag":
		return p.Flag, true
	case "internetMessageId":
		return p.InternetMessageID, true
	case "conversationId":
		return p.ConversationID, true
	case "isReadReceiptRequested":
		return p.IsReadReceiptRequested, true
	case "isDeliveryReceiptRequested":
		return p.IsDeliveryReceiptRequested, true
	}
	return nil, false
}

// body is HTML unless Prefer: outlook.body-content-type asks for text, and
// without what can run unless outlook.allow-unsafe-html is preferred.
func (v messageView) body(m *message) any {
	content := m.body
	if v.bodyType == "text" {
		if m.bodyType == "html" {
			content = htmlToText(content)
		}
		return map[string]string{"contentType": "text", "content": content}
	}
	switch {
	case m.bodyType != "html":
		content = textToHTML(content)
	case !v.allowUnsafe:
		content = sanitiseHTML(content)
	}
	return map[string]string{"contentType": "html", "content": content}
}

// MAPI properties that every mail has, whoever wrote it.
const (
	propertyInReplyTo  = "String 0x1042" // PidTagInReplyToId
	propertyReferences = "String 0x1039" // PidTagInternetReferences
)

func (v messageView) expandExtended(q queryer, m *message, out map[string]any) error {
	values, err := extendedProperties(q, m.id)
	if err != nil {
		return err
	}
	values[propertyInReplyTo], values[propertyReferences] = m.properties.InReplyTo, m.properties.References
	list := []any{}
	for _, id := range v.extended {
		for name, value := range values {
			if strings.EqualFold(name, id) && value != "" {
				list = append(list, map[string]string{"id": name, "value": value})
			}
		}
	}
	if len(list) > 0 {
		out["singleValueExtendedProperties"] = list
	}
	return nil
}
