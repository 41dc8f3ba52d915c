package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// HasWord tells whether a folded text has the folded word, not only as part of
// a longer one: "art" is not in "start". Scripts that write no blanks between
// words, such as Japanese, have no such borders. Databases know it as the function
// has_word; the one of PostgreSQL is a migration of package store.
func HasWord(text, word string) bool {
	if word == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:begin])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if borders(before, first) && borders(last, after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[begin:])
		from = begin + size
	}
}

// borders tells whether a word can end between two characters.
func borders(a, b rune) bool { return !joins(a) || !joins(b) }

// joins tells whether a character belongs to a word together with its neighbours.
func joins(r rune) bool {
	if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
		return false
	}
	return !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) &&
		r != 'ー' // the mark of a long vowel belongs to no script
}
