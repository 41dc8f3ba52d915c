package m365

import (
	"context"
	"time"

	"tandem/graph"
	"tandem/tenant"
)

// SecretExpiries reads from the app registration when its secrets end. Secrets
// that begin with the same characters cannot be told apart; they are left out.
func (d *Directory) SecretExpiries(ctx context.Context, t *tenant.Tenant, c *tenant.Credential) (map[string]time.Time, error) {
	entra, err := d.entraOf(t, c)
	if err != nil {
		return nil, err
	}
	client, err := graph.New(d.endpoints, graph.NewAppOnly(entra), graph.Options{HTTPClient: d.http, Log: d.log, UserAgent: userAgent})
	if err != nil {
		return nil, err
	}
	app, err := client.Application(ctx, t.ClientID)
	if err != nil {
		return nil, translate(err)
	}
	return endsByHint(app.Passwords), nil
}

func endsByHint(secrets []graph.PasswordCredential) map[string]time.Time {
	ends := make(map[string]time.Time)
	seen := make(map[string]int)
	for _, s := range secrets {
		seen[s.Hint]++
		ends[s.Hint] = s.End
	}
	for hint, n := range seen {
		if hint == "" || n > 1 {
			delete(ends, hint)
		}
	}
	return ends
}
