package m365sim

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DeliverOption changes how Deliver stores a mail.
type DeliverOption func(*delivery)

// delivery is how a mail comes into a mailbox; the zero value is now, unread,
// into the Inbox.
type delivery struct {
	received time.Time
	folder   string
	read     bool
	trace    []header // put on top, as a mail server does
}

// ReceivedAt gives a delivered mail a received date, which may be in the past.
func ReceivedAt(t time.Time) DeliverOption { return func(d *delivery) { d.received = t } }

// InFolder delivers into a folder other than the Inbox, by well-known or display name.
func InFolder(name string) DeliverOption { return func(d *delivery) { d.folder = name } }

// AlreadyRead delivers the mail as read.
func AlreadyRead() DeliverOption { return func(d *delivery) { d.read = true } }

// errNoMailbox is what a mail server answers for an unknown recipient.
var errNoMailbox = errors.New("no such mailbox here")

// deliver puts a mail from outside into the mailboxes of the addresses, one
// copy each, and returns the new messages. Either all of them get it or none.
func (x *exchange) deliver(ctx context.Context, addresses []string, raw []byte, d delivery) ([]*message, error) {
	to := strings.Join(addresses, ", ")
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("deliver to %s: %w", to, err)
	}
	if len(raw) > maxDeliverSize {
		return nil, fmt.Errorf("deliver to %s: %w", to, errTooLarge)
	}
	var mailboxes []int64
	for _, address := range addresses {
		u := x.dir.recipient(address)
		if u == nil {
			return nil, fmt.Errorf("deliver to %s: %w", address, errNoMailbox)
		}
		if !slices.Contains(mailboxes, u.mailbox) {
			mailboxes = append(mailboxes, u.mailbox)
		}
	}
	raw = x.receive(raw, d.trace)
	parsed := parseMail(raw)
	var delivered []*message
	err := x.update(func(t *mailTx) error {
		for _, mailbox := range mailboxes {
			m, err := t.place(mailbox, raw, parsed, d)
			if err != nil {
				return err
			}
			delivered = append(delivered, m)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("deliver to %s: %w", to, err)
	}
	return delivered, nil
}

// receive adds what a receiving Exchange adds: the trace of the hop and, when
// the sender gave none, a Message-ID. Otherwise the bytes stay as they came.
func (x *exchange) receive(raw []byte, trace []header) []byte {
	fields, _ := splitHeader(raw)
	top := slices.Clone(trace)
	if fieldValue(fields, "Message-ID") == "" {
		top = append(top, header{"Message-ID", x.newMessageID()})
	}
	if len(top) == 0 {
		return raw
	}
	var b strings.Builder
	for _, h := range top {
		fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
	}
	return append([]byte(b.String()), raw...)
}

// place stores a parsed mail in a folder of a mailbox.
func (t *mailTx) place(mailbox int64, raw []byte, parsed parsedMail, d delivery) (*message, error) {
	folder, err := folderByAnyName(t, mailbox, cmp.Or(d.folder, "inbox"))
	if err != nil {
		return nil, fmt.Errorf("find folder %s: %w", d.folder, err)
	}
	m := parsed.message(mailbox, folder)
	m.received, m.read = d.received, d.read
	if d.folder == "" {
		if keep, err := t.forward(mailbox, raw, parsed); err != nil || !keep {
			return m, err
		}
	}
	return m, t.insert(m, raw, parsed.files)
}

// message turns what was read off a mail into a message to insert.
func (p parsedMail) message(mailbox, folder int64) *message {
	return &message{
		mailbox: mailbox, folder: folder, sent: p.date,
		properties: p.properties, bodyType: p.bodyType, body: p.body, headers: p.headers,
	}
}

// newMessageID is the Message-ID Exchange gives to mail it sends.
func (x *exchange) newMessageID() string {
	return fmt.Sprintf("<SIM%s@SIM%s.prod.%s>", strings.ToUpper(randomToken(24)), strings.ToUpper(randomToken(6)), x.dir.organisation().Domain)
}

// submission is a mail on its way out of a mailbox.
type submission struct {
	from  *user
	raw   []byte   // complete but for what Exchange sets
	draft *message // the draft it was, or nil
	save  bool     // keep a copy in Sent Items
}

// submit sends a mail: it gives it a Message-ID and date of its own, keeps it in
// Sent Items (where a draft keeps its immutable id), puts it into the mailboxes
// of recipients inside, and hands what goes outside to the outbox. All of that
// or nothing happens.
func (t *mailTx) submit(s submission) (*message, error) {
	if int64(len(s.raw)) > t.x.maxSend.Load() {
		return nil, errTooLarge
	}
	fields := []header{
		{"Message-ID", t.x.newMessageID()},
		{"Date", t.now.Format(time.RFC1123Z)},
		{"X-Unsent", ""},
	}
	given, _ := splitHeader(s.raw)
	switch from := firstAddress(fieldValue(given, "From")); {
	case from == nil:
		fields = append(fields, header{"From", formatAddress(s.from.DisplayName, s.from.UserPrincipalName)})
	case !t.x.dir.owns(s.from, from.EmailAddress.Address):
		return nil, errSendAs
	}
	raw := setHeaders(s.raw, fields...)
	parsed := parseMail(raw)
	recipients := uniqueAddresses(parsed.properties)
	if len(recipients) == 0 || len(recipients) > maxRecipients {
		return nil, errNoRecipients
	}
	sent, err := t.keepSent(s, raw, parsed)
	if err != nil {
		return nil, err
	}
	return sent, t.route(s.from, recipients, setHeaders(raw, header{"Bcc", ""}), parsed)
}

// keepSent files the sent mail: a draft becomes the copy in Sent Items.
func (t *mailTx) keepSent(s submission, raw []byte, parsed parsedMail) (*message, error) {
	folder, err := wellKnownFolder(t, s.from.mailbox, "sentitems")
	if err != nil {
		return nil, err
	}
	m := parsed.message(s.from.mailbox, folder)
	m.read, m.sent, m.received = true, t.now, t.now
	if s.draft == nil {
		if !s.save {
			return m, nil
		}
		return m, t.insert(m, raw, parsed.files)
	}
	if err := t.bury(s.draft, true); err != nil {
		return nil, err
	}
	m.id, m.generation, m.created = s.draft.id, s.draft.generation+1, s.draft.created
	m.change, m.modified = t.nextChange(), t.now
	m.entered = m.change
	m.properties.ConversationID = s.draft.properties.ConversationID
	m.properties.Categories = s.draft.properties.Categories
	if err := t.store(m); err != nil {
		return nil, err
	}
	t.emit("created", m, folder, true)
	return m, t.setMIME(m.id, raw)
}

// route hands a mail to each recipient: inside by delivery, outside by the
// outbox. An address inside that nobody has is answered with a bounce.
func (t *mailTx) route(from *user, recipients []string, raw []byte, parsed parsedMail) error {
	trace := fmt.Sprintf("from %s by %s with HTTPS; %s", "SIM0MB0001.prod."+t.x.dir.organisation().Domain,
		"SIM0MB0002.prod."+t.x.dir.organisation().Domain, t.now.Format(time.RFC1123Z))
	inside := t.x.receive(raw, []header{{"Received", trace}, {"X-MS-Exchange-Organization-AuthAs", "Internal"}})
	// The same mail but for these, so it need not be read again.
	parsed.headers, _ = splitHeader(inside)
	parsed.properties.BccRecipients = []recipient{}
	var outside []string
	reached := map[int64]bool{} // one copy each, also when addressed twice
	for _, address := range recipients {
		u := t.x.dir.recipient(address)
		switch {
		case u != nil && !reached[u.mailbox]:
			reached[u.mailbox] = true
			if _, err := t.place(u.mailbox, inside, parsed, delivery{}); err != nil {
				return fmt.Errorf("deliver to %s: %w", address, err)
			}
		case u != nil:
		case t.x.dir.isInside(address):
			if err := t.bounce(from, address, parsed); err != nil {
				return fmt.Errorf("bounce of %s: %w", address, err)
			}
		default:
			outside = append(outside, address)
		}
	}
	if len(outside) == 0 {
		return nil
	}
	list, err := json.Marshal(outside)
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO outbox (sender, recipients, sent, raw) VALUES (?, ?, ?, ?)", from.UserPrincipalName, string(list), millis(t.now), raw)
	if err != nil {
		return fmt.Errorf("store in outbox: %w", err)
	}
	return nil
}

// bounce delivers a delivery status notification (RFC 3464) to the sender.
func (t *mailTx) bounce(to *user, failed string, mail parsedMail) error {
	domain := t.x.dir.organisation().Domain
	boundary := randomToken(24)
	raw := strings.ReplaceAll(fmt.Sprintf(`From: Microsoft Outlook <postmaster@%[1]s>
To: %[2]s
Subject: Undeliverable: %[3]s
Date: %[4]s
Message-ID: %[5]s
In-Reply-To: %[6]s
References: %[6]s
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="%[7]s"

--%[7]s
Content-Type: text/plain; charset=utf-8

Your message to %[8]s couldn't be delivered. %[8]s wasn't found at %[1]s.

--%[7]s
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.%[1]s

Final-Recipient: rfc822;%[8]s
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--%[7]s--
`, domain, to.UserPrincipalName, encodeWord(oneLine(mail.properties.Subject)), t.now.Format(time.RFC1123Z), t.x.newMessageID(),
		mail.properties.InternetMessageID, boundary, failed), "\n", "\r\n")
	_, err := t.place(to.mailbox, []byte(raw), parseMail([]byte(raw)), delivery{})
	return err
}

// uniqueAddresses lists everybody a mail goes to, once each.
func uniqueAddresses(p properties) []string {
	var list []string
	seen := map[string]bool{}
	for _, r := range slices.Concat(p.ToRecipients, p.CcRecipients, p.BccRecipients) {
		address := r.EmailAddress.Address
		if key := strings.ToLower(address); !seen[key] && strings.Contains(address, "@") {
			seen[key] = true
			list = append(list, address)
		}
	}
	return list
}

const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// randomToken returns n random letters and digits.
func randomToken(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	for i := range b {
		b[i] = tokenAlphabet[int(b[i])%len(tokenAlphabet)]
	}
	return string(b)
}
