package desk

import (
	"html"
	"strings"
)

// Paragraphs shows plain text as HTML: empty lines part paragraphs.
func Paragraphs(text string) string {
	var out strings.Builder
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" {
			out.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>") + "</p>")
		}
	}
	return out.String()
}
