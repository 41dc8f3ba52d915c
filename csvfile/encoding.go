package csvfile

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"tandem/problem"
)

// Encoding is how a file writes characters as bytes.
type Encoding string

// The encodings.
const (
	UTF8        Encoding = "utf-8"
	UTF16       Encoding = "utf-16"       // little endian unless it begins with the mark of the other
	ShiftJIS    Encoding = "shift_jis"    // as Windows has it: Windows-31J
	Windows1252 Encoding = "windows-1252" // Western Europe and the Americas
)

// Encodings are all of them.
var Encodings = []Encoding{UTF8, UTF16, ShiftJIS, Windows1252}

var (
	mark8    = []byte("\xEF\xBB\xBF")
	mark16LE = []byte("\xFF\xFE")
	mark16BE = []byte("\xFE\xFF")
)

// decode gives the text, and the encoding that was chosen or found out.
func decode(content []byte, chosen Encoding) (string, Encoding, error) {
	used := chosen
	if used == "" {
		used = likeliestEncoding(content)
	}
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) || bytes.HasPrefix(content, []byte("\xD0\xCF\x11\xE0")) {
		return "", used, problem.New(problem.Invalid, "csv_workbook", "This is a workbook, not a CSV file.").
			On(problem.Yours, `Open it in Excel and save it as "CSV UTF-8".`)
	}
	text, ok := used.decode(content)
	if !ok {
		return "", used, problem.New(problem.Invalid, "csv_encoding", "The file is not in the encoding %s.", used).
			On(problem.Yours, `Choose another encoding, or save the file as "CSV UTF-8".`).With("encoding", string(used))
	}
	if strings.ContainsRune(text, 0) {
		return "", used, problem.New(problem.Invalid, "csv_not_text", "The file has bytes that are no text.").
			On(problem.Yours, `Choose another encoding, or save the file as "CSV UTF-8".`)
	}
	return text, used, nil
}

// decode is false when a byte means nothing in the encoding.
func (e Encoding) decode(content []byte) (string, bool) {
	var decoder *encoding.Decoder
	switch e {
	case UTF16:
		if len(content)%2 != 0 {
			return "", false
		}
		decoder = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		if !bytes.HasPrefix(content, mark16LE) && !bytes.HasPrefix(content, mark16BE) {
			decoder = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
		}
	case ShiftJIS:
		decoder = japanese.ShiftJIS.NewDecoder()
	case Windows1252:
		decoder = charmap.Windows1252.NewDecoder()
	default:
		return string(bytes.TrimPrefix(content, mark8)), utf8.Valid(content)
	}
	text, err := decoder.Bytes(content)
	return string(text), err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

// likeliestEncoding finds out the encoding. Marks and valid UTF-8 leave no
// doubt; between the old encodings it is a guess.
func likeliestEncoding(content []byte) Encoding {
	switch {
	case bytes.HasPrefix(content, mark16LE), bytes.HasPrefix(content, mark16BE):
		return UTF16
	case utf8.Valid(content):
		return UTF8
	}
	_, japanese := ShiftJIS.decode(content)
	_, western := Windows1252.decode(content)
	switch {
	case japanese && (!western || looksJapanese(content)):
		return ShiftJIS
	case western:
		return Windows1252
	}
	return UTF8
}

// looksJapanese judges bytes that are both valid Shift_JIS and valid
// Windows-1252. Kana and the common kanji begin with 81 to 9F, which are rare
// marks in Windows-1252; half-width katakana come in rows. Letters with accents
// are C0 to FF, and stand between plain letters.
func looksJapanese(content []byte) bool {
	votes := 0
	for i := 0; i < len(content); i++ {
		switch b := content[i]; {
		case b < 0x80:
		case b >= 0x81 && b <= 0x9F:
			votes += 2
			i++
		case b >= 0xA1 && b <= 0xDF && i+1 < len(content) && content[i+1] >= 0xA1 && content[i+1] <= 0xDF:
			votes++
			i++
		case b >= 0xC0:
			votes--
		}
	}
	return votes > 0
}
