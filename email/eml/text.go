package eml

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

// cleanText gives text one kind of line ending and no control characters.
func cleanText(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// unflow joins the lines of format=flowed (RFC 3676): a line that ends in a
// blank goes on in the next one of the same quote depth.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	flowing, depth, first := false, 0, true
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		quotes := len(line) - len(strings.TrimLeft(line, ">"))
		text := strings.TrimPrefix(line[quotes:], " ") // stuffed
		signature := text == "-- "
		if !flowing || quotes != depth || signature {
			if !first {
				out.WriteByte('\n')
			}
			if quotes > 0 {
				out.WriteString(strings.Repeat(">", quotes) + " ")
			}
		}
		first = false
		flowing, depth = strings.HasSuffix(text, " ") && !signature, quotes
		if flowing && delSp {
			text = text[:len(text)-1]
		}
		out.WriteString(text)
	}
	if strings.HasSuffix(s, "\n") {
		out.WriteByte('\n')
	}
	return out.String()
}

var metaCharsetPattern = regexp.MustCompile(`(?i)<meta[^>]{1,200}charset\s*=\s*["']?\s*([a-z0-9_\-:.]+)`)

// metaCharset finds the charset that an HTML page declares for itself. It
// counts only where the header declares none.
func metaCharset(html []byte) string {
	head := html[:min(len(html), 2048)]
	if m := metaCharsetPattern.FindSubmatch(head); m != nil {
		return string(bytes.ToLower(m[1]))
	}
	return ""
}
