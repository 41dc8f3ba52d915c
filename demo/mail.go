package demo

import (
	"fmt"
	"html"
	"path"
	"regexp"
	"strings"
	"time"

	"tandem/email/eml"
)

// letter is one mail to be written.
type letter struct {
	id       string // Message-ID
	from, to eml.Address
	subject  string
	at       time.Time
	lang     *language
	cc       []string
	step     *step
	earlier  []said // what it answers, oldest first
}

// said is a public mail of a conversation, for those that answer it.
type said struct {
	id   string // Message-ID
	by   eml.Address
	at   time.Time
	text string
}

var support = eml.Address{Name: "Contoso Support", Address: Support}

// conversation is what was said publicly in the first n steps.
func (t *thread) conversation(now time.Time, n int) []said {
	var all []said
	for i, at := range t.times(now)[:n] {
		s := &t.Steps[i]
		if !s.isPublic() {
			continue
		}
		by := support
		if s.isMail() {
			by = t.author(i)
		}
		all = append(all, said{t.messageID(i), by, at, s.Text})
	}
	return all
}

// letter is the mail of a step: to us, or the copy of what an agent replied.
func (t *thread) letter(now time.Time, i int) letter {
	s := &t.Steps[i]
	l := letter{
		id: t.messageID(i), from: support, to: address(t.From), subject: t.Subject, at: t.times(now)[i],
		lang: t.lang, cc: t.CC, step: s, earlier: t.conversation(now, i),
	}
	if s.isMail() {
		l.from, l.to = t.author(i), support
	}
	return l
}

// compose writes the mail.
func (l letter) compose() ([]byte, error) {
	if l.step.Charset != "" {
		return l.composeJIS()
	}
	m := eml.Message{
		MessageID: l.id, From: l.from, To: []eml.Address{l.to}, Cc: l.copies(),
		Subject: l.title(), Date: l.at.In(l.lang.zone), Text: l.text(), Header: l.extra(),
	}
	m.InReplyTo, m.References = l.references()
	inline := map[string]bool{}
	for _, f := range l.step.Files {
		data, kind, err := f.make()
		if err != nil {
			return nil, fmt.Errorf("make the file %s: %w", f.Name, err)
		}
		a := eml.Attachment{FileName: f.Name, ContentType: kind, Data: data}
		if f.Inline {
			a.ContentID, inline[f.Name] = contentID(f.Name), true
		}
		m.Attachments = append(m.Attachments, a)
	}
	switch {
	case l.step.HTML != "":
		body, err := mails.ReadFile(path.Join("mails/html", l.step.HTML))
		if err != nil {
			return nil, err
		}
		m.HTML = string(body)
	case len(inline) > 0:
		m.HTML = l.html(inline)
	}
	return eml.Compose(m)
}

// copies are the people in copy, without the writer.
func (l letter) copies() []eml.Address {
	var all []eml.Address
	for _, text := range append(append([]string(nil), l.cc...), l.step.CC...) {
		if a := address(text); a.Address != l.from.Address {
			all = append(all, a)
		}
	}
	return all
}

func (l letter) title() string {
	switch {
	case l.step.Subject != "":
		return l.step.Subject
	case len(l.earlier) > 0:
		return "Re: " + l.subject
	}
	return l.subject
}

func (l letter) references() (inReplyTo string, references []string) {
	for _, s := range l.earlier {
		references = append(references, s.id)
		inReplyTo = s.id
	}
	return inReplyTo, references
}

// extra are the fields that tell an absence notice (RFC 3834 section 5).
func (l letter) extra() eml.Header {
	if !l.step.Auto {
		return nil
	}
	return eml.Header{{Name: "Auto-Submitted", Value: "auto-replied"}}
}

// text is what was written, above the mail that it answers. Who replies in our
// name, and machines, quote nothing.
func (l letter) text() string {
	if len(l.earlier) == 0 || l.from == support || l.step.Auto {
		return l.step.Text
	}
	var b strings.Builder
	last := l.earlier[len(l.earlier)-1]
	fmt.Fprintf(&b, "%s\n%s\n", l.step.Text, l.lang.introduce(last.at, last.by))
	for line := range strings.Lines(last.text) {
		b.WriteString(strings.TrimRight("> "+line, " \n") + "\n")
	}
	return b.String()
}

var imageLine = regexp.MustCompile(`\[image: ([^]]+)\]`)

// html is the text with its inline images.
func (l letter) html(inline map[string]bool) string {
	var b strings.Builder
	b.WriteString("<div>")
	for paragraph := range strings.SplitSeq(strings.TrimSpace(l.step.Text), "\n\n") {
		escaped := strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n")
		b.WriteString("<p>" + imageLine.ReplaceAllStringFunc(escaped, func(found string) string {
			name := imageLine.FindStringSubmatch(found)[1]
			if !inline[name] {
				return found
			}
			return fmt.Sprintf(`<img src="cid:%s" alt="%s">`, contentID(name), name)
		}) + "</p>\n")
	}
	b.WriteString("</div>")
	if len(l.earlier) > 0 {
		last := l.earlier[len(l.earlier)-1]
		fmt.Fprintf(&b, "\n<div class=\"gmail_quote\"><div>%s</div>\n<blockquote>%s</blockquote></div>",
			html.EscapeString(l.lang.introduce(last.at, last.by)),
			strings.ReplaceAll(html.EscapeString(last.text), "\n", "<br>\n"))
	}
	return b.String()
}

func contentID(name string) string { return name + "@inline" }
