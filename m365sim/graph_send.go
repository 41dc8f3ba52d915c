package m365sim

import (
	"html"
	"net/http"
	"slices"
	"strings"
	"time"
)

// sendMail sends in one call, from JSON or from MIME (user: sendMail). From
// MIME it always keeps a copy in Sent Items.
func (g *graphAPI) sendMail(c *call) (answer, error) {
	if c.isMIME() {
		raw, err := c.decodeMIME()
		if err != nil {
			return answer{}, err
		}
		return g.submit(submission{from: c.user, raw: raw, save: true})
	}
	var in struct {
		Message         *messageInput `json:"message"`
		SaveToSentItems *bool         `json:"saveToSentItems"`
	}
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	if in.Message == nil {
		return answer{}, badRequest("The message parameter is required.")
	}
	d, err := g.exchange.draftFromInput(c.user, in.Message)
	if err != nil {
		return answer{}, err
	}
	raw, err := compose(d.message, d.files)
	if err != nil {
		return answer{}, err
	}
	return g.submit(submission{from: c.user, raw: raw, save: in.SaveToSentItems == nil || *in.SaveToSentItems})
}

func accepted() answer { return answer{status: http.StatusAccepted, raw: []byte{}} }

func (g *graphAPI) submit(s submission) (answer, error) {
	err := g.exchange.update(func(t *mailTx) error {
		_, err := t.submit(s)
		return err
	})
	return accepted(), err
}

// sendDraft sends a draft; it becomes the copy in Sent Items.
func (g *graphAPI) sendDraft(c *call) (answer, error) {
	err := g.exchange.update(func(t *mailTx) error {
		m, err := g.messageOf(t, c, true)
		if err != nil {
			return err
		}
		if !m.draft {
			return refuse(400, "ErrorInvalidRequest", "The message is not a draft and cannot be sent.")
		}
		var attached int64
		if err := t.row("SELECT coalesce(sum(size), 0) FROM attachment WHERE message = ?", m.id).Scan(&attached); err != nil {
			return err
		}
		if attached > t.x.maxSend.Load() {
			return errTooLarge // before it is composed for nothing
		}
		raw, err := rawMIME(t, m)
		if err != nil {
			return err
		}
		// The copy in Sent Items may take a while to appear (Obtain immutable
		// identifiers for Outlook resources: immutable IDs with sending mail).
		if f := g.faults.hit(c.user.UserPrincipalName, c.method, c.target, faultDelaySent); f != nil {
			t.x.onTheWay.Store(m.id, t.now.Add(f.delay))
		}
		_, err = t.submit(submission{from: c.user, raw: raw, draft: m})
		return err
	})
	return accepted(), err
}

// isOnTheWay tells whether a sent message cannot be read yet.
func (x *exchange) isOnTheWay(message int64) bool {
	until, held := x.onTheWay.Load(message)
	if held && !x.clock.now().Before(until.(time.Time)) {
		x.onTheWay.Delete(message)
		return false
	}
	return held
}

// answerKind is how a mail is answered.
type answerKind int

const (
	replyToSender answerKind = iota
	replyToAll
	forward
)

// answerInput is the body of reply, replyAll, forward and their create forms.
type answerInput struct {
	Message      *messageInput `json:"message"`
	Comment      *string       `json:"comment"`
	ToRecipients *[]recipient  `json:"toRecipients"` // of forward
}

// draftAnswer composes the answer to a message: addressed, threaded, quoting.
func (g *graphAPI) draftAnswer(c *call, kind answerKind) (draftContent, error) {
	original, err := g.messageOf(g.exchange.db, c, true)
	if err != nil {
		return draftContent{}, err
	}
	if c.isMIME() {
		raw, err := c.decodeMIME()
		if err != nil {
			return draftContent{}, err
		}
		return g.exchange.draftFromMIME(c.user, threaded(raw, original)), nil
	}
	var in answerInput
	if err := c.decodeBody(&in); err != nil {
		return draftContent{}, err
	}
	if in.Message == nil {
		in.Message = &messageInput{}
	}
	// message: reply, "Specify either a comment or the body property of the
	// message parameter. Specifying both will return an HTTP 400".
	if in.Comment != nil && in.Message.Body != nil {
		return draftContent{}, badRequest("Either a comment or the body of the message can be specified, not both.")
	}
	if in.ToRecipients != nil {
		in.Message.ToRecipients = in.ToRecipients
	}
	d := draftContent{message: g.exchange.answerTo(c.user, original, kind)}
	if kind == forward {
		if d.files, err = listAttachments(g.exchange.db, original.id, true); err != nil {
			return draftContent{}, err
		}
	}
	comment := ""
	if in.Comment != nil {
		comment = *in.Comment
	}
	if in.Message.Body == nil {
		d.message.setBody("html", quote(original, comment))
	}
	return d, d.merge(in.Message)
}

