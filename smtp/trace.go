package smtp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"

	"tandem/email"
)

// maxSignatures is how many DKIM signatures of one mail are verified; each
// costs a question to the DNS.
const maxSignatures = 5

// lookupWithin bounds one question to the DNS.
const lookupWithin = 10 * time.Second

// trace is what goes on top of a mail: where it came from (RFC 5321 section
// 4.4) and what was found out about its sender (RFC 8601).
func (s *Server) trace(ctx context.Context, e email.Envelope, mail *spool) io.Reader {
	protocol := "ESMTP"
	if e.TLS {
		protocol = "ESMTPS" // RFC 3848
	}
	results := strings.TrimSpace(oneLine(authres.Format(s.opts.Domain, s.authenticate(ctx, mail))))
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", oneLine(e.From))
	fmt.Fprintf(&b, "Received: from %s (%s)\r\n\tby %s with %s; %s\r\n",
		oneLine(e.Hello), literal(e.Peer), s.opts.Domain, protocol, e.ReceivedAt.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Authentication-Results: %s\r\n", folds.Replace(results))
	return &b
}

// folds puts each result on a line of its own.
var folds = strings.NewReplacer(" ; ", ";\r\n\t", "; ", ";\r\n\t")

// literal writes a network address as a domain literal (RFC 5321 section 4.1.3).
func literal(peer string) string {
	if strings.Contains(peer, ":") {
		return "[IPv6:" + peer + "]"
	}
	return "[" + peer + "]"
}

// oneLine keeps what a peer says about itself from becoming a header field.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// isOurs recognises a field that claims to be our own finding: whoever wrote it
// is not us (RFC 8601 section 5).
func (s *Server) isOurs(name, value string) bool {
	if !strings.EqualFold(name, "Authentication-Results") {
		return false
	}
	id, _, _ := strings.Cut(value, ";")
	words := strings.Fields(id)
	return len(words) > 0 && strings.EqualFold(words[0], s.opts.Domain)
}

// authenticate verifies the signatures of a mail and adds what trusted mail
// systems before us found.
func (s *Server) authenticate(ctx context.Context, mail *spool) []authres.Result {
	header, whole := mail.header()
	if !whole {
		return []authres.Result{&authres.DKIMResult{Value: authres.ResultNeutral, Reason: "the header is too long"}}
	}
	return append(s.verifySignatures(ctx, mail), s.trusted(header)...)
}

// verifySignatures verifies the DKIM signatures (RFC 6376).
func (s *Server) verifySignatures(ctx context.Context, mail *spool) []authres.Result {
	found, err := dkim.VerifyWithOptions(mail.reader(), &dkim.VerifyOptions{
		MaxVerifications: maxSignatures,
		LookupTXT: func(name string) ([]string, error) {
			ctx, cancel := context.WithTimeout(ctx, lookupWithin)
			defer cancel()
			return s.opts.LookupTXT(ctx, name)
		},
	})
	switch {
	case err != nil && !errors.Is(err, dkim.ErrTooManySignatures):
		return []authres.Result{&authres.DKIMResult{Value: authres.ResultPermError, Reason: "the mail cannot be read"}}
	case len(found) == 0:
		return []authres.Result{&authres.DKIMResult{Value: authres.ResultNone}}
	}
	results := make([]authres.Result, len(found))
	for i, v := range found {
		results[i] = &authres.DKIMResult{Value: dkimValue(v.Err), Domain: v.Domain, Identifier: v.Identifier}
	}
	return results
}

// dkimValue is the result of a signature (RFC 8601 section 2.7.1).
func dkimValue(err error) authres.ResultValue {
	switch {
	case err == nil:
		return authres.ResultPass
	case dkim.IsTempFail(err):
		return authres.ResultTempError
	case dkim.IsPermFail(err):
		return authres.ResultPermError
	}
	return authres.ResultFail
}

// trusted takes over the results for SPF and DMARC, which only the first mail
// system of the receiver can judge, from the topmost field of a trusted one.
// What it says about DKIM we have seen for ourselves.
func (s *Server) trusted(header []byte) []authres.Result {
	for _, field := range fields(header, "Authentication-Results") {
		id, results, err := authres.Parse(field)
		if err != nil || !slices.ContainsFunc(s.opts.TrustedIDs, func(t string) bool { return strings.EqualFold(t, id) }) {
			continue
		}
		return slices.DeleteFunc(results, func(r authres.Result) bool {
			switch r.(type) {
			case *authres.SPFResult, *authres.DMARCResult:
				return false
			}
			return true
		})
	}
	return nil
}

// fields returns the unfolded values of the header fields with a name, topmost first.
func fields(header []byte, name string) []string {
	var values []string
	for raw := range rawFields(header) {
		if n, value := splitField(raw); strings.EqualFold(n, name) {
			values = append(values, value)
		}
	}
	return values
}

// rawFields goes through the fields of a header, each with its folds and the
// end of its last line.
func rawFields(header []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for start := 0; start < len(header); {
			end := start
			for {
				line := bytes.IndexByte(header[end:], '\n')
				if line < 0 {
					end = len(header)
					break
				}
				end += line + 1
				if end == len(header) || header[end] != ' ' && header[end] != '\t' {
					break
				}
			}
			if !yield(header[start:end]) {
				return
			}
			start = end
		}
	}
}

// splitField is the name and the unfolded value of a field.
func splitField(raw []byte) (name, value string) {
	name, value, _ = strings.Cut(string(raw), ":")
	value = strings.NewReplacer("\r", "", "\n", "").Replace(value)
	return strings.TrimSpace(name), strings.TrimSpace(value)
}
