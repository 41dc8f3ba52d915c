package directory

import (
	"slices"
	"strings"
)

// Limits of tags.
const (
	MaxTags = 200 // on one thing
	MaxTag  = 80  // characters of one
)

// NormalizeTags brings tags into the form in which they are compared: lower
// case, without blanks, each once.
func NormalizeTags(tags []string) []string {
	var kept []string
	for _, tag := range tags {
		plain := strings.ReplaceAll(strings.ToValidUTF8(tag, "\uFFFD"), "\x00", "")
		runes := []rune(strings.Join(strings.Fields(strings.ToLower(plain)), "_"))
		tag = string(runes[:min(len(runes), MaxTag)])
		if tag != "" && !slices.Contains(kept, tag) {
			kept = append(kept, tag)
		}
	}
	return kept
}
