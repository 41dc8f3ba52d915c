package eml

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/japanese"
)

const (
	esc = 0x1b
	so  = 0x0e // shift out: half-width kana in code page 50222
	si  = 0x0f // shift in
)

// jisSet is a character set that an escape sequence selects.
type jisSet int

const (
	jisASCII jisSet = iota
	jisRoman        // JIS X 0201: yen sign and overline
	jisKana         // JIS X 0201: half-width kana
	jisKanji        // JIS X 0208, with NEC's row 13 and X 0213 above it
	jisExtra        // JIS X 0212
)

// jisEscapes are the sequences of ISO-2022-JP (RFC 1468), -1 (RFC 2237), -3 and
// -2004, and of Microsoft's code pages 50220 to 50222, without the ESC.
var jisEscapes = []struct {
	sequence string
	set      jisSet
}{
	{"$B", jisKanji}, {"$@", jisKanji}, {"$(B", jisKanji}, {"$(@", jisKanji},
	{"$(O", jisKanji}, {"$(Q", jisKanji}, {"$(D", jisExtra},
	{"(B", jisASCII}, {"(H", jisASCII}, {"(J", jisRoman}, {"(I", jisKana},
}

// hasJISEscape reports whether an escape to a Japanese set occurs.
func hasJISEscape(b []byte) bool {
	for {
		i := bytes.IndexByte(b, esc)
		if i < 0 {
			return false
		}
		b = b[i+1:]
		if set, n := jisEscape(b); n > 0 && set != jisASCII {
			return true
		}
	}
}

// jisEscape reads the escape sequence that follows an ESC; n is 0 for others.
func jisEscape(b []byte) (set jisSet, n int) {
	for _, e := range jisEscapes {
		if bytes.HasPrefix(b, []byte(e.sequence)) {
			return e.set, len(e.sequence)
		}
	}
	return jisASCII, 0
}

// decodeJIS reads the whole ISO-2022-JP family. It is rewritten as EUC-JP,
// whose decoder knows NEC's row 13 (①㈱), the extensions of NEC and IBM, and
// half-width kana. Beyond the standards it reads 8-bit kana (code page 50221),
// SO/SI kana (50222) and lines that end inside a set.
func decodeJIS(b []byte) string {
	var d jisDecoder
	for len(b) > 0 {
		n := d.step(b)
		b = b[n:]
	}
	d.flush()
	return d.out.String()
}

type jisDecoder struct {
	out     strings.Builder
	euc     []byte // decoded so far, as EUC-JP
	set     jisSet
	shifted bool
}

// flush moves what is decoded to the output.
func (d *jisDecoder) flush() {
	if len(d.euc) > 0 {
		d.out.WriteString(decodeWith(japanese.EUCJP, d.euc))
		d.euc = d.euc[:0]
	}
}

func (d *jisDecoder) write(s string) {
	d.flush()
	d.out.WriteString(s)
}

// step decodes what stands at the beginning of b and returns its length.
func (d *jisDecoder) step(b []byte) int {
	c := b[0]
	switch {
	case c == esc:
		set, n := jisEscape(b[1:])
		if n > 0 {
			d.set, d.shifted = set, false
		}
		return 1 + n // an unknown ESC says nothing
	case c == so || c == si:
		d.shifted = c == so
		return 1
	case c == '\n' || c == '\r': // RFC 1468: lines end in ASCII
		d.set, d.shifted = jisASCII, false
		d.euc = append(d.euc, c)
		return 1
	case c >= 0xa1 && c <= 0xdf:
		d.euc = append(d.euc, 0x8e, c)
		return 1
	case c >= 0x80:
		d.write("\ufffd")
		return 1
	case c <= ' ' || c == 0x7f:
		d.euc = append(d.euc, c)
		return 1
	}
	return d.character(b)
}

// character decodes one graphic character of the selected set.
func (d *jisDecoder) character(b []byte) int {
	c := b[0]
	switch {
	case d.set == jisKana || d.shifted:
		d.euc = append(d.euc, 0x8e, c|0x80)
	case d.set == jisRoman && c == '\\':
		d.write("¥")
	case d.set == jisRoman && c == '~':
		d.write("‾")
	case d.set == jisASCII || d.set == jisRoman:
		d.euc = append(d.euc, c)
	case len(b) < 2 || b[1] <= ' ' || b[1] >= 0x7f:
		d.write("\ufffd") // half a character
	default:
		if d.set == jisExtra {
			d.euc = append(d.euc, 0x8f)
		}
		d.euc = append(d.euc, c|0x80, b[1]|0x80)
		return 2
	}
	return 1
}

// decodeUTF7 reads RFC 2152: runs of base64 between "+" and "-" hold UTF-16.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		plain, rest, found := bytes.Cut(b, []byte("+"))
		out.WriteString(strings.ToValidUTF8(string(plain), "\ufffd"))
		if !found {
			break
		}
		end := bytes.IndexFunc(rest, func(r rune) bool { return !isBase64(r) })
		if end < 0 {
			end = len(rest)
		}
		run := rest[:end]
		b = bytes.TrimPrefix(rest[end:], []byte("-"))
		if len(run) == 0 {
			out.WriteByte('+') // "+-"
			continue
		}
		raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
		n, _ := base64.RawStdEncoding.Decode(raw, run)
		units := make([]uint16, 0, n/2)
		for i := 0; i+1 < n; i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		out.WriteString(string(utf16.Decode(units)))
	}
	return out.String()
}

func isBase64(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '+' || r == '/'
}
