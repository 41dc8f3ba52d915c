package smtp_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"tandem/smtp"
)

// What is found out about the sender stands on top of the mail, and nobody
// else speaks in our name.
func TestAuthenticationResults(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var signed bytes.Buffer
	err = dkim.Sign(&signed, strings.NewReader(letter+"\r\n"), &dkim.SignOptions{Domain: "customer.example", Selector: "s1", Signer: private})
	if err != nil {
		t.Fatal(err)
	}
	raw := strings.TrimSuffix(signed.String(), "\r\n")
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	upstream := "Authentication-Results: mx.contoso.example; spf=pass smtp.mailfrom=customer.example;\r\n" +
		"\tdkim=fail header.d=customer.example; dmarc=pass header.from=customer.example\r\n"
	for name, test := range map[string]struct {
		raw  string
		dns  map[string]string
		want string // the whole field
	}{
		"signed": {
			raw, map[string]string{"s1._domainkey.customer.example": record},
			"in.example;\r\n\tdkim=pass header.d=customer.example header.i=@customer.example\r\n",
		},
		"signed and changed": {
			strings.Replace(raw, "It burns", "It works", 1), map[string]string{"s1._domainkey.customer.example": record},
			"in.example;\r\n\tdkim=fail header.d=customer.example header.i=@customer.example\r\n",
		},
		"key not found":       {raw, nil, "in.example;\r\n\tdkim=permerror header.d=customer.example header.i=@customer.example\r\n"},
		"not signed":          {letter, nil, "in.example;\r\n\tdkim=none\r\n"},
		"trusted before us":   {upstream + letter, nil, "in.example;\r\n\tdkim=none;\r\n\tspf=pass smtp.mailfrom=customer.example;\r\n\tdmarc=pass header.from=customer.example\r\n"},
		"a stranger's word":   {strings.Replace(upstream, "mx.contoso", "mx.stranger", 1) + letter, nil, "in.example;\r\n\tdkim=none\r\n"},
		"in our name":         {"Authentication-Results: IN.example; dmarc=pass\r\n header.from=bank.example\r\n" + letter, nil, "in.example;\r\n\tdkim=none\r\n"},
		"topmost one counts":  {upstream + strings.Replace(upstream, "spf=pass", "spf=fail", 1) + letter, nil, "in.example;\r\n\tdkim=none;\r\n\tspf=pass smtp.mailfrom=customer.example;\r\n\tdmarc=pass header.from=customer.example\r\n"},
		"header without end":  {"Subject: x\r\nX-Long: " + strings.Repeat("y\r\n ", 100_000), nil, "in.example;\r\n\tdkim=neutral reason=\"the header is too long\"\r\n"},
		"header that is none": {"\r\nNothing", nil, "in.example;\r\n\tdkim=none\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &house{}
			at, _ := serve(t, h, smtp.Options{
				TrustedIDs: []string{"mx.contoso.example"},
				LookupTXT: func(_ context.Context, name string) ([]string, error) {
					if txt := test.dns[name]; txt != "" {
						return []string{txt}, nil
					}
					return nil, &net.DNSError{Name: name, IsNotFound: true}
				},
			})
			if answer := greeted(t, at).mail(test.raw); !strings.HasPrefix(answer, "250") {
				t.Fatalf("the answer is %q", answer)
			}
			kept := h.kept()[0].raw
			_, got, _ := strings.Cut(kept, "\r\nAuthentication-Results: ")
			if !strings.HasPrefix(got, test.want) {
				t.Errorf("the field is\n%.300q\nwant\n%q", got, test.want)
			}
			if strings.Contains(kept, "bank.example") {
				t.Errorf("somebody else's word in our name is still there:\n%s", kept)
			}
		})
	}
}

// What a peer says of itself becomes no field of its own.
func TestHelloCannotAddFields(t *testing.T) {
	t.Parallel()
	h := &house{}
	at, _ := serve(t, h, smtp.Options{})
	p := dial(t, at)
	p.want("220")
	p.say("EHLO evil\rX-Injected: yes")
	p.answer()
	p.say("EHLO evil.example")
	p.want("250")
	if answer := p.mail(letter); !strings.HasPrefix(answer, "250") {
		t.Fatalf("the answer is %q", answer)
	}
	if raw := h.kept()[0].raw; strings.Contains(raw, "\nX-Injected") || strings.Contains(raw, "\rX-Injected") {
		t.Errorf("a field was injected:\n%q", raw)
	}
}
