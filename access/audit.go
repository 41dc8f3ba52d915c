package access

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Change is what somebody changed, for the audit trail. Before and After are
// written as JSON; nil means that there was nothing, or is nothing any more.
type Change struct {
	Action  string // "user.created"
	Object  string // "user"
	Subject int64  // its id
	Label   string // its name for people
	Before  any
	After   any
}

// Record writes a change by the actor into the audit trail, in the change's own transaction.
func Record(ctx context.Context, tx AuditTx, by Actor, at time.Time, c Change) error {
	before, err := snapshot(c.Before)
	if err != nil {
		return fmt.Errorf("audit %s: %w", c.Action, err)
	}
	after, err := snapshot(c.After)
	if err != nil {
		return fmt.Errorf("audit %s: %w", c.Action, err)
	}
	return tx.InsertAudit(ctx, AuditEntry{
		At: at, ActorID: by.UserID, Actor: by.Name, Address: by.Address,
		Action: c.Action, Object: c.Object, Subject: c.Subject, Label: c.Label,
		Before: before, After: after,
	})
}

func snapshot(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}
