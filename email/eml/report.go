package eml

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Report is what a mail tells of the fate of another one.
type Report struct {
	Kind       ReportKind
	Recipients []ReportedRecipient
	// Original are header fields of the mail it is about, as far as the report
	// holds them; else at least its Message-ID, when that can be told.
	Original Header
}

// ReportKind is what a report says.
type ReportKind string

// The kinds of reports.
const (
	Bounced   ReportKind = "bounced"   // it could not be delivered to somebody
	Delayed   ReportKind = "delayed"   // not yet; it is tried again
	Delivered ReportKind = "delivered" // it was, or was passed on
	Read      ReportKind = "read"      // somebody has opened it, or deleted it (RFC 8098)
)

// ReportedRecipient is what became of a mail at one recipient.
type ReportedRecipient struct {
	Address    string // empty when the report does not say
	Status     string // enhanced status code (RFC 3463) such as "5.1.1"; empty when it does not say
	Diagnostic string // what the other server said, on one line
}

const (
	longestReport    = 64 << 10
	mostRecipients   = 100
	longestDiagnosis = 300 // characters
)

// reportParts are the parts of a mail in which a report stands, as they pass by.
type reportParts struct {
	status, disposition, original bytes.Buffer
}

// listen keeps the beginning of a part that may belong to a report while it is read.
func (p *reportParts) listen(contentType string, r io.Reader) io.Reader {
	var into *bytes.Buffer
	switch contentType {
	case "message/delivery-status", "message/global-delivery-status":
		into = &p.status
	case "message/disposition-notification", "message/global-disposition-notification":
		into = &p.disposition
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
		into = &p.original
	}
	if into == nil || into.Len() > 0 {
		return r
	}
	return io.TeeReader(r, &bounded{into, longestReport})
}

// bounded keeps what is written up to a limit and forgets the rest.
type bounded struct {
	into *bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	kept := p[:min(len(p), b.left)]
	b.left -= len(kept)
	b.into.Write(kept)
	return len(p), nil
}

// readReport makes a report of a mail that is one; nil when it is none.
//
// The way it ought to be is multipart/report (RFC 6522). Exchange gives a
// report back without its parts once it has been read as an item, and qmail,
// some carriers and old gateways have never written any: then the text is read.
func readReport(m *Mail, parts *reportParts) *Report {
	var r *Report
	switch {
	case parts.status.Len() > 0:
		r = readStatus(parts.status.Bytes())
	case parts.disposition.Len() > 0:
		r = &Report{Kind: Read}
	case tellsOfFailure(m):
		r = readProse(m)
	default:
		return nil
	}
	r.Original = originalOf(m, parts)
	return r
}

// readStatus reads message/delivery-status: a group of fields on the mail, then
// one for each recipient (RFC 3464 section 2.1).
func readStatus(body []byte) *Report {
	r := &Report{Kind: Delivered}
	for _, group := range readGroups(body) {
		action := strings.ToLower(strings.TrimSpace(group.Get("Action")))
		if action == "" {
			continue // on the mail as a whole
		}
		switch {
		case action == "failed":
			r.keepOnly(Bounced)
		case action == "delayed" && r.Kind == Delivered:
			r.keepOnly(Delayed)
		}
		if r.Kind == kindOf(action) && len(r.Recipients) < mostRecipients {
			r.Recipients = append(r.Recipients, recipientOf(group))
		}
	}
	return r
}

func kindOf(action string) ReportKind {
	switch action {
	case "failed":
		return Bounced
	case "delayed":
		return Delayed
	}
	return Delivered
}

// keepOnly makes the report one on its worst news: who got the mail is no news.
func (r *Report) keepOnly(kind ReportKind) {
	if r.Kind != kind {
		r.Kind, r.Recipients = kind, nil
	}
}

func recipientOf(group Header) ReportedRecipient {
	address := typed(group.Get("Original-Recipient"))
	if address == "" {
		address = typed(group.Get("Final-Recipient"))
	}
	return ReportedRecipient{
		Address:    strings.ToLower(cleanAddress(address)),
		Status:     statusCode.FindString(group.Get("Status")),
		Diagnostic: shorten(cleanLine(typed(group.Get("Diagnostic-Code"))), longestDiagnosis),
	}
}

