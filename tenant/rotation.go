package tenant

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/problem"
)

// maxCredentials bounds how many are tried one after the other.
const maxCredentials = 10

// NewSecret is a client secret to add.
type NewSecret struct {
	Name      string
	Value     Secret
	ExpiresAt time.Time // zero: not known
}

// NewCertificate is a certificate to make.
type NewCertificate struct {
	Name   string
	Months int // how long it lasts; 0: a year
}

// Upload is a certificate to add from a file.
type Upload struct {
	Name     string
	File     []byte // PEM, or PKCS #12 (PFX)
	Password Secret // of a PFX
}

// AddSecret adds a client secret and tries it at Microsoft; what came of it
// stands at the credential. Administrators may.
func (s *Service) AddSecret(ctx context.Context, by access.Actor, id ID, n NewSecret) (*Credential, error) {
	c, err := newSecret(n.Name, string(n.Value), n.ExpiresAt, s.now())
	return s.addAndTry(ctx, by, id, c, err)
}

// UploadCertificate adds a certificate from a file and tries it at Microsoft;
// what came of it stands at the credential. Administrators may.
func (s *Service) UploadCertificate(ctx context.Context, by access.Actor, id ID, u Upload) (*Credential, error) {
	var c *Credential
	pair, err := readCertificate(u.File, u.Password, s.now())
	if err == nil {
		c, err = pair.credential(u.Name, s.now())
	}
	return s.addAndTry(ctx, by, id, c, err)
}

// addAndTry adds a credential that Microsoft may know already; err is why it
// could not be read.
func (s *Service) addAndTry(ctx context.Context, by access.Actor, id ID, c *Credential, err error) (*Credential, error) {
	if denied := by.MustAdminister(); denied != nil {
		return nil, denied
	}
	if err != nil {
		return nil, err
	}
	if err := s.add(ctx, by, id, c); err != nil {
		return nil, err
	}
	return s.tryAdded(ctx, by, c)
}

// tryAdded tries a credential that was saved just now. That Microsoft cannot be
// asked at the moment does not undo the saving.
func (s *Service) tryAdded(ctx context.Context, by access.Actor, c *Credential) (*Credential, error) {
	tried, err := s.Try(ctx, by, c.TenantID, c.ID)
	if err != nil {
		s.log.Warn("new credential could not be tried", "credential", c.ID, "err", err)
		return c, nil
	}
	return tried, nil
}

// MakeCertificate makes a key and its certificate. Microsoft knows it when an
// administrator has uploaded the public part (PublicPart) to the app
// registration; then it is tried. Administrators may.
func (s *Service) MakeCertificate(ctx context.Context, by access.Actor, id ID, n NewCertificate) (*Credential, error) {
	shown, err := s.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	c, err := newCertificate(n.Name, "Tandem for "+shown.Name, n.Months, s.now())
	if err != nil {
		return nil, err
	}
	return c, s.add(ctx, by, id, c)
}

func (s *Service) add(ctx context.Context, by access.Actor, id ID, c *Credential) error {
	if c.Name = strings.TrimSpace(c.Name); len([]rune(c.Name)) > maxName {
		return problem.New(problem.Invalid, "name_too_long", "The name is longer than %d characters.", maxName).
			On(problem.Yours, "Choose a shorter one.").In("name")
	}
	if c.Name == "" {
		c.Name = map[CredentialKind]string{ClientSecret: "Client secret ", Certificate: "Certificate "}[c.Kind] + c.CreatedAt.UTC().Format(time.DateOnly)
	}
	c.TenantID = id
	return s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.GetTenant(ctx, id)
		if err != nil {
			return err
		}
		all, err := tx.ListCredentials(ctx, id)
		if err != nil {
			return err
		}
		if err := mayAdd(all, c); err != nil {
			return err
		}
		if err := tx.InsertCredential(ctx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "credential.added", t, nil, c.facts())
	})
}

func mayAdd(all []*Credential, c *Credential) error {
	if i := slices.IndexFunc(all, func(old *Credential) bool { return old.Kind == c.Kind && old.Secret == c.Secret }); i >= 0 {
		return problem.New(problem.Conflict, "credential_exists", "This credential is there already, as %s.", all[i].Name).
			On(problem.Yours, "Make a new one in Entra.").With("credential", all[i].Name)
	}
	if len(all) >= maxCredentials {
		return problem.New(problem.Limit, "credentials_many", "There are %d credentials already.", len(all)).
			On(problem.Yours, "Remove those that are no longer needed.")
	}
	return nil
}

