package email

import (
	"regexp"
	"strings"
)

// A ticket's reply token proves that a mail answers the ticket. It stands in
// the body of each mail that we send, as [ref:TOKEN], and for mailboxes that
// accept plus addresses also in the reply address, as name+ref-TOKEN@domain.
var (
	tokenInBody    = regexp.MustCompile(`(?i)\[ref:([a-z0-9]{20,40})\]`)
	tokenInAddress = regexp.MustCompile(`(?i)\+ref-([a-z0-9]{20,40})@`)
)

// maxTokens bounds how many tokens of one mail are looked up.
const maxTokens = 10

// replyMarker is the token as it stands in the body.
func replyMarker(token string) string { return "[ref:" + token + "]" }

// replyAddress is the support address with the token in it.
func replyAddress(address, token string) string {
	local, domain, _ := strings.Cut(address, "@")
	return local + "+ref-" + token + "@" + domain
}

// bareAddress is an address without what stands behind the plus sign.
func bareAddress(address string) string {
	local, domain, found := strings.Cut(address, "@")
	if !found {
		return address
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// tokensInBody finds the reply tokens in a mail's text, first one first.
func tokensInBody(text string) []string { return findTokens(tokenInBody, text) }

// tokensInAddresses finds the reply tokens in recipients' addresses.
func tokensInAddresses(addresses []Party) []string {
	var tokens []string
	for _, a := range addresses {
		tokens = append(tokens, findTokens(tokenInAddress, a.Email)...)
	}
	return tokens
}

func findTokens(pattern *regexp.Regexp, text string) []string {
	var tokens []string
	for _, match := range pattern.FindAllStringSubmatch(text, maxTokens) {
		tokens = append(tokens, strings.ToLower(match[1]))
	}
	return tokens
}
