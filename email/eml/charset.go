package eml

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Charsets that have their own decoder here.
const (
	utf8Name = "utf-8"
	utf7Name = "utf-7"
	jisName  = "iso-2022-jp"
)

// charsetName gives the many names of one charset one name, "" for names that
// say nothing.
func charsetName(label string) string {
	label = strings.ToLower(strings.Trim(label, "\"'<>;, \t"))
	if i := strings.IndexAny(label, " \t(;"); i > 0 {
		label = label[:i]
	}
	switch label {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "7bit", "8bit", "binary", "default", "unknown", "unknown-8bit",
		"x-unknown", "none", "text", "ansi":
		return ""
	case "utf8", "utf8mb4", "utf_8", "cp65001", "65001", "unicode-1-1-utf-8", "utf-8-sig":
		return utf8Name
	case "utf7", "unicode-1-1-utf-7", "csunicode11utf7", "x-unicode-2-0-utf-7", "cp65000":
		return utf7Name
	case "jis", "csiso2022jp", "x-iso-2022-jp", "iso2022jp", "cp50220", "cp50221", "cp50222", "50220",
		"x-windows-50220", "x-windows-50221", "iso-2022-jp-ms", "cp932-iso2022jp":
		return jisName
	case "windows-31j", "cp932", "ms932", "cp943", "cp943c", "ibm-943", "ms_kanji", "x-ms-cp932", "x-sjis", "x-sjis-cp932",
		"sjis", "sjis-win", "s-jis", "shift-jis", "shift_jis", "shiftjis", "shift_jis-2004", "shift_jisx0213", "mskanji":
		return "shift_jis"
	case "euc", "eucjp", "euc_jp", "x-euc", "x-euc-jp", "ujis", "eucjp-win", "eucjp-ms", "euc-jp-ms", "cp51932", "euc-jisx0213":
		return "euc-jp"
	case "gb2312", "gb_2312-80", "cp936", "ms936", "windows-936", "gbk", "x-gbk", "euc-cn", "gb18030-2000":
		return "gb18030"
	case "cp949", "ms949", "uhc", "windows-949", "ks_c_5601", "ksc5601", "ks_c_5601-1987":
		return "euc-kr"
	case "cp950", "big5-hkscs", "big5hkscs", "x-big5":
		return "big5"
	}
	if strings.HasPrefix(label, "iso-2022-jp") { // -1, -2, -3, -2004
		return jisName
	}
	if n, ok := strings.CutPrefix(label, "cp125"); ok && len(n) == 1 {
		return "windows-125" + n
	}
	return label
}

