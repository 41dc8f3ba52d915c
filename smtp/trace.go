package smtp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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
func (s *Server) trace(ctx context.Context, e email.Envelope, mail *spool) (io.Reader, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", oneLine(e.From))
	protocol := "ESMTP"
	if e.TLS {
		protocol = "ESMTPS" // RFC 3848
	}
	fmt.Fprintf(&b, "Received: from %s (%s)\r\n\tby %s with %s; %s\r\n",
		oneLine(e.Hello), literal(e.Peer), s.opts.Domain, protocol, e.ReceivedAt.Format(time.RFC1123Z))
	results, err := s.authenticate(ctx, mail)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "Authentication-Results: %s\r\n", strings.ReplaceAll(authres.Format(s.opts.Domain, results), "; ", ";\r\n\t"))
	return &b, nil
}

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
	}, s[:min(len(s), 512)])
}

// authenticate verifies the signatures of a mail and adds what trusted mail
// systems before us found.
func (s *Server) authenticate(ctx context.Context, mail *spool) ([]authres.Result, error) {
	header, whole := mail.header()
	if !whole {
		return []authres.Result{&authres.DKIMResult{Value: authres.ResultNeutral, Reason: "the header is too long"}}, nil
	}
	results, err := s.verifySignatures(ctx, mail)
	if err != nil {
		return nil, err
	}
	return append(results, s.trusted(header)...), nil
}

// verifySignatures verifies the DKIM signatures (RFC 6376).
func (s *Server) verifySignatures(ctx context.Context, mail *spool) ([]authres.Result, error) {
	found, err := dkim.VerifyWithOptions(mail.reader(), &dkim.VerifyOptions{
		MaxVerifications: maxSignatures,
		LookupTXT: func(name string) ([]string, error) {
			ctx, cancel := context.WithTimeout(ctx, lookupWithin)
			defer cancel()
			return s.opts.LookupTXT(ctx, name)
		},
	})
	var unreadable interface{ Timeout() bool }
	switch {
	case errors.As(err, &unreadable): // our own spool
		return nil, err
	case err != nil && !errors.Is(err, dkim.ErrTooManySignatures):
		return []authres.Result{&authres.DKIMResult{Value: authres.ResultPermError, Reason: "the mail cannot be read"}}, nil
	case len(found) == 0:
		return []authres.Result{&authres.DKIMResult{Value: authres.ResultNone}}, nil
	}
	results := make([]authres.Result, len(found))
	for i, v := range found {
		results[i] = &authres.DKIMResult{Value: dkimValue(v.Err), Domain: v.Domain, Identifier: v.Identifier}
	}
	return results, nil
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
	unfolded := strings.NewReplacer("\r\n\t", " ", "\r\n ", " ").Replace(string(header))
	for line := range strings.Lines(unfolded) {
		field, value, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.TrimSpace(field), name) {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
}
