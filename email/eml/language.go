package eml

import (
	"strings"
	"unicode"
)

// judgedText is how much of a text its language is guessed from, in bytes.
const judgedText = 4 << 10

// commonWords are short words that stand in nearly every sentence of a
// language and are rare in the others.
var commonWords = map[string]string{
	"the": "en", "and": "en", "you": "en", "is": "en", "please": "en", "have": "en", "with": "en", "we": "en", "my": "en", "thanks": "en",
	"não": "pt", "você": "pt", "uma": "pt", "obrigado": "pt", "obrigada": "pt", "meu": "pt", "minha": "pt", "com": "pt", "em": "pt", "olá": "pt",
	"el": "es", "una": "es", "gracias": "es", "los": "es", "mi": "es", "usted": "es", "hola": "es", "con": "es", "pero": "es",
	"der": "de", "die": "de", "und": "de", "nicht": "de", "ich": "de", "bitte": "de", "ist": "de",
	"le": "fr", "les": "fr", "vous": "fr", "je": "fr", "est": "fr", "une": "fr", "bonjour": "fr", "merci": "fr",
}

// GuessLanguage guesses the language of a text as a BCP 47 tag ("ja", "pt");
// empty when it cannot be told. The script decides where it can: kana stand in
// Japanese alone. Latin text is judged by its most common words.
func GuessLanguage(text string) string {
	if len(text) > judgedText {
		text = strings.ToValidUTF8(text[:judgedText], "")
	}
	scripts := make(map[string]int)
	for _, r := range text {
		scripts[scriptOf(r)]++
	}
	switch {
	case scripts["ja"] > 0 && scripts["ja"]+scripts["zh"] > scripts["latin"]/4:
		return "ja"
	case scripts["ko"] > scripts["latin"]/4:
		return "ko"
	case scripts["zh"] > scripts["latin"]/4:
		return "zh"
	case scripts["ru"] > scripts["latin"]/4:
		return "ru"
	}
	return latinLanguage(text)
}

// scriptOf names the language that a letter alone speaks for, or "latin".
func scriptOf(r rune) string {
	switch {
	case r < unicode.MaxLatin1 && unicode.IsLetter(r):
		return "latin"
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return "ja"
	case unicode.Is(unicode.Hangul, r):
		return "ko"
	case unicode.Is(unicode.Han, r):
		return "zh"
	case unicode.Is(unicode.Cyrillic, r):
		return "ru"
	}
	return ""
}

func latinLanguage(text string) string {
	votes := make(map[string]int)
	best := ""
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		language := commonWords[word]
		if language == "" {
			continue
		}
		if votes[language]++; votes[language] > votes[best] {
			best = language
		}
	}
	return best
}
