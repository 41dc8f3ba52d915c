package eml

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// transferDecoder undoes a Content-Transfer-Encoding (RFC 2045 section 6) and
// never gives up: what can be decoded is decoded, and the defect tells.
type transferDecoder interface {
	io.Reader
	defect() (code, words string)
}

// newTransferDecoder returns nil for an unknown encoding.
func newTransferDecoder(encoding string, r io.Reader) transferDecoder {
	encoding = strings.ToLower(strings.Trim(encoding, "\"'; \t"))
	encoding, _, _ = strings.Cut(encoding, " ") // a comment
	switch encoding {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none":
		return identity{r}
	case "base64", "base-64", "b64":
		return &base64Reader{src: r}
	case "quoted-printable", "quoted_printable", "quotedprintable", "qp":
		return &qpReader{src: bufio.NewReader(r)}
	}
	return nil
}

type identity struct{ io.Reader }

func (identity) defect() (code, words string) { return "", "" }

// base64Value maps a character to its six bits; -1 is none, -2 white space.
// The URL-safe alphabet is accepted too.
var base64Value = func() (table [256]int8) {
	for i := range table {
		table[i] = -1
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i, c := range []byte(alphabet) {
		table[c] = int8(i)
	}
	table['-'], table['_'] = 62, 63
	for _, c := range []byte(" \t\r\n") {
		table[c] = -2
	}
	return table
}()

// base64Reader skips what is not base64 and goes on behind padding, where some
// mailers join two encoded pieces.
type base64Reader struct {
	src   io.Reader
	in    [8 << 10]byte
	out   []byte // decoded, not yet read
	buf   [8 << 10]byte
	bits  uint32
	count int // characters in bits
	err   error
	wrong int  // characters that are not base64
	cut   bool // a lone character at the end
}

func (d *base64Reader) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, err := d.src.Read(d.in[:])
		d.out = d.decode(d.buf[:0], d.in[:n])
		if d.err = err; err != nil {
			d.out = d.pad(d.out)
		}
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

func (d *base64Reader) decode(out, in []byte) []byte {
	for _, c := range in {
		v := base64Value[c]
		switch {
		case v >= 0:
			d.bits = d.bits<<6 | uint32(v)
			if d.count++; d.count == 4 {
				out = append(out, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
				d.bits, d.count = 0, 0
			}
		case c == '=':
			out = d.pad(out)
		case v == -1:
			d.wrong++
		}
	}
	return out
}

// pad writes the bytes of an incomplete group.
func (d *base64Reader) pad(out []byte) []byte {
	switch d.count {
	case 1:
		d.cut = true
	case 2:
		out = append(out, byte(d.bits>>4))
	case 3:
		out = append(out, byte(d.bits>>10), byte(d.bits>>2))
	}
	d.bits, d.count = 0, 0
	return out
}

func (d *base64Reader) defect() (code, words string) {
	switch {
	case d.wrong > 0:
		return DefectBase64, "Characters that are not base64 were skipped."
	case d.cut:
		return DefectBase64Truncated, "The base64 text ends in the middle of a byte."
	}
	return "", ""
}

// decodeBase64 decodes a short text, as in an encoded word.
func decodeBase64(b []byte) []byte {
	var d base64Reader
	return d.pad(d.decode(make([]byte, 0, len(b)), b))
}

// qpReader decodes quoted-printable (RFC 2045 section 6.7). A "=" that begins
// no code is text.
type qpReader struct {
	src   *bufio.Reader
	wrong bool
}

func (d *qpReader) Read(p []byte) (int, error) {
	for n := range p {
		c, err := d.next()
		if err != nil {
			if n > 0 && err == io.EOF {
				return n, nil
			}
			return n, err
		}
		p[n] = c
	}
	return len(p), nil
}

func (d *qpReader) next() (byte, error) {
	for {
		c, err := d.src.ReadByte()
		if err != nil || c != '=' {
			return c, err
		}
		code, _ := d.src.Peek(2)
		if len(code) == 2 && unhex(code[0]) >= 0 && unhex(code[1]) >= 0 {
			c = byte(unhex(code[0])<<4 | unhex(code[1]))
			d.src.Discard(2)
			return c, nil
		}
		if !d.softBreak() {
			d.wrong = true
			return '=', nil
		}
	}
}

// softBreak skips the line ending behind a "=", with blanks that a mail server
// may have added.
func (d *qpReader) softBreak() bool {
	ahead, _ := d.src.Peek(80)
	rest := bytes.TrimLeft(ahead, " \t")
	blanks := len(ahead) - len(rest)
	switch {
	case bytes.HasPrefix(rest, []byte("\r\n")):
		d.src.Discard(blanks + 2)
	case bytes.HasPrefix(rest, []byte("\n")):
		d.src.Discard(blanks + 1)
	case len(rest) == 0 && len(ahead) < 80: // "=" ends the text
		d.src.Discard(blanks)
	default:
		return false
	}
	return true
}

func (d *qpReader) defect() (code, words string) {
	if d.wrong {
		return DefectQuotedPrintable, "A \"=\" begins no quoted-printable code."
	}
	return "", ""
}

// unhex returns the value of a hexadecimal digit, -1 for others.
func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