// threaded gives MIME of an answer the header fields that thread it.
func threaded(raw []byte, original *message) []byte {
	references := strings.TrimSpace(original.properties.References + " " + original.properties.InternetMessageID)
	return setHeaders(raw, header{"In-Reply-To", original.properties.InternetMessageID}, header{"References", references})
}

// answerTo is the draft of an answer without its body.
func (x *exchange) answerTo(u *user, original *message, kind answerKind) *message {
	m := x.newDraft(u)
	p, o := &m.properties, original.properties
	p.ConversationID = o.ConversationID
	p.InReplyTo = o.InternetMessageID
	p.References = strings.TrimSpace(o.References + " " + o.InternetMessageID)
	if kind == forward {
		p.Subject = prefixed("FW: ", o.Subject)
		return m
	}
	p.Subject = prefixed("RE: ", o.Subject)
	p.ToRecipients = slices.Clone(o.ReplyTo)
	if len(p.ToRecipients) == 0 && o.From != nil {
		p.ToRecipients = []recipient{*o.From}
	}
	if kind == replyToAll {
		p.ToRecipients = without(append(p.ToRecipients, o.ToRecipients...), u)
		p.CcRecipients = without(o.CcRecipients, u)
	}
	return m
}

func prefixed(prefix, subject string) string {
	if len(subject) >= len(prefix) && strings.EqualFold(subject[:len(prefix)], prefix) {
		return subject
	}
	return prefix + subject
}

func without(list []recipient, u *user) []recipient {
	return slices.DeleteFunc(slices.Clone(list), func(r recipient) bool {
		return strings.EqualFold(r.EmailAddress.Address, u.UserPrincipalName)
	})
}

// quote is the body Outlook starts an answer with.
func quote(original *message, comment string) string {
	from := ""
	if original.properties.From != nil {
		from = original.properties.From.EmailAddress.Name + " <" + original.properties.From.EmailAddress.Address + ">"
	}
	content := original.body
	if original.bodyType != "html" {
		content = strings.ReplaceAll(html.EscapeString(content), "\n", "<br>\n")
	}
	return `<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>` +
		html.EscapeString(comment) + `<hr tabindex="-1" style="display:inline-block; width:98%"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> ` +
		html.EscapeString(from) + `<br><b>Sent:</b> ` + original.sent.Format("Monday, January 2, 2006 3:04:05 PM") +
		`<br><b>Subject:</b> ` + html.EscapeString(original.properties.Subject) + `<br></div><div>` + content + `</div></body></html>`
}

// answerDraft is createReply, createReplyAll and createForward.
func (g *graphAPI) answerDraft(kind answerKind) graphHandler {
	return func(c *call) (answer, error) {
		d, err := g.draftAnswer(c, kind)
		if err != nil {
			return answer{}, err
		}
		var m *message
		err = g.exchange.update(func(t *mailTx) error {
			folder, err := wellKnownFolder(t, c.user.mailbox, "drafts")
			if err != nil {
				return err
			}
			m, err = t.save(d, folder)
			return err
		})
		if err != nil {
			return answer{}, err
		}
		return g.answerMessage(c, http.StatusCreated, m)
	}
}

// answerNow is reply, replyAll and forward.
func (g *graphAPI) answerNow(kind answerKind) graphHandler {
	return func(c *call) (answer, error) {
		d, err := g.draftAnswer(c, kind)
		if err != nil {
			return answer{}, err
		}
		raw := d.raw
		if raw == nil {
			if raw, err = compose(d.message, d.files); err != nil {
				return answer{}, err
			}
		}
		return g.submit(submission{from: c.user, raw: raw, save: true})
	}
}
