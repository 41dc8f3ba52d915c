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

func mailFactsText(f *desk.MailFacts) string {
	if f == nil {
		return ""
	}
	body, err := json.Marshal(storedMailFacts(*f))
	if err != nil {
		panic(fmt.Sprintf("encode mail facts: %v", err)) // strings and a bool
	}
	return string(body)
}

func readMailFacts(text string) (*desk.MailFacts, error) {
	if text == "" {
		return nil, nil
	}
	var f storedMailFacts
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, err
	}
	facts := desk.MailFacts(f)
	return &facts, nil
}
