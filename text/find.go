package text

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Phrase gives the words of the term as texts are cut into them, and whether
// the last one may go on.
//
// The last character of a run of pairs is followed by another one in most
// texts: where it belongs to a pair that is looked for anyway it is left out,
// and alone it is the beginning of pairs.
func (t Term) Phrase() (words []string, begins bool) {
	var last, before Word
	for w := range Words(t.Text) {
		words = append(words, w.Text)
		before, last = last, w
	}
	if !last.Last {
		return words, t.Prefix || t.Wild
	}
	if before.Pair && !before.Last {
		return words[:len(words)-1], false
	}
	return words, true
}

// Span is a piece of a text, in bytes.
type Span struct{ Start, End int }

// Find gives the places where the text has any of the wanted terms, in order.
func Find(s string, terms []Term) []Span {
	words := slices.Collect(Words(s))
	var found []Span
	for _, t := range terms {
		phrase, begins := t.Phrase()
		if t.Not || len(phrase) == 0 {
			continue
		}
		for i := range words {
			if span, ok := standsAt(s, words[i:], phrase, begins); ok {
				found = append(found, span)
			}
		}
	}
	slices.SortFunc(found, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var merged []Span
	for _, span := range found {
		if n := len(merged); n > 0 && span.Start <= merged[n-1].End {
			merged[n-1].End = max(merged[n-1].End, span.End)
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

func standsAt(s string, words []Word, phrase []string, begins bool) (span Span, ok bool) {
	if len(words) < len(phrase) {
		return span, false
	}
	n := len(phrase) - 1
	for i := range n {
		if words[i].Text != phrase[i] {
			return span, false
		}
	}
	last := words[n]
	if last.Text != phrase[n] && !(begins && strings.HasPrefix(last.Text, phrase[n])) {
		return span, false
	}
	end := last.End
	if last.Pair && last.Text != phrase[n] { // only its first character
		_, size := utf8.DecodeRuneInString(s[last.Start:])
		end = last.Start + size
	}
	return Span{words[0].Start, end}, true
}

// Has tells whether the text has all terms that are wanted and none that is not.
func Has(s string, terms []Term) bool {
	for _, t := range terms {
		not := t.Not
		t.Not, t.Prefix = false, t.Prefix && !not // what is excluded is the word itself
		if phrase, _ := t.Phrase(); len(phrase) > 0 && (len(Find(s, []Term{t})) > 0) == not {
			return false
		}
	}
	return true
}

// Piece is a part of a text that is shown, found or not.
type Piece struct {
	Text  string
	Found bool
}

// Excerpt gives about n characters around the first place where the text has a
// term, with all such places told apart; nil when it has none. Blanks are made
// one.
func Excerpt(s string, terms []Term, n int) []Piece {
	s = strings.Join(strings.Fields(s), " ")
	found := Find(s, terms)
	if len(found) == 0 {
		return nil
	}
	begin, end := around(s, found[0], n)
	var pieces []Piece
	add := func(text string, hit bool) {
		if text != "" {
			pieces = append(pieces, Piece{text, hit})
		}
	}
	at := begin
	for _, span := range found {
		if span.Start >= end {
			break
		}
		add(s[at:span.Start], false)
		at = min(span.End, end)
		add(s[span.Start:at], true)
	}
	add(s[at:end], false)
	if begin > 0 {
		pieces = append([]Piece{{Text: "…"}}, pieces...)
	}
	if end < len(s) {
		add("…", false)
	}
	return pieces
}

// around is where n characters around a span begin and end, not within a word
// where there are blanks nearby.
func around(s string, span Span, n int) (begin, end int) {
	begin = span.Start
	for range n / 3 {
		_, size := utf8.DecodeLastRuneInString(s[:begin])
		begin -= size
	}
	if blank := strings.IndexByte(s[begin:span.Start], ' '); begin > 0 && blank >= 0 && blank < 20 {
		begin += blank + 1
	}
	end = begin
	for range n {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return begin, max(end, span.End)
}
