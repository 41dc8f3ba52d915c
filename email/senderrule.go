package email

import (
	"strings"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// SenderRuleID identifies an entry of a list of senders.
type SenderRuleID int64

// SenderList is a list of senders.
type SenderList string

// The lists.
const (
	// AllowList spares its senders from being suspended for what they are. It
	// wins over the block list. It spares nobody from failed authentication:
	// then it is not known that the mail is theirs.
	AllowList SenderList = "allow"
	BlockList SenderList = "block"
	// UnlimitedList spares its senders from the limit per hour.
	UnlimitedList SenderList = "unlimited"
)

// SenderRule is one entry of a list: an address, or a domain with all below it.
type SenderRule struct {
	ID        SenderRuleID
	List      SenderList
	Pattern   string // "ana@client.example" or "client.example", in lower case
	Learned   bool   // by recovering a mail, and not from the settings
	CreatedBy directory.UserID
	CreatedAt time.Time
}

// ParsePattern brings what people write into the form in which senders are
// compared: "@client.example" and "*.client.example" mean the domain.
func ParsePattern(text string) (string, error) {
	pattern := strings.ToLower(strings.TrimSpace(text))
	local, domain, isAddress := strings.Cut(pattern, "@")
	if !isAddress {
		local, domain = "", strings.TrimPrefix(strings.TrimPrefix(pattern, "*"), ".")
	}
	bad := domain == "" || !strings.Contains(domain, ".") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") ||
		strings.Contains(domain, "..") || strings.ContainsAny(pattern, " \t\r\n,;<>()\"\\") || strings.ContainsAny(domain, "@*") || len(pattern) > 254
	if bad {
		return "", problem.New(problem.Invalid, "invalid_sender", "%q is neither an address nor a domain.", text).
			On(problem.Yours, "Write ana@client.example or client.example.").In("pattern")
	}
	if local == "" {
		return domain, nil
	}
	return local + "@" + domain, nil
}

// patternsFor are the entries that meet an address: itself, its domain, and
// the domains above.
func patternsFor(address string) []string {
	_, domain, ok := strings.Cut(address, "@")
	if !ok {
		return nil
	}
	patterns := []string{address}
	for strings.Contains(domain, ".") && len(patterns) < 20 {
		patterns = append(patterns, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return patterns
}

// noReplyNames are the local parts, without dots and hyphens, of addresses that take no answers.
var noReplyNames = []string{"noreply", "donotreply", "dontreply", "notreply", "neverreply", "naoresponda", "naoresponder", "noresponder", "nepasrepondre"}

// isNoReply tells whether an address says of itself that it takes no answers.
func isNoReply(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	local = strings.NewReplacer("-", "", "_", "", ".", "").Replace(local)
	for _, name := range noReplyNames {
		if strings.HasPrefix(local, name) || strings.HasSuffix(local, name) {
			return true
		}
	}
	return false
}
