package store

import (
	"encoding/json"
	"fmt"

	"tandem/desk"
)

// storedMailFacts is how what is known of a comment's mail is stored.
type storedMailFacts struct {
	Address        string `json:"address"`
	Authentication string `json:"authentication"`
	Automatic      bool   `json:"automatic,omitempty"`
	Language       string `json:"language,omitempty"`
}

func mailFactsText(f desk.MailFacts) string {
	if f == (desk.MailFacts{}) {
		return ""
	}
	body, err := json.Marshal(storedMailFacts(f))
	if err != nil {
		panic(fmt.Sprintf("encode mail facts: %v", err)) // strings and a bool
	}
	return string(body)
}

func readMailFacts(text string) (desk.MailFacts, error) {
	if text == "" {
		return desk.MailFacts{}, nil
	}
	var f storedMailFacts
	err := json.Unmarshal([]byte(text), &f)
	return desk.MailFacts(f), err
}
