package web

import (
	"embed"
	"encoding/json"
	"sync"
)

//go:embed src/i18n/ja.json src/i18n/pt-BR.json
var languages embed.FS

type problemWords map[string]struct{ Message, Remedy string } // by code

// problems are the words for the server's problems, by language.
var problems = sync.OnceValue(func() map[string]problemWords {
	words := make(map[string]problemWords)
	for language, file := range map[string]string{"ja": "src/i18n/ja.json", "pt": "src/i18n/pt-BR.json"} {
		var sentences struct{ Problem map[string]json.RawMessage }
		text, err := languages.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &sentences)
		}
		if err != nil {
			panic(err) // the files are ours
		}
		words[language] = make(problemWords)
		for code, raw := range sentences.Problem {
			word := words[language][code]
			if json.Unmarshal(raw, &word) == nil { // else it is a sentence of the application's own
				words[language][code] = word
			}
		}
	}
	return words
})

// ProblemWords says in a language ("ja", "pt") what a problem's code means and
// what to do about it, for what reaches people other than by the application;
// empty when there are no words for it. English is what the server says itself.
func ProblemWords(language, code string) (message, remedy string) {
	word := problems()[language][code]
	return word.Message, word.Remedy
}
