package eml

import (
	"net/mail"
	"strings"
	"unicode"
)

// Address is one mailbox of an address list.
type Address struct {
	Name    string // display name; empty when there is none
	Address string // user@example.com, domain in lower case; empty when it cannot be used
}

// String writes the address as a header does, with encoded words where needed.
func (a Address) String() string {
	return (&mail.Address{Name: a.Name, Address: a.Address}).String()
}

const (
	mostAddresses  = 2000
	longestList    = 256 << 10
	longestSpan    = 512 // a quoted string or comment
	longestName    = 200 // characters
	longestAddress = 320 // RFC 5321 section 4.5.3.1: 64 for the user, 255 for the domain
)

// ParseAddressList reads a list of addresses: groups, quoted names, comments
// and routes (RFC 5322 sections 3.4 and 4.4), and what people really send:
// semicolons between addresses, commas in bare names, quotes and brackets that
// never close, and the dots of Japanese mobile addresses ("a..b.@docomo.ne.jp")
// that RFC 5322 forbids. What has no usable address keeps its name.
func ParseAddressList(s string) []Address {
	s, _ = repairRaw(s[:min(len(s), longestList)], "")
	var list []Address
	before := "" // a piece that may be the first half of "Smith, John <j@example.com>"
	for s != "" && len(list) < mostAddresses {
		var piece string
		var end byte
		piece, end, s = cutAddress(s)
		if end == ':' { // the name of a group
			before = ""
			continue
		}
		piece = strings.TrimSpace(piece)
		if before != "" && strings.Contains(piece, "<") {
			piece, before = before+", "+piece, ""
		}
		list = appendName(list, before)
		before = ""
		switch {
		case piece == "":
		case end == ',' && !strings.ContainsAny(piece, "@<\"("):
			before = piece
		default:
			list = append(list, parseAddress(piece))
		}
	}
	return appendName(list, before)
}

// appendName keeps a piece without an address.
func appendName(list []Address, name string) []Address {
	if name == "" {
		return list
	}
	return append(list, Address{Name: cleanName(name)})
}

// cutAddress cuts the list at the next comma, semicolon or group colon that is
// not inside quotes, a comment, brackets or an encoded word.
func cutAddress(s string) (piece string, end byte, rest string) {
	inAddress := false
	for i := 0; i < len(s); i += spanLength(s[i:]) {
		switch c := s[i]; {
		case c == ',' || c == ';' || c == ':' && !inAddress:
			return s[:i], c, s[i+1:]
		case c == '@' || c == '<':
			inAddress = true
		}
	}
	return s, 0, ""
}

// spanLength is the length of the quoted string, comment, bracket or encoded
// word at the beginning of s, or 1: an opening sign that never closes is text.
func spanLength(s string) int {
	switch s[0] {
	case '"':
		return max(1, quotedEnd(s[:min(len(s), longestSpan)]))
	case '(':
		return max(1, commentEnd(s[:min(len(s), longestSpan)]))
	case '<':
		if i := strings.IndexAny(s[1:], "<>,;"); i >= 0 && s[i+1] == '>' {
			return i + 2
		}
		if strings.HasPrefix(s, "<@") { // a route holds commas: <@a,@b:user@c>
			return 1 + max(0, strings.IndexByte(s[:min(len(s), longestSpan)], '>'))
		}
	case '=':
		if _, rest, ok := cutWord(s); ok {
			return len(s) - len(rest)
		}
	}
	return 1
}

// quotedEnd returns the length of the quoted string at the beginning of s, 0
// when it does not end.
func quotedEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// commentEnd returns the length of the comment at the beginning of s, which may
// hold comments, 0 when it does not end.
func commentEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// parseAddress reads one piece of a list.
func parseAddress(s string) Address {
	name, comment, spec := splitAddress(s)
	a := Address{Name: cleanName(name), Address: cleanAddress(spec)}
	if a.Name == "" {
		a.Name = cleanName(comment)
	}
	if a.Address == "" && a.Name == "" {
		a.Name = cleanName(s)
	}
	if strings.EqualFold(a.Name, a.Address) {
		a.Name = ""
	}
	return a
}

// splitAddress finds the parts of "name <spec>", "spec (comment)" and "name spec".
func splitAddress(s string) (name, comment, spec string) {
	var text strings.Builder
	for i := 0; i < len(s); {
		n := spanLength(s[i:])
		switch {
		case s[i] == '(' && n > 1:
			comment = s[i+1 : i+n-1]
		case s[i] == '<':
			spec, _, _ = strings.Cut(s[i+1:], ">")
			return text.String(), comment, spec
		default:
			text.WriteString(s[i : i+n])
		}
		i += n
	}
	if whole := text.String(); strings.HasPrefix(whole, `"`) && cleanAddress(whole) != "" {
		return "", comment, whole // "john doe"@example.com
	}
	words := strings.Fields(text.String())
	for i, w := range words {
		if strings.Contains(w, "@") || strings.HasPrefix(w, "=?") && strings.Contains(DecodeHeader(w), "@") {
			rest := append(words[:i:i], words[i+1:]...)
			return strings.Join(rest, " "), comment, w
		}
	}
	return text.String(), comment, ""
}

// cleanName undoes quoting and encoding. Mailers encode words inside quotes
// although RFC 2047 section 5 forbids it.
func cleanName(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		n := spanLength(s[i:])
		switch {
		case s[i] == '"' && n > 1:
			b.WriteString(unescape(s[i+1 : i+n-1]))
		case s[i] == '"':
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	name := strings.Map(dropInvisible, cleanLine(decodeWords(b.String())))
	name = strings.Trim(name, "\"' ")
	return shorten(strings.Join(strings.Fields(name), " "), longestName)
}

// unescape undoes the backslashes of a quoted string.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// cleanAddress returns user@domain, or "" when s is nothing one can write to.
func cleanAddress(s string) string {
	if strings.Contains(s, "=?") {
		s = DecodeHeader(s)
	}
	s = strings.Trim(strings.Map(dropInvisible, s), " \t'<>")
	if strings.HasPrefix(s, "@") { // RFC 5322 section 4.4: a route
		_, s, _ = strings.Cut(s, ":")
	}
	s = strings.TrimPrefix(s, "mailto:")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || len(s) > longestAddress {
		return ""
	}
	user, domain := strings.TrimSpace(s[:at]), strings.ToLower(strings.Trim(s[at+1:], " ."))
	quoted := strings.HasPrefix(user, `"`) && quotedEnd(user) == len(user)
	if user == "" || domain == "" || !quoted && strings.ContainsAny(user, " \t\",;<>()") ||
		strings.ContainsAny(domain, " \t\",;<>()@") {
		return ""
	}
	return user + "@" + domain
}

// dropInvisible removes control characters and those that reorder or hide
// text, with which one address is made to look like another.
func dropInvisible(r rune) rune {
	if unicode.IsControl(r) || isDirection(r) || r == 0x200b || r == 0x2060 || r == 0xfeff {
		return -1
	}
	return r
}

// isDirection reports the characters that change the direction of writing
// (Unicode Standard Annex 9).
func isDirection(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}
