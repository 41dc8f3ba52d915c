package email

import (
	"context"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// AddOutbound adds an outbound address: one under which mail leaves through a
// mailbox that may send as it (for campaigns and notifications), and none is
// taken in. It may bear the domain of a support address; answers to it come to
// that mailbox if Microsoft delivers them there. "@domain" stands for any
// address of a domain.
func (s *Connections) AddOutbound(ctx context.Context, by access.Actor, a SupportAddress) (*SupportAddress, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	email, err := normalizeOutbound(a.Email)
	if err != nil {
		return nil, err
	}
	added := &SupportAddress{
		Email: email, Name: a.Name, BrandID: a.BrandID, ConnectionID: a.ConnectionID, Outbound: true, CreatedAt: s.now(), UpdatedAt: s.now(),
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := mustBeFree(ctx, tx, email); err != nil {
			return err
		}
		home, err := tx.FindSupportAddressByConnection(ctx, added.ConnectionID)
		if err != nil {
			return err
		}
		if home == nil {
			return problem.New(problem.Invalid, "no_such_connection", "There is no connected address through which it could leave.").
				On(problem.Yours, "Choose the connection of a support address.").In("connection_id")
		}
		if added.BrandID == 0 {
			added.BrandID = home.BrandID
		}
		if _, err := tx.GetBrand(ctx, added.BrandID); err != nil {
			return err
		}
		added.ID = 0
		if err := tx.InsertSupportAddress(ctx, added); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(added.ID)})
		return s.audit(ctx, tx, by, "address.added", "support_address", int64(added.ID), added.Email)
	})
	return added, err
}

// normalizeOutbound reads an address, or a domain with or without its @.
func normalizeOutbound(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	local, domain, found := strings.Cut(text, "@")
	if found && local != "" {
		return directory.NormalizeEmail(text)
	}
	if !found {
		domain = text
	}
	if _, err := directory.NormalizeEmail("any@" + domain); err != nil || !strings.Contains(domain, ".") {
		return "", problem.New(problem.Invalid, "address_invalid", "%q is neither a mail address nor a domain.", text).
			On(problem.Yours, "Write news@contoso.com, or @news.contoso.com for any address of that domain.").In("email")
	}
	return "@" + domain, nil
}
