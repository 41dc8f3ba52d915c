package email

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/email/eml"
)

// MarkHeader is the header field by which we know our own mail again.
const MarkHeader = "X-Tandem-Mail"

// arrival is a mail that has been fetched and read: all that is needed to decide it.
type arrival struct {
	blob      string // empty when the mail was too large to be kept
	aside     bool   // only the names of its files are here; see Asides
	size      int64
	fetchedAt time.Time
	storedAt  time.Time

	dedupeKey  string
	messageID  string
	subject    string
	from       Party // without an address when nobody can be told to have sent it
	sentFrom   Party // when somebody has put another sender in its place; see Recovery
	replyTo    Party
	to, cc     []Party
	references []string // Message-IDs it refers to, nearest first
	mark       string   // ours, as the mail bears it; empty: none
	facts      []Fact
	recipientN int // To and Cc together

	automation   eml.Automation
	automationBy string
	verdict      eml.Verdict // empty when nobody judged
	verdictBy    string
	report       *eml.Report
	language     string

	addressTokens []string
	bodyTokens    []string
	comment       desk.NewComment // without author, dates and the mail's id
}

// storageError is a failure of our own blob store or database. The mail is not
// to blame: nothing is decided until the store works again.
type storageError struct{ err error }

func (e *storageError) Error() string { return e.err.Error() }
func (e *storageError) Unwrap() error { return e.err }

// read parses a raw mail and keeps its files in the blob store.
func read(ctx context.Context, blobs Blobs, raw io.Reader, lim eml.Limits) (*arrival, error) {
	files := 0
	m, err := eml.Parse(raw, lim, func(_ eml.Part, content io.Reader) (string, error) {
		if files++; files > maxFiles {
			return "", nil
		}
		key, _, err := blobs.Put(ctx, content)
		return key, err
	})
	switch {
	case errors.Is(err, eml.ErrNotMail), errors.Is(err, eml.ErrTooLarge):
		return nil, err
	case err != nil:
		return nil, &storageError{fmt.Errorf("read a stored mail: %w", err)}
	}
	return describe(m), nil
}

// maxFiles is how many attachments of one mail become files of their own; the
// raw mail holds the rest.
const maxFiles = 500

// describe takes from a parsed mail what matters here.
func describe(m *eml.Mail) *arrival {
	a := &arrival{
		messageID: m.MessageID, subject: m.Subject,
		to: parties(m.To), cc: parties(m.Cc),
		references: nearestFirst(m.InReplyTo, m.References),
		mark:       strings.TrimSpace(m.Header.Get(MarkHeader)),
		comment:    commentOf(m),
	}
	a.from, a.replyTo = sender(m), first(m.ReplyTo)
	a.dedupeKey = dedupeKey(m)
	a.addressTokens = tokensInAddresses(slices.Concat(a.to, a.cc))
	if a.bodyTokens = tokensInBody(m.Text); len(a.bodyTokens) == 0 {
		a.bodyTokens = tokensInBody(m.HTML)
	}
	a.recipientN, a.report, a.language = len(a.to)+len(a.cc), m.Report, eml.GuessLanguage(a.comment.Text)
	if a.automation, a.automationBy = eml.AutomationOf(m.Header); a.automation != eml.ByPerson {
		a.facts = append(a.facts, Fact{"automatic", a.automationBy})
	}
	if results, found := eml.AuthenticationOf(m.Header); found {
		_, domain, _ := strings.Cut(a.from.Email, "@")
		a.verdict, a.verdictBy = results.Judge(domain)
	}
	for _, d := range m.Defects {
		a.facts = append(a.facts, Fact{"repaired", d.Code})
	}
	return a
}

// sender is who wrote the mail: From, or what stands in for it.
func sender(m *eml.Mail) Party {
	for _, list := range [][]eml.Address{m.From, m.ReplyTo, m.Sender} {
		if p := first(list); p.Email != "" {
			return p
		}
	}
	return Party{}
}

func first(list []eml.Address) Party {
	if all := parties(list); len(all) > 0 {
		return all[0]
	}
	return Party{}
}

