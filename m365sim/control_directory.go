package m365sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (s *Server) controlListApplications(w http.ResponseWriter, r *http.Request) error {
	list := []any{}
	for _, a := range s.dir.applications() {
		list = append(list, s.showApplication(a))
	}
	writeJSON(w, http.StatusOK, map[string]any{"applications": list})
	return nil
}

func (s *Server) showApplication(a registration) map[string]any {
	secrets := a.Secrets
	if secrets == nil {
		secrets = []Secret{}
	}
	return map[string]any{
		"client_id": a.ClientID, "tenant_id": s.dir.organisation().ID, "display_name": a.DisplayName, "redirect_uris": a.RedirectURIs,
		"secrets": secrets, "certificates": len(a.Certificates), "permissions": a.Delegated, "application_permissions": a.Roles,
		"application_permissions_granted": a.RolesGranted, "access_policy": a.Policy, "disabled": a.Disabled, "public": a.Public,
	}
}

// changeApplication changes the registration a request names and shows it.
func (s *Server) changeApplication(w http.ResponseWriter, r *http.Request, change func(*registration)) error {
	a, ok := s.dir.application(r.PathValue("client"))
	if !ok {
		return absent("There is no application %s.", r.PathValue("client"))
	}
	if err := s.dir.changeApplication(a.ClientID, change); err != nil {
		return err
	}
	a, _ = s.dir.application(a.ClientID)
	writeJSON(w, http.StatusOK, s.showApplication(a))
	return nil
}

func (s *Server) controlChangeApplication(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		RedirectURIs *[]string `json:"redirect_uris"`
		Delegated    *[]string `json:"permissions"`
		Roles        *[]string `json:"application_permissions"`
		RolesGranted *bool     `json:"application_permissions_granted"`
		Disabled     *bool     `json:"disabled"`
		Public       *bool     `json:"public"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	return s.changeApplication(w, r, func(a *registration) {
		assign(&a.RedirectURIs, in.RedirectURIs)
		assign(&a.Delegated, in.Delegated)
		assign(&a.Roles, in.Roles)
		assign(&a.RolesGranted, in.RolesGranted)
		assign(&a.Disabled, in.Disabled)
		assign(&a.Public, in.Public)
	})
}

func (s *Server) controlAddSecret(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Value     string     `json:"value"`
		ExpiresAt *time.Time `json:"expires_at"`
		ExpiresIn string     `json:"expires_in"`
	}
	if r.ContentLength != 0 {
		if err := readControl(r, &in); err != nil {
			return err
		}
	}
	a, ok := s.dir.application(r.PathValue("client"))
	if !ok {
		return absent("There is no application %s.", r.PathValue("client"))
	}
	secret := Secret{Value: in.Value, ExpiresAt: s.clock.now().AddDate(0, 6, 0)}
	if in.ExpiresIn != "" {
		d, err := time.ParseDuration(in.ExpiresIn)
		if err != nil {
			return invalid("expires_in is a duration such as \"720h\".")
		}
		secret.ExpiresAt = s.clock.now().Add(d)
	}
	assign(&secret.ExpiresAt, in.ExpiresAt)
	secret, err := s.dir.addSecret(a.ClientID, secret)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, secret)
	return nil
}

func (s *Server) controlRemoveSecret(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("secret")
	return s.changeApplication(w, r, func(a *registration) {
		a.Secrets = slices.DeleteFunc(slices.Clone(a.Secrets), func(secret Secret) bool { return secret.ID == name || secret.Value == name })
	})
}

func (s *Server) controlAddCertificate(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		PEM string `json:"pem"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	if !strings.Contains(in.PEM, "BEGIN CERTIFICATE") {
		return invalid("pem is a certificate in PEM.")
	}
	return s.changeApplication(w, r, func(a *registration) { a.Certificates = append(slices.Clone(a.Certificates), in.PEM) })
}

func (s *Server) controlSetPolicy(w http.ResponseWriter, r *http.Request) error {
	var in accessPolicy
	if err := readControl(r, &in); err != nil {
		return err
	}
	return s.changeApplication(w, r, func(a *registration) { a.Policy = &in })
}

func (s *Server) controlRemovePolicy(w http.ResponseWriter, r *http.Request) error {
	return s.changeApplication(w, r, func(a *registration) { a.Policy = nil })
}

