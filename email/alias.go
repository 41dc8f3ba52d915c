package email

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/event"
	"tandem/problem"
)

// aliasesEvery is how often Microsoft is asked for a mailbox's further addresses.
const aliasesEvery = 24 * time.Hour

// refreshAliases learns the mailbox's further addresses: they are ours too. It
// comes before any mail is decided. Where Microsoft does not let us ask, those
// known already stay.
func (p *pass) refreshAliases(ctx context.Context, c *Connection) error {
	if !c.AliasesAt.IsZero() && p.r.now().Sub(c.AliasesAt) < aliasesEvery {
		return nil
	}
	aliases, err := p.box.Aliases(ctx)
	refused := problem.KindOf(err) == problem.Forbidden || isGone(err)
	if err != nil && !refused {
		return fmt.Errorf("ask for the addresses of the mailbox: %w", err)
	}
	err = p.r.store.Update(ctx, func(tx Tx) error {
		c, err := p.mine(ctx, tx)
		if err != nil {
			return err
		}
		c.AliasesAt = p.r.now()
		if !refused {
			if err := noteAliases(ctx, tx, c, aliases); err != nil {
				return err
			}
		}
		return tx.UpdateConnection(ctx, c)
	})
	return ourFault("note the addresses of the mailbox", err)
}

// noteAliases keeps the further addresses with the support address.
func noteAliases(ctx context.Context, tx Tx, c *Connection, aliases []string) error {
	a, err := tx.FindSupportAddressByConnection(ctx, c.ID)
	if err != nil || a == nil {
		return err
	}
	var further []string
	for _, alias := range aliases {
		if alias = strings.ToLower(alias); alias != a.Email && !strings.ContainsAny(alias, " \t") && !slices.Contains(further, alias) {
			further = append(further, alias)
		}
	}
	slices.Sort(further)
	if slices.Equal(further, a.Aliases) {
		return nil
	}
	a.Aliases = further
	tx.Publish(event.Event{Kind: event.SettingsUpdated, ID: int64(a.ID)})
	return tx.UpdateSupportAddress(ctx, a)
}

// isAlias tells whether mail to the address reaches the mailbox of this support
// address by another of its names.
func (a *SupportAddress) isAlias(email string) bool {
	return slices.Contains(a.Aliases, email) || slices.Contains(a.Aliases, bareAddress(email))
}
