package eml

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// DecodeHeader reads the value of an unstructured header field, such as a
// subject, for people: encoded words (RFC 2047), raw JIS and raw 8-bit bytes
// become UTF-8 on one line. It is tolerant: characters cut in two by a word's
// end, words glued to text, missing ends and unknown charsets are all read.
func DecodeHeader(s string) string {
	s, _ = repairRaw(s, "")
	return cleanLine(decodeWords(s))
}

// repairRaw turns raw JIS or 8-bit bytes in a header into UTF-8, and reports
// whether there were any. The charset of the body is a good guess.
func repairRaw(s, charset string) (string, bool) {
	if isPlainASCII(s) {
		return s, false
	}
	b := []byte(s)
	if utf8.Valid(b) && !hasJISEscape(b) {
		return s, false
	}
	return guessText(b, charset), true
}

// longestWord is the text of an encoded word. RFC 2047 section 2 allows 75
// characters; mailers put whole subjects into one.
const longestWord = 8 << 10

// word is one encoded word with its bytes decoded.
type word struct {
	charset string
	bytes   []byte
}

// decodeWords replaces encoded words by what they stand for. White space
// between two of them is not text (RFC 2047 section 6.2). Neighbours of one
// charset are joined before decoding, because mailers cut UTF-8 and JIS in the
// middle of a character although section 5 forbids it.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var open word // the words read since the last text
	flush := func() {
		text, _ := decodeText(open.bytes, open.charset)
		out.WriteString(text)
		open = word{}
	}
	for {
		before, w, rest, ok := nextWord(s)
		if !ok || open.charset == "" || strings.TrimSpace(before) != "" {
			flush()
			out.WriteString(before)
		}
		if !ok {
			return out.String()
		}
		if !strings.EqualFold(open.charset, w.charset) {
			flush()
			open.charset = w.charset
		}
		open.bytes = append(open.bytes, w.bytes...)
		s = rest
	}
}

// nextWord finds the first encoded word in s and what stands before and after
// it; when there is none, everything stands before.
func nextWord(s string) (before string, w word, after string, ok bool) {
	for from := 0; ; from += 2 {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return s, word{}, "", false
		}
		from += i
		if w, after, ok = cutWord(s[from:]); ok {
			return s[:from], w, after, true
		}
	}
}

// cutWord reads the encoded word at the beginning of s.
func cutWord(s string) (w word, rest string, ok bool) {
	if !strings.HasPrefix(s, "=?") {
		return w, s, false
	}
	charset, body, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || len(charset) > 64 || strings.ContainsAny(charset, " \t<>@,;\"") ||
		len(body) < 2 || body[1] != '?' {
		return w, s, false
	}
	encoding, text := body[0], body[2:]
	end := strings.Index(text[:min(len(text), longestWord)], "?=")
	switch {
	case end >= 0:
		text, rest = text[:end], text[end+2:]
	case len(text) > longestWord || strings.ContainsAny(text, " \t"):
		return w, s, false // no end, and something follows: not a word
	}
	w.charset, _, _ = strings.Cut(charset, "*") // RFC 2231 section 5: charset*language
	switch encoding {
	case 'B', 'b':
		w.bytes = decodeBase64([]byte(text))
	case 'Q', 'q':
		w.bytes = decodeQ(text)
	default:
		return w, s, false
	}
	return w, rest, true
}

// decodeQ undoes the Q encoding of RFC 2047 section 4.2.
func decodeQ(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			b = append(b, ' ')
		case s[i] == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return b
}

// cleanLine makes one line of s: tabs and line ends become blanks, other
// control characters vanish.
func cleanLine(s string) string {
	clean := func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case unicode.IsControl(r) || r == '\ufeff':
			return -1
		}
		return r
	}
	return strings.TrimSpace(strings.Map(clean, s))
}
