package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/tenant"
)

func (s *server) credentialRoutes() {
	const tag, at = "microsoft tenants", "/microsoft_tenants/{id}/credentials"
	route(s, op{on: "POST " + at, id: "add_credential", says: "Add a client secret, or make or upload a certificate; what Microsoft knows already is tried at once", tag: tag, may: admins, status: http.StatusCreated}, s.addCredential)
	route(s, op{on: "PUT " + at + "/{cid}", id: "update_credential", says: "Name a credential, or say when it expires", tag: tag, may: admins}, s.updateCredential)
	route(s, op{on: "DELETE " + at + "/{cid}", id: "delete_credential", says: "Forget a credential; the last one that works only with confirm", tag: tag, may: admins}, s.deleteCredential)
	route(s, op{on: "POST " + at + "/{cid}/try", id: "try_credential", says: "Ask Microsoft for a token with exactly this credential", tag: tag, may: admins}, s.tryCredential)
	route(s, op{on: "GET " + at + "/{cid}/certificate", id: "show_certificate", says: "The public part of a certificate, for upload to Entra", tag: tag, may: admins, media: "application/pkix-cert"}, s.showCertificate)
}

// Credential is a credential as the API shows it: never its secret.
type Credential struct {
	ID         int64          `json:"id"`
	Kind       string         `json:"kind" enum:"secret,certificate"`
	Name       string         `json:"name"`
	Hint       string         `json:"hint" doc:"First characters of a secret, or the thumbprint of a certificate"`
	State      string         `json:"state" enum:"working,untried,expired,refused"`
	ExpiresAt  stamp          `json:"expires_at" doc:"null: nobody has said"`
	DaysLeft   *int           `json:"days_left" doc:"Whole days; negative when it has expired"`
	TriedAt    stamp          `json:"tried_at" doc:"When Microsoft last judged it"`
	AcceptedAt stamp          `json:"accepted_at" doc:"When Microsoft last accepted it"`
	Error      maybe[Trouble] `json:"error" doc:"Why Microsoft last refused it"`
	CreatedAt  instant        `json:"created_at"`
}

func encodeCredential(c *tenant.Credential, now time.Time) Credential {
	out := Credential{
		ID: int64(c.ID), Kind: string(c.Kind), Name: c.Name, Hint: c.Hint, State: string(c.State(now)), ExpiresAt: stamp(c.ExpiresAt),
		TriedAt: stamp(c.TriedAt), AcceptedAt: stamp(c.AcceptedAt), Error: encodeRefusal(c.Trouble), CreatedAt: instant(c.CreatedAt),
	}
	if days, known := c.DaysLeft(now); known {
		out.DaysLeft = &days
	}
	return out
}

// CredentialPath names a credential of a tenant.
type CredentialPath struct {
	TenantPath
	CID int64 `path:"cid"`
}

func (in CredentialPath) cid() tenant.CredentialID { return tenant.CredentialID(in.CID) }

type credentialOut struct {
	Body struct {
		Credential Credential `json:"credential"`
	}
}

func (s *server) shownCredential(c *tenant.Credential, err error) (*credentialOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(credentialOut)
	out.Body.Credential = encodeCredential(c, s.now())
	return out, nil
}

// NewCredentialBody is a credential to add. A client secret needs secret; a
// certificate is made when there is no file, and read from it otherwise.
type NewCredentialBody struct {
	Kind      string     `json:"kind" enum:"secret,certificate"`
	Name      string     `json:"name,omitempty" maxLength:"200"`
	Secret    string     `json:"secret,omitempty" maxLength:"4000" doc:"Value of the client secret, not its id"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Of a secret; absent: not known"`
	Months    int        `json:"months,omitempty" doc:"How long a certificate lasts that is made; absent: 12"`
	File      []byte     `json:"file,omitempty" doc:"Certificate with private key, PEM or PKCS #12 (PFX), in base64"`
	Password  string     `json:"password,omitempty" maxLength:"1000" doc:"Of a PFX"`
}

type addCredentialIn struct {
	TenantPath
	Body struct {
		Credential NewCredentialBody `json:"credential"`
	}
}

func (s *server) addCredential(ctx context.Context, by access.Actor, in *addCredentialIn) (*credentialOut, error) {
	b := in.Body.Credential
	switch {
	case b.Kind == string(tenant.ClientSecret):
		return s.shownCredential(s.tenants.AddSecret(ctx, by, in.id(), tenant.NewSecret{
			Name: b.Name, Value: tenant.Secret(b.Secret), ExpiresAt: value(b.ExpiresAt),
		}))
	case len(b.File) > 0:
		return s.shownCredential(s.tenants.UploadCertificate(ctx, by, in.id(), tenant.Upload{
			Name: b.Name, File: b.File, Password: tenant.Secret(b.Password),
		}))
	}
	return s.shownCredential(s.tenants.MakeCertificate(ctx, by, in.id(), tenant.NewCertificate{Name: b.Name, Months: b.Months}))
}

// CredentialChangeBody is what an administrator sets at a credential; what is absent stays.
type CredentialChangeBody struct {
	Name      *string             `json:"name,omitempty" maxLength:"200"`
	ExpiresAt optional[time.Time] `json:"expires_at,omitzero" doc:"Of a secret; null: not known"`
}

type updateCredentialIn struct {
	CredentialPath
	Body struct {
		Credential CredentialChangeBody `json:"credential"`
	}
}

func (s *server) updateCredential(ctx context.Context, by access.Actor, in *updateCredentialIn) (*credentialOut, error) {
	b := in.Body.Credential
	return s.shownCredential(s.tenants.ChangeCredential(ctx, by, in.id(), in.cid(), tenant.CredentialChange{
		Name: b.Name, ExpiresAt: b.ExpiresAt.pointer(),
	}))
}

type deleteCredentialIn struct {
	CredentialPath
	Confirm bool `query:"confirm" doc:"Forget it even if no other credential works"`
}

func (s *server) deleteCredential(ctx context.Context, by access.Actor, in *deleteCredentialIn) (*none, error) {
	return nil, s.tenants.RemoveCredential(ctx, by, in.id(), in.cid(), in.Confirm)
}

// tryCredential succeeds also when Microsoft refuses the credential: then that
// is what was asked for, and stands in the answer.
func (s *server) tryCredential(ctx context.Context, by access.Actor, in *CredentialPath) (*credentialOut, error) {
	return s.shownCredential(s.tenants.Try(ctx, by, in.id(), in.cid()))
}

type certificateIn struct {
	CredentialPath
	Format string `query:"format" enum:"pem,cer" default:"cer"`
}

func (s *server) showCertificate(ctx context.Context, by access.Actor, in *certificateIn) (*huma.StreamResponse, error) {
	file, name, err := s.tenants.PublicPart(ctx, by, in.id(), in.cid(), tenant.CertificateFormat(in.Format))
	if err != nil {
		return nil, err
	}
	media := "application/pkix-cert"
	if in.Format == string(tenant.PEM) {
		media = "application/x-pem-file"
	}
	return &huma.StreamResponse{Body: func(w huma.Context) {
		w.SetHeader("Content-Type", media)
		w.SetHeader("Content-Disposition", fileDisposition("attachment", name))
		w.SetHeader("Content-Security-Policy", filePolicy)
		_, _ = w.BodyWriter().Write(file) // the browser may be gone
	}}, nil
}
