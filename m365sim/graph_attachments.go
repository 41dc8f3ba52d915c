package m365sim

import (
	"cmp"
	"net/http"
	"strings"
)

// maxSmallAttachment is what fits a single POST; larger ones need an upload
// session (message: post attachments).
const maxSmallAttachment = 3 << 20

// attachmentInput is an attachment as a client writes it.
type attachmentInput struct {
	Type         string `json:"@odata.type"`
	Name         string `json:"name"`
	ContentType  string `json:"contentType"`
	ContentBytes []byte `json:"contentBytes"` // base64 on the wire
	ContentID    string `json:"contentId"`
	IsInline     bool   `json:"isInline"`
}

func (in attachmentInput) file() (attachment, error) {
	if in.Name == "" {
		return attachment{}, refuse(400, "ErrorInvalidRequest", "The attachment has no name.")
	}
	if kind := strings.TrimPrefix(in.Type, "#"); kind != "" && kind != "microsoft.graph.fileAttachment" {
		return attachment{}, refuse(400, "ErrorInvalidRequest", "Attachments of type '%s' cannot be added here.", in.Type)
	}
	if len(in.ContentBytes) > maxSmallAttachment {
		return attachment{}, errRequestTooLarge
	}
	return attachment{
		kind: "file", name: in.Name, contentType: cmp.Or(in.ContentType, "application/octet-stream"), contentID: in.ContentID,
		inline: in.IsInline, size: int64(len(in.ContentBytes)), content: in.ContentBytes,
	}, nil
}

func showAttachment(a attachment, content bool) map[string]any {
	out := map[string]any{
		"id": attachmentID(a.message, a.id), "name": a.name, "contentType": a.contentType, "size": a.size,
		"isInline": a.inline, "lastModifiedDateTime": graphTime(a.modified),
	}
	if a.kind == "item" {
		out["@odata.type"] = "#microsoft.graph.itemAttachment"
		return out
	}
	out["@odata.type"] = "#microsoft.graph.fileAttachment"
	out["@odata.mediaContentType"] = a.contentType
	out["contentId"], out["contentLocation"] = nullable(a.contentID), nil
	if content {
		out["contentBytes"] = a.content
	}
	return out
}

func (g *graphAPI) listAttachments(c *call) (answer, error) {
	m, err := g.messageOf(g.exchange.db, c, false)
	if err != nil {
		return answer{}, err
	}
	wantsContent := c.query.selected == nil
	for _, name := range c.query.selected {
		wantsContent = wantsContent || name == "contentBytes" || strings.HasSuffix(name, "/contentBytes")
	}
	files, err := listAttachments(g.exchange.db, m.id, wantsContent)
	if err != nil {
		return answer{}, err
	}
	list := make([]any, len(files))
	for i, f := range files {
		shown := showAttachment(f, wantsContent)
		list[i] = selectFrom(shown, c.query.selected)
		list[i].(map[string]any)["@odata.type"] = shown["@odata.type"]
	}
	return reply(http.StatusOK, map[string]any{"@odata.context": c.contextURL(c.userPath() + "/messages('" + c.vars["message"] + "')/attachments"), "value": list}), nil
}

// attachmentOf finds the attachment a call names, with its content.
func (g *graphAPI) attachmentOf(q queryer, c *call) (*message, attachment, error) {
	m, err := g.messageOf(q, c, false)
	if err != nil {
		return nil, attachment{}, err
	}
	message, number, ok := parseAttachmentID(c.vars["attachment"])
	if !ok {
		return nil, attachment{}, errIDMalformed
	}
	if message != m.id {
		return nil, attachment{}, errNoItem
	}
	a, err := findAttachment(q, m.id, number)
	return m, a, err
}

func (g *graphAPI) getAttachment(c *call) (answer, error) {
	_, a, err := g.attachmentOf(g.exchange.db, c)
	if err != nil {
		return answer{}, err
	}
	shown := showAttachment(a, true)
	out := selectFrom(shown, c.query.selected)
	out["@odata.type"] = shown["@odata.type"]
	out["@odata.context"] = c.contextURL(c.userPath() + "/messages('" + c.vars["message"] + "')/attachments/$entity")
	return reply(http.StatusOK, out), nil
}

// getAttachmentValue answers with the bytes; of an attached mail, its MIME.
func (g *graphAPI) getAttachmentValue(c *call) (answer, error) {
	_, f, err := g.attachmentOf(g.exchange.db, c)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: http.StatusOK, raw: f.content}
	a.set("Content-Type", f.contentType)
	if f.kind == "item" {
		a.set("Content-Type", "text/plain")
	}
	return a, nil
}

func (g *graphAPI) addAttachment(c *call) (answer, error) {
	var in attachmentInput
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	f, err := in.file()
	if err != nil {
		return answer{}, err
	}
	err = g.exchange.update(func(t *mailTx) error {
		m, err := g.messageOf(t, c, true)
		if err != nil {
			return err
		}
		f.id, err = t.attach(m, f)
		f.message, f.modified = m.id, t.now
		return err
	})
	if err != nil {
		return answer{}, err
	}
	out := showAttachment(f, true)
	out["@odata.context"] = c.contextURL(c.userPath() + "/messages('" + c.vars["message"] + "')/attachments/$entity")
	a := reply(http.StatusCreated, out)
	a.set("Location", c.base+"/v1.0/"+c.userPath()+"/messages('"+c.vars["message"]+"')/attachments('"+attachmentID(f.message, f.id)+"')")
	return a, nil
}

// attach adds a file to a draft. m must be whole.
func (t *mailTx) attach(m *message, f attachment) (int64, error) {
	if !m.draft {
		return 0, errNotDraft
	}
	id, err := t.insertAttachment(m.id, f)
	if err != nil {
		return 0, err
	}
	m.properties.HasAttachments = m.properties.HasAttachments || !f.inline
	return id, t.rewrite(m)
}

func (g *graphAPI) deleteAttachment(c *call) (answer, error) {
	err := g.exchange.update(func(t *mailTx) error {
		found, a, err := g.attachmentOf(t, c)
		if err != nil {
			return err
		}
		if !found.draft {
			return errNotDraft
		}
		m, err := messageByNumber(t, found.id, true)
		if err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM attachment WHERE id = ?", a.id); err != nil {
			return err
		}
		rest, err := listAttachments(t, m.id, false)
		if err != nil {
			return err
		}
		m.properties.HasAttachments = hasVisible(rest)
		return t.rewrite(m)
	})
	return answer{status: http.StatusNoContent}, err
}