// controlConsent consents without a browser, for one user or, without user, for
// everybody.
func (s *Server) controlConsent(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		User   string   `json:"user"`
		Scopes []string `json:"scopes"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	a, ok := s.dir.application(r.PathValue("client"))
	if !ok {
		return absent("There is no application %s.", r.PathValue("client"))
	}
	userID := ""
	if in.User != "" {
		u := s.dir.user(in.User)
		if u == nil {
			return absent("Nobody here is called %s.", in.User)
		}
		userID = u.ID
	}
	if len(in.Scopes) == 0 {
		in.Scopes = a.Delegated
	}
	if err := s.dir.consent(a.ClientID, userID, in.Scopes); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) controlListUsers(w http.ResponseWriter, r *http.Request) error {
	list := []any{}
	for _, u := range s.dir.list() {
		p, err := s.presence(u)
		if err != nil {
			return err
		}
		shown := map[string]any{
			"id": u.ID, "user_principal_name": u.UserPrincipalName, "display_name": u.DisplayName, "job_title": u.JobTitle,
			"admin": u.Admin, "mfa": u.MFA, "disabled": u.Disabled, "shared": u.Shared, "mailbox": u.hasMailbox(), "aliases": u.Aliases, "presence": p,
		}
		if u.hasMailbox() {
			var unread int
			if err := s.db.row(`SELECT count(*) FROM message m JOIN folder f ON f.id = m.folder
				WHERE f.mailbox = ? AND f.well_known = 'inbox' AND m.is_read = FALSE`, u.mailbox).Scan(&unread); err != nil {
				return err
			}
			shown["unread"] = unread
		}
		list = append(list, shown)
	}
	writeJSON(w, http.StatusOK, map[string]any{"users": list})
	return nil
}

func (s *Server) userOf(r *http.Request) (*user, error) {
	u := s.dir.user(r.PathValue("user"))
	if u == nil {
		return nil, absent("Nobody here is called %s.", r.PathValue("user"))
	}
	return u, nil
}

// controlChangeUser changes an account. A new password revokes what the old one
// was good for.
func (s *Server) controlChangeUser(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Password *string   `json:"password"`
		Disabled *bool     `json:"disabled"`
		MFA      *bool     `json:"mfa"`
		Aliases  *[]string `json:"aliases"`
		Shared   *bool     `json:"shared"`
		Mailbox  *bool     `json:"mailbox"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	u, err := s.userOf(r)
	if err != nil {
		return err
	}
	err = s.dir.changeUser(u.ID, func(changed *User) {
		assign(&changed.Password, in.Password)
		assign(&changed.Disabled, in.Disabled)
		assign(&changed.MFA, in.MFA)
		assign(&changed.Aliases, in.Aliases)
		assign(&changed.Shared, in.Shared)
		if in.Mailbox != nil {
			changed.NoMailbox = !*in.Mailbox
		}
	})
	if err == nil && in.Password != nil {
		err = errors.Join(s.entra.revokeRefreshTokens(u.ID), s.tokens.revoke(u.ID))
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// presence is what Teams shows of a user.
type presence struct {
	Availability string `json:"availability"`
	Activity     string `json:"activity"`
}

func (s *Server) presence(u *user) (presence, error) {
	p := presence{Availability: "Offline", Activity: "Offline"}
	stored, err := s.db.setting("presence:" + u.ID)
	if err != nil || stored == "" {
		return p, err
	}
	return p, json.Unmarshal([]byte(stored), &p)
}

func (s *Server) controlGetPresence(w http.ResponseWriter, r *http.Request) error {
	u, err := s.userOf(r)
	if err != nil {
		return err
	}
	p, err := s.presence(u)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, p)
	return nil
}

func (s *Server) controlSetPresence(w http.ResponseWriter, r *http.Request) error {
	u, err := s.userOf(r)
	if err != nil {
		return err
	}
	var p presence
	if err := readControl(r, &p); err != nil {
		return err
	}
	known := []string{"Available", "AvailableIdle", "Away", "BeRightBack", "Busy", "BusyIdle", "DoNotDisturb", "Offline", "PresenceUnknown"}
	if !slices.Contains(known, p.Availability) {
		return invalid("availability is one of %s.", strings.Join(known, ", "))
	}
	if p.Activity == "" {
		p.Activity = p.Availability
	}
	stored, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := s.db.update(func(t *tx) error { return t.setSetting("presence:"+u.ID, string(stored)) }); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, p)
	return nil
}
