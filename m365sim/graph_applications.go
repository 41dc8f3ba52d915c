package m365sim

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// getApplication reads an app registration by its object id, or by its client
// id as in applications(appId='...') (Get application).
func (g *graphAPI) getApplication(c *call) (answer, error) {
	for _, a := range g.dir.applications() {
		if objectID(a.ClientID) != strings.ToLower(c.vars["application"]) && a.ClientID != strings.ToLower(c.vars["appId"]) {
			continue
		}
		out, err := selectProperties(applicationProperties(a), c.query.selected, "application")
		if err != nil {
			return answer{}, err
		}
		out["@odata.context"] = c.contextURL("applications/$entity")
		return reply(http.StatusOK, out), nil
	}
	return answer{}, refuse(404, "Request_ResourceNotFound", "Resource '%s%s' does not exist or one of its queried reference-property objects are not present.", c.vars["application"], c.vars["appId"])
}

// objectID is that of the application, not of its service principal.
func objectID(clientID string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("application "+clientID)).String()
}

func applicationProperties(a registration) map[string]any {
	secrets, keys := []any{}, []any{}
	for _, s := range a.Secrets {
		secrets = append(secrets, passwordCredential(s))
	}
	for _, text := range a.Certificates {
		if certificate := parseCertificate(text); certificate != nil {
			keys = append(keys, keyCredential(certificate))
		}
	}
	return map[string]any{
		"id": objectID(a.ClientID), "appId": a.ClientID, "displayName": a.DisplayName, "signInAudience": "AzureADMyOrg",
		"passwordCredentials": secrets, "keyCredentials": keys,
	}
}

// passwordCredential never shows the secret itself, only its first three
// characters (passwordCredential resource type).
func passwordCredential(s Secret) map[string]any {
	return map[string]any{
		"customKeyIdentifier": nil, "displayName": nullable(s.DisplayName), "hint": s.Value[:min(3, len(s.Value))], "keyId": s.ID, "secretText": nil,
		"startDateTime": s.CreatedAt.UTC().Format(time.RFC3339), "endDateTime": s.ExpiresAt.UTC().Format(time.RFC3339),
	}
}

// keyCredential names a certificate by its thumbprint (keyCredential resource type).
func keyCredential(certificate *x509.Certificate) map[string]any {
	thumbprint := sha1.Sum(certificate.Raw)
	return map[string]any{
		"customKeyIdentifier": base64.StdEncoding.EncodeToString(thumbprint[:]), "displayName": "CN=" + certificate.Subject.CommonName,
		"keyId": uuid.NewSHA1(uuid.NameSpaceOID, certificate.Raw).String(), "key": nil, "type": "AsymmetricX509Cert", "usage": "Verify",
		"startDateTime": certificate.NotBefore.UTC().Format(time.RFC3339), "endDateTime": certificate.NotAfter.UTC().Format(time.RFC3339),
	}
}

// parseCertificate reads a certificate in PEM; nil when it is none.
func parseCertificate(text string) *x509.Certificate {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return certificate
}
