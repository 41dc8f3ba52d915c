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

// TagChange says which tags something is to have: those of Set, or those that it
// has when it is nil; then Add, without Remove.
type TagChange struct {
	Set    *[]string
	Add    []string
	Remove []string
}

// Zero tells whether no tag comes or goes.
func (c TagChange) Zero() bool { return c.Set == nil && c.Add == nil && c.Remove == nil }

// Apply gives the tags as they are to be.
func (c TagChange) Apply(tags []string) []string {
	if c.Set != nil {
		tags = *c.Set
	}
	removed := NormalizeTags(c.Remove)
	return slices.DeleteFunc(NormalizeTags(slices.Concat(tags, c.Add)), func(tag string) bool {
		return slices.Contains(removed, tag)
	})
}
