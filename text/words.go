package text

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is how many characters of a word count; what is longer is no word of any language.
const maxWord = 48

// Word is one that is searched for, at its place in a text.
type Word struct {
	Text  string // folded, without accents
	Start int    // where it begins in the text, in bytes
	End   int    // and ends
	Last  bool   // the last character of a run that is cut into pairs, by itself
	Pair  bool   // cut out of such a run
}

// Words gives the words of a text in order. Pairs overlap: each begins a
// character after the one before.
func Words(s string) iter.Seq[Word] {
	return func(yield func(Word) bool) {
		c := cutter{yield: yield}
		var it norm.Iter
		it.InitString(norm.NFKC, s)
		for !it.Done() && !c.stopped {
			start := it.Pos()
			segment := it.Next()
			c.take(segment, start, it.Pos())
		}
		c.endWord()
		c.endRun()
	}
}

// cutter goes through a text and gives out its words.
type cutter struct {
	yield   func(Word) bool
	stopped bool

	word       strings.Builder // the word that has begun
	characters int
	start, end int

	open    bool // a run of pairs has begun, of which this is the last character
	last    rune
	at, to  int
	newline bool // and a line has ended behind it
}

// take reads a piece of the text in normal form, which lies from start to end.
func (c *cutter) take(segment []byte, start, end int) {
	for len(segment) > 0 {
		r, n := utf8.DecodeRune(segment)
		segment = segment[n:]
		switch {
		case paired(r):
			c.endWord()
			c.pair(r, start, end)
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsNumber(r):
			c.endRun()
			if c.word.Len() == 0 {
				c.start = start
			}
			c.end = end
			c.letter(r)
		case unicode.IsMark(r) && c.word.Len() > 0:
			c.end = end // an accent
		case (r == '\n' || r == '\r') && c.open:
			c.endWord()
			c.newline = true // mail breaks lines within words
		default:
			c.endWord()
			c.endRun()
		}
	}
}

// letter adds a letter in lower case and without accents.
func (c *cutter) letter(r rune) {
	if c.characters >= maxWord {
		return
	}
	r = unicode.ToLower(r)
	if r < utf8.RuneSelf {
		c.word.WriteByte(byte(r))
		c.characters++
		return
	}
	if plain, ok := plainLetters[r]; ok {
		c.word.WriteString(plain)
		c.characters++
		return
	}
	var letter [utf8.UTFMax]byte
	for _, part := range string(norm.NFD.Bytes(letter[:utf8.EncodeRune(letter[:], r)])) {
		if !unicode.IsMark(part) {
			c.word.WriteRune(part)
			c.characters++
		}
	}
}

// plainLetters are those that Unicode does not take apart.
var plainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i",
}

func (c *cutter) endWord() {
	if c.word.Len() == 0 {
		return
	}
	c.give(Word{Text: c.word.String(), Start: c.start, End: c.end})
	c.word.Reset()
	c.characters = 0
}

func (c *cutter) pair(r rune, start, end int) {
	if c.open {
		c.give(Word{Text: string([]rune{c.last, r}), Start: c.at, End: end, Pair: true})
	}
	c.open, c.newline = true, false
	c.last, c.at, c.to = r, start, end
}

func (c *cutter) endRun() {
	if c.open {
		c.open = false
		c.give(Word{Text: string(c.last), Start: c.at, End: c.to, Pair: true, Last: true})
	}
}

func (c *cutter) give(w Word) {
	if !c.stopped && !c.yield(w) {
		c.stopped = true
	}
}

// paired tells whether a character belongs to a script that writes no spaces
// between words, or inflects so that words are found only by their parts.
func paired(r rune) bool {
	if r < 0x0E00 {
		return false
	}
	return r == 'ー' || r == '〆' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