// typed cuts the type off "rfc822; ana@client.example".
func typed(value string) string {
	if _, rest, ok := strings.Cut(value, ";"); ok {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(value)
}

// readGroups reads groups of fields that blank lines part.
func readGroups(body []byte) []Header {
	var groups []Header
	for _, group := range blankLine.Split(string(body), mostRecipients+2) {
		groups = append(groups, quietHeader([]byte(group)).read())
	}
	return groups
}

// quietHeader reads header fields out of some bytes, without noting defects.
func quietHeader(b []byte) *headerReader {
	return &headerReader{scan: newScanner(bytes.NewReader(b)), note: func(string, string) {}, left: longestReport}
}

var (
	blankLine   = regexp.MustCompile(`\r?\n[ \t]*\r?\n`)
	statusCode  = regexp.MustCompile(`[245]\.\d{1,3}\.\d{1,3}`)
	proseStatus = regexp.MustCompile(`(?:^|[^\d.])([45]\.\d{1,3}\.\d{1,3})(?:$|[^\d.]|\.(?:$|\D))`)
	proseReply  = regexp.MustCompile(`(?m)(?:^|[\s'"<:])(5\d\d)[ -]`)
	anAddress   = regexp.MustCompile(`[A-Za-z0-9._%+\-]+@[A-Za-z0-9][A-Za-z0-9.\-]*\.[A-Za-z]{2,}`)
	quotedID    = regexp.MustCompile(`(?im)^[ \t>]*Message-ID:[ \t]*<([^<>\s]{1,500})>`)
	quotedMark  = regexp.MustCompile(`(?im)^[ \t>]*(X-Tandem-Mail):[ \t]*(\S{1,200})`)
)

// failureSubjects begin the notices of Exchange, Postfix, Exim, qmail, Gmail
// and of Japanese carriers.
var failureSubjects = []string{
	"undeliverable:", "undelivered mail", "delivery status notification (failure)", "mail delivery failed", "failure notice",
	"returned mail", "delivery failure", "mail delivery failure", "mail system error", "undeliverable mail",
	"配信不能", "配信できません", "配送不能", "送信できませんでした", "não entregue", "não é possível entregar", "no se puede entregar",
}

// tellsOfFailure recognises a report that is no multipart/report: from a mail
// system, and with words of failure.
func tellsOfFailure(m *Mail) bool {
	if m.Header.Has("X-Failed-Recipients") || m.Header.Has("X-MS-Exchange-Message-Is-Ndr") {
		return true
	}
	subject := strings.ToLower(m.Subject)
	named := slices.ContainsFunc(failureSubjects, func(begin string) bool { return strings.HasPrefix(subject, begin) })
	kind, _ := AutomationOf(m.Header)
	system := kind == Reporting || len(m.From) > 0 && IsMailSystem(m.From[0].Address)
	return system && (named || proseStatus.MatchString(m.Text))
}

// IsMailSystem tells whether an address is that of a mail server: postmaster
// (RFC 5321 section 4.5.1), mailer-daemon, or the sender of Exchange's reports.
func IsMailSystem(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	switch local {
	case "postmaster", "mailer-daemon", "mail-daemon", "mailerdaemon":
		return true
	}
	return strings.HasPrefix(local, "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e")
}

// readProse reads what a person is meant to read.
func readProse(m *Mail) *Report {
	text := m.Text[:min(len(m.Text), longestReport)]
	r := &Report{Kind: Bounced}
	found := ReportedRecipient{}
	if code := proseStatus.FindStringSubmatch(text); code != nil {
		found.Status = code[1]
	} else if proseReply.MatchString(text) {
		found.Status = "5.0.0" // RFC 3463 section 3.1: other or undefined
	}
	for line := range strings.Lines(text) {
		if found.Status != "" && (strings.Contains(line, found.Status) || proseReply.MatchString(line)) {
			found.Diagnostic = shorten(cleanLine(line), longestDiagnosis)
			break
		}
	}
	if strings.HasPrefix(found.Status, "4.") {
		r.Kind = Delayed
	}
	for _, address := range failedIn(m, text) {
		found.Address = address
		r.Recipients = append(r.Recipients, found)
	}
	if len(r.Recipients) == 0 {
		r.Recipients = []ReportedRecipient{found}
	}
	return r
}

// failedIn names who did not get the mail: a field says so, or else the first
// address in the text that is neither ours nor the mail system's.
func failedIn(m *Mail, text string) []string {
	var failed []string
	for _, a := range ParseAddressList(m.Header.joined("X-Failed-Recipients")) {
		if a.Address != "" && len(failed) < mostRecipients {
			failed = append(failed, strings.ToLower(a.Address))
		}
	}
	if len(failed) > 0 {
		return failed
	}
	for _, address := range anAddress.FindAllString(text, mostRecipients) {
		address = strings.ToLower(address)
		ours := func(a Address) bool { return strings.EqualFold(a.Address, address) }
		if !slices.ContainsFunc(m.To, ours) && !slices.ContainsFunc(m.From, ours) && !IsMailSystem(address) {
			return []string{address}
		}
	}
	return nil
}

// originalOf finds header fields of the mail that was reported on: in the part
// that returns it, in the text below which it is quoted, or in what the report
// answers.
func originalOf(m *Mail, parts *reportParts) Header {
	if parts.original.Len() > 0 {
		if h := quietHeader(parts.original.Bytes()).read(); len(h) > 0 {
			return h
		}
	}
	var h Header
	if id := typed(quietHeader(parts.disposition.Bytes()).read().Get("Original-Message-ID")); id != "" {
		h = append(h, Field{"Message-ID", id})
	}
	text := m.Text[:min(len(m.Text), longestReport)]
	if mark := quotedMark.FindStringSubmatch(text); mark != nil {
		h = append(h, Field{mark[1], mark[2]})
	}
	if id := quotedID.FindStringSubmatch(text); id != nil && len(h) == 0 {
		h = append(h, Field{"Message-ID", "<" + id[1] + ">"})
	}
	if answered := slices.Concat(m.InReplyTo, m.References); len(h) == 0 && len(answered) > 0 {
		h = append(h, Field{"Message-ID", "<" + answered[len(answered)-1] + ">"})
	}
	return h
}

// OriginalID is the Message-ID of the mail that was reported on, without
// brackets; empty when the report does not tell.
func (r *Report) OriginalID() string {
	if ids := parseMessageIDs(r.Original.Get("Message-ID")); len(ids) > 0 {
		return ids[0]
	}
	return ""
}
