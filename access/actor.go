package access

import (
	"context"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// Actor is who asks for something: a signed-in person, an API token, or
// Tandem itself. Services take it as an argument and judge by it.
type Actor struct {
	UserID  directory.UserID // 0 for Tandem itself
	Name    string
	Role    directory.Role
	Address string // the network address of the request; empty for Tandem itself
	Token   int64  // the API token used; 0 for a browser session
	Origin  string // scheme and host under which the browser reached us; empty otherwise
}

// System is Tandem itself: jobs, loops and the first start.
func System() Actor { return Actor{Name: "Tandem", Role: directory.Admin} }

// MustWork returns problem.Forbidden unless the actor is an agent or an administrator.
func (a Actor) MustWork() error {
	if a.Role == directory.Agent || a.Role == directory.Admin {
		return nil
	}
	return problem.New(problem.Forbidden, "agents_only", "Only agents and administrators may do this.").
		On(problem.Admin, "Ask an administrator to make you an agent.")
}

// MustAdminister returns problem.Forbidden unless the actor is an administrator.
func (a Actor) MustAdminister() error {
	if a.Role == directory.Admin {
		return nil
	}
	return problem.New(problem.Forbidden, "administrators_only", "Only administrators may do this.").
		On(problem.Admin, "Ask an administrator to do it, or to give you the role.")
}

// AuditEntry is one administrative change, kept for good.
type AuditEntry struct {
	ID      int64
	At      time.Time
	ActorID directory.UserID
	Actor   string
	Address string // network address
	Action  string // "connection.disconnected", "user.role_changed"
	Object  string // "connection", "user"
	Subject int64  // the id of the object
	Label   string // the object's name for people
	Before  string // JSON of what changed; empty when there was nothing
	After   string
}

// AuditTx is what a transaction offers to write the audit trail together with the change.
type AuditTx interface {
	InsertAudit(context.Context, AuditEntry) error
}
