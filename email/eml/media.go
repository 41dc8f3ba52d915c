package eml

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// media is the value of Content-Type or Content-Disposition: a keyword and its
// parameters, names in lower case, RFC 2231 undone.
type media struct {
	value  string // lower case
	params map[string]string
}

// parseMedia reads what mailers write, not what RFC 2045 allows: missing
// semicolons, unquoted blanks, quotes that never close, values cut in pieces.
func parseMedia(s string) media {
	m := media{}
	end := strings.IndexAny(s, "; \t")
	if end < 0 {
		end = len(s)
	}
	m.value = strings.ToLower(strings.Trim(s[:end], "\"' \t"))
	var pieces []piece
	for rest := s[end:]; rest != ""; {
		var p piece
		if p, rest = cutParameter(rest); p.name != "" {
			pieces = append(pieces, p)
		}
	}
	m.params = joinPieces(pieces)
	return m
}

// isType reports whether the value has the form type/subtype.
func (m media) isType() bool {
	kind, sub, ok := strings.Cut(m.value, "/")
	return ok && isToken(kind) && isToken(sub)
}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?=`, r)
	})
}

// piece is one parameter, or one piece of it: name*3*=value.
type piece struct {
	name, value string
	number      int  // -1 for a parameter in one piece
	extended    bool // percent-encoded; the first begins charset'language'
}

func cutParameter(s string) (p piece, rest string) {
	s = strings.TrimLeft(s, "; \t")
	eq := strings.IndexAny(s, "=;")
	if eq < 0 || s[eq] == ';' {
		_, rest, _ = strings.Cut(s, ";")
		return p, rest // a keyword without value
	}
	p = parseParameterName(s[:eq])
	s = strings.TrimLeft(s[eq+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		p.value, s = cutQuoted(s)
		_, rest, _ = strings.Cut(s, ";")
		return p, rest
	}
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	p.value = strings.TrimSpace(s[:end])
	// A blank ends any value but a file name written without quotes.
	if p.name != "name" && p.name != "filename" {
		if blank := strings.IndexAny(p.value, " \t"); blank >= 0 {
			return piece{p.name, p.value[:blank], p.number, p.extended}, s[blank:]
		}
	}
	return p, s[end:]
}

// parseParameterName splits RFC 2231's name*number* into its parts.
func parseParameterName(s string) piece {
	p := piece{number: -1}
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.LastIndexAny(s, " \t"); i >= 0 {
		s = s[i+1:] // rubbish before the name
	}
	s, p.extended = strings.CutSuffix(s, "*")
	name, number, numbered := strings.Cut(s, "*")
	p.name = name
	if numbered {
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 1000 {
			p.number = n
		}
	}
	return p
}

// cutQuoted reads a quoted string. A backslash escapes only a quote or another
// backslash: mailers send Windows paths as they are.
func cutQuoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// joinPieces puts parameters together. The bytes of all pieces are joined
// before they are decoded, because Japanese mailers cut between two pieces
// wherever the line is full, also in the middle of an escape sequence.
func joinPieces(pieces []piece) map[string]string {
	params := make(map[string]string)
	split := make(map[string][]piece)
	for _, p := range pieces {
		if p.number >= 0 || p.extended {
			split[p.name] = append(split[p.name], p)
		} else if _, seen := params[p.name]; !seen {
			params[p.name] = p.value
		}
	}
	for name, ps := range split {
		slices.SortStableFunc(ps, func(a, b piece) int { return cmp.Compare(a.number, b.number) })
		var raw []byte
		charset := ""
		for i, p := range ps {
			if !p.extended {
				raw = append(raw, p.value...)
				continue
			}
			if i == 0 {
				charset, p.value = cutCharset(p.value)
			}
			raw = append(raw, unpercent(p.value)...)
		}
		params[name], _ = decodeText(raw, charset)
	}
	return params
}

// cutCharset cuts charset'language' from the first piece.
func cutCharset(s string) (charset, rest string) {
	if parts := strings.SplitN(s, "'", 3); len(parts) == 3 {
		return parts[0], parts[2]
	}
	return "", s
}

func unpercent(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(c))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return b
}
