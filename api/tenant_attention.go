package api

import (
	"time"

	"tandem/problem"
	"tandem/tenant"
)

// attentionToTenant says what is wrong with a tenant, and which of its
// credentials come to their end.
func attentionToTenant(t tenant.Shown, now time.Time) []Attention {
	page := "/admin/tenants/" + idText(t.ID)
	var list []Attention
	if t.Trouble.Is() {
		list = append(list, Attention{
			Code: t.Trouble.Code, Severity: "error", Message: t.Trouble.Message, Remedy: t.Trouble.Remedy, Side: side(t.Trouble.Side),
			Link: page, Args: map[string]string{"tenant": t.Name},
		})
	}
	for _, c := range t.Credentials {
		if a := attentionToCredential(c, c.Successor(t.Credentials, now), now); a != nil {
			a.Side, a.Link = string(problem.Admin), page
			a.Args = map[string]string{"tenant": t.Name, "credential": c.Name}
			list = append(list, *a)
		}
	}
	return list
}

// attentionToCredential is nil when all is well. A credential that another one
// outlives is only to be tidied up.
func attentionToCredential(c, successor *tenant.Credential, now time.Time) *Attention {
	days, _ := c.DaysLeft(now)
	switch state := c.State(now); {
	case (state == tenant.Refused || state == tenant.Expired) && successor != nil:
		return &Attention{
			Code: "credential_useless", Severity: "info", Message: "Microsoft does not accept the credential " + c.Name + ".",
			Remedy: "Another one is used instead. Remove this one.",
		}
	case state == tenant.Expired:
		return &Attention{
			Code: "credential_expired", Severity: "error", Message: "The credential " + c.Name + " has expired.",
			Remedy: "Make a new one in Entra and add it.",
		}
	case state == tenant.Refused || c.Threshold(now) == 0:
		return nil // its refusal is the tenant's trouble
	case successor != nil:
		return &Attention{
			Code: "credential_expires_succeeded", Severity: "info", Count: days, Message: "The credential " + c.Name + " expires soon.",
			Remedy: "Another one takes over by itself. Remove this one then.",
		}
	case c.Threshold(now) <= 7:
		return &Attention{Code: "credential_expires", Severity: "error", Count: days, Message: expiresSoon(c), Remedy: addANewOne}
	}
	return &Attention{Code: "credential_expires", Severity: "warning", Count: days, Message: expiresSoon(c), Remedy: addANewOne}
}

const addANewOne = "Make a new one in Entra and add it. It takes over without a pause; then remove this one."

func expiresSoon(c *tenant.Credential) string {
	return "The credential " + c.Name + " expires on " + c.ExpiresAt.UTC().Format("2 January 2006") + "."
}