// parties are the addresses that can be used, in the form in which they are compared.
func parties(list []eml.Address) []Party {
	var all []Party
	for _, a := range list {
		if a.Address == "" || len(a.Address) > 254 {
			continue
		}
		all = append(all, Party{Name: clip(a.Name, 200), Email: strings.ToLower(a.Address)})
	}
	return all
}

// nearestFirst joins what a mail answers and what it refers to. References
// lists the oldest first (RFC 5322 section 3.6.4).
func nearestFirst(inReplyTo, references []string) []string {
	ids := slices.Clone(inReplyTo)
	for _, id := range slices.Backward(references) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > maxLookups { // the newest, and the one that began it all
		ids = append(ids[:maxLookups-1], ids[len(ids)-1])
	}
	return ids
}

// maxLookups bounds how many Message-IDs of one mail are looked up.
const maxLookups = 30

// dedupeKey is the same for every copy of one mail. A mail without Message-ID
// is told apart by its raw bytes; see storedKey.
func dedupeKey(m *eml.Mail) string {
	if m.MessageID == "" {
		return ""
	}
	h := sha256.New()
	for _, part := range []string{m.MessageID, sender(m).Email, strconv.FormatInt(m.Date.Unix(), 10), m.Subject} {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// stored takes over where the raw mail lies. The blob's key is made of its content.
func (a *arrival) stored(raw *arrival) {
	a.blob, a.size, a.fetchedAt, a.storedAt = raw.blob, raw.size, raw.fetchedAt, raw.storedAt
	if a.dedupeKey == "" {
		a.dedupeKey = "raw:" + a.blob
	}
}

// commentOf makes the comment: text and HTML without their quoted history, and
// the files. HTML shows inline images by the address of their attachment.
func commentOf(m *eml.Mail) desk.NewComment {
	c := desk.NewComment{Via: desk.ByEmail}
	byContentID := make(map[string]string)
	for _, part := range m.Parts {
		if part.Ref == "" {
			continue
		}
		a := desk.Attachment{
			FileName: part.FileName, ContentType: part.ContentType, Size: part.Size, Blob: part.Ref,
			Inline: part.Inline, ContentID: part.ContentID, Secret: strings.ToLower(rand.Text()),
		}
		if part.ContentID != "" {
			byContentID[part.ContentID] = a.Secret
		}
		c.Attachments = append(c.Attachments, a)
	}
	c.Text, c.QuotedText = eml.SplitQuoted(m.Text)
	if m.HTML == "" {
		return c
	}
	address := func(cid string) (string, bool) {
		secret, ok := byContentID[cid]
		return "/attachments/token/" + secret + "/?inline=1", ok
	}
	fresh, quoted := eml.SplitQuotedHTML(m.HTML)
	var remote, remoteQuoted bool
	c.HTML, remote = eml.Sanitize(fresh, address)
	if quoted != "" {
		c.QuotedHTML, remoteQuoted = eml.Sanitize(quoted, address)
	}
	c.HasRemoteImages = remote || remoteQuoted
	return c
}

// clip cuts a text after n bytes, never inside a character.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}

// recipients are the people besides us that the mail was written to, in order,
// without the sender and without repetition.
func (a *arrival) recipients(book addressBook) []Party {
	var others []Party
	seen := map[string]bool{a.from.Email: true}
	for _, p := range slices.Concat(a.to, a.cc) {
		if seen[p.Email] || book.find(p.Email) != nil {
			continue
		}
		seen[p.Email] = true
		others = append(others, p)
	}
	return others
}

// person finds or makes the person behind an address. An address whose local
// part RFC 5322 allows only in quotes, as old Japanese mobile addresses have
// it ("a..b.@docomo.ne.jp"), is quoted for the directory, which is strict.
func person(ctx context.Context, d *desk.Service, tx Tx, p Party) (*directory.User, error) {
	u, err := d.Person(ctx, tx, p.Name, p.Email)
	if err == nil {
		return u, nil
	}
	local, domain, _ := strings.Cut(p.Email, "@")
	return d.Person(ctx, tx, p.Name, strconv.Quote(local)+"@"+domain)
}