// lookup finds the decoder of a charset, nil when it is not known.
func lookup(name string) encoding.Encoding {
	switch name {
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "euc-kr":
		return korean.EUCKR
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	enc, err := htmlindex.Get(name) // as browsers do: iso-8859-1 is windows-1252
	if err != nil || enc == encoding.Replacement {
		return nil
	}
	return enc
}

// decodeText turns text of a declared charset into UTF-8. Labels lie: what the
// bytes say clearly wins, and the defect tells. The defect is "" when the label
// was right or the text is plain ASCII.
func decodeText(b []byte, label string) (text, defect string) {
	name := charsetName(label)
	switch {
	case name == utf7Name:
		return decodeUTF7(b), ""
	case name != "hz-gb-2312" && !strings.HasPrefix(name, "utf-16") && isPlainASCII(string(b)):
		return string(b), ""
	case name == jisName && (hasJISEscape(b) || is7Bit(b)):
		return decodeJIS(b), ""
	case hasJISEscape(b) && is7Bit(b):
		return decodeJIS(b), guessedOrWrong(label, name)
	case name == utf8Name || name == "" || name == jisName:
		return decodeUTF8(b, label, name)
	}
	enc := lookup(name)
	if enc == nil {
		return guessText(b, ""), DefectCharsetGuessed
	}
	return decodeAs(b, enc)
}

// guessedOrWrong is the defect for a label that was not followed.
func guessedOrWrong(label, name string) string {
	if name == "" {
		return DefectCharsetGuessed
	}
	return DefectCharsetWrong
}

// decodeUTF8 reads what should be UTF-8, or says nothing about itself.
func decodeUTF8(b []byte, label, name string) (text, defect string) {
	switch {
	case utf8.Valid(b):
		if name == utf8Name {
			return string(b), ""
		}
		return string(b), guessedOrWrong(label, name)
	case name == utf8Name && mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\ufffd"), DefectCharsetInvalid
	}
	return guessText(b, ""), guessedOrWrong(label, name)
}

// decodeAs decodes by a known charset, unless the bytes are UTF-8 for certain
// (a multi-byte text is not valid UTF-8 by chance) or fit a Japanese charset
// better.
func decodeAs(b []byte, enc encoding.Encoding) (text, defect string) {
	utf16 := bytes.IndexByte(b, 0) >= 0 // its ASCII characters hold NUL bytes
	if !utf16 && isUTF8Text(string(b)) && !is7Bit(b) {
		return string(b), DefectCharsetWrong
	}
	text = decodeWith(enc, b)
	if !strings.ContainsFunc(text, isMojibake) {
		return text, ""
	}
	if other := guessText(b, ""); !utf16 && strings.Count(other, "\ufffd") == 0 && japaneseScore(other) > 0 {
		return other, DefectCharsetWrong
	}
	return text, DefectCharsetInvalid
}

// isMojibake reports what no text holds: the sign for bytes that stand for
// nothing, and the C1 control characters, which are how a single-byte charset
// reads the lead bytes of Shift_JIS.
func isMojibake(r rune) bool { return r == '\ufffd' || r >= 0x80 && r < 0xa0 }

func decodeWith(enc encoding.Encoding, b []byte) string {
	text, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return strings.ToValidUTF8(string(text), "\ufffd")
}

// guessText reads text of unknown charset: JIS by its escapes, UTF-8 by its
// form, EUC-JP and Shift_JIS (code page 932) by what they would say, else
// Windows-1252, in which every text can be read. The hint, a charset from
// elsewhere in the mail, decides when the text itself does not.
func guessText(b []byte, hint string) string {
	switch {
	case hasJISEscape(b):
		return decodeJIS(b)
	case utf8.Valid(b):
		return string(b)
	case mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	if enc := lookup(charsetName(hint)); enc != nil {
		if text := decodeWith(enc, b); !strings.ContainsRune(text, '\ufffd') {
			return text
		}
	}
	best, most := "", 0
	for _, enc := range []encoding.Encoding{japanese.EUCJP, japanese.ShiftJIS} {
		text := decodeWith(enc, b)
		if score := japaneseScore(text); score > most {
			best, most = text, score
		}
	}
	if most > 0 {
		return best
	}
	enc, _ := htmlindex.Get("windows-1252")
	return decodeWith(enc, b)
}

// japaneseScore says how much a text looks like Japanese; 0 and below is no.
// In Latin text read as Japanese, single ideographs stand among letters; in
// Japanese, characters stand in runs and half of them are kana.
func japaneseScore(s string) int {
	score, run := 0, 0
	endRun := func() {
		if run == 1 {
			score -= 3
		}
		run = 0
	}
	for _, r := range s {
		switch {
		case r == '\ufffd':
			score -= 10
			endRun()
		case r >= 0x3040 && r <= 0x30ff: // hiragana, katakana
			score += 3
			run += 2
		case r >= 0x4e00 && r <= 0x9fff:
			score++
			run++
		case r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff5e: // 。、「」 and full-width ASCII
			score++
			run += 2
		case r >= 0xff61 && r <= 0xff9f: // half-width kana: what Latin-1 capitals look like
			run = max(run, 2)
		case r >= 0x80 && r < 0x3000 || r > 0xffff || r >= 0xe000 && r <= 0xf8ff:
			score--
		default:
			endRun()
		}
	}
	endRun()
	return score
}

// isPlainASCII reports whether s has neither 8-bit bytes nor escapes.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] == esc || s[i] == so {
			return false
		}
	}
	return true
}

func is7Bit(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// isUTF8Text reports whether s is UTF-8 and not JIS, which is valid UTF-8 too.
func isUTF8Text(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x1b")
}

// mostlyUTF8 recognises UTF-8 in which a few characters are damaged, for
// example cut in two by a limit on bytes.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	return good > 10*bad || good >= 2 && bad <= 2
}
