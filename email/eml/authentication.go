package eml

import "strings"

// Authentication is what the server that received a mail found out about who
// sent it: one Authentication-Results field (RFC 8601).
type Authentication struct {
	Server  string // authserv-id of who judged; empty in Exchange Online's form, which leaves it out
	Results []AuthenticationResult
}

// AuthenticationResult is what one method found.
type AuthenticationResult struct {
	Method string // "spf", "dkim", "dmarc", "compauth", in lower case
	Result string // "pass", "fail", "softfail", "none", in lower case
	Domain string // that was judged: smtp.mailfrom, header.d or header.from; empty when it is not said
}

// Verdict is what the results amount to.
type Verdict string

// The verdicts.
const (
	Authentic Verdict = "pass" // the domain in From vouches for the mail
	Forged    Verdict = "fail" // it disowns the mail
	Unjudged  Verdict = "none" // it says nothing, or nobody looked
)

// Bounds of what is read of one field.
const (
	mostResults   = 50
	longestResult = 16 << 10
)

// AuthenticationOf reads the topmost Authentication-Results of a mail; false
// when there is none. Every server that handles a mail puts its fields on top
// (RFC 8601 section 5): the topmost was written by the side that received the
// mail for us, and those below may come from the sender.
func AuthenticationOf(h Header) (Authentication, bool) {
	value := h.Get("Authentication-Results")
	return ParseAuthentication(value), value != ""
}

// ParseAuthentication reads one field. What cannot be read is left out.
func ParseAuthentication(value string) Authentication {
	var a Authentication
	for i, statement := range splitStatements(value[:min(len(value), longestResult)]) {
		words := strings.Fields(statement)
		switch {
		case len(words) == 0:
		case i == 0 && !strings.Contains(words[0], "="):
			a.Server = strings.ToLower(words[0])
		case len(a.Results) < mostResults:
			if r, ok := readResult(words); ok {
				a.Results = append(a.Results, r)
			}
		}
	}
	return a
}

// splitStatements cuts at semicolons, and leaves comments out. What stands in
// quotes is no syntax.
func splitStatements(s string) []string {
	var statements []string
	var statement strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
		case quoted:
			quoted = c != '"'
			statement.WriteByte(c)
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '"':
			quoted = true
			statement.WriteByte(c)
		case c == ';':
			statements = append(statements, statement.String())
			statement.Reset()
		default:
			statement.WriteByte(c)
		}
	}
	return append(statements, statement.String())
}

// readResult reads "dkim=pass header.d=contoso.com".
func readResult(words []string) (AuthenticationResult, bool) {
	method, result, ok := strings.Cut(strings.ToLower(words[0]), "=")
	method, _, _ = strings.Cut(method, "/") // a version
	r := AuthenticationResult{Method: method, Result: strings.Trim(result, `"`)}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(strings.ToLower(word), "=")
		switch name {
		case "smtp.mailfrom", "header.d", "header.from", "header.i":
			value = strings.Trim(value, `"<>`)
			if domain := value[strings.LastIndexByte(value, '@')+1:]; r.Domain == "" {
				r.Domain = domain
			}
		}
	}
	return r, ok && r.Method != "" && r.Result != ""
}

// results are what a method found, once or more: a mail may bear several signatures.
func (a Authentication) results(method string) []AuthenticationResult {
	var found []AuthenticationResult
	for _, r := range a.Results {
		if r.Method == method {
			found = append(found, r)
		}
	}
	return found
}

// Judge says whether the domain that stands in From vouches for the mail, and
// by which result.
//
// DMARC has the last word (RFC 7489), but for Microsoft's composite
// authentication: it lets mail pass that a trusted forwarder has altered
// (Microsoft: "Anti-spam message headers"). Without DMARC a mail is disowned
// when SPF and DKIM were both there and both failed; one of them alone is what
// honest forwarding does.
func (a Authentication) Judge(from string) (Verdict, string) {
	spf, dkim := a.outcome("spf", from), a.outcome("dkim", from)
	switch dmarc := a.outcome("dmarc", ""); {
	case dmarc == "pass" || dmarc == "bestguesspass":
		return Authentic, "dmarc=" + dmarc
	case dmarc == "fail" && a.outcome("compauth", "") == "pass":
		return Unjudged, "dmarc=fail compauth=pass"
	case dmarc == "fail":
		return Forged, "dmarc=fail"
	case spf == "pass" || dkim == "pass":
		return Authentic, "spf=" + spf + " dkim=" + dkim
	case (spf == "fail" || spf == "softfail") && dkim == "fail":
		return Forged, "spf=" + spf + " dkim=fail"
	}
	return Unjudged, "spf=" + spf + " dkim=" + dkim
}

// outcome sums up what a method found for a domain; empty: for any. One pass
// is enough; a pass for somebody else's domain counts for nothing.
func (a Authentication) outcome(method, domain string) string {
	sum := "none"
	for _, r := range a.results(method) {
		switch {
		case r.Result == "pass" && !aligned(r.Domain, domain):
		case r.Result == "pass":
			return "pass"
		case sum == "none":
			sum = r.Result
		}
	}
	return sum
}

// aligned tells whether two domains belong to one organisation, as far as that
// can be seen from the names: one contains the other (RFC 7489 section 3.1).
func aligned(judged, from string) bool {
	return from == "" || judged == from || strings.HasSuffix(judged, "."+from) || strings.HasSuffix(from, "."+judged) && strings.Contains(judged, ".")
}
