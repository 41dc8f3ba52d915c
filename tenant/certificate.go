package tenant

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"tandem/problem"
)

// Entra takes RSA keys of 2048 bits and more ("Create a self-signed public
// certificate to authenticate your application").
const keyBits = 2048

// Limits of a certificate that we make, in months.
const (
	minMonths     = 1
	maxMonths     = 24
	defaultMonths = 12
)

// KeyPair is a certificate with its private key.
type KeyPair struct {
	Certificate *x509.Certificate
	Key         *rsa.PrivateKey
}

// KeyPair reads the certificate of a credential of that kind.
func (c *Credential) KeyPair() (KeyPair, error) {
	pair, err := readPEM([]byte(c.Certificate + "\n" + string(c.Secret)))
	if err != nil {
		return KeyPair{}, fmt.Errorf("read credential %d: %w", c.ID, err)
	}
	return pair, nil
}

// newCertificate makes a key and a certificate for it, signed by itself: Entra
// knows it because an administrator uploads it, and trusts no chain.
func newCertificate(name, subject string, months int, now time.Time) (*Credential, error) {
	if months == 0 {
		months = defaultMonths
	}
	if months < minMonths || months > maxMonths {
		return nil, problem.New(problem.Invalid, "months_invalid", "A certificate lasts %d to %d months.", minMonths, maxMonths).
			On(problem.Yours, "Choose a number between.").In("months")
	}
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: subject},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, months, 0), // an hour for clocks that differ
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("read the certificate just made: %w", err)
	}
	return KeyPair{certificate, key}.credential(name, now)
}

// credential keeps the pair.
func (p KeyPair) credential(name string, now time.Time) (*Credential, error) {
	key, err := x509.MarshalPKCS8PrivateKey(p.Key)
	if err != nil {
		return nil, fmt.Errorf("encode a private key: %w", err)
	}
	thumbprint := sha1.Sum(p.Certificate.Raw) // what Entra shows, no protection
	return &Credential{
		Kind: Certificate, Name: name, Hint: strings.ToUpper(hex.EncodeToString(thumbprint[:])),
		Secret:      Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate.Raw})),
		ExpiresAt:   p.Certificate.NotAfter.UTC(), CreatedAt: now,
	}, nil
}

// readCertificate reads an uploaded file: PEM with certificate and key, or PKCS
// #12 (PFX) with its password.
func readCertificate(file []byte, password Secret, now time.Time) (KeyPair, error) {
	read := readPFX
	if bytes.Contains(file, []byte("-----BEGIN")) {
		read = func(file []byte, _ Secret) (KeyPair, error) { return readPEM(file) }
	}
	pair, err := read(file, password)
	if err != nil {
		if problem.As(err) == nil {
			err = unreadable("The file holds no certificate with a private key.").Because(err)
		}
		return KeyPair{}, err
	}
	return pair, pair.check(now)
}

func unreadable(message string) *problem.Error {
	return problem.New(problem.Invalid, "certificate_unreadable", "%s", message).
		On(problem.Yours, "Choose a PFX file and enter its password, or a PEM file with certificate and unencrypted private key.").In("file")
}

// check refuses what Entra would.
func (p KeyPair) check(now time.Time) error {
	public, ok := p.Certificate.PublicKey.(*rsa.PublicKey)
	switch {
	case !ok || !p.Key.PublicKey.Equal(public):
		return problem.New(problem.Invalid, "certificate_key_differs", "The private key in the file does not belong to the certificate.").
			On(problem.Yours, "Export the certificate together with its own key.").In("file")
	case p.Key.N.BitLen() < keyBits:
		return problem.New(problem.Invalid, "certificate_key_short", "The key has %d bits; Microsoft wants %d at least.", p.Key.N.BitLen(), keyBits).
			On(problem.Yours, "Let Tandem make a certificate, or make one with a longer key.").In("file")
	case !now.Before(p.Certificate.NotAfter):
		return problem.New(problem.Invalid, "certificate_expired", "The certificate has expired.").
			On(problem.Yours, "Make a new one.").In("file")
	}
	return nil
}

func readPFX(file []byte, password Secret) (KeyPair, error) {
	key, certificate, _, err := pkcs12.DecodeChain(file, string(password))
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return KeyPair{}, problem.New(problem.Invalid, "certificate_password", "The password does not open the file.").
			On(problem.Yours, "Enter the password with which the file was exported.").In("password")
	}
	if err != nil {
		return KeyPair{}, err
	}
	return pairOf(certificate, key)
}

// readPEM takes the first certificate and the first private key of a text.
func readPEM(text []byte) (KeyPair, error) {
	var certificate *x509.Certificate
	var key any
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		var err error
		switch {
		case block.Type == "CERTIFICATE" && certificate == nil:
			certificate, err = x509.ParseCertificate(block.Bytes)
		case block.Type == "PRIVATE KEY" && key == nil:
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case block.Type == "RSA PRIVATE KEY" && key == nil && block.Headers["DEK-Info"] == "":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		}
		if err != nil {
			return KeyPair{}, err
		}
	}
	return pairOf(certificate, key)
}

func pairOf(certificate *x509.Certificate, key any) (KeyPair, error) {
	if certificate == nil || key == nil {
		return KeyPair{}, unreadable("The file lacks the certificate or its private key.")
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return KeyPair{}, problem.New(problem.Invalid, "certificate_not_rsa", "The key is not an RSA key.").
			On(problem.Yours, "Microsoft takes RSA keys only. Let Tandem make a certificate.").In("file")
	}
	return KeyPair{certificate, private}, nil
}
