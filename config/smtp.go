package config

import (
	"fmt"
	"net/url"
	"strings"
)

// SMTP is how mail comes by forwarding, and how replies to it leave.
type SMTP struct {
	Listen       string   `key:"listen" env:"TANDEM_SMTP" doc:"Address and port at which forwarded mail is taken in, such as :25. Empty: no mail is taken in by SMTP."`
	Domain       string   `key:"domain" doc:"Domain of the forwarding addresses; its MX record names this machine. Empty: the host of public_url."`
	TLSCert      string   `key:"tls_cert" doc:"Certificate (PEM) for STARTTLS, read again when it was renewed. Empty: Tandem makes one of its own."`
	TLSKey       string   `key:"tls_key" doc:"Private key (PEM) of tls_cert."`
	MaxMegabytes int      `key:"max_megabytes" doc:"Largest mail that is taken in."`
	TrustedIDs   []string `key:"trusted_authserv_ids" doc:"Names (authserv-id) under which your mail system writes Authentication-Results. Its results for SPF and DMARC are then believed."`
	Resolver     string   `key:"resolver" doc:"DNS server for DKIM keys, such as 192.0.2.53:53. Empty: that of the machine."`
	RelayURL     Secret   `key:"relay_url" doc:"SMTP relay through which replies of forwarded addresses leave: smtp://user:password@host:587 with STARTTLS,\nor smtps://user:password@host:465. Empty: such replies wait."`
	RelayURLFile string   `key:"relay_url_file" doc:"File to read relay_url from."`
}

// ForwardingDomain is the domain of the forwarding addresses, with the default
// filled in; empty when no mail is taken in by SMTP.
func (c *Config) ForwardingDomain() string {
	if c.SMTP.Listen == "" {
		return ""
	}
	if c.SMTP.Domain != "" {
		return strings.ToLower(c.SMTP.Domain)
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// validate checks what can be checked without looking outside.
func (s SMTP) validate(c *Config, check func(key string, fine bool, what, remedy string)) {
	check("smtp.listen", s.Listen == "" || isAddress(s.Listen), fmt.Sprintf("%q is not an address with a port.", s.Listen), "Write it like :25 or 127.0.0.1:2525.")
	check("smtp.domain", s.Listen == "" || isMailDomain(c.ForwardingDomain()), "There is no domain for forwarding addresses.",
		"Write the domain whose MX record names this machine, like in.example.com.")
	check("smtp.tls_key", (s.TLSCert == "") == (s.TLSKey == ""), "A certificate and its private key come together.", "Set both smtp.tls_cert and smtp.tls_key, or none.")
	check("smtp.max_megabytes", s.MaxMegabytes >= 1 && s.MaxMegabytes <= 1000, fmt.Sprintf("%d is not a sensible size.", s.MaxMegabytes), "Write a number from 1 to 1000.")
	check("smtp.resolver", s.Resolver == "" || isAddress(s.Resolver), fmt.Sprintf("%q is not an address with a port.", s.Resolver), "Write it like 192.0.2.53:53.")
	check("smtp.relay_url", s.RelayURL == "" || isRelay(s.RelayURL.Reveal()), "This is not the address of an SMTP relay.",
		"Write it like smtp://user:password@relay.example.com:587; signs in the password that mean something in an address are written as %40 and so on.")
}

func isMailDomain(s string) bool {
	return s != "" && !strings.ContainsAny(s, "@/:+ ")
}

func isRelay(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "smtp" || u.Scheme == "smtps") && u.Hostname() != ""
}
