package web

import "testing"

func TestProblemsOfAlertsHaveWords(t *testing.T) {
	for _, language := range []string{"ja", "pt"} {
		for _, code := range []string{"secret_expired", "grant_revoked", "conditional_access"} {
			if message, remedy := ProblemWords(language, code); message == "" || remedy == "" {
				t.Errorf("%s: %s has no words", language, code)
			}
		}
	}
	if message, remedy := ProblemWords("en", "secret_expired"); message+remedy != "" {
		t.Error("English is what the server says itself")
	}
}
