package directory

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/text"
)

// Redacted stands where something of a person stood who was deleted permanently.
const Redacted = "[deleted]"

// ErasedName is what somebody is called who was deleted permanently.
const ErasedName = "Permanently deleted user"

// Traces are the words by which a person is found in texts: addresses and
// numbers, which are nobody else's, and names, which may be.
type Traces struct {
	Addresses []string
	Names     []string

	finders map[bool]*regexp.Regexp
}

// Empty tells whether there is nothing to look for.
func (t *Traces) Empty() bool { return len(t.Addresses)+len(t.Names) == 0 }

// Redact removes the addresses from a text. A text that has one loses the names
// as well, and so does one that is known to be about the person.
func (t *Traces) Redact(stored string, about bool) string {
	if !about {
		about = t.redact(stored, false) != stored
	}
	if !about {
		return stored
	}
	return t.redact(stored, true)
}

func (t *Traces) redact(stored string, names bool) string {
	finder := t.finder(names)
	if finder == nil {
		return stored
	}
	var out strings.Builder
	end := 0
	for _, found := range finder.FindAllStringIndex(stored, -1) {
		if !apart(stored, found[0], found[1]) {
			continue
		}
		out.WriteString(stored[end:found[0]])
		out.WriteString(Redacted)
		end = found[1]
	}
	out.WriteString(stored[end:])
	return out.String()
}

// finder finds the words in whatever case; nil when there are none.
func (t *Traces) finder(names bool) *regexp.Regexp {
	if finder, made := t.finders[names]; made {
		return finder
	}
	words := Variants(t.Addresses)
	if names {
		words = append(words, Variants(t.Names)...)
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) }) // the longest that fits
	var finder *regexp.Regexp
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	if len(words) > 0 {
		finder = regexp.MustCompile("(?i)" + strings.Join(words, "|"))
	}
	if t.finders == nil {
		t.finders = make(map[bool]*regexp.Regexp)
	}
	t.finders[names] = finder
	return finder
}

// Variants are the ways in which words stand in what is stored: as they are, as
// searches fold them, and escaped as in JSON, HTML and addresses of pages.
func Variants(words []string) []string {
	var all []string
	for _, word := range words {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		quoted, _ := json.Marshal(word) // a string can always be
		folded := text.Fold(word)
		all = append(all, word, folded, string(quoted[1:len(quoted)-1]), html.EscapeString(word), url.QueryEscape(word), url.PathEscape(word))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// apart tells whether what was found is a word of its own: ann@x.example is
// neither in jo.ann@x.example nor in ann@x.example.org. Scripts without blanks
// between words have no such border.
func apart(stored string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(stored[from:])
	last, _ := utf8.DecodeLastRuneInString(stored[:to])
	return !(joins(first) && goesOnBefore(stored[:from])) && !(joins(last) && goesOnBehind(stored[to:]))
}

const hyphens = ".-_"

func goesOnBefore(stored string) bool {
	if escape.MatchString(stored[max(0, len(stored)-6):]) { // its last letter is none
		return false
	}
	before, size := utf8.DecodeLastRuneInString(stored)
	if strings.ContainsRune(hyphens, before) {
		before, _ = utf8.DecodeLastRuneInString(stored[:len(stored)-size])
	}
	return joins(before)
}

func goesOnBehind(stored string) bool {
	after, size := utf8.DecodeRuneInString(stored)
	if strings.ContainsRune(hyphens, after) {
		after, _ = utf8.DecodeRuneInString(stored[size:])
	}
	return joins(after)
}

// escape is how JSON and addresses of pages write a character that is no letter.
var escape = regexp.MustCompile(`(\\u[0-9a-fA-F]{4}|\\[bfnrt]|%[0-9a-fA-F]{2})$`)

// joins tells whether the character goes on a word of letters or digits.
func joins(r rune) bool {
	return unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}
