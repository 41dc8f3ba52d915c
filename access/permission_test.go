package access_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// TestWhoMayDoWhat is the table of permissions: each action, and the roles that may take it.
func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		requester, requesterActor := e.hire(directory.EndUser, "customer@example.com")
		agent, agentActor := e.hire(directory.Agent, "agent1@contoso.example")
		colleague, _ := e.hire(directory.Agent, "agent2@contoso.example")
		actors := map[string]access.Actor{
			"nobody": {}, "requester": requesterActor, "agent": agentActor, "admin": e.admin, "system": access.System(),
		}
		serial := 0
		fresh := func() string {
			serial++
			return fmt.Sprintf("person%d@example.com", serial)
		}
		create := func(role directory.Role) func(context.Context, access.Actor) error {
			return func(ctx context.Context, by access.Actor) error {
				_, err := e.access.CreateUser(ctx, by, access.NewUser{Email: fresh(), Role: role})
				return err
			}
		}
		update := func(id directory.UserID, change func() access.UserChange) func(context.Context, access.Actor) error {
			return func(ctx context.Context, by access.Actor) error {
				_, err := e.access.UpdateUser(ctx, by, id, change())
				return err
			}
		}
		rename := func() access.UserChange { return access.UserChange{Name: new("Renamed " + fresh())} }
		promote := func() access.UserChange { return access.UserChange{Role: new(directory.Admin)} }
		readdress := func() access.UserChange { return access.UserChange{Email: new(fresh())} }

		for _, tc := range []struct {
			action  string
			allowed string
			try     func(context.Context, access.Actor) error
		}{
			{"read a person", "agent admin system", func(ctx context.Context, by access.Actor) error {
				_, err := e.access.GetUser(ctx, by, agent.ID)
				return err
			}},
			{"list people", "agent admin system", func(ctx context.Context, by access.Actor) error {
				_, _, err := e.access.ListUsers(ctx, by, directory.UserFilter{})
				return err
			}},
			{"add a requester", "agent admin system", create(directory.EndUser)},
			{"add an agent", "admin system", create(directory.Agent)},
			{"add an administrator", "admin system", create(directory.Admin)},
			{"rename a requester", "agent admin system", update(requester.ID, rename)},
			{"rename a colleague", "admin system", update(colleague.ID, rename)},
			{"make a requester an administrator", "admin system", update(requester.ID, promote)},
			// For the agent the next three are about themselves.
			{"change the agent's name", "agent admin system", update(agent.ID, rename)},
			{"change the agent's address", "admin system", update(agent.ID, readdress)},
			{"make the agent an administrator", "admin system", update(agent.ID, promote)},
			{"hand out a link for a password", "admin system", func(ctx context.Context, by access.Actor) error {
				_, err := e.access.SetupLinkFor(ctx, by, colleague.ID)
				return err
			}},
			{"choose somebody's password", "system", func(ctx context.Context, by access.Actor) error {
				return e.access.SetPassword(ctx, by, colleague.ID, "chosen by another")
			}},
			{"make an API token", "admin", func(ctx context.Context, by access.Actor) error {
				_, _, err := e.access.CreateAPIToken(ctx, by, "Reports")
				return err
			}},
			{"list API tokens", "admin system", func(ctx context.Context, by access.Actor) error {
				_, err := e.access.ListAPITokens(ctx, by)
				return err
			}},
			{"delete an API token", "admin system", func(ctx context.Context, by access.Actor) error {
				if err := e.access.DeleteAPIToken(ctx, by, 4711); problem.KindOf(err) != problem.NotFound {
					return err
				}
				return nil
			}},
			{"read the audit trail", "admin system", func(ctx context.Context, by access.Actor) error {
				_, _, err := e.access.ListAudit(ctx, by, access.AuditFilter{})
				return err
			}},
		} {
			for role, by := range actors {
				err := tc.try(t.Context(), by)
				allowed := strings.Contains(" "+tc.allowed+" ", " "+role+" ")
				if allowed && err != nil {
					t.Errorf("%s may not %s: %v", role, tc.action, err)
				}
				if !allowed && problem.KindOf(err) != problem.Forbidden {
					t.Errorf("%s may %s: %v", role, tc.action, err)
				}
			}
		}
	})
}

func TestAdministrativeChangesAreInTheAuditTrail(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		agent, actor := e.hire(directory.Agent, "agent1@contoso.example")
		_, err := e.access.UpdateUser(t.Context(), e.admin, agent.ID, access.UserChange{Role: new(directory.Admin)})
		e.must(err)
		_, err = e.access.UpdateUser(t.Context(), e.admin, agent.ID, access.UserChange{Suspended: new(true)})
		e.must(err)
		_, err = e.access.UpdateUser(t.Context(), actor, agent.ID, access.UserChange{Name: new("Own business")})
		e.must(err)
		token, _, err := e.access.CreateAPIToken(t.Context(), e.admin, "Reports")
		e.must(err)
		e.must(e.access.DeleteAPIToken(t.Context(), e.admin, token.ID))
		_, err = e.access.CreateUser(t.Context(), e.admin, access.NewUser{Email: "agent1@contoso.example"})
		wants(t, "refused change", err, "email_taken")

		entries, count, err := e.access.ListAudit(t.Context(), e.admin, access.AuditFilter{Limit: 8})
		e.must(err)
		var got []string
		for _, a := range entries {
			got = append(got, fmt.Sprintf("%s: %s %s %s>%s", a.Actor, a.Action, a.Label, a.Before, a.After))
			if a.Address != office && a.Action != "user.password_set" {
				t.Errorf("%s came from address %q", a.Action, a.Address)
			}
		}
		want := []string{
			`Alma: api_token.deleted Reports >`,
			`Alma: api_token.created Reports >`,
			`Alma: user.suspended agent1@contoso.example {"suspended":false}>{"suspended":true}`,
			`Alma: user.role_changed agent1@contoso.example {"role":"agent"}>{"role":"admin"}`,
			`Person: user.password_set agent1@contoso.example >{"email":"agent1@contoso.example","role":"agent"}`,
			`Alma: user.setup_link_created agent1@contoso.example >{"email":"agent1@contoso.example","role":"agent"}`,
			`Alma: user.created agent1@contoso.example >{"email":"agent1@contoso.example","role":"agent"}`,
			`Alma: user.password_set admin@contoso.example >{"email":"admin@contoso.example","role":"admin"}`,
		}
		if diff := cmp.Diff(want, got); diff != "" || count != len(want) {
			t.Errorf("%d entries (-want +got):\n%s", count, diff)
		}
	})
}
