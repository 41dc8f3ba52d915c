package eml

import (
	"regexp"
	"strings"
)

// How mail programs introduce the mail they answer, in the languages of our
// users and of those who write to them.
var (
	// -----Original Message-----
	separatorLine = regexp.MustCompile(`(?i)^\s*-{2,}\s*(original message|original appointment|reply message|元のメッセージ|元のメール|` +
		`mensagem original|mensaje original|ursprüngliche nachricht|message d.origine|messaggio originale|原始邮件|原始郵件|원본 메시지)\s*-{2,}\s*$`)
	// ---------- Forwarded message ---------: what follows is meant to be read.
	forwardLine = regexp.MustCompile(`(?i)^\s*(-{2,}|begin)\s*(forwarded message|forwarded by .*|転送メッセージ|転送されたメッセージ|` +
		`mensagem encaminhada|mensagem reencaminhada|mensaje reenviado|weitergeleitete nachricht|message transféré|转发的邮件|轉寄郵件)\s*(-{2,}|[:：])?\s*$`)
	// On Sun, Nov 22, 2026 at 12:34 PM Hanako <h@example.jp> wrote:
	attributionVerb = regexp.MustCompile(`(?i)^(on|em|a|le|am|el|il|op|den|w dniu|dnia)\s.*\d.*\s?(wrote|escreveu|a écrit|schrieb|escribió|ha scritto|schreef|skrev|napisał\S*)\b.{0,120}[:：]$`)
	// 2026年11月22日(日) 12:34 山田花子 <h@example.jp>:
	attributionDate = regexp.MustCompile(`(?i)^(on\s)?\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}.*(@|wrote|のメール|のメッセージ|さん|様|写道|寫道|작성).*[:：]$`)
	// 山田花子さんは書きました:
	attributionName = regexp.MustCompile(`(さんは書きました|さんが書きました|は書きました|のメール|からのメール|のメッセージ|写道|寫道)\s*[:：]$`)

	fromLabel    = regexp.MustCompile(`(?i)^[\s*]*(from|差出人|送信者|発信者|de|von|da|van|från|fra|发件人|寄件者|보낸 사람)[\s*]*[:：]`)
	headerLabel  = regexp.MustCompile(`(?i)^[\s*]*(sent|date|to|cc|送信日時|送信日|日時|日付|宛先|enviado|enviada|enviado em|enviada em|enviado el|data|para|gesendet|datum|an|kopie|envoyé|à|发送时间|收件人|抄送|日期)[\s*]*[:：]`)
	subjectLabel = regexp.MustCompile(`(?i)^[\s*]*(subject|件名|assunto|asunto|betreff|objet|oggetto|onderwerp|ämne|主题|主旨|제목)[\s*]*[:：]`)
	ruleLine     = regexp.MustCompile(`^\s*[_\-=＿━─]{5,}\s*$`)
)

// SplitQuoted splits the plain text of a mail before the mail it answers, if
// that stands at the end. fresh and quoted joined are the text again, so
// nothing is ever lost; where answers stand between or below quotes, or where
// nothing else would be left, everything is fresh.
func SplitQuoted(text string) (fresh, quoted string) {
	q := newQuoteFinder(text)
	for i := range q.lines {
		if start, ok := q.startsAt(i); ok {
			at := q.offsets[start]
			if strings.TrimSpace(text[:at]) == "" {
				break
			}
			return text[:at], text[at:]
		}
	}
	return text, ""
}

const (
	mostLines   = 50_000 // in longer texts nobody looks for a quote
	longestLine = 500    // what introduces a quote is shorter
)

// quoteFinder looks at a text line by line.
type quoteFinder struct {
	lines     []string
	offsets   []int
	lastPlain int // last line that is neither blank nor behind ">"
}

func newQuoteFinder(text string) *quoteFinder {
	q := &quoteFinder{lastPlain: -1}
	at := 0
	for line := range strings.Lines(text) {
		if len(q.lines) == mostLines {
			return &quoteFinder{}
		}
		q.offsets = append(q.offsets, at)
		at += len(line)
		line = strings.TrimRight(line, " \t\r\n\u3000\u00a0")
		if line != "" && !isQuoteLine(line) {
			q.lastPlain = len(q.lines)
		}
		q.lines = append(q.lines, line[:min(len(line), longestLine)])
	}
	return q
}

func isQuoteLine(line string) bool {
	return strings.HasPrefix(line, ">") || strings.HasPrefix(line, "＞")
}

// startsAt reports whether the quoted mail is introduced at line i, and the
// line where the quoted part begins.
func (q *quoteFinder) startsAt(i int) (start int, ok bool) {
	line := q.lines[i]
	switch {
	case line == "":
		return 0, false
	case isQuoteLine(line):
		return i, i > q.lastPlain
	case separatorLine.MatchString(line):
		return i, true
	case fromLabel.MatchString(line) && q.isHeaderBlock(i):
		return q.aboveRule(i), !q.isForward(i)
	}
	return i, q.isAttribution(i)
}

// isHeaderBlock recognises the header that Outlook copies: From, Sent, To and
// Subject on lines of their own.
func (q *quoteFinder) isHeaderBlock(i int) bool {
	labels, subject := 0, false
	for _, line := range q.lines[i+1 : min(i+8, len(q.lines))] {
		switch {
		case subjectLabel.MatchString(line):
			subject = true
		case headerLabel.MatchString(line):
			labels++
		}
	}
	return subject && labels > 0
}

// aboveRule moves up over the line that Outlook draws above a header block.
func (q *quoteFinder) aboveRule(i int) int {
	for above := i - 1; above >= 0 && above >= i-2; above-- {
		if ruleLine.MatchString(q.lines[above]) {
			return above
		}
		if q.lines[above] != "" {
			break
		}
	}
	return i
}

// isForward reports whether the header block at line i belongs to a forwarded mail.
func (q *quoteFinder) isForward(i int) bool {
	for above := i - 1; above >= 0 && above >= i-3; above-- {
		if q.lines[above] != "" {
			return forwardLine.MatchString(q.lines[above])
		}
	}
	return false
}

// isAttribution recognises "On … wrote:", which mailers wrap into up to three
// lines, in front of a quoted mail that goes to the end.
func (q *quoteFinder) isAttribution(i int) bool {
	joined := ""
	for n := i; n < min(i+3, len(q.lines)) && q.lines[n] != ""; n++ {
		joined = strings.TrimSpace(joined + " " + q.lines[n])
		if !strings.HasSuffix(joined, ":") && !strings.HasSuffix(joined, "：") {
			continue
		}
		if !isAttributionText(joined) {
			return false
		}
		next := n + 1
		for next < len(q.lines) && q.lines[next] == "" {
			next++
		}
		if next == len(q.lines) {
			return false // introduces nothing
		}
		return !isQuoteLine(q.lines[next]) || q.lastPlain <= n
	}
	return false
}

func isAttributionText(s string) bool {
	return attributionVerb.MatchString(s) || attributionDate.MatchString(s) || attributionName.MatchString(s)
}
