package tenant

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/job"
	"tandem/problem"
)

// Verdict is what Microsoft said to a request for a token.
type Verdict struct {
	Tenant     ID
	Credential CredentialID   // that was used; 0: it is about the app registration as a whole
	Problem    *problem.Error // why it was refused; nil: it was accepted
}

// Registration returns a tenant with its credentials, in the order in which
// they are to be used. It is read for each token request. The problem
// "tenant_missing" says that there is none.
func (s *Service) Registration(ctx context.Context, id ID) (t *Tenant, ordered []*Credential, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		if t, err = tx.GetTenant(ctx, id); err != nil {
			return err
		}
		all, err := tx.ListCredentials(ctx, id)
		ordered = InOrder(all, s.now())
		return err
	})
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.Unauthenticated, "tenant_missing", "The Microsoft tenant of this mailbox is not set up.").
			On(problem.Admin, "Add it under Microsoft tenants, then reconnect the address.").Because(err)
	}
	return t, ordered, err
}

// judgedAgain is how exactly TriedAt is kept while nothing changes: a write for
// each token would be a waste.
const judgedAgain = time.Hour

// Judge notes what Microsoft said. The tenant is in trouble when the
// registration is refused, or the last of its credentials; then administrators
// get a mail. It is well again with the first token.
func (s *Service) Judge(ctx context.Context, v Verdict) error {
	if known, err := s.knows(ctx, v); err != nil || known {
		return err
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.GetTenant(ctx, v.Tenant)
		if err != nil {
			return err
		}
		all, err := tx.ListCredentials(ctx, v.Tenant)
		if err != nil {
			return err
		}
		if c, err := pick(all, v.Credential); err == nil { // else it was removed meanwhile, or none is meant
			c.judge(v.Problem, s.now())
			if err := tx.UpdateCredential(ctx, c); err != nil {
				return err
			}
		}
		publish(tx, t.ID)
		return s.concludeTrouble(ctx, tx, t, v, all)
	})
	if err != nil {
		return fmt.Errorf("note what Microsoft said of tenant %d: %w", v.Tenant, err)
	}
	if v.Problem != nil {
		s.log.Warn("microsoft refused a credential", "tenant", v.Tenant, "credential", v.Credential, "err", v.Problem)
	}
	return nil
}

// knows tells whether the verdict is what was noted already, not long ago.
func (s *Service) knows(ctx context.Context, v Verdict) (known bool, err error) {
	t, all, err := s.Registration(ctx, v.Tenant)
	if err != nil {
		return false, err
	}
	if v.Credential == 0 {
		return v.Problem == nil || t.Trouble.Code == v.Problem.Code, nil
	}
	c, err := pick(all, v.Credential)
	if err != nil {
		return true, nil // removed meanwhile: nothing to note
	}
	fresh := s.now().Sub(c.TriedAt) < judgedAgain
	if v.Problem == nil {
		return fresh && c.State(s.now()) == Working && !t.Trouble.Is(), nil
	}
	return fresh && c.Trouble.Code == v.Problem.Code && (t.Trouble.Is() || !allRefused(all)), nil
}

func (c *Credential) judge(p *problem.Error, now time.Time) {
	c.TriedAt = now
	switch {
	case p == nil:
		c.AcceptedAt, c.Trouble = now, Trouble{}
	case c.Trouble.Code != p.Code:
		c.Trouble = troubleOf(p, now)
	}
}

func allRefused(all []*Credential) bool {
	return !slices.ContainsFunc(all, func(c *Credential) bool { return !c.Trouble.Is() })
}

// lastWorked is the credential whose refusal made the outage, rather than one
// that was tried for want of a better.
func lastWorked(all []*Credential) *Credential {
	return slices.MaxFunc(all, func(a, b *Credential) int { return a.AcceptedAt.Compare(b.AcceptedAt) })
}

// concludeTrouble decides what a verdict means for the tenant as a whole.
func (s *Service) concludeTrouble(ctx context.Context, tx Tx, t *Tenant, v Verdict, all []*Credential) error {
	was := t.Trouble
	switch {
	case v.Problem == nil:
		t.Trouble = Trouble{}
	case v.Credential == 0:
		t.Trouble = troubleOf(v.Problem, s.now())
	case allRefused(all):
		t.Trouble = lastWorked(all).Trouble
		t.Trouble.At = s.now()
	}
	if was.Is() && t.Trouble.Is() {
		t.Trouble.At = was.At // it is the same outage
	}
	if t.Trouble == was {
		return nil
	}
	if err := tx.UpdateTenant(ctx, t); err != nil {
		return err
	}
	switch {
	case !t.Trouble.Is():
		return wake(ctx, tx, t.ID)
	case !was.Is():
		_, err := job.Insert(ctx, tx, outageAlert(t), job.Options{})
		return err
	}
	return nil
}

// outageAlert tells administrators that nothing goes on in a tenant.
func outageAlert(t *Tenant) Alert {
	return Alert{
		Key:    fmt.Sprintf("tenant_outage:%d:%d", t.ID, t.Trouble.At.UnixMilli()),
		Reason: CredentialRefused, Facts: map[string]string{FactTenant: t.Name}, Trouble: t.Trouble,
		Page: pageOf(t.ID), Avoid: t.ID,
	}
}

func pageOf(id ID) string { return fmt.Sprintf("/admin/tenants/%d", id) }
