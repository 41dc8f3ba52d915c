package eml

import (
	"regexp"
	"strings"
)

// replyPrefix matches one "Re:" in the languages that mail programs write it,
// with Outlook's and Lotus's counters: "Re[2]:", "RE(3):".
var replyPrefix = regexp.MustCompile(`(?i)^(re|fwd?|aw|wg|res|enc|rv|sv|vs|tr|antw|odp|ynt|回复|回覆|答复|答覆|转发|轉寄|返信|転送|返|회신|전달)\s*([\[(]\d{1,3}[\])]|\^\d{1,3})?\s*[:：]\s*`)

// StripSubject removes the marks of replies and forwards for display. A subject
// of nothing else stays as it is.
func StripSubject(subject string) string {
	rest := strings.TrimSpace(subject)
	for {
		m := replyPrefix.FindStringIndex(rest)
		if m == nil {
			break
		}
		rest = rest[m[1]:]
	}
	if rest = strings.TrimSpace(rest); rest == "" {
		return strings.TrimSpace(subject)
	}
	return rest
}