// facts are what the audit trail keeps of a credential.
func (c *Credential) facts() map[string]string {
	return map[string]string{"kind": string(c.Kind), "credential": c.Name, "hint": c.Hint, "expires_at": dayOf(c.ExpiresAt)}
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// Try asks Microsoft for a token with exactly this credential and notes the
// answer. An error means that there was none. Administrators may.
func (s *Service) Try(ctx context.Context, by access.Actor, id ID, cid CredentialID) (*Credential, error) {
	shown, c, err := s.find(ctx, by, id, cid)
	if err != nil {
		return nil, err
	}
	if err := shown.mustNameOneDirectory(); err != nil {
		return nil, err
	}
	verdict, err := s.microsoft.Try(ctx, shown.Tenant, c)
	if err != nil {
		return nil, err
	}
	if err := s.Judge(ctx, verdict); err != nil {
		return nil, err
	}
	if verdict.Problem == nil {
		if err := wakeAll(ctx, s.store, id); err != nil {
			return nil, err
		}
		s.learnExpiries(ctx, shown, c)
	}
	_, c, err = s.find(ctx, by, id, cid)
	return c, err
}

func wakeAll(ctx context.Context, store Store, id ID) error {
	return store.Update(ctx, func(tx Tx) error { return wake(ctx, tx, id) })
}

// find returns a credential with its tenant, or problem.NotFound.
func (s *Service) find(ctx context.Context, by access.Actor, id ID, cid CredentialID) (Shown, *Credential, error) {
	shown, err := s.Get(ctx, by, id)
	if err != nil {
		return shown, nil, err
	}
	c, err := pick(shown.Credentials, cid)
	return shown, c, err
}

func pick(all []*Credential, cid CredentialID) (*Credential, error) {
	i := slices.IndexFunc(all, func(c *Credential) bool { return c.ID == cid })
	if i < 0 {
		return nil, problem.New(problem.NotFound, "not_found", "There is no credential %d.", cid).
			On(problem.Yours, "It may have been removed. Go back to the tenant.")
	}
	return all[i], nil
}

// CredentialChange is what an administrator sets at a credential; nil leaves it.
type CredentialChange struct {
	Name      *string
	ExpiresAt *time.Time // of a secret; a certificate says it itself
}

// ChangeCredential names a credential, or says when it ends. Administrators may.
func (s *Service) ChangeCredential(ctx context.Context, by access.Actor, id ID, cid CredentialID, change CredentialChange) (*Credential, error) {
	var changed *Credential
	err := s.change(ctx, by, id, cid, func(tx Tx, t *Tenant, c *Credential, _ []*Credential) error {
		before := c.facts()
		if change.Name != nil && strings.TrimSpace(*change.Name) != "" {
			c.Name = strings.TrimSpace(*change.Name)
		}
		if change.ExpiresAt != nil && c.Kind == ClientSecret {
			if err := mustLieAhead(*change.ExpiresAt, s.now()); err != nil {
				return err
			}
			c.expireAt(*change.ExpiresAt)
		}
		changed = c
		if err := tx.UpdateCredential(ctx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "credential.updated", t, before, c.facts())
	})
	return changed, err
}

// expireAt sets when the credential ends; warnings begin anew.
func (c *Credential) expireAt(at time.Time) {
	if !c.ExpiresAt.Equal(at) {
		c.ExpiresAt, c.Warned = at, 0
	}
}

// RemoveCredential forgets a credential. The last one that works goes only when
// the administrator has confirmed that. Administrators may.
func (s *Service) RemoveCredential(ctx context.Context, by access.Actor, id ID, cid CredentialID, confirmed bool) error {
	return s.change(ctx, by, id, cid, func(tx Tx, t *Tenant, c *Credential, all []*Credential) error {
		if c.OnlyWorking(all, s.now()) && !confirmed {
			return problem.New(problem.Conflict, "credential_last", "No other credential of %s works. Without this one its mailboxes stand still.", t.Name).
				On(problem.Yours, "Add a new credential first, or confirm.").With("tenant", t.Name)
		}
		if err := tx.DeleteCredential(ctx, cid); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "credential.removed", t, c.facts(), nil)
	})
}

// change works on one credential while nobody else changes the tenant.
func (s *Service) change(ctx context.Context, by access.Actor, id ID, cid CredentialID, work func(Tx, *Tenant, *Credential, []*Credential) error) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.GetTenant(ctx, id)
		if err != nil {
			return err
		}
		all, err := tx.ListCredentials(ctx, id)
		if err != nil {
			return err
		}
		c, err := pick(all, cid)
		if err != nil {
			return err
		}
		return work(tx, t, c, all)
	})
}

// CertificateFormat is how the public part of a certificate is written.
type CertificateFormat string

// The formats that Entra takes.
const (
	PEM CertificateFormat = "pem"
	CER CertificateFormat = "cer" // DER
)

// PublicPart returns a certificate without its key, for upload to Entra, and a
// name for the file. Administrators may.
func (s *Service) PublicPart(ctx context.Context, by access.Actor, id ID, cid CredentialID, format CertificateFormat) (file []byte, name string, err error) {
	_, c, err := s.find(ctx, by, id, cid)
	if err != nil {
		return nil, "", err
	}
	block, _ := pem.Decode([]byte(c.Certificate))
	if block == nil {
		return nil, "", problem.New(problem.NotFound, "not_a_certificate", "%s is no certificate.", c.Name).With("credential", c.Name)
	}
	name = fmt.Sprintf("tandem-%d-%d.%s", id, cid, format)
	if format == CER {
		return bytes.Clone(block.Bytes), name, nil
	}
	return []byte(c.Certificate), name, nil
}
