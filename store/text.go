package store

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun/schema"
	"golang.org/x/text/unicode/norm"
)

// clean removes from texts what Postgres cannot store: NUL and what is not
// UTF-8. Mail from strangers contains both.
func clean(args []any) {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = cleanText(s)
		}
	}
}

// tidy makes bun clean the texts that it writes into queries.
type tidy struct{ schema.Dialect }

func (d tidy) AppendString(b []byte, s string) []byte { return d.Dialect.AppendString(b, cleanText(s)) }

func cleanText(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// maxFolded keeps folded texts below what an index of Postgres holds (2704 bytes).
const maxFolded = 500

// fold brings a text into the form in which it is searched and sorted: full
// and half width, upper and lower case are the same.
func fold(s string) string {
	s = strings.ToLower(norm.NFKC.String(cleanText(s)))
	return cut(s, maxFolded)
}

// cut keeps the first n characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// words splits what somebody searches for; a row is found when it contains all of them.
func words(search string) []string { return strings.Fields(fold(search)) }

var likeSpecials = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing is the pattern for LIKE ... ESCAPE '\' that finds the word anywhere.
func containing(word string) string { return "%" + likeSpecials.Replace(word) + "%" }
